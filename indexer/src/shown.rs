//! What searches are shown, by either engine.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::SystemTime;

use cdc::Position;
use chrono::NaiveDate;

use crate::engines::meilisearch::Server;
use crate::live::LiveIndex;

/// The live index of either engine. Cheap to clone.
#[derive(Clone)]
pub enum Shown {
    /// One consistent view.
    Tantivy(LiveIndex),
    /// A server, which shows what it has by now.
    Meilisearch(LiveServer),
}

/// The index on a Meilisearch server. Cheap to clone.
#[derive(Clone)]
pub struct LiveServer {
    /// To search with.
    pub server: Server,
    /// Public holidays, for “open now”.
    pub holidays: Arc<HashSet<NaiveDate>>,
    /// Number of the generation.
    pub generation: u64,
    /// The documents are those of the tables at this position or later.
    pub position: Position,
    /// When the position was reached.
    pub reached_at: SystemTime,
}

impl Shown {
    /// The documents are those of the tables at this position or later.
    #[must_use]
    pub fn position(&self) -> &Position {
        match self {
            Self::Tantivy(index) => &index.position,
            Self::Meilisearch(server) => &server.position,
        }
    }

    /// Number of the generation.
    #[must_use]
    pub fn generation(&self) -> u64 {
        match self {
            Self::Tantivy(index) => index.generation,
            Self::Meilisearch(server) => server.generation,
        }
    }

    /// When the position was reached.
    #[must_use]
    pub fn reached_at(&self) -> SystemTime {
        match self {
            Self::Tantivy(index) => index.reached_at,
            Self::Meilisearch(server) => server.reached_at,
        }
    }

    /// Tantivy's view, if it is the engine.
    #[must_use]
    pub fn into_tantivy(self) -> Option<LiveIndex> {
        match self {
            Self::Tantivy(index) => Some(index),
            Self::Meilisearch(_) => None,
        }
    }

    /// Whether somebody has asked for it to be built anew since it was.
    #[must_use]
    pub fn is_rebuild_requested(&self) -> bool {
        match self {
            Self::Tantivy(index) => index.is_rebuild_requested(),
            // Words of operators, for which it is asked, are Tantivy's.
            Self::Meilisearch(_) => false,
        }
    }

    /// The same documents hold at a later position too.
    pub(crate) fn advance(&mut self, to: &Position) {
        let (position, reached_at) = match self {
            Self::Tantivy(index) => (&mut index.position, &mut index.reached_at),
            Self::Meilisearch(server) => (&mut server.position, &mut server.reached_at),
        };
        position.clone_from(to);
        *reached_at = SystemTime::now();
    }
}
