//! The next generation on a Meilisearch server, until it takes the place of the live one.

use std::fs::File;

use cdc::Position;
use meilisearch_sdk::client::SwapIndexes;

use super::generation::MeilisearchGeneration;
use super::lock::Right;
use super::server::Server;
use crate::engines::tantivy::Origin;
use crate::error::Error;

/// The right to build a generation; one at a time over all processes.
pub struct MeilisearchBuilding {
    server: Server,
    number: u64,
    _lock: File,
    turn: Option<File>,
}

impl MeilisearchBuilding {
    pub(super) fn new(server: Server, number: u64, lock: File) -> Self {
        Self {
            server,
            number,
            _lock: lock,
            turn: None,
        }
    }

    /// What is to be filled.
    #[must_use]
    pub fn generation(&self) -> MeilisearchGeneration {
        MeilisearchGeneration::next(self.server.clone(), self.number)
    }

    /// From now on nobody changes the live index. Returns its position, if it is of the same origin: the new one must cover it
    /// before it goes live, since searches never go back in time.
    ///
    /// # Errors
    /// When the server can't be asked.
    pub async fn hold(&mut self, origin: &Origin) -> Result<Option<Position>, Error> {
        self.turn = Some(Right::Change.wait(self.server.directory()).await?);
        let entry = self.server.position_entry(self.server.name()).await?;
        let payload = entry.and_then(|entry| entry.payload());
        let payload = payload.filter(|payload| payload.origin == *origin);
        Ok(payload.map(|payload| payload.cursor.position))
    }

    /// Makes the generation the live one. It must be committed.
    ///
    /// # Errors
    /// When the server refuses; the old generation then stays the live one.
    pub async fn go_live(self) -> Result<(), Error> {
        let server = &self.server;
        let _turn = match self.turn {
            Some(turn) => turn,
            None => Right::Change.wait(server.directory()).await?,
        };
        if server.position_entry(server.name()).await?.is_none() {
            // Only what is there can be swapped, and what is there now is of no use.
            server.remove(server.name()).await?;
            server.create(server.name()).await?;
        }
        let swap = SwapIndexes {
            indexes: (server.name().to_owned(), server.next()),
            rename: None,
        };
        let swapped = server.client().swap_indexes([&swap]).await?;
        server.finish(swapped).await?;
        server.remove(&server.next()).await
    }
}
