//! What happens to a table in the stream while a chunk of it is read: the rows of the chunk that are out of date by then.

use std::collections::HashSet;
use std::fmt::Write;

use crate::event::{Cause, Message, Row, TableName};
use crate::gtid::GtidSet;
use crate::position::Position;

/// Memory for the keys that were changed while a chunk was read. When a transaction changes more, the chunk is read again
/// after it.
const KEYS_BYTES_MAX: usize = 16 << 20;
/// What a key takes beside its text.
const KEY_OVERHEAD_BYTES: usize = 48;

/// The keys of a table that were changed since reading a chunk began.
#[derive(Debug)]
pub(super) struct Window {
    table: TableName,
    keys: HashSet<String>,
    bytes: usize,
    is_spoiled: bool,
}

impl Window {
    pub(super) fn new(table: TableName) -> Self {
        Self {
            table,
            keys: HashSet::new(),
            bytes: 0,
            is_spoiled: false,
        }
    }

    /// Takes notice of a message that is passed on.
    pub(super) fn note(&mut self, message: &Message) {
        match message {
            Message::Change(change) if change.table.name == self.table && !self.is_spoiled => {
                let primary_key = &change.table.primary_key;
                for row in [&change.before, &change.after].into_iter().flatten() {
                    match identity(row, primary_key) {
                        Some(identity) => {
                            self.bytes += identity.len() + KEY_OVERHEAD_BYTES;
                            self.keys.insert(identity);
                        }
                        // A row image that leaves out the unchanged key: the other image has it.
                        None if change.before.is_some() && !primary_key.is_empty() => {}
                        None => self.spoil(),
                    }
                }
                if self.bytes > KEYS_BYTES_MAX {
                    self.spoil();
                }
            }
            // Its rows may be gone, or have other columns. After other causes too the table will be read once more; but some
            // come so often that no chunk would ever be handed out.
            Message::Stale(stale) if stale.table == self.table => {
                if matches!(stale.cause, Cause::Altered(_)) {
                    self.spoil();
                }
            }
            // What was noted of the transaction under way is void: if it does not come again, its rows must come with a
            // chunk.
            Message::Rewind | Message::Gap => self.spoil(),
            _ => {}
        }
    }

    fn spoil(&mut self) {
        self.is_spoiled = true;
        self.keys = HashSet::new();
    }

    /// Whether so much happened that the chunk must be read again.
    pub(super) fn is_spoiled(&self) -> bool {
        self.is_spoiled
    }

    /// Whether the row of a chunk is still as it was read.
    pub(super) fn is_fresh(&self, row: &Row, primary_key: &[usize]) -> bool {
        self.keys.is_empty()
            || identity(row, primary_key).is_none_or(|identity| !self.keys.contains(&identity))
    }
}

/// A text that is the same for two rows exactly when their keys are, byte by byte. That is enough whatever the collation:
/// a row that was changed while the chunk was read has the chunk's very bytes before or after the change. In the columns'
/// order, since table maps do not tell the key's.
fn identity(row: &Row, primary_key: &[usize]) -> Option<String> {
    if primary_key.is_empty() {
        return None;
    }
    let mut columns = primary_key.to_vec();
    columns.sort_unstable();
    let mut identity = String::new();
    for column in columns {
        // Writing to a String cannot fail; Debug escapes the separator inside texts.
        let _ = writeln!(identity, "{:?}", row.value(column)?);
    }
    Some(identity)
}

/// Whether a stream that stands at `position` has seen all that a chunk with this mark may have seen.
pub(super) fn has_reached(position: &Position, mark: &Position) -> bool {
    if let (GtidSet::MariaDb(known), GtidSet::MariaDb(domains)) = (&position.gtids, &mark.gtids) {
        // A stream that was started by file and offset learns a domain only with its next transaction.
        if domains.keys().any(|domain| !known.contains_key(domain)) {
            return files_of(position).covers(&files_of(mark)) == Some(true);
        }
    }
    position.covers(mark) == Some(true)
}

/// A position without its GTIDs.
pub(super) fn files_of(position: &Position) -> Position {
    Position {
        gtids: GtidSet::None,
        file: position.file.clone(),
        offset: position.offset,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_that_does_not_know_a_domain_yet_is_compared_by_file_and_offset() {
        let reached = |position: &str, mark: &str| {
            has_reached(&position.parse().unwrap(), &mark.parse().unwrap())
        };
        assert!(reached(
            "0-1-5,7-1-2@b.000001:900",
            "0-1-5,7-1-2@b.000001:900"
        ));
        assert!(!reached(
            "0-1-4,7-1-2@b.000001:900",
            "0-1-5,7-1-2@b.000001:900"
        ));
        assert!(reached("0-1-5@b.000001:900", "0-1-5,7-1-2@b.000001:900"));
        assert!(!reached("0-1-5@b.000001:800", "0-1-5,7-1-2@b.000001:900"));
        assert!(reached("b.000001:900", "0-1-5@b.000001:900"));
        assert!(!reached("b.000001:800", "0-1-5@b.000001:900"));
        assert!(!reached("0-1-5", "0-1-5,7-1-2@b.000001:900"));
    }
}
