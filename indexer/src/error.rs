//! What can go wrong between the stream and the index, and whether trying again helps.

use std::path::{Path, PathBuf};

use cdc::Policy;
use thiserror::Error as ThisError;

/// An error of the indexer.
#[derive(Debug, ThisError)]
pub enum Error {
    /// The change stream.
    #[error("the change stream stopped")]
    Stream(#[from] cdc::Error),
    /// A query of the tables.
    #[error("the tables could not be read{}", hint(.0))]
    Database(#[source] sqlx::Error),
    /// The tables take too long to answer.
    #[error("the database did not answer within {seconds} s")]
    Slow {
        /// How long was waited.
        seconds: u64,
    },
    /// The index.
    #[error("the index could not be read or written")]
    Index(#[from] tantivy::TantivyError),
    /// The Meilisearch server, or a task that it took on.
    #[error("Meilisearch could not do what it was asked")]
    Meilisearch(#[source] Box<meilisearch_sdk::errors::Error>),
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
    /// The Korean dictionary does not take the operators' words.
    #[error("the operators' words could not be added to the Korean dictionary")]
    Analysis(#[source] analyzers::Error),
    /// A stored document that can't be read.
    #[error("a document of the index is damaged; run `jinmaek reindex`")]
    Source(#[source] serde_json::Error),
    /// Another process writes the same index.
    #[error("another process is writing the index in {}; stop it first", .0.display())]
    Locked(PathBuf),
    /// No index has been built yet.
    #[error("there is no index in {} yet; start `jinmaek`, or run `jinmaek reindex`", .0.display())]
    Missing(PathBuf),
    /// What waits to be read again could not be read in time.
    #[error(
        "within {seconds} s these could not be read again: {waiting}; an open transaction may hold them, or they change all the time"
    )]
    Unsettled {
        /// The stale tables and the postponed documents.
        waiting: String,
        /// How long was waited.
        seconds: u64,
    },
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
            Self::Meilisearch(error) => meilisearch_policy(error),
            Self::File { .. } => {
                Policy::Stop("make the directory writable and see that the disk has room")
            }
            Self::Analysis(_) => Policy::Stop("run `make ko-dic`"),
            Self::Source(_) => Policy::Stop("run `jinmaek reindex`"),
            Self::Missing(_) => Policy::Stop("start `jinmaek`, or run `jinmaek reindex`"),
            // A reindex or verify holds it, and ends.
            Self::Locked(_) | Self::Behind { .. } => Policy::Retry,
            Self::Slow { .. } | Self::Unsettled { .. } => Policy::Retry,
        }
    }

    /// Whether a transaction holds what should have been read: 1205 lock timeout, 1213 deadlock, 3572 `nowait`.
    pub(crate) fn is_blocked(&self) -> bool {
        match self {
            Self::Database(error) => matches!(number(error), Some(1205 | 1213 | 3572)),
            _ => false,
        }
    }
}

impl From<meilisearch_sdk::errors::Error> for Error {
    fn from(error: meilisearch_sdk::errors::Error) -> Self {
        Self::Meilisearch(Box::new(error))
    }
}

/// A server that is away, busy or failing is waited for; what it refuses stays refused until somebody acts.
fn meilisearch_policy(error: &meilisearch_sdk::errors::Error) -> Policy {
    use meilisearch_sdk::errors::{Error, ErrorCode, ErrorType};
    const KEY: Policy =
        Policy::Stop("correct `--meilisearch-key`; it must be allowed everything on the index");
    const URL: Policy =
        Policy::Stop("correct `--meilisearch-url`; Meilisearch 1.16 or newer must answer there");
    match error {
        Error::Meilisearch(error) => match (&error.error_code, error.error_type) {
            (ErrorCode::NoSpaceLeftOnDevice | ErrorCode::DatabaseSizeLimitReached, _) => {
                Policy::Stop("give Meilisearch more room")
            }
            // Somebody removed it.
            (ErrorCode::IndexNotFound, _) => Policy::Snapshot,
            (_, ErrorType::Auth) => KEY,
            (_, ErrorType::InvalidRequest) => URL,
            _ => Policy::Retry,
        },
        Error::MeilisearchCommunication(error) => match error.status_code {
            401 | 403 => KEY,
            400 | 404 | 405 | 415 => URL,
            _ => Policy::Retry,
        },
        Error::InvalidRequest => KEY,
        _ => Policy::Retry,
    }
}

/// What the tables can't tell now they may tell later: a server restarts, a query is killed, a dump is being restored. Only
/// what is refused stays refused until somebody grants it.
fn database_policy(error: &sqlx::Error) -> Policy {
    match error {
        sqlx::Error::Configuration(_) => Policy::Stop("correct the database URL"),
        error if number(error).is_some_and(is_refusal) => Policy::Stop(
            "correct the user and password of the database URL, or grant select on the followed tables",
        ),
        _ => Policy::Retry,
    }
}

/// The database, the password, no password, a table, a column, a privilege, a locked account (MySQL's number, then MariaDB's).
fn is_refusal(number: u16) -> bool {
    matches!(
        number,
        1044 | 1045 | 1142 | 1143 | 1227 | 1698 | 3118 | 4151
    )
}

/// An unknown database, column or table: the rest of the error's sentence.
fn hint(error: &sqlx::Error) -> &'static str {
    match number(error) {
        Some(1049 | 1054 | 1146) => {
            "; the migrations may be missing (`jinmaek database migrate`), and are waited for"
        }
        _ => "",
    }
}

/// An error with all its causes on one line.
pub(crate) fn chain(error: &Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

/// For `map_err`: what was being done with which file.
pub(crate) fn file(
    action: &'static str,
    path: &Path,
) -> impl FnOnce(std::io::Error) -> Error + use<> {
    let path = path.to_owned();
    move |source| Error::File {
        action,
        path,
        source,
    }
}

/// The number of a server's error.
pub(crate) fn number(error: &sqlx::Error) -> Option<u16> {
    let error = error.as_database_error()?;
    let error = error.try_downcast_ref::<sqlx::mysql::MySqlDatabaseError>()?;
    Some(error.number())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_database_says_is_waited_out_unless_it_refuses_us() {
        let policy = |error| Error::Database(error).policy();
        assert_eq!(policy(sqlx::Error::PoolTimedOut), Policy::Retry);
        assert_eq!(policy(sqlx::Error::Tls("alert".into())), Policy::Retry);
        // Too many connections, Galera not ready, a killed query, a missing table.
        for number in [1040, 1203, 1047, 1317, 1969, 3024, 1146] {
            assert!(!is_refusal(number), "{number}");
        }
        for number in [1044, 1045, 1142] {
            assert!(is_refusal(number), "{number}");
        }
    }
}
