//! Search engines that hold the index.
//!
//! What an engine promises: `put` and `delete` buffer changes by key, the later one of a key wins; `commit` makes all of them
//! and the position durable, so that after a crash the position is never ahead of the documents. Tantivy does both in one
//! atomic step. Meilisearch may have taken a part of a batch when it stops; its documents may then be newer than the
//! position, which is as right, since applying the same batch twice changes nothing.

use std::collections::HashMap;

use async_trait::async_trait;
use cdc::Position;

use crate::dirty::{DirtyKey, Noun};
use crate::documents::Document;
use crate::error::Error;

mod home;
pub mod meilisearch;
pub mod tantivy;
mod tantivy_generation;

pub(crate) use home::{Directory, Home};

use crate::shown::Shown;
use tantivy::Payload;

/// One generation of the index.
#[async_trait]
pub trait Engine: Send + Sync {
    /// Its number.
    fn generation(&self) -> u64;

    /// Takes the right to write; one at a time over all processes. `threads` may work at the same time.
    ///
    /// # Errors
    /// [`Error::Locked`] when another process has it.
    async fn lock(&mut self, threads: usize) -> Result<(), Error>;

    /// What the last commit says; `None` before the first.
    async fn payload(&self) -> Result<Option<Payload>, Error>;

    /// The JSON of those of the documents that are there, as of the last commit.
    async fn find(&self, keys: &[DirtyKey]) -> Result<HashMap<DirtyKey, String>, Error>;

    /// The keys of all documents of a noun, as of the last commit.
    async fn list(&self, noun: Noun) -> Result<Vec<DirtyKey>, Error>;

    /// Buffers a document: in place of the one under its key, unless none was put there before.
    async fn put(&mut self, document: &Document, source: String, is_new: bool)
    -> Result<(), Error>;

    /// Buffers the removal of the document under the key.
    async fn delete(&mut self, key: DirtyKey) -> Result<(), Error>;

    /// Makes everything buffered durable, with what the payload says of it.
    async fn commit(&mut self, payload: &Payload) -> Result<(), Error>;

    /// Many documents come before anybody searches; what makes searches fast may wait for [`Engine::compact`].
    fn expect_many(&mut self) -> Result<(), Error> {
        Ok(())
    }

    /// Makes searches of what was committed as fast as they can be.
    async fn compact(&mut self) -> Result<(), Error> {
        Ok(())
    }

    /// What searches are to see: the last commit, or what has come after it. `position` is where it stands.
    async fn shown(&mut self, position: Position) -> Result<Shown, Error>;

    /// Ends what goes on behind the commits, and gives the right to write back.
    async fn close(self: Box<Self>) -> Result<(), Error>;
}
