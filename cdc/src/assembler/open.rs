//! The transaction under way.

use std::sync::Arc;

use crate::event::{Cause, Stale, Table, TableName};
use crate::gtid::TransactionId;
use crate::snapshot::{Key, Scope};

use super::prepared::Held;

/// Rows of a table that are read again one by one; where there are more, the whole table is.
const STALE_KEYS_MAX: usize = 1000;

/// The transaction under way.
#[derive(Debug, Default)]
pub(super) struct Open {
    pub(super) gtid: Option<TransactionId>,
    pub(super) gtid_text: Option<Arc<str>>,
    /// Between BEGIN and its end; a statement outside is a transaction of its own.
    pub(super) has_begun: bool,
    pub(super) committed_microseconds: Option<u64>,
    pub(super) thread: Option<u32>,
    pub(super) query: Option<Arc<str>>,
    /// Changes so far.
    pub(super) order: u64,
    /// The same by table; a transaction touches few.
    pub(super) touched: Vec<Touched>,
    /// Tables that must be read again, told at the commit.
    pub(super) stale: Vec<Stale>,
    /// Rows of an XA transaction, until its PREPARE.
    pub(super) held: Option<Held>,
}

/// Changes of one table in the transaction under way: inserts, updates, deletes.
#[derive(Debug)]
pub(super) struct Touched {
    pub(super) table: Arc<Table>,
    pub(super) counts: [u64; 3],
}

impl Open {
    pub(super) fn stale(&mut self, table: &TableName, cause: Cause) {
        let known = self.stale.iter_mut().find(|stale| stale.table == *table);
        if let Some(known) = known {
            if known.scope != Scope::Table {
                (known.scope, known.cause) = (Scope::Table, cause);
            }
            return;
        }
        // Of an XA transaction it counts only when that is committed.
        if let Some(held) = &mut self.held {
            held.leave_out(table);
            return;
        }
        self.stale.push(Stale {
            table: table.clone(),
            scope: Scope::Table,
            cause,
        });
    }

    /// One row must be read again, or, when nobody can say which, the whole table.
    pub(super) fn stale_row(&mut self, table: &TableName, key: Option<Key>) {
        let Some(key) = key.filter(|_| self.held.is_none()) else {
            return self.stale(table, Cause::Differences);
        };
        let known = self.stale.iter_mut().find(|stale| stale.table == *table);
        match known.map(|stale| &mut stale.scope) {
            None => self.stale.push(Stale {
                table: table.clone(),
                scope: Scope::Keys(vec![key]),
                cause: Cause::Differences,
            }),
            Some(Scope::Keys(keys)) if keys.len() < STALE_KEYS_MAX => {
                if !keys.contains(&key) {
                    keys.push(key);
                }
            }
            Some(_) => self.stale(table, Cause::Differences),
        }
    }
}
