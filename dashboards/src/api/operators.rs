//! The client of the operators' API, which writes: its rows, and the two lists that have them.

use std::collections::BTreeMap;

use reqwest::{Method, Url};
use serde::Deserialize;

use super::{Api, ApiError, Written};

/// A list of the operators' dictionary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum List {
    Words,
    Synonyms,
}

impl List {
    /// Its name in addresses, ours and the API's.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Words => "words",
            Self::Synonyms => "synonyms",
        }
    }
}

/// A word with its parts, or a group of synonyms with its class.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Row {
    pub(crate) id: u64,
    #[serde(alias = "word", alias = "words")]
    pub(crate) main: String,
    #[serde(alias = "parts", alias = "class")]
    pub(crate) extra: Option<String>,
    pub(crate) note: Option<String>,
}

/// A page of a list.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Rows {
    pub(crate) rows: Vec<Row>,
    pub(crate) total: u64,
    pub(crate) page: u64,
    pub(crate) per_page: u64,
}

/// A query with its counts.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct QueryRow {
    pub(crate) noun: String,
    pub(crate) query: String,
    pub(crate) searches: u64,
    pub(crate) found_nothing: u64,
}

/// A page of the list of queries.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Queries {
    pub(crate) rows: Vec<QueryRow>,
    pub(crate) total: u64,
    pub(crate) page: u64,
    pub(crate) per_page: u64,
}

/// Asks the operators' API.
#[derive(Clone)]
pub(crate) struct Operators(Api);

impl Operators {
    pub(crate) fn new(base: Url, token: String) -> Self {
        Self(Api::with_token(base, Some(token)))
    }

    pub(crate) async fn rows(&self, list: List, q: &str, page: u64) -> Result<Rows, ApiError> {
        let query = [("q", q), ("page", &page.to_string())];
        self.0.get(&["v1", "dictionary", list.name()], &query).await
    }

    pub(crate) async fn row(&self, list: List, id: u64) -> Result<Row, ApiError> {
        let path = ["v1", "dictionary", list.name(), &id.to_string()];
        self.0.get(&path, &[]).await
    }

    /// Adds a row, or puts it in the place of another.
    pub(crate) async fn write(
        &self,
        list: List,
        id: Option<u64>,
        fields: &BTreeMap<&str, &str>,
    ) -> Result<Written, ApiError> {
        let id = id.map(|id| id.to_string());
        let (method, last) = match &id {
            None => (Method::POST, None),
            Some(id) => (Method::PUT, Some(id.as_str())),
        };
        let path: Vec<_> = ["v1", "dictionary", list.name()]
            .into_iter()
            .chain(last)
            .collect();
        self.0.send(method, &path, Some(fields)).await
    }

    pub(crate) async fn delete(&self, list: List, id: u64) -> Result<Written, ApiError> {
        let path = ["v1", "dictionary", list.name(), &id.to_string()];
        self.0.send(Method::DELETE, &path, None).await
    }

    /// What was searched for in these days, the most frequent first; or what of it found nothing.
    pub(crate) async fn queries(
        &self,
        found_nothing: bool,
        days: u64,
        page: u64,
    ) -> Result<Queries, ApiError> {
        let query = [
            ("found_nothing", &*found_nothing.to_string()),
            ("days", &days.to_string()),
            ("page", &page.to_string()),
        ];
        self.0.get(&["v1", "queries"], &query).await
    }

    pub(crate) async fn request_rebuild(&self) -> Result<Written, ApiError> {
        let path = ["v1", "dictionary", "rebuilds"];
        self.0.send(Method::POST, &path, None).await
    }
}
