//! What a stream with snapshots is made from.

use std::collections::HashSet;
use std::future::Future;

use crate::cursor::Cursor;
use crate::error::Error;
use crate::event::{Message, TableName};
use crate::hub::Subscription;
use crate::stream::ChangeStream;

/// Where changes come from: a [`ChangeStream`], a [`Subscription`], or what wraps one.
pub trait Feed {
    /// The next message. Dropping the future must lose nothing.
    ///
    /// # Errors
    /// What the stream can't mend by itself.
    fn next(&mut self) -> impl Future<Output = Result<Message, Error>> + Send;

    /// After the last transaction that was handed out; after a [`Message::Gap`], where it ends.
    fn cursor(&self) -> &Cursor;

    /// The tables that are followed.
    fn tables(&self) -> &HashSet<TableName>;
}

impl Feed for ChangeStream {
    fn next(&mut self) -> impl Future<Output = Result<Message, Error>> + Send {
        Self::next(self)
    }

    fn cursor(&self) -> &Cursor {
        Self::cursor(self)
    }

    fn tables(&self) -> &HashSet<TableName> {
        Self::tables(self)
    }
}

impl Feed for Subscription {
    fn next(&mut self) -> impl Future<Output = Result<Message, Error>> + Send {
        Self::next(self)
    }

    fn cursor(&self) -> &Cursor {
        Self::cursor(self)
    }

    fn tables(&self) -> &HashSet<TableName> {
        Self::tables(self)
    }
}
