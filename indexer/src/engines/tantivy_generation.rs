//! A generation of the index in the process: [`TantivyIndex`] as an [`Engine`]. Its calls block, on the indexer's own thread.

use std::collections::HashMap;
use std::path::PathBuf;

use async_trait::async_trait;
use cdc::Position;

use super::Engine;
use super::tantivy::{
    Operation, Origin, Payload, TantivyIndex, TantivyWriter, find_source, for_each_key,
};
use crate::dirty::{DirtyKey, Noun};
use crate::documents::Document;
use crate::error::Error;
use crate::live::LiveIndex;
use crate::reference::Reference;
use crate::shown::Shown;

/// A generation of the index in the process.
pub(super) struct TantivyGeneration {
    pub(super) index: TantivyIndex,
    pub(super) folder: PathBuf,
    pub(super) number: u64,
    pub(super) origin: Origin,
    /// With the right to write.
    pub(super) writer: Option<TantivyWriter>,
    /// What searches hold in memory, until one of its documents changes.
    pub(super) reference: Option<Reference>,
}

impl TantivyGeneration {
    pub(super) fn new(index: TantivyIndex, folder: PathBuf, number: u64, origin: &Origin) -> Self {
        Self {
            index,
            folder,
            number,
            origin: origin.clone(),
            writer: None,
            reference: None,
        }
    }

    fn changes(&mut self, key: DirtyKey) {
        if key.noun().is_reference() {
            self.reference = None;
        }
    }

    fn writer(&mut self) -> Result<&mut TantivyWriter, Error> {
        let writer = self.writer.as_mut();
        writer.ok_or_else(|| Error::Locked(self.folder.clone()))
    }
}

#[async_trait]
impl Engine for TantivyGeneration {
    fn generation(&self) -> u64 {
        self.number
    }

    async fn lock(&mut self, threads: usize) -> Result<(), Error> {
        let writer = self.index.writer(&self.folder, &self.origin, threads)?;
        self.writer = Some(writer);
        self.index.reload()
    }

    async fn payload(&self) -> Result<Option<Payload>, Error> {
        self.index.payload()
    }

    async fn find(&self, keys: &[DirtyKey]) -> Result<HashMap<DirtyKey, String>, Error> {
        let (searcher, fields) = (self.index.searcher(), self.index.fields());
        let mut found = HashMap::with_capacity(keys.len());
        for key in keys {
            if let Some(source) = find_source(&searcher, &fields, *key)? {
                found.insert(*key, source);
            }
        }
        Ok(found)
    }

    async fn list(&self, noun: Noun) -> Result<Vec<DirtyKey>, Error> {
        let mut keys = Vec::new();
        let (searcher, fields) = (self.index.searcher(), self.index.fields());
        for_each_key(&searcher, &fields, noun, |key| keys.push(key))?;
        Ok(keys)
    }

    async fn put(
        &mut self,
        document: &Document,
        source: String,
        is_new: bool,
    ) -> Result<(), Error> {
        let key = document.key();
        let entry = document.fill(&self.index.fields(), &source);
        self.changes(key);
        self.writer()?.apply(match is_new {
            // A delete that hits nothing would be looked for in every segment.
            true => Operation::Insert(entry),
            false => Operation::Upsert(key, entry),
        })
    }

    async fn delete(&mut self, key: DirtyKey) -> Result<(), Error> {
        self.changes(key);
        self.writer()?.apply(Operation::Delete(key))
    }

    async fn commit(&mut self, payload: &Payload) -> Result<(), Error> {
        let Payload {
            cursor,
            stale,
            postponed,
            ..
        } = payload;
        self.writer()?.commit(cursor, stale, postponed)?;
        self.index.reload()
    }

    fn expect_many(&mut self) -> Result<(), Error> {
        self.writer()?.hold_merges();
        Ok(())
    }

    async fn compact(&mut self) -> Result<(), Error> {
        self.writer()?.compact()?;
        self.index.reload()?;
        self.writer()?.collect_garbage()
    }

    async fn shown(&mut self, position: Position) -> Result<Shown, Error> {
        let index = LiveIndex::of(&self.index, self.number, position, &mut self.reference)?;
        Ok(Shown::Tantivy(index))
    }

    async fn close(self: Box<Self>) -> Result<(), Error> {
        self.writer.map_or(Ok(()), TantivyWriter::close)
    }
}
