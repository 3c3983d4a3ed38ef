//! Followed tables that changed in a way that the stream does not tell, and when they are read again: at once, and with
//! longer and longer pauses when it happens again and again, so that one table that can't be decoded does not keep the
//! indexer from everything else.

use std::collections::BTreeSet;
use std::time::Duration;

use tokio::time::Instant;

/// First and longest pause between two readings.
const PAUSE_MIN: Duration = Duration::from_secs(1);
const PAUSE_MAX: Duration = Duration::from_secs(60);

/// The tables, by name; they are part of each commit of the index until they have been read.
#[derive(Debug)]
pub(crate) struct StaleTables {
    tables: BTreeSet<String>,
    /// Whether they differ from those of the last look.
    has_changed: bool,
    read_at: Option<Instant>,
    pause: Duration,
}

impl StaleTables {
    pub(crate) fn new(tables: BTreeSet<String>) -> Self {
        Self {
            tables,
            has_changed: false,
            read_at: None,
            pause: PAUSE_MIN,
        }
    }

    pub(crate) fn tables(&self) -> &BTreeSet<String> {
        &self.tables
    }

    pub(crate) fn insert(&mut self, table: String) {
        self.has_changed |= self.tables.insert(table);
    }

    /// Whether it is time to read them.
    pub(crate) fn is_due(&self) -> bool {
        let has_rested = |at: Instant| at.elapsed() >= self.pause;
        !self.tables.is_empty() && self.read_at.is_none_or(has_rested)
    }

    /// Whether there is something to store; asked once for each commit.
    pub(crate) fn has_changed(&mut self) -> bool {
        std::mem::take(&mut self.has_changed)
    }

    /// They have been read.
    pub(crate) fn clear(&mut self) {
        if self.tables.is_empty() {
            return;
        }
        self.tables.clear();
        self.has_changed = true;
        let is_soon = |at: Instant| at.elapsed() < self.pause * 4;
        self.pause = match self.read_at {
            Some(at) if is_soon(at) => (self.pause * 2).min(PAUSE_MAX),
            _ => PAUSE_MIN,
        };
        self.read_at = Some(Instant::now());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_table_is_read_at_once_and_less_often_when_it_happens_all_the_time() {
        let mut stale = StaleTables::new(BTreeSet::new());
        assert!(!stale.is_due());
        stale.insert("t".to_owned());
        assert!(stale.is_due() && stale.has_changed() && !stale.has_changed());
        let started = Instant::now();
        let mut readings = 0;
        while started.elapsed() < Duration::from_secs(600) {
            stale.insert("t".to_owned());
            if stale.is_due() {
                stale.clear();
                readings += 1;
            }
            tokio::time::advance(Duration::from_millis(100)).await;
        }
        assert!((10..30).contains(&readings), "{readings}");
        // After a quiet time it is as at the beginning.
        tokio::time::advance(PAUSE_MAX * 5).await;
        stale.insert("t".to_owned());
        assert!(stale.is_due());
        stale.clear();
        assert_eq!(stale.pause, PAUSE_MIN);
    }
}
