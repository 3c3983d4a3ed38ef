//! The ends of transactions: what is told with them, and where reading stands after them.

use std::sync::Arc;

use crate::event::{Cause, Commit, Message, Op, Stale};
use crate::snapshot::Scope;

use super::Assembler;
use super::open::Open;

impl Assembler {
    pub(super) fn all_stale(&mut self, cause: &Cause) {
        for table in self.schemas.tables() {
            self.open.stale(table, cause.clone());
        }
    }

    pub(super) fn commit(&mut self, timestamp_seconds: u32) {
        let open = std::mem::take(&mut self.open);
        self.maps.end_statement();
        if let Some(id) = &open.gtid {
            self.position.gtids.add(id);
        }
        self.note_place();
        self.count(&open, timestamp_seconds);
        for stale in open.stale {
            self.tell_stale(stale);
        }
        self.tell_settled();
        self.tell_position(timestamp_seconds);
    }

    fn count(&mut self, open: &Open, timestamp_seconds: u32) {
        let quarantined = self.quarantine.changed();
        self.stats.update(|counts| {
            counts.commits += 1;
            counts.committed_seconds = timestamp_seconds;
            for touched in &open.touched {
                for (op, count) in [Op::Create, Op::Update, Op::Delete]
                    .into_iter()
                    .zip(touched.counts)
                {
                    counts.add(&touched.table.name, op, count);
                }
            }
            if let Some(quarantined) = quarantined {
                counts.quarantined = quarantined;
            }
        });
    }

    fn note_place(&mut self) -> bool {
        self.seen_at = Arc::clone(&self.facts.identity);
        self.file_begun = self.read_file_begun;
        self.place.note(&mut self.position)
    }

    pub(super) fn tell_position(&mut self, timestamp_seconds: u32) {
        let cursor = self.cursor();
        self.ready.push_back(Message::Commit(Commit {
            cursor,
            timestamp_seconds,
        }));
    }

    /// An idle server stands at the end of its binlog; where no transaction is open, so do we.
    pub(super) fn heartbeat(&mut self) {
        if self.open.gtid.is_none() && !self.open.has_begun {
            let has_moved = !self.is_resuming && self.note_place();
            // Without GTIDs a position that stays behind would be purged some day.
            if self.tell_settled() || has_moved && self.position.gtids.is_empty() {
                self.tell_position(0);
            }
        }
        self.ready.push_back(Message::Heartbeat);
    }

    pub(super) fn tell_settled(&mut self) -> bool {
        let settled = self.schemas.reached(&self.position);
        if settled.is_none() {
            return false;
        }
        self.maps.forget();
        let skipped = settled.unwrap_or_default();
        let has_skipped = !skipped.is_empty();
        for table in skipped {
            self.tell_stale(Stale {
                table,
                scope: Scope::Table,
                cause: Cause::ColumnsUnknown,
            });
        }
        has_skipped
    }

    fn tell_stale(&mut self, stale: Stale) {
        if !self.follow.is_of_heartbeats(&stale.table) {
            self.stats.update(|counts| {
                *counts.stale.entry(stale.table.clone()).or_default() += 1;
            });
            self.ready.push_back(Message::Stale(stale));
        }
    }
}
