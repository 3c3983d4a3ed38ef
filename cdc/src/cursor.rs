//! What a subscriber stores to go on later: a position, and what must be known there.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::position::Position;
use crate::schemas::SavedSchema;
use crate::snapshot::SnapshotState;

/// A place in the stream with everything that reading on from it takes. A [`Position`] is enough to make one; what comes
/// with a [`crate::Commit`] spares re-reading tables whose columns the binlog does not name, and holds the snapshots that
/// are not finished. Cheap to clone.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Cursor {
    /// Everything up to here has been handed out.
    pub position: Position,
    /// Identity of the server that the position is of; empty when it is not known.
    #[serde(default)]
    pub(crate) server: Arc<str>,
    /// When the position's file was begun, seconds since the epoch by that server's clock; 0 when that is not known. A server
    /// that was reset writes files of the same names, at other times.
    #[serde(default)]
    pub(crate) file_begun: u32,
    /// Columns of followed tables, as they were at the position.
    #[serde(default)]
    pub(crate) schemas: Arc<[SavedSchema]>,
    /// Snapshots that are not finished, when the stream is one with snapshots ([`crate::Snapshots`]).
    #[serde(default, skip_serializing_if = "SnapshotState::is_default")]
    pub snapshots: SnapshotState,
}

impl Cursor {
    /// Whether rows were skipped of a table that is still to be told stale.
    pub(crate) fn has_skipped_rows(&self) -> bool {
        self.schemas.iter().any(SavedSchema::has_skipped)
    }
}

impl From<Position> for Cursor {
    fn from(position: Position) -> Self {
        Self {
            position,
            ..Self::default()
        }
    }
}
