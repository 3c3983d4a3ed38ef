//! The operators' dictionary: words, groups of synonyms, and requests to build the index anew. Searches and builds read them
//! from the index or the tables whole: they are few.

use serde::{Deserialize, Serialize};
use sqlx::{FromRow, MySqlPool};

use super::Document;
use super::locking_read::{Reader, bounded};
use crate::error::Error;

/// Words that a generation is built with; the tables' owner allows no more.
const WORDS_MAX: u32 = 5_000;

/// A word of the operators.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromRow)]
pub struct WordDocument {
    /// Its number in the table.
    pub id: u64,
    /// The word.
    pub word: String,
    /// What it is cut into, separated by spaces; `None` keeps it whole.
    pub parts: Option<String>,
}

/// A group of synonyms of the operators.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromRow)]
pub struct SynonymsDocument {
    /// Its number in the table.
    pub id: u64,
    /// In the syntax of `analyzers/dict/synonyms.tsv`: `a, b` or `a => b, c`.
    pub words: String,
}

/// A request of an operator to build the index anew.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromRow)]
pub struct RequestDocument {
    /// Counts the requests.
    pub id: u64,
}

pub(super) async fn load_words(reader: Reader<'_>, ids: &[u64]) -> Result<Vec<Document>, Error> {
    let statement = "select id, word, parts from dictionary_words where id in";
    let rows: Vec<WordDocument> = reader.rows(statement, ids, "order by id").await?;
    Ok(rows.into_iter().map(Document::Word).collect())
}

pub(super) async fn load_synonyms(reader: Reader<'_>, ids: &[u64]) -> Result<Vec<Document>, Error> {
    let statement = "select id, words from synonym_groups where id in";
    let rows: Vec<SynonymsDocument> = reader.rows(statement, ids, "order by id").await?;
    Ok(rows.into_iter().map(Document::Synonyms).collect())
}

pub(super) async fn load_requests(reader: Reader<'_>, ids: &[u64]) -> Result<Vec<Document>, Error> {
    let statement = "select id from index_requests where id in";
    let rows: Vec<RequestDocument> = reader.rows(statement, ids, "order by id").await?;
    Ok(rows.into_iter().map(Document::Request).collect())
}

/// All words, as of now, by their numbers: what a generation is built with.
pub(crate) async fn list_words(pool: &MySqlPool) -> Result<Vec<WordDocument>, Error> {
    bounded(pool, |mut lease| async move {
        let words = sqlx::query_as!(
            WordDocument,
            "select id, word, parts from dictionary_words order by id limit ? lock in share mode",
            WORDS_MAX
        )
        .fetch_all(&mut *lease.connection)
        .await;
        lease.answered(words)
    })
    .await
}

/// The number of the newest request; 0 when there was none.
pub(crate) async fn newest_request(pool: &MySqlPool) -> Result<u64, Error> {
    bounded(pool, |mut lease| async move {
        let request = sqlx::query_scalar!(
            "select id from index_requests order by id desc limit 1 lock in share mode"
        )
        .fetch_optional(&mut *lease.connection)
        .await;
        lease.answered(request.map(Option::unwrap_or_default))
    })
    .await
}
