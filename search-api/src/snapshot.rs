//! The view of the index that a request searches, and what each reply says of it.

use std::time::SystemTime;

use indexer::{LiveIndex, LiveServer, Shown};
use serde::Serialize;
use utoipa::ToSchema;

use crate::error::ApiError;
use crate::meilisearch::UNSUPPORTED;
use crate::state::State;

/// Which state of the tables a reply shows.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct IndexView {
    /// Position of the database's binlog that the index covers; to be given as `min_position`.
    #[schema(example = "0-1-4711@binlog.000002:815")]
    pub(crate) position: String,
    /// Number of the index generation; each full rebuild makes a new one.
    pub(crate) generation: u64,
    /// Milliseconds since the index was last known to be in step with the tables.
    pub(crate) age_milliseconds: u64,
    /// The search engine: `tantivy` or `meilisearch`.
    #[schema(example = "tantivy")]
    pub(crate) engine: &'static str,
    /// What this engine can't do: of `meilisearch` `understood` (queries are words only), `initials` (names by first consonants),
    /// `spelling` (`corrected` does not say words spelt nearly right), `snapshot` (a reply may show later changes too), `segments`
    /// (of `/v1/index`). Absent when there is nothing.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub(crate) unsupported: &'static [&'static str],
}

impl IndexView {
    pub(crate) fn of(index: &LiveIndex) -> Self {
        Self {
            position: index.position.to_string(),
            generation: index.generation,
            age_milliseconds: age_milliseconds(index.reached_at),
            engine: "tantivy",
            unsupported: &[],
        }
    }

    pub(crate) fn of_server(live: &LiveServer) -> Self {
        Self {
            position: live.position.to_string(),
            generation: live.generation,
            age_milliseconds: age_milliseconds(live.reached_at),
            engine: "meilisearch",
            unsupported: &UNSUPPORTED,
        }
    }
}

pub(crate) fn age_milliseconds(reached_at: SystemTime) -> u64 {
    // A clock that was set back makes an age of zero.
    let age = SystemTime::now()
        .duration_since(reached_at)
        .unwrap_or_default();
    u64::try_from(age.as_millis()).unwrap_or(u64::MAX)
}

/// The live index, after waiting for a position when one is given.
pub(crate) async fn snapshot(state: &State, min_position: Option<&str>) -> Result<Shown, ApiError> {
    let building = || ApiError::IndexBuilding;
    let Some(text) = min_position else {
        return state.live.current().ok_or_else(building);
    };
    let position = text
        .parse()
        .map_err(|error| ApiError::invalid("min_position", format!("{error}")))?;
    match state
        .live
        .wait_for(&position, state.position_patience)
        .await
    {
        Ok(index) => Ok(index),
        Err(_) if state.live.current().is_none() => Err(building()),
        Err(error) => Err(ApiError::IndexBehind(error.to_string())),
    }
}
