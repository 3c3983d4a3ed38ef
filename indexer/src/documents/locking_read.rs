//! Locking reads: autocommitted statements that wait for transactions which are just being committed, tried again when
//! the server chose them as the victim of a deadlock.

use std::time::Duration;

use sqlx::mysql::MySqlRow;
use sqlx::query_builder::Separated;
use sqlx::{FromRow, MySql, MySqlPool, QueryBuilder};
use tokio::time::sleep;

use crate::error::Error;

/// Deadlocks and lock timeouts in a row after which the database is in a state that we should not add to.
const ATTEMPTS_MAX: u32 = 10;
const PAUSE: Duration = Duration::from_millis(5);

/// The rows of `{statement} (?, ?, …) {order} lock in share mode`, one parameter for each id.
pub(super) async fn rows_of<'a, Id, Row>(
    pool: &MySqlPool,
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
    retried(|| async move {
        let mut query = QueryBuilder::<MySql>::new(statement);
        query.push(" (");
        let mut list: Separated<'_, MySql, &str> = query.separated(", ");
        for id in ids {
            list.push_bind(*id);
        }
        query.push(") ").push(order).push(" lock in share mode");
        query.build_query_as::<Row>().fetch_all(pool).await
    })
    .await
}

/// Reads again after a deadlock or a lock timeout, a bounded number of times.
pub(super) async fn retried<T, Read>(read: impl Fn() -> Read) -> Result<T, Error>
where
    Read: Future<Output = Result<T, sqlx::Error>>,
{
    let mut attempt = 1;
    loop {
        match read().await {
            Err(sqlx::Error::Database(error))
                if is_lock_conflict(&*error) && attempt < ATTEMPTS_MAX =>
            {
                sleep(PAUSE * attempt).await;
                attempt += 1;
            }
            result => return result.map_err(Error::Database),
        }
    }
}

/// 1213 deadlock, 1205 lock wait timeout.
fn is_lock_conflict(error: &dyn sqlx::error::DatabaseError) -> bool {
    error
        .try_downcast_ref::<sqlx::mysql::MySqlDatabaseError>()
        .is_some_and(|error| matches!(error.number(), 1213 | 1205))
}
