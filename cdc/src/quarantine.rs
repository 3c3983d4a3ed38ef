//! Followed tables whose rows can't be decoded: set aside with the reason, while all others go on. Each transaction that
//! changes one asks for the table to be read again, so nothing is lost but speed; the first rows that can be decoded again
//! release it.

use std::collections::HashMap;
use std::time::SystemTime;

use tracing::{info, warn};

use crate::decode_error::DecodeError;
use crate::event::TableName;

/// A table that is set aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quarantined {
    /// The table.
    pub table: TableName,
    /// Why its rows can't be decoded.
    pub reason: DecodeError,
    /// Since when.
    pub since: SystemTime,
    /// Row events that were skipped.
    pub skipped: u64,
}

impl Quarantined {
    /// What the operator can do about it.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        self.reason.remedy()
    }
}

/// By table.
#[derive(Debug, Default)]
pub(crate) struct Quarantine {
    tables: HashMap<TableName, Quarantined>,
    has_changed: bool,
}

impl Quarantine {
    /// A row event of the table was skipped.
    pub(crate) fn skip(&mut self, table: &TableName, reason: &DecodeError) {
        let set_aside = self.tables.entry(table.clone()).or_insert_with(|| {
            warn!(%table, %reason, remedy = reason.remedy(), "rows of the table can't be decoded");
            Quarantined {
                table: table.clone(),
                reason: reason.clone(),
                since: SystemTime::now(),
                skipped: 0,
            }
        });
        self.has_changed = true;
        set_aside.reason = reason.clone();
        set_aside.skipped += 1;
    }

    /// Rows of the table were decoded.
    pub(crate) fn release(&mut self, table: &TableName) {
        if !self.tables.is_empty() && self.tables.remove(table).is_some() {
            self.has_changed = true;
            info!(%table, "rows of the table can be decoded again");
        }
    }

    /// The tables that are set aside, by name, if that has changed since it was last asked.
    pub(crate) fn changed(&mut self) -> Option<Vec<Quarantined>> {
        if !std::mem::take(&mut self.has_changed) {
            return None;
        }
        let mut tables: Vec<_> = self.tables.values().cloned().collect();
        tables.sort_by(|a, b| a.table.cmp(&b.table));
        Some(tables)
    }
}
