//! Heartbeat rows: written once a second, so that the stream can tell its lag in milliseconds, and so that its position
//! moves on a server where nobody else writes. The binlog itself knows whole seconds only.

use std::time::{Duration, SystemTime};

use mysql_async::Conn;
use mysql_async::prelude::Queryable;
use tokio::time::{MissedTickBehavior, interval, sleep};
use tracing::debug;

use crate::error::Error;
use crate::event::{ChangeEvent, TableName};
use crate::select::quoted;
use crate::target::Target;
use crate::value::Value;

/// How often a row is written.
const PERIOD: Duration = Duration::from_secs(1);
/// Pause after a failure.
const PAUSE: Duration = Duration::from_secs(2);
/// The column that tells when a row was written, microseconds since the epoch by the writer's clock.
const COLUMN: &str = "at_microseconds";

/// Whose heartbeat rows tell the lag of a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heartbeats {
    /// The table. It needs the columns `name` (its primary key) and `at_microseconds` (`bigint unsigned`), and the account
    /// that writes it `insert` and `update` on it.
    pub table: TableName,
    /// Tells the writers apart: a lag is the difference of two clocks, so it must be taken by the one that wrote the row.
    pub name: String,
}

/// Writes a row once a second until it is dropped, through failures of the database.
///
/// # Errors
/// When the URL is malformed.
pub async fn run_heartbeat(
    url: &str,
    heartbeats: &Heartbeats,
) -> Result<std::convert::Infallible, Error> {
    let target = Target::parse(url).map_err(Error::Url)?;
    loop {
        let error = match target.connect().await {
            Ok(connection) => match beat(connection, heartbeats).await {
                Ok(never) => match never {},
                Err(error) => Error::Connection(error),
            },
            Err(error) => error,
        };
        debug!(%error, "no heartbeat row could be written");
        sleep(PAUSE).await;
    }
}

async fn beat(
    mut connection: Conn,
    Heartbeats { table, name }: &Heartbeats,
) -> Result<std::convert::Infallible, mysql_async::Error> {
    let statement = format!(
        "insert into {}.{} (name, {COLUMN}) values (?, ?) on duplicate key update {COLUMN} = values({COLUMN})",
        quoted(&table.schema),
        quoted(&table.table)
    );
    let mut ticks = interval(PERIOD);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let now = SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default();
        let microseconds = u64::try_from(now.as_micros()).unwrap_or(u64::MAX);
        connection
            .exec_drop(&statement, (name, microseconds))
            .await?;
    }
}

/// When a heartbeat row of this name was written.
pub(crate) fn written_at(change: &ChangeEvent, name: &str) -> Option<SystemTime> {
    if change.values_of("name").last()?.as_str()? != name {
        return None;
    }
    let microseconds = change.values_of(COLUMN).last().and_then(Value::as_u64)?;
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_micros(microseconds))
}
