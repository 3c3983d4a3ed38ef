//! How far behind the server a position is, and how long until the server deletes what is needed to go on from it.

use std::time::{Duration, SystemTime};

use crate::ask;
use crate::error::Error;
use crate::position::Position;
use crate::server::Server;

/// What lies between a position and the server's present.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Backlog {
    /// Bytes of binlog still to be read; `None` when the account may not see the binlog files (MariaDB's `binlog
    /// monitor`, MySQL's `replication client`).
    pub bytes: Option<u64>,
    /// How long the server will keep the binlog that follows the position.
    pub headroom: Headroom,
}

/// How long a server will keep binlog that is still to be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Headroom {
    /// It can't be told, since nobody knows how old the binlog is.
    #[default]
    Unknown,
    /// It deletes none by itself.
    Unlimited,
    /// At least so long.
    AtLeast(Duration),
}

impl Headroom {
    /// Whether there is no limit.
    #[must_use]
    pub fn is_unlimited(self) -> bool {
        self == Self::Unlimited
    }

    /// The time, where there is a limit that is known.
    #[must_use]
    pub fn left(self) -> Option<Duration> {
        match self {
            Self::AtLeast(left) => Some(left),
            Self::Unknown | Self::Unlimited => None,
        }
    }
}

impl Server {
    /// Looks at what lies behind `position`, whose transaction was committed at `committed_seconds` since the epoch by the
    /// server's clock; 0 when that is not known.
    ///
    /// # Errors
    /// When the connection fails.
    pub async fn backlog(
        &mut self,
        position: &Position,
        committed_seconds: u32,
    ) -> Result<Backlog, Error> {
        let bytes = self.bytes_after(position).await?;
        let headroom = match self.retention().await? {
            None => Headroom::Unlimited,
            // What is still to come has no age yet.
            Some(limit) if bytes == Some(0) => Headroom::AtLeast(limit),
            Some(_) if committed_seconds == 0 => Headroom::Unknown,
            Some(limit) => {
                let seconds = Duration::from_secs(u64::from(committed_seconds));
                let age = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH + seconds);
                Headroom::AtLeast(limit.saturating_sub(age.unwrap_or_default()))
            }
        };
        Ok(Backlog { bytes, headroom })
    }

    async fn bytes_after(&mut self, position: &Position) -> Result<Option<u64>, Error> {
        let rows = ask::all(&mut self.connection, "show binary logs").await;
        let files: Vec<(String, u64)> = match rows {
            Ok(rows) => rows.iter().filter_map(file_and_size).collect(),
            Err(mysql_async::Error::Server(_)) => return Ok(None),
            Err(error) => return Err(Error::Connection(error)),
        };
        let Some(own) = files.iter().position(|(file, _)| *file == position.file) else {
            return Ok(None);
        };
        let sizes = files.iter().skip(own).map(|(_, size)| size);
        Ok(Some(sizes.sum::<u64>().saturating_sub(position.offset)))
    }

    /// How old the last event of a file must be before the file is deleted; `None` when none is. The file of a position is not
    /// older than the position.
    async fn retention(&mut self) -> Result<Option<Duration>, Error> {
        let statement = "show global variables where variable_name in \
             ('binlog_expire_logs_seconds', 'expire_logs_days', 'binlog_expire_logs_auto_purge')";
        let settings: Vec<(String, String)> = ask::all(&mut self.connection, statement)
            .await
            .map_err(Error::Connection)?;
        let value = |name: &str| {
            let setting = settings.iter().find(|(found, _)| found == name);
            setting.map(|(_, value)| value.as_str())
        };
        if value("binlog_expire_logs_auto_purge") == Some("OFF") {
            return Ok(None);
        }
        let limit = |name: &str| {
            let number = value(name)?.parse::<f64>().ok()?;
            Some(number).filter(|number| *number > 0.0)
        };
        let seconds = limit("binlog_expire_logs_seconds")
            .or_else(|| limit("expire_logs_days").map(|days| days * 86_400.0));
        Ok(seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()))
    }
}

/// MySQL says a third thing of each file: whether it is encrypted.
fn file_and_size(row: &mysql_async::Row) -> Option<(String, u64)> {
    Some((row.get_opt(0)?.ok()?, row.get_opt(1)?.ok()?))
}
