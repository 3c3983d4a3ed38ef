//! What can go wrong with the stream, and for each error whether trying again helps or a person must act.

use std::io;

use std::sync::Arc;

use thiserror::Error as ThisError;
use tokio_rustls::rustls;

use crate::decode_error::DecodeError;
use crate::position::Position;
use crate::target::{CONNECT_TIME_MAX, ParseTargetError};

/// An error of the change stream.
#[derive(Debug, ThisError)]
pub enum Error {
    /// The database's address can't be read.
    #[error("the database URL can't be understood")]
    Url(#[source] ParseTargetError),
    /// The connection failed, or the server answered with an error that has no case of its own.
    #[error("the connection to the database failed")]
    Connection(#[source] mysql_async::Error),
    /// The connection could not be made or broke.
    #[error("the connection to the database failed")]
    Io(#[source] io::Error),
    /// TLS could not be agreed upon as the URL asks for it.
    #[error("no TLS with the database: {message}")]
    Tls {
        /// What was wrong, with which certificate or file.
        message: String,
    },
    /// The account's password is checked in a way that is not known here, or that would give it to a stranger.
    #[error("the account's authentication plugin {name} is not supported")]
    AuthPlugin {
        /// The plugin's name.
        name: String,
    },
    /// The server does not let the account in.
    #[error("the database refuses the account: {message}")]
    Login {
        /// The server's words.
        message: String,
    },
    /// The server answered with an error that has no case of its own.
    #[error("the database answered with error {code}: {message}")]
    Server {
        /// Its number.
        code: u16,
        /// The server's words.
        message: String,
    },
    /// What came is not what the protocol says.
    #[error("the database does not keep to the protocol: {0}")]
    Protocol(&'static str),
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
    /// The server writes no binlog.
    #[error("the database writes no binlog (log_bin = OFF)")]
    NoBinlog,
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
    /// The reading that several subscribers share has ended.
    #[error(transparent)]
    Shared(Arc<Error>),
    /// An event that must not be skipped and can't be read.
    #[error("a binlog event of the unknown type {type_code} at {position}")]
    UnknownEvent {
        /// The type's code.
        type_code: u8,
        /// The last position that was read.
        position: Box<Position>,
    },
    /// An event could not be decoded that tells more than one table's rows.
    #[error("a binlog event after {position} could not be decoded")]
    Decode {
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
            Self::Connection(_)
            | Self::Io(_)
            | Self::Server { .. }
            | Self::Protocol(_)
            | Self::Silence { .. }
            | Self::Ended => Policy::Retry,
            Self::Purged { .. } => Policy::Snapshot,
            Self::Shared(error) => error.policy(),
            Self::Decode {
                source: DecodeError::Checksum,
                ..
            } => Policy::Stop(
                "look for damage on the server's disk and in the network; `jinmaek reindex` goes on past the event",
            ),
            Self::Url(_) => Policy::Stop("correct the database URL"),
            Self::Tls { .. } => Policy::Stop(
                "make the server's certificate and ssl-mode and ssl-ca of the database URL agree",
            ),
            Self::AuthPlugin { .. } => Policy::Stop(
                "give the account mysql_native_password, caching_sha2_password or ed25519",
            ),
            Self::Login { .. } => {
                Policy::Stop("correct the user, password and database of the URL, or the account")
            }
            Self::NotAllowed { .. } => {
                Policy::Stop("grant replication slave, select on the database to the account")
            }
            Self::NoBinlog => Policy::Stop(
                "add `log-bin = binlog` and a `server-id` to the server's configuration and restart it",
            ),
            Self::Diverged { .. } => Policy::Stop(
                "make sure that this is the right server; if it is and was reset, run `jinmaek reindex`",
            ),
            Self::ServerIdTaken { .. } => {
                Policy::Stop("stop the other replica, or give one of them another server_id")
            }
            Self::UnknownEvent { .. } => {
                Policy::Stop("this server writes events that are not known here; report it")
            }
            Self::Decode { .. } => {
                Policy::Stop("report it; `jinmaek reindex` goes on past the event")
            }
        }
    }

    /// Sorts a server's refusal of the binlog into its case.
    pub(crate) fn of_stream(error: mysql_async::Error, position: &Position) -> Self {
        match error {
            mysql_async::Error::Server(error) => {
                Self::of_server(error.code, error.message, position)
            }
            error => Self::Connection(error),
        }
    }

    /// Says where reading should have gone on.
    pub(crate) fn at(self, here: &Position) -> Self {
        match self {
            Self::Server { code, message } => Self::of_server(code, message, here),
            Self::Purged { message, .. } => Self::Purged {
                position: Box::new(here.clone()),
                message,
            },
            Self::Diverged { message, .. } => Self::Diverged {
                position: Box::new(here.clone()),
                message,
            },
            other => other,
        }
    }

    /// Sorts an error of the server's into its case. Numbers: MariaDB's and MySQL's `mysqld_error.h`.
    pub(crate) fn of_server(code: u16, message: String, position: &Position) -> Self {
        // MariaDB says 1045 to a dump without `replication slave`.
        const ACCESS_DENIED: [u16; 3] = [1045, 1142, 1227];
        const BINLOG_FATAL: u16 = 1236;
        const SAME_SERVER_ID: u16 = 4052;
        let says = |part: &str| message.contains(part);
        let position = Box::new(position.clone());
        match code {
            code if ACCESS_DENIED.contains(&code) => Self::NotAllowed { message },
            SAME_SERVER_ID => Self::ServerIdTaken { message },
            BINLOG_FATAL if says("same server_uuid") || says("same server_id") => {
                Self::ServerIdTaken { message }
            }
            BINLOG_FATAL if says("Binary log is not open") => Self::NoBinlog,
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
            code => Self::Server { code, message },
        }
    }

    /// Sorts what the server says instead of a welcome.
    pub(crate) fn of_login(code: u16, message: String) -> Self {
        /// The database, the password, no password, a locked account (MySQL's number, then MariaDB's).
        const REFUSED: [u16; 5] = [1044, 1045, 1698, 3118, 4151];
        match code {
            code if REFUSED.contains(&code) => Self::Login { message },
            code => Self::Server { code, message },
        }
    }

    /// Sorts what `mysql_async` says about a connection that could not be made.
    pub(crate) fn of_connect(error: mysql_async::Error) -> Self {
        use mysql_async::{DriverError, Error, IoError, TlsError};
        match error {
            Error::Server(error) => Self::of_login(error.code, error.message),
            Error::Io(IoError::Tls(TlsError::Tls(said))) if is_damage(&said) => {
                Self::Io(io::Error::new(io::ErrorKind::InvalidData, said))
            }
            Error::Io(IoError::Tls(error)) => Self::tls(error),
            Error::Io(IoError::Io(error)) => Self::of_handshake(error),
            Error::Driver(DriverError::NoClientSslFlagFromServer) => {
                Self::tls("the server offers none")
            }
            Error::Driver(DriverError::UnknownAuthPlugin { name }) => Self::AuthPlugin { name },
            Error::Driver(DriverError::MysqlOldPasswordDisabled) => {
                Self::auth_plugin("mysql_old_password")
            }
            Error::Driver(DriverError::CleartextPluginDisabled) => {
                Self::auth_plugin("mysql_clear_password")
            }
            error => Self::Connection(error),
        }
    }

    /// Tells apart what TLS has to say and what happened to the connection below: what can't be decrypted was damaged on its
    /// way.
    pub(crate) fn of_handshake(error: io::Error) -> Self {
        let inner = error.get_ref();
        let said = inner.and_then(|inner| inner.downcast_ref::<rustls::Error>());
        match said {
            None => Self::Io(error),
            Some(said) if is_damage(said) => Self::Io(error),
            Some(said) => Self::tls(said),
        }
    }

    pub(crate) fn tls(message: impl ToString) -> Self {
        let message = message.to_string();
        Self::Tls { message }
    }

    pub(crate) fn auth_plugin(name: &str) -> Self {
        let name = name.to_owned();
        Self::AuthPlugin { name }
    }

    pub(crate) fn no_answer() -> Self {
        let seconds = CONNECT_TIME_MAX.as_secs();
        let text = format!("no answer within {seconds} s");
        Self::Io(io::Error::new(io::ErrorKind::TimedOut, text))
    }
}

/// Whether TLS complains of bytes that are not what the other side sent, or must have sent: the next attempt may go well.
fn is_damage(said: &rustls::Error) -> bool {
    use rustls::{AlertDescription as Alert, Error};
    match said {
        Error::DecryptError
        | Error::InvalidMessage(_)
        | Error::InappropriateMessage { .. }
        | Error::InappropriateHandshakeMessage { .. }
        | Error::PeerSentOversizedRecord
        | Error::PeerMisbehaved(_) => true,
        Error::AlertReceived(alert) => matches!(
            alert,
            Alert::BadRecordMac
                | Alert::DecodeError
                | Alert::DecryptError
                | Alert::IllegalParameter
                | Alert::RecordOverflow
                | Alert::UnexpectedMessage
        ),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_tls_cannot_decrypt_is_tried_again_and_a_certificate_is_not() {
        let of = |error: rustls::Error| {
            Error::of_handshake(io::Error::new(io::ErrorKind::InvalidData, error)).policy()
        };
        assert_eq!(of(rustls::Error::DecryptError), Policy::Retry);
        let certificate = rustls::Error::InvalidCertificate(rustls::CertificateError::Expired);
        assert!(matches!(of(certificate), Policy::Stop(_)));
    }
}
