//! Popular queries: what many have searched for lately, for suggestions. They are few, and searches hold them all in memory.

use serde::{Deserialize, Serialize};
use sqlx::FromRow;

use super::Document;
use super::locking_read::Reader;
use crate::error::Error;

/// A popular query.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromRow)]
pub struct QueryDocument {
    /// Its number in the table.
    pub id: u64,
    /// What was searched for.
    pub query: String,
    /// How often in the last days.
    pub searches: u32,
}

pub(super) async fn load(reader: Reader<'_>, ids: &[u64]) -> Result<Vec<Document>, Error> {
    let statement = "select id, query, searches from popular_queries where id in";
    let rows: Vec<QueryDocument> = reader.rows(statement, ids, "order by id").await?;
    Ok(rows.into_iter().map(Document::Query).collect())
}
