//! Keys to documents to the index: read from the tables, compared with what the index has, put or deleted.

use std::collections::HashSet;
use std::time::Duration;

use tokio::time::Instant;
use tracing::debug;

use super::{LOAD_KEYS_MAX, Pipeline};
use crate::dirty::DirtyKey;
use crate::documents::{self, Document, Patience};
use crate::error::Error;

/// Keys that are held in memory until a commit; with more, the index is written without going on in position.
const BUFFERED_KEYS_MAX: usize = 100_000;
/// How long the keys of one chunk are read one by one.
const SINGLY_TIME_MAX: Duration = Duration::from_secs(3);

impl Pipeline {
    /// Brings the documents of these keys up to what the tables say now. Those that a transaction holds are postponed.
    pub(super) async fn apply(&mut self, keys: &[DirtyKey]) -> Result<(), Error> {
        for chunk in keys.chunks(LOAD_KEYS_MAX) {
            let patience = self.postponed.patience();
            match documents::load_with(&self.pool, chunk, patience).await {
                Ok(loaded) => self.put(chunk, &loaded).await?,
                Err(error) if error.is_blocked() => self.apply_singly(chunk).await?,
                Err(error) => return Err(error),
            }
            if self.buffered.len() >= BUFFERED_KEYS_MAX {
                self.flush().await?;
            }
        }
        Ok(())
    }

    /// Finds out which of the keys are held. When that takes too long, the rest may be as well.
    async fn apply_singly(&mut self, chunk: &[DirtyKey]) -> Result<(), Error> {
        let started = Instant::now();
        for key in chunk {
            if started.elapsed() > SINGLY_TIME_MAX {
                self.postpone(*key);
                continue;
            }
            match documents::load_with(&self.pool, &[*key], Patience::None).await {
                Ok(loaded) => self.put(&[*key], &loaded).await?,
                Err(error) if error.is_blocked() => self.postpone(*key),
                Err(error) => return Err(error),
            }
        }
        self.report_more_waiting();
        Ok(())
    }

    fn postpone(&mut self, key: DirtyKey) {
        debug!(%key, "an open transaction holds its rows");
        if !self.postponed.insert(key) {
            self.stale.insert(key.noun().table());
        }
    }

    /// Tries those again that were held, when it is time.
    pub(super) async fn retry_postponed(&mut self) -> Result<(), Error> {
        if self.postponed.is_due() {
            let started = Instant::now();
            let keys = self.postponed.keys();
            self.apply(&keys).await?;
            self.postponed.tried(started.elapsed());
        }
        Ok(())
    }

    /// Upsert, delete or nothing: the only place that decides.
    async fn put(&mut self, chunk: &[DirtyKey], loaded: &[Document]) -> Result<(), Error> {
        let mut indexed = self.engine.find(chunk).await?;
        let mut gone: HashSet<DirtyKey> = chunk.iter().copied().collect();
        for document in loaded {
            gone.remove(&document.key());
        }
        let new = loaded
            .iter()
            .map(|document| (document.key(), Some(document)));
        for (key, new) in new.chain(gone.into_iter().map(|key| (key, None))) {
            self.postponed.remove(key);
            let is_buffered = self.buffered.contains(&key);
            match (indexed.remove(&key), new) {
                (None, None) if !is_buffered => continue,
                (_, None) => {
                    self.engine.delete(key).await?;
                    self.live.report(|progress| progress.deletes += 1);
                }
                (old, Some(document)) => {
                    let source = document.source()?;
                    if old.as_ref() == Some(&source) && !is_buffered {
                        continue;
                    }
                    let is_new = old.is_none() && !is_buffered;
                    self.engine.put(document, source, is_new).await?;
                    self.live.report(|progress| progress.upserts += 1);
                }
            }
            self.buffered.insert(key);
            self.has_unshown = true;
        }
        Ok(())
    }

    /// Writes what is buffered under the position of the last commit: its documents may be newer, never older. Searches
    /// see it with the next commit.
    async fn flush(&mut self) -> Result<(), Error> {
        self.write(&self.durable.clone()).await?;
        debug!(documents = self.buffered.len(), "written in part");
        self.buffered.clear();
        Ok(())
    }
}
