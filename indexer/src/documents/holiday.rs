//! Public holidays: on these days the holiday hours hold. Searches read them from the index, so that they need no
//! database.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use sqlx::FromRow;

use super::Document;
use super::locking_read::Reader;
use crate::error::Error;

/// A public holiday.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromRow)]
pub struct HolidayDocument {
    /// The date.
    pub day: NaiveDate,
    /// Its Korean name.
    pub name: String,
}

pub(super) async fn load(reader: Reader<'_>, days: &[NaiveDate]) -> Result<Vec<Document>, Error> {
    let statement = "select day, name from public_holidays where day in";
    let rows: Vec<HolidayDocument> = reader.rows(statement, days, "order by day").await?;
    Ok(rows.into_iter().map(Document::Holiday).collect())
}
