//! What a stream counts and measures, for whoever watches it: readable at any time from any thread.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use crate::event::{Op, TableName};
use crate::quarantine::Quarantined;

/// Heartbeat rows that the percentiles are of: the last ten minutes, one a second. While a stream catches up, more come.
const LAGS_TIME: Duration = Duration::from_secs(600);
const LAGS_MAX: usize = 600;

/// The numbers of one stream, or of several one after the other. Cheap to clone; all clones are the same.
#[derive(Clone, Debug, Default)]
pub struct Stats {
    counts: Arc<Mutex<Counts>>,
}

/// The numbers at one moment.
#[derive(Clone, Debug, Default)]
pub struct Counts {
    /// Changed rows of committed transactions, by table and what happened.
    pub changes: BTreeMap<(TableName, &'static str), u64>,
    /// How often a table had to be read again.
    pub stale: BTreeMap<TableName, u64>,
    /// Transactions.
    pub commits: u64,
    /// When the last one was committed, by the server's clock of whole seconds; 0 before the first.
    pub committed_seconds: u32,
    /// Whether the connection holds.
    pub is_connected: bool,
    /// Connections that were lost.
    pub reconnects: u64,
    /// Events of a type that is not known: each ends the stream.
    pub unknown_events: u64,
    /// Tables whose rows can't be decoded.
    pub quarantined: Vec<Quarantined>,
    /// When the rows came, and how long after they were written.
    lags: VecDeque<(Instant, Duration)>,
}

/// From the writing of heartbeat rows until they came by the binlog, over the last ten minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lag {
    /// Of the last heartbeat row.
    pub newest: Duration,
    /// Half of them took at most so long.
    pub p50: Duration,
    /// 95 of 100.
    pub p95: Duration,
    /// 99 of 100.
    pub p99: Duration,
}

impl Stats {
    /// The numbers now.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.lock().clone()
    }

    pub(crate) fn update(&self, change: impl FnOnce(&mut Counts)) {
        change(&mut self.lock());
    }

    fn lock(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Counts {
    pub(crate) fn add(&mut self, table: &TableName, op: Op, count: u64) {
        if count > 0 {
            let key = (table.clone(), op.letter());
            *self.changes.entry(key).or_default() += count;
        }
    }

    /// A heartbeat row has come that was written at this time.
    pub(crate) fn beat(&mut self, written: SystemTime) {
        // A clock that was set back makes no lag.
        let lag = SystemTime::now()
            .duration_since(written)
            .unwrap_or_default();
        let now = Instant::now();
        let is_old = |lags: &VecDeque<(Instant, Duration)>| {
            let first = lags.front();
            lags.len() >= LAGS_MAX || first.is_some_and(|(came, _)| now - *came > LAGS_TIME)
        };
        while is_old(&self.lags) {
            self.lags.pop_front();
        }
        self.lags.push_back((now, lag));
    }

    /// How far behind the database the stream is; `None` before the first heartbeat row.
    #[must_use]
    pub fn lag(&self) -> Option<Lag> {
        let (_, newest) = *self.lags.back()?;
        let mut sorted: Vec<_> = self.lags.iter().map(|(_, lag)| *lag).collect();
        sorted.sort_unstable();
        // The smallest that so many of a hundred do not exceed.
        let percentile = |percent: usize| {
            let rank = (sorted.len() * percent).div_ceil(100);
            sorted
                .get(rank.saturating_sub(1))
                .copied()
                .unwrap_or(newest)
        };
        Some(Lag {
            newest,
            p50: percentile(50),
            p95: percentile(95),
            p99: percentile(99),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_of_the_newest_heartbeats() {
        let mut counts = Counts::default();
        assert_eq!(counts.lag(), None);
        let now = Instant::now();
        let lags = (1..=100).map(Duration::from_millis);
        counts.lags = lags.map(|lag| (now, lag)).collect();
        let lag = counts.lag().unwrap();
        let milliseconds = [lag.newest, lag.p50, lag.p95, lag.p99].map(|lag| lag.as_millis());
        assert_eq!(milliseconds, [100, 50, 95, 99]);
        for _ in 0..LAGS_MAX {
            counts.beat(SystemTime::now());
        }
        assert_eq!(counts.lags.len(), LAGS_MAX);
        assert!(counts.lag().unwrap().p50 < Duration::from_millis(50));
    }
}
