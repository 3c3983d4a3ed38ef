//! The way to MySQL or MariaDB: the pool, and what the server's errors mean.

use std::str::FromStr;
use std::time::Duration;

use sqlx::mysql::{MySqlConnectOptions, MySqlDatabaseError, MySqlPool, MySqlPoolOptions};
use sqlx::{Encode, MySql, QueryBuilder, Type};

use crate::Error;

/// Ten connections keep two cores busy and stay far below the server's default of 151, even with several roles at one server.
const CONNECTIONS_MAX: u32 = 10;

/// Who waits longer than this for a connection is told so, rather than kept waiting.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);

/// Below the shortest `wait_timeout` that firewalls and servers are commonly set to (five minutes).
const IDLE_TIMEOUT: Duration = Duration::from_secs(240);

/// How often a transaction is tried that loses against another: two importers at one table settle within a few rounds.
const ATTEMPTS_MAX: u32 = 5;

/// The pause before the first repetition; it grows with each.
const RETRY_PAUSE: Duration = Duration::from_millis(50);

/// Says that an enum travels as text. sqlx's own derive also compares column flags and would then refuse `not null` columns.
macro_rules! travels_as_text {
    ($($name:ty),+) => {$(
        impl sqlx::Type<sqlx::MySql> for $name {
            fn type_info() -> sqlx::mysql::MySqlTypeInfo {
                <str as sqlx::Type<sqlx::MySql>>::type_info()
            }

            fn compatible(column: &sqlx::mysql::MySqlTypeInfo) -> bool {
                <str as sqlx::Type<sqlx::MySql>>::compatible(column)
            }
        }
    )+};
}
pub(crate) use travels_as_text;

/// What an upsert did with its rows.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Upserted {
    /// Rows that were not there.
    pub inserted: u64,
    /// Rows that differed.
    pub changed: u64,
    /// Rows that were equal and were not touched.
    pub unchanged: u64,
}

/// Opens a bounded pool on `url` (`mysql://user:password@host:port/database`). Sessions speak utf8mb4 and keep their clock in UTC.
///
/// # Errors
/// [`Error::Database`] when the URL is malformed or the server cannot be reached.
pub async fn connect(url: &str) -> Result<MySqlPool, Error> {
    let options = MySqlConnectOptions::from_str(url)?
        .charset("utf8mb4")
        .timezone(Some(String::from("+00:00")));
    let pool = MySqlPoolOptions::new()
        .max_connections(CONNECTIONS_MAX)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .idle_timeout(IDLE_TIMEOUT)
        .connect_with(options)
        .await?;
    Ok(pool)
}

/// Runs a whole transaction, again if the server gave it up for another.
pub(crate) async fn retried<T, F>(transaction: impl Fn() -> F) -> Result<T, Error>
where
    F: Future<Output = Result<T, Error>>,
{
    let mut attempt = 1;
    loop {
        match transaction().await {
            Err(err) if err.is_conflict() && attempt < ATTEMPTS_MAX => {
                tracing::debug!(error = %err, attempt, "the transaction lost against another and is tried again");
                tokio::time::sleep(RETRY_PAUSE * attempt).await;
                attempt += 1;
            }
            outcome => return outcome,
        }
    }
}

/// Adds `?, ?, …` with its values: the inside of `in (…)`.
pub(crate) fn push_list<'a, T>(query: &mut QueryBuilder<MySql>, values: impl Iterator<Item = T>)
where
    T: 'a + Encode<'a, MySql> + Type<MySql>,
{
    let mut list = query.separated(", ");
    for value in values {
        list.push_bind(value);
    }
}

/// Turns the violation of one constraint, by its name in the migrations, into the caller's error.
pub trait OnConstraint<T> {
    /// If `self` failed on the constraint `name`, the error becomes `error(…)`.
    ///
    /// # Errors
    /// The same as before, or the caller's.
    fn on_constraint(self, name: &str, error: impl FnOnce() -> Error) -> Result<T, Error>;
}

impl<T> OnConstraint<T> for Result<T, Error> {
    fn on_constraint(self, name: &str, error: impl FnOnce() -> Error) -> Self {
        self.map_err(|err| match &err {
            Error::Constraint { constraint, .. } if constraint == name => error(),
            _ => err,
        })
    }
}

/// The name of the constraint that was violated. Neither server sends it apart, so it is read out of the message.
pub(crate) fn constraint(error: &sqlx::Error) -> Option<String> {
    let sqlx::Error::Database(error) = error else {
        return None;
    };
    match error.kind() {
        sqlx::error::ErrorKind::UniqueViolation
        | sqlx::error::ErrorKind::ForeignKeyViolation
        | sqlx::error::ErrorKind::CheckViolation => constraint_in(error.message()),
        _ => None,
    }
}

/// `… for key 'table.name'` (MySQL) or `'name'` (MariaDB); ``CONSTRAINT `name` …``; `Check constraint 'name' is violated`.
fn constraint_in(message: &str) -> Option<String> {
    let quoted = if let Some((_, key)) = message.rsplit_once("for key '") {
        key
    } else if let Some((_, name)) = message.split_once("CONSTRAINT `") {
        name
    } else {
        message.split_once("constraint '")?.1
    };
    let name = quoted.split(['\'', '`']).next()?;
    Some(name.rsplit('.').next().unwrap_or(name).to_owned())
}

/// Whether the server gave up this transaction for another (1213 deadlock, 1205 lock wait timeout).
pub(crate) fn is_conflict(error: &sqlx::Error) -> bool {
    error
        .as_database_error()
        .and_then(|error| error.try_downcast_ref::<MySqlDatabaseError>())
        .is_some_and(|error| matches!(error.number(), 1205 | 1213))
}

#[cfg(test)]
mod tests {
    use super::constraint_in;

    #[test]
    fn names_of_constraints_are_found_in_the_messages_of_both_servers() {
        for (message, name) in [
            (
                "Duplicate entry 'egen-A1' for key 'institutions.institutions_official_code_unique'",
                "institutions_official_code_unique",
            ),
            (
                "Duplicate entry 'x'' for key 'articles_slug_unique'",
                "articles_slug_unique",
            ),
            (
                "CONSTRAINT `articles_slug_form` failed for `jinmaek`.`articles`",
                "articles_slug_form",
            ),
            (
                "Check constraint 'articles_slug_form' is violated.",
                "articles_slug_form",
            ),
            (
                "Cannot add or update a child row: a foreign key constraint fails (`a`.`b`, CONSTRAINT `c_exists` FOREIGN KEY (`d`) …)",
                "c_exists",
            ),
        ] {
            assert_eq!(constraint_in(message).as_deref(), Some(name), "{message}");
        }
        assert_eq!(constraint_in("gone away"), None);
    }
}
