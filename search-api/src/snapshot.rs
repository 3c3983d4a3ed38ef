//! The view of the index that a request searches, and what each reply says of it.

use std::time::SystemTime;

use indexer::LiveIndex;
use serde::Serialize;
use utoipa::ToSchema;

use crate::error::ApiError;
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
}

impl IndexView {
    pub(crate) fn of(index: &LiveIndex) -> Self {
        Self {
            position: index.position.to_string(),
            generation: index.generation,
            age_milliseconds: age_milliseconds(index),
        }
    }
}

pub(crate) fn age_milliseconds(index: &LiveIndex) -> u64 {
    // A clock that was set back makes an age of zero.
    let age = SystemTime::now()
        .duration_since(index.reached_at)
        .unwrap_or_default();
    u64::try_from(age.as_millis()).unwrap_or(u64::MAX)
}

/// The live index, after waiting for a position when one is given.
pub(crate) async fn snapshot(
    state: &State,
    min_position: Option<&str>,
) -> Result<LiveIndex, ApiError> {
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
