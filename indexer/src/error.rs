//! What can go wrong between the stream and the index, and whether trying again helps.

use std::path::PathBuf;

use cdc::Policy;
use thiserror::Error as ThisError;

/// An error of the indexer.
#[derive(Debug, ThisError)]
pub enum Error {
    /// The change stream.
    #[error("the change stream stopped")]
    Stream(#[from] cdc::Error),
    /// A query of the tables.
    #[error("the tables could not be read")]
    Database(#[source] sqlx::Error),
    /// The index.
    #[error("the index could not be read or written")]
    Index(#[from] tantivy::TantivyError),
    /// The directory of the index.
    #[error("cannot {action} {}", path.display())]
    File {
        /// What was being done.
        action: &'static str,
        /// With what.
        path: PathBuf,
        /// Why it failed.
        source: std::io::Error,
    },
    /// A stored document that can't be read.
    #[error("a document of the index is damaged; run `jinmaek reindex`")]
    Source(#[source] serde_json::Error),
    /// Another process writes the same index.
    #[error("another process is writing the index in {}; stop it first", .0.display())]
    Locked(PathBuf),
    /// No index has been built yet.
    #[error("there is no index in {} yet; start `jinmaek`, or run `jinmaek reindex`", .0.display())]
    Missing(PathBuf),
    /// The index does not reach a position in time.
    #[error("the index did not reach {wanted} within {seconds} s; it stands at {reached}")]
    Behind {
        /// The position that was waited for.
        wanted: Box<cdc::Position>,
        /// Where the index stands.
        reached: Box<cdc::Position>,
        /// How long was waited.
        seconds: u64,
    },
}

impl Error {
    /// What to do about it.
    #[must_use]
    pub fn policy(&self) -> Policy {
        match self {
            Self::Stream(error) => error.policy(),
            Self::Database(error) => database_policy(error),
            Self::Index(_) => Policy::Stop("look at the disk; then run `jinmaek reindex`"),
            Self::File { .. } => {
                Policy::Stop("make the directory writable and see that the disk has room")
            }
            Self::Source(_) => Policy::Stop("run `jinmaek reindex`"),
            Self::Missing(_) => Policy::Stop("start `jinmaek`, or run `jinmaek reindex`"),
            // A reindex or verify holds it, and ends.
            Self::Locked(_) | Self::Behind { .. } => Policy::Retry,
        }
    }
}

/// What comes from a connection that broke, or a server that is going down, passes.
fn database_policy(error: &sqlx::Error) -> Policy {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => Policy::Retry,
        sqlx::Error::Database(error) => {
            // 1053 shutdown, 1205 lock timeout, 1213 deadlock, 1927 connection killed, 2006, 2013 gone.
            let passes = error
                .try_downcast_ref::<sqlx::mysql::MySqlDatabaseError>()
                .is_some_and(|error| {
                    matches!(error.number(), 1053 | 1205 | 1213 | 1927 | 2006 | 2013)
                });
            if passes {
                Policy::Retry
            } else {
                Policy::Stop(
                    "see what the database says; the migrations may be missing (`jinmaek database migrate`)",
                )
            }
        }
        _ => Policy::Stop(
            "see what the database says; the migrations may be missing (`jinmaek database migrate`)",
        ),
    }
}
