//! What is kept so that snapshots go on after a crash.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::request::{Key, Request, SnapshotId};

/// The requests that are not finished, and how far the running one has come: the part of a [`crate::Cursor`] that a
/// [`crate::Snapshots`] adds. It stands for everything up to the [`crate::Commit`] that it came with: after a crash at
/// most one chunk is read again.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SnapshotState {
    pub(super) last_id: SnapshotId,
    pub(super) is_paused: bool,
    pub(super) rows_per_second_max: u32,
    pub(super) running: Option<Running>,
    pub(super) queue: Vec<Pending>,
}

impl SnapshotState {
    /// The same with the running request at its beginning: for subscribers that forget in a crash which rows they have
    /// seen since [`crate::SnapshotMark::Begin`].
    #[must_use]
    pub fn from_the_beginning(mut self) -> Self {
        if let Some(running) = self.running.take() {
            self.queue.insert(0, running.pending);
        }
        self
    }

    /// Whether nothing is queued or running.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.running.is_none() && self.queue.is_empty()
    }

    /// Whether there is nothing to store.
    pub(crate) fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// A request that waits for its turn.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Pending {
    pub(super) id: SnapshotId,
    /// Shared, since each commit's cursor has it, and it may hold very many keys.
    pub(super) request: Arc<Request>,
    /// Why, when nobody asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) reason: Option<Arc<str>>,
    /// Not begun before; a restart does not wait.
    #[serde(skip)]
    pub(super) not_before: Option<Instant>,
}

/// A request under way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Running {
    pub(super) pending: Pending,
    pub(super) progress: Progressed,
}

/// How far a request has come.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Progressed {
    /// Where the last chunk ended; `None` before the first.
    pub(super) end: Option<ChunkEnd>,
    /// The definition of the primary key that `end` belongs to.
    pub(super) key_definition: Arc<str>,
    /// Chunks read.
    pub(super) chunks: u64,
    /// Rows that have come as reads.
    pub(super) rows: u64,
}

/// Where a chunk ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ChunkEnd {
    /// With the row of this key.
    Key(Key),
    /// Of a request by keys, so many have been looked up.
    Keys(usize),
}
