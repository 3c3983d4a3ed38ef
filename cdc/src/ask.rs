//! Questions to the server whose answers have the expected types, or are an error: the driver itself panics at others, such
//! as a connection without TLS may damage them to.

use mysql_async::prelude::{FromRow, Query};
use mysql_async::{Conn, DriverError, Error, FromRowError, Row};

/// A row that may have other types.
struct Checked<T>(Result<T, FromRowError>);

impl<T: FromRow> FromRow for Checked<T> {
    fn from_row_opt(row: Row) -> Result<Self, FromRowError> {
        Ok(Self(T::from_row_opt(row)))
    }
}

impl<T> Checked<T> {
    fn value(self) -> Result<T, Error> {
        let Self(value) = self;
        value.map_err(|FromRowError(row)| Error::Driver(DriverError::FromRow { row }))
    }
}

/// All rows of an answer.
pub(crate) async fn all<T>(connection: &mut Conn, question: impl Query) -> Result<Vec<T>, Error>
where
    T: FromRow + Send + 'static,
{
    let rows = question.fetch::<Checked<T>, _>(connection).await?;
    rows.into_iter().map(Checked::value).collect()
}

/// The first row of an answer.
pub(crate) async fn first<T>(
    connection: &mut Conn,
    question: impl Query,
) -> Result<Option<T>, Error>
where
    T: FromRow + Send + 'static,
{
    let row = question.first::<Checked<T>, _>(connection).await?;
    row.map(Checked::value).transpose()
}
