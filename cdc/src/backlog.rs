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
    /// How long the server will at least keep the binlog that follows the position; `None` when it deletes none by itself.
    pub headroom: Option<Duration>,
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
        Ok(Backlog {
            bytes: self.bytes_after(position).await?,
            headroom: self.headroom(committed_seconds).await?,
        })
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

    /// A file is deleted when its last event is older than the limit. The file of a position is not older than the
    /// position, so this is what is left at least.
    async fn headroom(&mut self, committed_seconds: u32) -> Result<Option<Duration>, Error> {
        let statement = "show global variables where variable_name in ('binlog_expire_logs_seconds', 'expire_logs_days')";
        let settings: Vec<(String, String)> = ask::all(&mut self.connection, statement)
            .await
            .map_err(Error::Connection)?;
        let setting = |name: &str| {
            let found = settings.iter().find(|(found, _)| found == name);
            found
                .and_then(|(_, value)| value.parse::<f64>().ok())
                .filter(|value| *value > 0.0)
        };
        let limit = setting("binlog_expire_logs_seconds")
            .or_else(|| setting("expire_logs_days").map(|days| days * 86_400.0));
        let Some(limit) = limit.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        else {
            return Ok(None);
        };
        let committed = SystemTime::UNIX_EPOCH + Duration::from_secs(u64::from(committed_seconds));
        let age = match committed_seconds {
            0 => Duration::ZERO,
            _ => SystemTime::now()
                .duration_since(committed)
                .unwrap_or_default(),
        };
        Ok(Some(limit.saturating_sub(age)))
    }
}

/// MySQL says a third thing of each file: whether it is encrypted.
fn file_and_size(row: &mysql_async::Row) -> Option<(String, u64)> {
    Some((row.get_opt(0)?.ok()?, row.get_opt(1)?.ok()?))
}
