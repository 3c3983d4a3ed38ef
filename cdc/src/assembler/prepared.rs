//! XA transactions between their PREPARE and their COMMIT: their rows are held, up to a bound, since nobody knows yet
//! whether they will ever count.

use std::collections::HashMap;

use crate::event::{ChangeEvent, TableName};

/// Memory for all held rows together. What does not fit is not lost: its tables are read again at the commit.
const HELD_BYTES_MAX: usize = 32 << 20;
/// Prepared transactions that are remembered; a server keeps few, since they hold locks.
const PREPARED_MAX: usize = 10_000;

/// The rows of an XA transaction.
#[derive(Debug, Default)]
pub(crate) struct Held {
    changes: Vec<ChangeEvent>,
    bytes: usize,
    /// The tables of rows that did not fit.
    left_out: Vec<TableName>,
}

/// What becomes of a transaction at its commit.
pub(crate) enum Outcome {
    /// These are its changes; these tables must be read again, since not all their rows could be held.
    Known(Vec<ChangeEvent>, Vec<TableName>),
    /// It was prepared before reading began.
    Unknown,
}

impl Held {
    /// The table must be read again at the commit.
    pub(crate) fn leave_out(&mut self, table: &TableName) {
        if !self.left_out.contains(table) {
            self.left_out.push(table.clone());
        }
    }
}

/// By the transaction's id as statements write it, in lower case.
#[derive(Debug, Default)]
pub(crate) struct Prepared {
    by_id: HashMap<String, Held>,
    /// Of all prepared transactions; the one under way counts for itself.
    bytes: usize,
}

impl Prepared {
    /// Adds a row to the transaction under way.
    pub(crate) fn hold(&self, held: &mut Held, change: ChangeEvent) {
        let bytes = change.bytes();
        let is_left_out = held.left_out.contains(&change.table.name);
        if !is_left_out && self.bytes + held.bytes + bytes <= HELD_BYTES_MAX {
            held.bytes += bytes;
            held.changes.push(change);
            return;
        }
        if !is_left_out {
            // No room: nothing of the transaction is held, all its tables are read again.
            for change in std::mem::take(&mut held.changes) {
                held.leave_out(&change.table.name);
            }
            held.bytes = 0;
        }
        held.leave_out(&change.table.name);
    }

    /// The transaction is prepared.
    pub(crate) fn prepare(&mut self, id: String, held: Held) {
        if self.by_id.len() >= PREPARED_MAX {
            // Forgotten ones are unknown at their commit, which reads all tables again.
            self.by_id.clear();
            self.bytes = 0;
        }
        self.bytes += held.bytes;
        if let Some(replaced) = self.by_id.insert(id, held) {
            self.bytes -= replaced.bytes;
        }
    }

    /// The transaction is committed.
    pub(crate) fn commit(&mut self, id: &str) -> Outcome {
        match self.take(id) {
            None => Outcome::Unknown,
            Some(held) => Outcome::Known(held.changes, held.left_out),
        }
    }

    /// The transaction is rolled back, or done with.
    pub(crate) fn take(&mut self, id: &str) -> Option<Held> {
        let held = self.by_id.remove(id)?;
        self.bytes -= held.bytes;
        Some(held)
    }
}

/// `x'61',x'',1`: the id in an `XA_PREPARE` event's parts, as statements write it, in lower case.
pub(crate) fn id_text(global: &[u8], branch: &[u8], format: u64) -> String {
    use std::fmt::Write;

    let mut text = String::new();
    for part in [global, branch] {
        text.push_str("x'");
        for byte in part {
            // Writing to a String cannot fail.
            let _ = write!(text, "{byte:02x}");
        }
        text.push_str("',");
    }
    let _ = write!(text, "{format}");
    text
}
