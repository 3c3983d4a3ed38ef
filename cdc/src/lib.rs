//! MySQL and MariaDB binlog to change events, in the manner of Debezium.
//!
//! In reading order: a [`Server`] tells what it is, whether its settings allow following it ([`audit()`]) and where its
//! binlog stands ([`Position`]). A [`ChangeStream`] starts at a position and yields [`Message`]s: each [`ChangeEvent`] of a
//! followed table (before, after, source), then the [`Commit`] of its transaction, from whose position reading may resume.
//! Delivery is at least once, and a transaction is never split by another: whoever rebuilds its documents from the tables
//! at each change, and stores the position of the last commit together with them, ends up exactly right.
//!
//! [`private_server`] is a MariaDB of our own with the settings that the stream needs.

mod audit;
mod bytes;
mod column_type;
mod debezium;
mod decode_error;
mod dump;
mod error;
mod event;
mod gtid;
mod place;
mod position;
pub mod private_server;
mod row;
mod server;
mod statement;
mod stream;
mod table_map;
mod temporal;
mod transaction;
mod value;

pub use audit::{Finding, Severity, audit};
pub use debezium::Envelope;
pub use decode_error::DecodeError;
pub use error::{Error, Policy};
pub use event::{
    ChangeEvent, Column, Commit, Message, NamedRow, Op, Row, Source, Statement, Table, TableName,
};
pub use gtid::GtidSet;
pub use position::{ParsePositionError, Position};
pub use server::{Account, Flavour, Server};
pub use stream::{ChangeStream, HEARTBEAT, Options};
pub use value::{Date, DateTime, Value};
