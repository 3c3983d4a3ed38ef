//! Locking reads: autocommitted statements that wait for transactions which are just being committed, but never long, and are
//! tried again when the server chose them as the victim of a deadlock.

use std::time::Duration;

use sqlx::mysql::{MySqlPoolOptions, MySqlRow};
use sqlx::pool::PoolConnection;
use sqlx::query_builder::Separated;
use sqlx::{Executor, FromRow, MySql, MySqlPool, QueryBuilder};
use tokio::time::{sleep, timeout};

use crate::error::{Error, number};

/// Loads run one after the other; the second connection is for the next one while the first is being closed.
const CONNECTIONS_MAX: u32 = 2;
/// Who waits longer for a connection is told so.
const ACQUIRE_TIME_MAX: Duration = Duration::from_secs(10);
/// A commit is through after milliseconds; what holds a row (or, altering it, a table) for seconds may hold it for hours.
const SESSION: &str = "set session innodb_lock_wait_timeout = 3, lock_wait_timeout = 3, \
    net_read_timeout = 30, net_write_timeout = 30";
/// How long a statement may take with everything, also on a connection whose other end is gone.
const READ_TIME_MAX: Duration = Duration::from_secs(10);
/// Deadlocks in a row after which the database is in a state that we should not add to.
const ATTEMPTS_MAX: u32 = 10;
const PAUSE: Duration = Duration::from_millis(5);

/// How to meet a row that a transaction holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Patience {
    /// Wait for the few seconds that a commit may take.
    Brief,
    /// Don't wait.
    None,
}

impl Patience {
    fn lock(self) -> &'static str {
        match self {
            Self::Brief => " lock in share mode",
            // The comments of each server are read by that server alone.
            Self::None => " /*!80001 for share nowait */ /*M! lock in share mode nowait */",
        }
    }
}

/// Connections for locking reads, a bounded number.
pub(crate) async fn connect(url: &str) -> Result<MySqlPool, Error> {
    MySqlPoolOptions::new()
        .max_connections(CONNECTIONS_MAX)
        .acquire_timeout(ACQUIRE_TIME_MAX)
        .after_connect(|connection, _| {
            Box::pin(async { connection.execute(SESSION).await.map(drop) })
        })
        .connect(url)
        .await
        .map_err(Error::Database)
}

/// Reads rows by their ids.
#[derive(Clone, Copy)]
pub(super) struct Reader<'p> {
    pub(super) pool: &'p MySqlPool,
    pub(super) patience: Patience,
}

impl Reader<'_> {
    /// The rows of `{statement} (?, ?, …) {order} lock in share mode`, one parameter for each id.
    pub(super) async fn rows<'a, Id, Row>(
        self,
        statement: &'static str,
        ids: &[Id],
        order: &'static str,
    ) -> Result<Vec<Row>, Error>
    where
        Id: sqlx::Encode<'a, MySql> + sqlx::Type<MySql> + Copy + Send + Sync + 'a,
        Row: for<'r> FromRow<'r, MySqlRow> + Send + Unpin,
    {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        bounded(self.pool, |mut lease| async move {
            let mut query = QueryBuilder::<MySql>::new(statement);
            query.push(" (");
            let mut list: Separated<'_, MySql, &str> = query.separated(", ");
            for id in ids {
                list.push_bind(*id);
            }
            query.push(") ").push(order).push(self.patience.lock());
            let query = query.build_query_as::<Row>();
            let rows = query.fetch_all(&mut *lease.connection).await;
            lease.answered(rows)
        })
        .await
    }
}

/// A connection that is closed when nobody waited for its answer: it may still come, and nobody else may get it.
pub(super) struct Lease {
    pub(super) connection: PoolConnection<MySql>,
    is_answered: bool,
}

impl Lease {
    /// Gives the connection back.
    pub(super) fn answered<T>(mut self, answer: T) -> T {
        self.is_answered = true;
        answer
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if !self.is_answered {
            self.connection.close_on_drop();
        }
    }
}

/// Reads within bounds of time, and again after a deadlock.
pub(super) async fn bounded<T, Read>(
    pool: &MySqlPool,
    read: impl Fn(Lease) -> Read,
) -> Result<T, Error>
where
    Read: Future<Output = Result<T, sqlx::Error>>,
{
    let mut attempt = 1;
    loop {
        let lease = Lease {
            connection: pool.acquire().await.map_err(Error::Database)?,
            is_answered: false,
        };
        match timeout(READ_TIME_MAX, read(lease)).await {
            Ok(Err(error)) if is_deadlock(&error) && attempt < ATTEMPTS_MAX => {
                sleep(PAUSE * attempt).await;
                attempt += 1;
            }
            Ok(result) => return result.map_err(Error::Database),
            Err(_) => {
                return Err(Error::Slow {
                    seconds: READ_TIME_MAX.as_secs(),
                });
            }
        }
    }
}

fn is_deadlock(error: &sqlx::Error) -> bool {
    number(error) == Some(1213)
}
