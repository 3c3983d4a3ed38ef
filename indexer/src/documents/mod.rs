//! Documents: how each noun is read from its tables and put into the index.
//!
//! Each file has the same three parts: the document, `load` (several by their ids) and `fill` (its index terms). A load is
//! a locking read, because an event can reach us a moment before its row is visible to other sessions: `lock in share
//! mode` waits for the transaction that is just being committed.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sqlx::MySqlPool;
use tantivy::TantivyDocument;

use crate::dirty::DirtyKey;
use crate::error::Error;
use crate::schema::Fields;

mod article;
mod dictionary;
mod holiday;
mod institution;
mod kind;
mod listing;
mod locking_read;
mod query;
mod service;

use locking_read::Reader;

pub use article::ArticleDocument;
pub use dictionary::{RequestDocument, SynonymsDocument, WordDocument};
pub(crate) use dictionary::{list_words, newest_request};
pub use holiday::HolidayDocument;
pub use institution::{DepartmentRef, InstitutionDocument, Point};
pub use kind::Kind;
pub(crate) use listing::{affected_by_department, estimate, list_keys};
pub(crate) use locking_read::{Patience, connect};
pub use query::QueryDocument;
pub use service::Service;

/// A document of any noun.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "noun", rename_all = "snake_case")]
pub enum Document {
    /// An institution.
    Institution(Box<InstitutionDocument>),
    /// A health article.
    Article(Box<ArticleDocument>),
    /// A public holiday.
    Holiday(HolidayDocument),
    /// A word of the operators' dictionary.
    Word(WordDocument),
    /// A group of synonyms of the operators.
    Synonyms(SynonymsDocument),
    /// A request to build the index anew.
    Request(RequestDocument),
    /// A popular query.
    Query(QueryDocument),
}

impl Document {
    /// The key that it is stored under.
    #[must_use]
    pub fn key(&self) -> DirtyKey {
        match self {
            Self::Institution(document) => DirtyKey::Institution(document.id),
            Self::Article(document) => DirtyKey::Article(document.id),
            Self::Holiday(document) => DirtyKey::Holiday(document.day),
            Self::Word(document) => DirtyKey::Word(document.id),
            Self::Synonyms(document) => DirtyKey::Synonyms(document.id),
            Self::Request(document) => DirtyKey::Request(document.id),
            Self::Query(document) => DirtyKey::Query(document.id),
        }
    }

    /// Its JSON, the same text for the same document.
    ///
    /// # Errors
    /// None that can happen: every field has a JSON form.
    pub(crate) fn source(&self) -> Result<String, Error> {
        serde_json::to_string(self).map_err(Error::Source)
    }

    /// The document with its index terms.
    pub(crate) fn fill(&self, fields: &Fields, source: &str) -> TantivyDocument {
        let mut entry = TantivyDocument::default();
        entry.add_text(fields.key, self.key().to_string());
        entry.add_text(fields.noun, self.key().noun().name());
        entry.add_text(fields.source, source);
        match self {
            Self::Institution(document) => document.fill(fields, &mut entry),
            Self::Article(document) => document.fill(fields, &mut entry),
            // Found by their noun alone.
            Self::Holiday(_)
            | Self::Word(_)
            | Self::Synonyms(_)
            | Self::Request(_)
            | Self::Query(_) => {}
        }
        entry
    }
}

/// Reads the JSON that a document was stored as.
///
/// # Errors
/// When the text is not such a document: the index is damaged or of another version.
pub fn parse_source<T: DeserializeOwned>(source: &str) -> Result<T, Error> {
    serde_json::from_str(source).map_err(Error::Source)
}

/// Reads the documents of these keys from their tables, in statements of as many ids. A key whose row is gone, or is not
/// for the public, has none. What is read is never older than any event that has come by the stream.
///
/// # Errors
/// When the database can't be read, or a transaction holds what is to be read.
pub async fn load(pool: &MySqlPool, keys: &[DirtyKey]) -> Result<Vec<Document>, Error> {
    load_with(pool, keys, Patience::Brief).await
}

/// The same with as much patience for transactions that hold the rows.
pub(crate) async fn load_with(
    pool: &MySqlPool,
    keys: &[DirtyKey],
    patience: Patience,
) -> Result<Vec<Document>, Error> {
    let (mut institutions, mut articles, mut holidays) = (Vec::new(), Vec::new(), Vec::new());
    let (mut words, mut synonyms, mut requests) = (Vec::new(), Vec::new(), Vec::new());
    let mut queries = Vec::new();
    for key in keys {
        match key {
            DirtyKey::Institution(id) => institutions.push(*id),
            DirtyKey::Article(id) => articles.push(*id),
            DirtyKey::Holiday(day) => holidays.push(*day),
            DirtyKey::Word(id) => words.push(*id),
            DirtyKey::Synonyms(id) => synonyms.push(*id),
            DirtyKey::Request(id) => requests.push(*id),
            DirtyKey::Query(id) => queries.push(*id),
        }
    }
    let reader = Reader { pool, patience };
    let mut documents = Vec::with_capacity(keys.len());
    documents.extend(institution::load(reader, &institutions).await?);
    documents.extend(article::load(reader, &articles).await?);
    documents.extend(holiday::load(reader, &holidays).await?);
    documents.extend(dictionary::load_words(reader, &words).await?);
    documents.extend(dictionary::load_synonyms(reader, &synonyms).await?);
    documents.extend(dictionary::load_requests(reader, &requests).await?);
    documents.extend(query::load(reader, &queries).await?);
    Ok(documents)
}
