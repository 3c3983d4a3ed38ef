//! One generation of the index on a Meilisearch server: read by key, written in batches.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::sync::Arc;
use std::time::SystemTime;

use async_trait::async_trait;
use cdc::Position;
use chrono::NaiveDate;
use futures_util::io::Cursor;
use meilisearch_sdk::documents::{DocumentsQuery, DocumentsResults};
use meilisearch_sdk::indexes::Index;
use meilisearch_sdk::task_info::TaskInfo;
use serde::Deserialize;

use super::entry::{Entry, id_of, key_of};
use super::http::Http;
use super::lock::Right;
use super::server::{PositionEntry, Server};
use super::settings::settings_of_queries;
use crate::dirty::{DirtyKey, Noun};
use crate::documents::Document;
use crate::engines::Engine;
use crate::engines::tantivy::Payload;
use crate::error::Error;
use crate::shown::{LiveServer, Shown};

/// Bytes of documents that are sent at a time; a server takes 100 MB unless it was told otherwise.
const BATCH_BYTES: usize = 8 << 20;
/// Keys that are asked for at a time.
const LIST_KEYS: usize = 1_000;

/// One generation of the index on a Meilisearch server.
pub struct MeilisearchGeneration {
    server: Server,
    /// Name of its index.
    name: String,
    number: u64,
    is_live: bool,
    _lock: Option<File>,
    /// What is to be sent: entries as JSON, `None` to be removed.
    pending: HashMap<DirtyKey, Option<String>>,
    pending_bytes: usize,
    /// Sent, and not yet waited for.
    tasks: Vec<TaskInfo>,
    /// Public holidays, until one changes.
    holidays: Option<Arc<HashSet<NaiveDate>>>,
}

/// What is asked of a document.
#[derive(Deserialize)]
pub(super) struct Stored {
    id: String,
    /// The position document has none.
    pub(super) source: Option<String>,
}

impl MeilisearchGeneration {
    pub(super) fn live(server: Server, number: u64) -> Self {
        let name = server.name().to_owned();
        Self::new(server, name, number, true)
    }

    pub(super) fn next(server: Server, number: u64) -> Self {
        let name = server.next();
        Self::new(server, name, number, false)
    }

    fn new(server: Server, name: String, number: u64, is_live: bool) -> Self {
        Self {
            server,
            name,
            number,
            is_live,
            _lock: None,
            pending: HashMap::new(),
            pending_bytes: 0,
            tasks: Vec::new(),
            holidays: None,
        }
    }

    fn index(&self) -> Index<Http> {
        self.server.index(&self.name)
    }

    async fn buffer(&mut self, key: DirtyKey, entry: Option<String>) -> Result<(), Error> {
        if key.noun() == Noun::Holiday {
            self.holidays = None;
        }
        self.pending_bytes += entry.as_ref().map_or(0, String::len);
        if let Some(Some(before)) = self.pending.insert(key, entry) {
            self.pending_bytes -= before.len();
        }
        if self.pending_bytes >= BATCH_BYTES {
            let _turn = self.turn().await?;
            self.send(None).await?;
        }
        Ok(())
    }

    /// The right to change the live index; [`Error::Locked`] when another generation has become the live one meanwhile.
    async fn turn(&self) -> Result<Option<File>, Error> {
        if !self.is_live {
            return Ok(None);
        }
        let turn = Right::Change.wait(self.server.directory()).await?;
        if self.server.live().await? != Some(self.number) {
            return Err(Error::Locked(self.server.directory().to_owned()));
        }
        Ok(Some(turn))
    }

    /// Sends what is buffered. A position comes in one task with the last documents, after all tasks before it have succeeded.
    async fn send(&mut self, position: Option<String>) -> Result<(), Error> {
        let index = self.index();
        let (mut removed, mut entries) = (Vec::new(), String::with_capacity(self.pending_bytes));
        for (key, entry) in self.pending.drain() {
            match entry {
                None => removed.push(id_of(key)),
                Some(entry) => {
                    entries.push_str(&entry);
                    entries.push('\n');
                }
            }
        }
        self.pending_bytes = 0;
        if !removed.is_empty() {
            self.tasks.push(index.delete_documents(&removed).await?);
        }
        let is_last = position.is_some();
        if let Some(position) = position {
            self.finish().await?;
            entries.push_str(&position);
        }
        if !entries.is_empty() {
            let body = Cursor::new(entries.into_bytes());
            let sent = index.add_or_replace_unchecked_payload(body, "application/x-ndjson", None);
            self.tasks.push(sent.await?);
        }
        if is_last {
            self.finish().await?;
        }
        Ok(())
    }

    async fn finish(&mut self) -> Result<(), Error> {
        for task in self.tasks.drain(..) {
            self.server.finish(task).await?;
        }
        Ok(())
    }
}

#[async_trait]
impl Engine for MeilisearchGeneration {
    fn generation(&self) -> u64 {
        self.number
    }

    async fn lock(&mut self, _threads: usize) -> Result<(), Error> {
        // Whoever builds has the building's.
        if !self.is_live {
            return Ok(());
        }
        self._lock = Some(Right::Follow.take(self.server.directory())?);
        let settings = settings_of_queries();
        let task = self.index().set_settings(&settings).await?;
        self.server.finish(task).await
    }

    async fn payload(&self) -> Result<Option<Payload>, Error> {
        let entry = self.server.position_entry(&self.name).await?;
        Ok(entry.and_then(|entry| entry.payload()))
    }

    async fn find(&self, keys: &[DirtyKey]) -> Result<HashMap<DirtyKey, String>, Error> {
        let mut found = HashMap::with_capacity(keys.len());
        if keys.is_empty() {
            return Ok(found);
        }
        let index = self.index();
        let ids: Vec<String> = keys.iter().copied().map(id_of).collect();
        let query = DocumentsQuery {
            ids: Some(ids.iter().map(String::as_str).collect()),
            limit: Some(ids.len()),
            fields: Some(vec!["id", "source"]),
            ..DocumentsQuery::new(&index)
        };
        let reply: DocumentsResults<Stored> = index.get_documents_with(&query).await?;
        for Stored { id, source } in reply.results {
            found.extend(key_of(&id).zip(source));
        }
        Ok(found)
    }

    async fn list(&self, noun: Noun) -> Result<Vec<DirtyKey>, Error> {
        let index = self.index();
        let filter = format!("noun = {}", noun.name());
        let mut keys = Vec::new();
        let mut offset = 0;
        loop {
            let query = DocumentsQuery {
                filter: Some(&filter),
                offset: Some(offset),
                limit: Some(LIST_KEYS),
                fields: Some(vec!["id"]),
                ..DocumentsQuery::new(&index)
            };
            let reply: DocumentsResults<Stored> = index.get_documents_with(&query).await?;
            if reply.results.is_empty() {
                return Ok(keys);
            }
            offset += reply.results.len();
            let ids = reply.results.iter();
            keys.extend(ids.filter_map(|stored| key_of(&stored.id)));
        }
    }

    async fn put(
        &mut self,
        document: &Document,
        source: String,
        _is_new: bool,
    ) -> Result<(), Error> {
        let entry = Entry::json(document, &source)?;
        self.buffer(document.key(), Some(entry)).await
    }

    async fn delete(&mut self, key: DirtyKey) -> Result<(), Error> {
        self.buffer(key, None).await
    }

    async fn commit(&mut self, payload: &Payload) -> Result<(), Error> {
        let position = PositionEntry::json(self.number, payload)?;
        let _turn = self.turn().await?;
        self.send(Some(position)).await
    }

    async fn shown(&mut self, position: Position) -> Result<Shown, Error> {
        let holidays = match &self.holidays {
            Some(holidays) => Arc::clone(holidays),
            None => {
                let days = self.list(Noun::Holiday).await?.into_iter();
                let days = days.filter_map(|key| match key {
                    DirtyKey::Holiday(day) => Some(day),
                    _ => None,
                });
                Arc::clone(self.holidays.insert(Arc::new(days.collect())))
            }
        };
        Ok(Shown::Meilisearch(LiveServer {
            server: self.server.clone(),
            holidays,
            generation: self.number,
            position,
            reached_at: SystemTime::now(),
        }))
    }

    async fn close(self: Box<Self>) -> Result<(), Error> {
        Ok(())
    }
}
