//! How snapshots are read.

use std::fmt;
use std::time::Duration;

/// The longest pause before a table is read again that goes stale again and again, unless said otherwise: what is out of
/// date for no longer than a minute is hardly noticed, and a table is hardly ever being read.
const PAUSE_MAX: Duration = Duration::from_secs(60);

/// What is to be done about a table that must be read again ([`crate::Message::Stale`], [`crate::Message::Gap`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnStale {
    /// Its message is handed out, and no more.
    Tell,
    /// It is read again, and its message is left out: at once, and when that comes again and again, after pauses from 1 s
    /// up to this one.
    Read {
        /// The longest pause.
        pause_max: Duration,
    },
}

/// How snapshots are read.
#[derive(Clone)]
pub struct SnapshotOptions {
    /// `mysql://user:password@host:port/database` of the server that the stream follows; the account needs `select` on
    /// the tables.
    pub url: String,
    /// Rows of a chunk at most; fewer where rows are long, so that no chunk is larger than 16 MiB.
    pub chunk_rows_max: usize,
    /// What to do about tables that have gone stale.
    pub on_stale: OnStale,
}

/// Without the URL, which holds a password.
impl fmt::Debug for SnapshotOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SnapshotOptions")
            .field("chunk_rows_max", &self.chunk_rows_max)
            .field("on_stale", &self.on_stale)
            .finish_non_exhaustive()
    }
}

impl SnapshotOptions {
    /// Chunks of 4,096 rows, read in less than 0.1 s each; stale tables are read again after a minute at most.
    #[must_use]
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            chunk_rows_max: 4096,
            on_stale: OnStale::Read {
                pause_max: PAUSE_MAX,
            },
        }
    }
}
