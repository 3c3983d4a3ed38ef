//! The table maps of the statement under way, and those seen lately: rows name their table by a number that means something
//! only until their statement ends.

use std::collections::HashMap;
use std::sync::Arc;

use crate::decode_error::DecodeError;
use crate::event::{Table, TableName};
use crate::table_map::TableMap;

/// Table maps that are kept decoded. A database has fewer tables; more come only when tables are altered all the time.
const KNOWN_MAX: usize = 1024;
/// The same for the statement under way, which would have to lock as many tables.
const OPEN_MAX: usize = 65_536;

/// What a table is to us.
#[derive(Clone, Debug)]
pub(crate) enum Mapped {
    /// Nobody wants its rows.
    Ignored,
    /// Nobody wants its rows, but cascades into followed tables start here.
    Parent(Arc<FollowedMap>),
    /// Its rows are wanted.
    Followed(Arc<FollowedMap>),
    /// Its rows are wanted but can't be read, for this reason.
    Unreadable(TableName, DecodeError),
    /// Its rows are wanted but it is not certain yet which columns they have.
    Uncertain(TableName),
}

/// A decoded table map.
#[derive(Debug)]
pub(crate) struct FollowedMap {
    pub(crate) map: TableMap,
    /// The same as `map.table`, shared by its change events.
    pub(crate) table: Arc<Table>,
    /// Index of the column that ends a row's life, for a system-versioned table.
    pub(crate) row_end: Option<usize>,
}

/// Bytes of the table's id, which is no part of what the map says.
const ID_BYTES: usize = 6;

/// By table id, and by content.
#[derive(Debug, Default)]
pub(crate) struct TableMaps {
    by_id: HashMap<u64, Mapped>,
    by_content: HashMap<Box<[u8]>, Mapped>,
}

impl TableMaps {
    /// The table of rows; `None` when its map has not come.
    pub(crate) fn find(&self, table_id: u64) -> Option<&Mapped> {
        self.by_id.get(&table_id)
    }

    /// Whether a map with the same content is known; then it is the one of this id as well.
    pub(crate) fn reuse(&mut self, table_id: u64, body: &[u8]) -> bool {
        let Some(mapped) = body
            .get(ID_BYTES..)
            .and_then(|content| self.by_content.get(content))
        else {
            return false;
        };
        let mapped = mapped.clone();
        self.insert_id(table_id, mapped);
        true
    }

    pub(crate) fn insert(&mut self, table_id: u64, body: &[u8], mapped: Mapped) {
        // What is not certain now may be at the next event.
        if !matches!(mapped, Mapped::Uncertain(_)) {
            if self.by_content.len() >= KNOWN_MAX {
                self.by_content.clear();
            }
            let content = body.get(ID_BYTES..).unwrap_or_default();
            self.by_content.insert(content.into(), mapped.clone());
        }
        self.insert_id(table_id, mapped);
    }

    fn insert_id(&mut self, table_id: u64, mapped: Mapped) {
        if self.by_id.len() >= OPEN_MAX {
            self.by_id.clear();
        }
        self.by_id.insert(table_id, mapped);
    }

    /// Whether rows may follow whose table map has come already.
    pub(crate) fn is_within_statement(&self) -> bool {
        !self.by_id.is_empty()
    }

    /// The statement has ended: its numbers mean nothing any more.
    pub(crate) fn end_statement(&mut self) {
        self.by_id.clear();
    }

    /// What is known of the columns has changed.
    pub(crate) fn forget(&mut self) {
        self.by_id.clear();
        self.by_content.clear();
    }
}
