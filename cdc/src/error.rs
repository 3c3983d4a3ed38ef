//! What can go wrong with the stream, and for each error whether trying again helps or a person must act.

use thiserror::Error as ThisError;

use crate::decode_error::DecodeError;
use crate::event::TableName;
use crate::position::Position;

/// An error of the change stream.
#[derive(Debug, ThisError)]
pub enum Error {
    /// The database's address can't be read.
    #[error("the database URL is malformed; expected mysql://user:password@host:port/database")]
    Url(#[source] mysql_async::UrlError),
    /// The connection failed, or the server answered with an error that has no case of its own.
    #[error("the connection to the database failed")]
    Connection(#[source] mysql_async::Error),
    /// Nothing came for several heartbeats: the peer is gone without a word.
    #[error("nothing came from the database for {seconds} s, not even a heartbeat")]
    Silence {
        /// How long was waited.
        seconds: u64,
    },
    /// The server closed the stream.
    #[error("the database ended the stream")]
    Ended,
    /// The account may not read the binlog.
    #[error("the database refuses the binlog: {message}")]
    NotAllowed {
        /// The server's words.
        message: String,
    },
    /// The binlog of the position has been deleted.
    #[error("the binlog after {position} has been deleted: {message}")]
    Purged {
        /// Where reading should have gone on.
        position: Box<Position>,
        /// The server's words.
        message: String,
    },
    /// The server has never seen the position: it was reset, restored from a backup, or is another one.
    #[error("the server does not know the position {position}: {message}")]
    Diverged {
        /// Where reading should have gone on.
        position: Box<Position>,
        /// The server's words.
        message: String,
    },
    /// Another replica uses the same `server_id`.
    #[error("another replica reads the binlog with the same server_id: {message}")]
    ServerIdTaken {
        /// The server's words.
        message: String,
    },
    /// The table map of a followed table has no column names.
    #[error(
        "the binlog does not name the columns of {table}; set global binlog_row_metadata = FULL"
    )]
    NoColumnNames {
        /// The table.
        table: TableName,
    },
    /// An event that must not be skipped and can't be read.
    #[error("a binlog event of the unknown type {type_code} at {position}")]
    UnknownEvent {
        /// The type's code.
        type_code: u8,
        /// The last position that was read.
        position: Box<Position>,
    },
    /// An XA transaction changed a followed table.
    #[error("an XA transaction changed {table}; XA is not followed yet")]
    Xa {
        /// The table.
        table: TableName,
    },
    /// An event could not be decoded.
    #[error("a binlog event{} after {position} could not be decoded", table.as_ref().map(|table| format!(" of {table}")).unwrap_or_default())]
    Decode {
        /// The table, when it is known.
        table: Option<TableName>,
        /// The last position that was read.
        position: Box<Position>,
        /// What is wrong with it.
        source: DecodeError,
    },
}

/// What to do about an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// Connect again after a pause; nothing is lost.
    Retry,
    /// Read the tables again from the beginning; the stream goes on from the server's present position.
    Snapshot,
    /// Stop. The text says what the operator must do.
    Stop(&'static str),
}

impl Error {
    /// What to do about it.
    #[must_use]
    pub fn policy(&self) -> Policy {
        match self {
            Self::Connection(_) | Self::Silence { .. } | Self::Ended => Policy::Retry,
            Self::Purged { .. } => Policy::Snapshot,
            Self::Decode {
                source: DecodeError::Checksum,
                ..
            } => Policy::Retry,
            Self::Url(_) => Policy::Stop("correct the database URL"),
            Self::NotAllowed { .. } => {
                Policy::Stop("grant replication slave, select on the database to the account")
            }
            Self::Diverged { .. } => Policy::Stop(
                "make sure that this is the right server; if it is and was reset, run `jinmaek reindex`",
            ),
            Self::ServerIdTaken { .. } => {
                Policy::Stop("stop the other replica, or give one of them another server_id")
            }
            Self::NoColumnNames { .. } => {
                Policy::Stop("set global binlog_row_metadata = FULL, then restart")
            }
            Self::UnknownEvent { .. } => {
                Policy::Stop("this server writes events that are not known here; report it")
            }
            Self::Xa { .. } => Policy::Stop(
                "keep XA transactions away from the followed tables, then run `jinmaek reindex`",
            ),
            Self::Decode { .. } => {
                Policy::Stop("report it; `jinmaek reindex` goes on past the event")
            }
        }
    }

    /// Sorts a server's refusal of the binlog into its case. Numbers: MariaDB's and MySQL's `mysqld_error.h`.
    pub(crate) fn of_stream(error: mysql_async::Error, position: &Position) -> Self {
        const ACCESS_DENIED: [u16; 3] = [1045, 1227, 1142];
        const BINLOG_FATAL: u16 = 1236;
        const SAME_SERVER_ID: u16 = 4052;
        let mysql_async::Error::Server(server) = &error else {
            return Self::Connection(error);
        };
        let message = server.message.clone();
        let says = |part: &str| message.contains(part);
        let position = Box::new(position.clone());
        match server.code {
            code if ACCESS_DENIED.contains(&code) => Self::NotAllowed { message },
            SAME_SERVER_ID => Self::ServerIdTaken { message },
            BINLOG_FATAL if says("same server_uuid") || says("same server_id") => {
                Self::ServerIdTaken { message }
            }
            BINLOG_FATAL if says("purged") => Self::Purged { position, message },
            BINLOG_FATAL
                if says("not in the master's binlog")
                    || says("slave has more GTIDs")
                    || says("ahead") =>
            {
                Self::Diverged { position, message }
            }
            BINLOG_FATAL if says("Could not find first log file") => {
                Self::Purged { position, message }
            }
            BINLOG_FATAL => Self::Diverged { position, message },
            _ => Self::Connection(error),
        }
    }
}
