//! Followed tables that changed in a way that the stream does not tell, and when their nouns are scanned: at once, and with
//! longer and longer pauses when it happens again and again, so that one table that can't be decoded does not keep the
//! indexer from everything else.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use tokio::time::Instant;

use super::scan::Scan;
use crate::dirty::{Noun, nouns_of};

/// First and longest pause between two scans of a noun …
const PAUSE_MIN: Duration = Duration::from_secs(1);
const PAUSE_MAX: Duration = Duration::from_secs(60);
/// … but at least so many times what the last scan took.
const PAUSE_SCANS: u32 = 10;
/// Pause after a transaction kept a scan from going on.
const BLOCKED_PAUSE: Duration = Duration::from_secs(1);

/// The tables, by name; they are part of each commit of the index until all of their nouns have been scanned.
#[derive(Debug, Default)]
pub(super) struct StaleTables {
    /// Each with the nouns that are still to be scanned for it.
    tables: BTreeMap<String, BTreeSet<Noun>>,
    /// Whether they differ from those of the last commit.
    has_changed: bool,
    scan: Option<Scan>,
    /// The tables that the scan is for: those that have not become stale again since it began.
    covered: BTreeSet<String>,
    rests: BTreeMap<Noun, Rest>,
    /// The next step of a scan may come then.
    resume_at: Option<Instant>,
    /// With changes waiting, steps get half of the time.
    yield_until: Option<Instant>,
}

/// What follows a scan of a noun.
#[derive(Clone, Copy, Debug)]
struct Rest {
    since: Instant,
    pause: Duration,
    /// The part of the pause that grows.
    step: Duration,
}

impl StaleTables {
    pub(super) fn new(tables: BTreeSet<String>) -> Self {
        let mut stale = Self::default();
        for table in tables {
            stale.insert(&table);
        }
        stale.has_changed = false;
        stale
    }

    pub(super) fn names(&self) -> BTreeSet<String> {
        self.tables.keys().cloned().collect()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.tables.is_empty()
    }

    /// All nouns of the table are to be scanned from now on. The stream tells of tables that no document is made of, too.
    pub(super) fn insert(&mut self, table: &str) {
        let nouns = nouns_of(table);
        if nouns.is_empty() {
            return;
        }
        self.covered.remove(table);
        let before = self
            .tables
            .insert(table.to_owned(), nouns.iter().copied().collect());
        self.has_changed |= before.is_none();
    }

    /// Whether there is something to store.
    pub(super) fn has_changed(&self) -> bool {
        self.has_changed
    }

    pub(super) fn stored(&mut self) {
        self.has_changed = false;
    }

    /// Whether it is time for a step of a scan.
    pub(super) fn is_due(&self) -> bool {
        let is_free = self.resume_at.is_none_or(|at| at <= Instant::now());
        is_free && (self.scan.is_some() || self.due_noun().is_some())
    }

    /// The same while changes are waiting: half of the time is theirs.
    pub(super) fn is_due_among_changes(&self) -> bool {
        self.yield_until.is_none_or(|at| at <= Instant::now()) && self.is_due()
    }

    fn due_noun(&self) -> Option<Noun> {
        let has_rested = |noun: &Noun| {
            let rest = self.rests.get(noun);
            rest.is_none_or(|rest| rest.since.elapsed() >= rest.pause)
        };
        self.tables.values().flatten().copied().find(has_rested)
    }

    /// The scan under way, or a new one. It is given back by one of the next three.
    pub(super) fn take(&mut self) -> Option<Scan> {
        if self.scan.is_none() {
            let noun = self.due_noun()?;
            let tables = self.tables.iter();
            self.covered = tables
                .filter(|(_, nouns)| nouns.contains(&noun))
                .map(|(table, _)| table.clone())
                .collect();
            self.scan = Some(Scan::of(noun));
        }
        self.scan.take()
    }

    /// A step was made that took so long.
    pub(super) fn go_on(&mut self, scan: Scan, took: Duration) {
        self.scan = Some(scan);
        self.yield_until = Some(Instant::now() + took);
    }

    /// A transaction holds what would have been read.
    pub(super) fn blocked(&mut self, scan: Scan) {
        self.scan = Some(scan);
        self.resume_at = Some(Instant::now() + BLOCKED_PAUSE);
    }

    /// The noun has been scanned wholly, for the tables that have not become stale again meanwhile.
    pub(super) fn done(&mut self, scan: &Scan) {
        for table in std::mem::take(&mut self.covered) {
            if let Some(nouns) = self.tables.get_mut(&table) {
                nouns.remove(&scan.noun);
            }
        }
        let before = self.tables.len();
        self.tables.retain(|_, nouns| !nouns.is_empty());
        self.has_changed |= self.tables.len() < before;
        let took = scan.began.elapsed();
        let rest = self.rests.get(&scan.noun);
        let step = match rest {
            // The scan itself is no quiet time.
            Some(rest) if (rest.since.elapsed().saturating_sub(took)) < rest.pause * 4 => {
                (rest.step * 2).min(PAUSE_MAX)
            }
            _ => PAUSE_MIN,
        };
        let rest = Rest {
            since: Instant::now(),
            pause: step.max(took * PAUSE_SCANS),
            step,
        };
        self.rests.insert(scan.noun, rest);
    }

    /// Somebody waits for it: no pauses.
    pub(super) fn hurry(&mut self) {
        self.rests.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scan_all(stale: &mut StaleTables) -> u32 {
        let mut scans = 0;
        while stale.is_due() {
            let scan = stale.take().unwrap();
            stale.done(&scan);
            scans += 1;
        }
        scans
    }

    #[tokio::test(start_paused = true)]
    async fn a_table_is_scanned_at_once_and_less_often_when_it_happens_all_the_time() {
        let mut stale = StaleTables::default();
        assert!(!stale.is_due());
        stale.insert("articles");
        assert!(stale.is_due() && stale.has_changed());
        let started = Instant::now();
        let mut scans = 0;
        while started.elapsed() < Duration::from_secs(600) {
            stale.insert("articles");
            scans += scan_all(&mut stale);
            tokio::time::advance(Duration::from_millis(100)).await;
        }
        assert!((10..30).contains(&scans), "{scans}");
        // After a quiet time it is as at the beginning.
        tokio::time::advance(PAUSE_MAX * 5).await;
        stale.insert("articles");
        assert_eq!(scan_all(&mut stale), 1);
        assert_eq!(stale.rests[&Noun::Article].pause, PAUSE_MIN);
    }

    #[tokio::test(start_paused = true)]
    async fn a_long_scan_is_followed_by_a_longer_pause() {
        let mut stale = StaleTables::new(["articles".to_owned()].into());
        let scan = stale.take().unwrap();
        tokio::time::advance(Duration::from_secs(20)).await;
        stale.insert("articles");
        stale.done(&scan);
        tokio::time::advance(Duration::from_secs(199)).await;
        assert!(!stale.is_due());
        tokio::time::advance(Duration::from_secs(1)).await;
        assert!(stale.is_due());
    }

    #[tokio::test(start_paused = true)]
    async fn a_table_waits_for_all_of_its_nouns_and_once_more_when_it_becomes_stale_meanwhile() {
        let mut stale = StaleTables::default();
        stale.insert("departments");
        let scan = stale.take().unwrap();
        assert_eq!(scan.noun, Noun::Institution);
        stale.insert("departments");
        stale.done(&scan);
        assert_eq!(scan_all(&mut stale), 1, "articles, while institutions rest");
        assert!(!stale.is_empty());
        stale.hurry();
        assert_eq!(scan_all(&mut stale), 1);
        assert!(stale.is_empty());
    }

    #[test]
    fn a_table_of_which_no_document_is_made_is_never_stale() {
        let mut stale = StaleTables::default();
        stale.insert("heartbeats");
        assert!(stale.is_empty() && !stale.has_changed());
    }
}
