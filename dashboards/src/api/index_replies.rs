//! What the search API replies of the index and its analysis: what the back office shows.

use std::collections::BTreeMap;

use serde::Deserialize;

/// A segment of the index on disk.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct IndexSegment {
    pub(crate) id: String,
    pub(crate) documents: u64,
    #[serde(default)]
    pub(crate) deleted: u64,
}

/// How the change stream goes.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct StreamState {
    #[serde(default)]
    pub(crate) connected: bool,
    #[serde(default)]
    pub(crate) reconnects: u64,
    pub(crate) lag: Option<StreamLag>,
    #[serde(default)]
    pub(crate) backlog_unknown: bool,
    pub(crate) bytes_behind: Option<u64>,
    pub(crate) headroom_seconds: Option<u64>,
    #[serde(default)]
    pub(crate) keeps_binlog: bool,
    #[serde(default)]
    pub(crate) quarantined: Vec<QuarantinedTable>,
}

/// Milliseconds.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct StreamLag {
    pub(crate) p50: f64,
    pub(crate) p95: f64,
    pub(crate) p99: f64,
}

/// A table whose rows can't be decoded.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct QuarantinedTable {
    pub(crate) table: String,
    pub(crate) reason: String,
    pub(crate) remedy: String,
    pub(crate) skipped: u64,
}

/// An index that is being built.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct BuildState {
    pub(crate) documents_total: u64,
    pub(crate) documents_per_second: f64,
    pub(crate) remaining_seconds: Option<u64>,
}

/// How the index stands.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct IndexState {
    pub(crate) state: String,
    pub(crate) problem: Option<String>,
    #[serde(default)]
    pub(crate) documents: BTreeMap<String, u64>,
    #[serde(default)]
    pub(crate) generation: u64,
    #[serde(default)]
    pub(crate) position: String,
    #[serde(default)]
    pub(crate) age_milliseconds: u64,
    #[serde(default)]
    pub(crate) lag_milliseconds: u64,
    #[serde(default)]
    pub(crate) changes: u64,
    #[serde(default)]
    pub(crate) upserts: u64,
    #[serde(default)]
    pub(crate) deletes: u64,
    #[serde(default)]
    pub(crate) commits: u64,
    #[serde(default)]
    pub(crate) built: u64,
    pub(crate) build: Option<BuildState>,
    #[serde(default)]
    pub(crate) stale_tables: Vec<String>,
    #[serde(default)]
    pub(crate) postponed: u64,
    #[serde(default)]
    pub(crate) stream: StreamState,
    #[serde(default)]
    pub(crate) dictionary: DictionaryState,
    #[serde(default)]
    pub(crate) segments: Vec<IndexSegment>,
    #[serde(default)]
    pub(crate) size_bytes: u64,
}

/// The operators' dictionary in the index.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct DictionaryState {
    pub(crate) version: String,
    pub(crate) words: u64,
    pub(crate) left_out: Vec<String>,
    pub(crate) pending: PendingWords,
    pub(crate) rebuild_requested: bool,
}

/// Words that wait for the next build.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct PendingWords {
    pub(crate) added: u64,
    pub(crate) changed: u64,
    pub(crate) removed: u64,
}

/// A text's terms.
#[derive(Debug, Deserialize)]
pub(crate) struct Analysis {
    pub(crate) terms: Vec<Term>,
}

/// A term of a text.
#[derive(Debug, Deserialize)]
pub(crate) struct Term {
    pub(crate) term: String,
}
