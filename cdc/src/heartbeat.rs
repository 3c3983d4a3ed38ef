//! Heartbeat rows: written once a second, so that the stream can tell its lag in milliseconds, and so that its position
//! moves on a server where nobody else writes. The binlog itself knows whole seconds only.

use std::time::{Duration, SystemTime};

use mysql_async::Conn;
use mysql_async::prelude::Queryable;
use tokio::time::{MissedTickBehavior, interval, sleep};
use tracing::debug;

use crate::error::Error;
use crate::event::{ChangeEvent, TableName};
use crate::target::Target;
use crate::value::Value;

/// How often a row is written.
const PERIOD: Duration = Duration::from_secs(1);
/// Pause after a failure.
const PAUSE: Duration = Duration::from_secs(2);
/// The column that tells when a row was written, microseconds since the epoch by the writer's clock.
const COLUMN: &str = "at_microseconds";

/// Writes a row of `table` once a second until it is dropped, through failures of the database. `name` tells several
/// writers apart. The table needs the columns `name` (its primary key) and `at_microseconds` (`bigint unsigned`), and the
/// account `insert` and `update` on it.
///
/// # Errors
/// When the URL is malformed.
pub async fn run_heartbeat(
    url: &str,
    table: &TableName,
    name: &str,
) -> Result<std::convert::Infallible, Error> {
    let target = Target::parse(url).map_err(Error::Url)?;
    loop {
        let error = match target.connect().await {
            Ok(connection) => match beat(connection, table, name).await {
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
    table: &TableName,
    name: &str,
) -> Result<std::convert::Infallible, mysql_async::Error> {
    let quoted = |name: &str| format!("`{}`", name.replace('`', "``"));
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

/// When a heartbeat row was written.
pub(crate) fn written_at(change: &ChangeEvent) -> Option<SystemTime> {
    let microseconds = change.values_of(COLUMN).last().and_then(Value::as_u64)?;
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_micros(microseconds))
}
