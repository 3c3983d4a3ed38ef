//! The pipeline: dirty keys in batches → documents from the tables → index, committed with the position they reflect.

use std::collections::HashSet;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use cdc::{ChangeStream, Cursor, Message, Position, Scope};
use sqlx::MySqlPool;
use tokio::time::{Instant, timeout_at};
use tracing::{debug, info};

use crate::dirty::{self, Dirty, DirtyKey};
use crate::documents::{self, Document};
use crate::engines::tantivy::{
    Operation, Origin, TantivyIndex, TantivyWriter, find_source, for_each_key,
};
use crate::error::Error;
use crate::live::LiveHandle;
use crate::stale::StaleTables;

/// Dirty keys that are loaded by one statement; as many ids stand in its `in (…)`.
const LOAD_KEYS_MAX: usize = 500;
/// Dirty keys that wait for a commit, at most; more are put into the index before their transaction ends.
const BATCH_KEYS_MAX: usize = 5_000;
/// With changes waiting, an idle moment of this length ends the batch …
const BATCH_IDLE: Duration = Duration::from_millis(5);
/// … and a busy stream ends it after this.
const BATCH_BUSY: Duration = Duration::from_millis(100);
/// Positions without changes are made durable this often, so that a restart does not read them all again.
const IDLE_COMMIT: Duration = Duration::from_secs(5);
/// Ids that are listed by one statement of a resync.
const LIST_KEYS: u32 = 2_000;

/// One generation of the index, and its way from the tables.
pub(crate) struct Pipeline {
    pool: MySqlPool,
    index: TantivyIndex,
    writer: TantivyWriter,
    generation: u64,
    live: LiveHandle,
    /// After the last commit of the index.
    durable: Cursor,
    stale: StaleTables,
    committed_at: Instant,
    /// Changed since the last commit of the index: what the index shows of them is older than what is buffered.
    buffered: HashSet<DirtyKey>,
    /// Whether searches see this generation.
    is_shown: bool,
}

/// Where a generation stands on the disk, and who writes it.
pub(crate) struct Target<'a> {
    pub(crate) folder: PathBuf,
    pub(crate) generation: u64,
    pub(crate) origin: &'a Origin,
    pub(crate) writer_threads: usize,
}

impl Pipeline {
    pub(crate) fn open(
        target: &Target<'_>,
        index: TantivyIndex,
        pool: MySqlPool,
        live: LiveHandle,
    ) -> Result<Self, Error> {
        let writer = index.writer(&target.folder, target.origin, target.writer_threads)?;
        let (durable, stale) = index
            .payload()?
            .map(|payload| (payload.cursor, payload.stale))
            .unwrap_or_default();
        index.reload()?;
        Ok(Self {
            pool,
            index,
            writer,
            generation: target.generation,
            live,
            durable,
            stale: StaleTables::new(stale),
            committed_at: Instant::now(),
            buffered: HashSet::new(),
            is_shown: false,
        })
    }

    /// The position of the last commit.
    pub(crate) fn position(&self) -> &Position {
        &self.durable.position
    }

    /// The same with what else following on takes.
    pub(crate) fn cursor(&self) -> &Cursor {
        &self.durable
    }

    /// Lets searches see this generation from now on.
    pub(crate) fn show(&mut self) -> Result<(), Error> {
        self.is_shown = true;
        self.live
            .publish(&self.index, self.generation, self.durable.position.clone())
    }

    pub(crate) fn close(self) -> Result<(), Error> {
        self.writer.close()
    }

    /// Reads the stream until `is_done` says so of the position reached; looked at after each batch and heartbeat.
    pub(crate) async fn follow(
        &mut self,
        stream: &mut ChangeStream,
        mut is_done: impl FnMut(&Position) -> Result<bool, Error>,
    ) -> Result<(), Error> {
        let mut batch = Batch::default();
        loop {
            // Only between two transactions may a batch end for want of messages.
            let message = match batch.deadline.filter(|_| batch.at_commit.is_some()) {
                None => Some(stream.next().await?),
                Some(deadline) => {
                    let idle = Instant::now() + BATCH_IDLE;
                    timeout_at(deadline.min(idle), stream.next())
                        .await
                        .ok()
                        .transpose()?
                }
            };
            match message {
                Some(Message::Heartbeat) if batch.is_empty() => self.idle(stream.cursor()).await?,
                Some(message) => {
                    self.take(message, &mut batch).await?;
                    if !batch.is_due() {
                        continue;
                    }
                    self.finish(&mut batch).await?;
                }
                None => self.finish(&mut batch).await?,
            }
            if is_done(stream.position())? {
                return Ok(());
            }
        }
    }

    async fn take(&mut self, message: Message, batch: &mut Batch) -> Result<(), Error> {
        match message {
            Message::Change(event) => {
                self.live.report(|progress| progress.changes += 1);
                for dirty in dirty::dirty_of(&event) {
                    match dirty {
                        Dirty::Document(key) => {
                            batch.keys.insert(key);
                        }
                        Dirty::Department(id) => {
                            batch
                                .keys
                                .extend(documents::affected_by_department(&self.pool, id).await?);
                        }
                    }
                }
                batch.start();
                // A transaction as large as this is put into the index in parts; the position waits for its end.
                if batch.keys.len() >= BATCH_KEYS_MAX {
                    self.apply(batch.keys.drain().collect()).await?;
                }
            }
            // Rows that came with all but their values: their documents are made from the tables anyway.
            Message::Stale(stale) if stale.scope != Scope::Table => {}
            Message::Stale(stale) => {
                info!(table = %stale.table, cause = %stale.cause, "a table is to be read again");
                self.stale.insert(stale.table.table);
                batch.start();
            }
            Message::Commit(commit) => {
                batch.commit_seconds = u64::from(commit.timestamp_seconds);
                batch.at_commit = Some(commit.cursor);
            }
            // A document is made from its tables: that a change came to nothing makes it no worse.
            Message::Heartbeat | Message::Rewind | Message::Gap | Message::Snapshot(_) => {}
        }
        Ok(())
    }

    /// Nothing is waiting: the index is right at the server's present position, but for tables that wait for their turn.
    async fn idle(&mut self, cursor: &Cursor) -> Result<(), Error> {
        self.live.report(|progress| progress.lag_milliseconds = 0);
        if self.stale.is_due() {
            self.resync().await?;
            return self.commit(cursor);
        }
        if *cursor != self.durable && self.committed_at.elapsed() >= IDLE_COMMIT {
            return self.commit(cursor);
        }
        if self.is_shown {
            self.live.advance(&cursor.position);
        }
        Ok(())
    }

    /// Ends a batch at the commit of its last transaction.
    async fn finish(&mut self, batch: &mut Batch) -> Result<(), Error> {
        let Some(cursor) = batch.at_commit.take() else {
            return Ok(());
        };
        self.apply(std::mem::take(&mut batch.keys).into_iter().collect())
            .await?;
        if self.stale.is_due() {
            self.resync().await?;
        }
        // What is still to be read again must be on the disk before the position that asked for it is passed.
        let has_changes = !self.buffered.is_empty() || self.stale.has_changed();
        if has_changes || self.committed_at.elapsed() >= IDLE_COMMIT {
            self.commit(&cursor)?;
            if has_changes {
                self.live.report(|progress| {
                    progress.lag_milliseconds = milliseconds_since(batch.commit_seconds);
                });
            }
        } else if self.is_shown {
            // Nothing of it is in the index, so the index is right at the new position too.
            self.live.advance(&cursor.position);
        }
        *batch = Batch::default();
        Ok(())
    }

    /// Brings the documents of these keys up to what the tables say now.
    async fn apply(&mut self, keys: Vec<DirtyKey>) -> Result<(), Error> {
        let searcher = self.index.searcher();
        let fields = self.index.fields();
        for chunk in keys.chunks(LOAD_KEYS_MAX) {
            let loaded = documents::load(&self.pool, chunk).await?;
            let mut gone: HashSet<DirtyKey> = chunk.iter().copied().collect();
            for document in &loaded {
                gone.remove(&document.key());
            }
            let new = loaded
                .iter()
                .map(|document| (document.key(), Some(document)));
            for (key, new) in new.chain(gone.into_iter().map(|key| (key, None))) {
                let old = find_source(&searcher, &fields, key)?;
                if let Some(operation) = self.decide(key, old.as_deref(), new)? {
                    self.writer.apply(operation)?;
                    self.buffered.insert(key);
                }
            }
        }
        Ok(())
    }

    /// Upsert, delete or nothing: the only place that decides.
    fn decide(
        &self,
        key: DirtyKey,
        old: Option<&str>,
        new: Option<&Document>,
    ) -> Result<Option<Operation>, Error> {
        let is_buffered = self.buffered.contains(&key);
        Ok(match (old, new) {
            (None, None) if !is_buffered => None,
            (_, None) => {
                self.live.report(|progress| progress.deletes += 1);
                Some(Operation::Delete(key))
            }
            (old, Some(document)) => {
                let source = document.source()?;
                if old == Some(source.as_str()) && !is_buffered {
                    return Ok(None);
                }
                self.live.report(|progress| progress.upserts += 1);
                Some(Operation::Upsert(
                    key,
                    document.fill(&self.index.fields(), &source),
                ))
            }
        })
    }

    /// Marks every key dirty, of the tables and of the index: what builds an index and what mends one.
    pub(crate) async fn resync(&mut self) -> Result<(), Error> {
        let mut seen = HashSet::new();
        let mut last = None;
        loop {
            let keys = documents::list_keys(&self.pool, last, LIST_KEYS).await?;
            let Some(newest) = keys.last() else { break };
            last = Some(*newest);
            seen.extend(keys.iter().copied());
            self.apply(keys).await?;
            self.live
                .report(|progress| progress.built = seen.len() as u64);
            debug!(documents = seen.len(), "read from the tables");
        }
        // What is buffered is not in the searcher yet.
        let buffered = self.buffered.iter().copied();
        let mut gone: Vec<_> = buffered.filter(|key| !seen.contains(key)).collect();
        for_each_key(&self.index.searcher(), &self.index.fields(), |key| {
            if !seen.contains(&key) {
                gone.push(key);
            }
        })?;
        self.apply(gone).await?;
        self.stale.clear();
        Ok(())
    }

    /// Makes what is buffered durable with its position, and lets searches see it.
    pub(crate) fn commit(&mut self, cursor: &Cursor) -> Result<(), Error> {
        let started = Instant::now();
        self.writer.commit(cursor, self.stale.tables())?;
        self.durable.clone_from(cursor);
        let position = &cursor.position;
        self.committed_at = Instant::now();
        let documents = self.buffered.len();
        self.buffered.clear();
        self.live.report(|progress| progress.commits += 1);
        if self.is_shown {
            self.live
                .publish(&self.index, self.generation, position.clone())?;
        } else {
            self.index.reload()?;
        }
        debug!(%position, documents, ms = started.elapsed().as_millis(), "committed");
        Ok(())
    }
}

/// What has been read since the last commit of the index.
#[derive(Default)]
struct Batch {
    keys: HashSet<DirtyKey>,
    /// When the batch must end, once it has changes.
    deadline: Option<Instant>,
    /// After the last whole transaction.
    at_commit: Option<Cursor>,
    commit_seconds: u64,
}

impl Batch {
    /// Changes have come: from now on the clock runs.
    fn start(&mut self) {
        self.deadline
            .get_or_insert_with(|| Instant::now() + BATCH_BUSY);
    }

    fn is_empty(&self) -> bool {
        self.deadline.is_none() && self.at_commit.is_none()
    }

    /// Whether the batch must end now. Without changes every commit is due at once: it costs nothing.
    fn is_due(&self) -> bool {
        let is_over = self
            .deadline
            .is_none_or(|deadline| deadline <= Instant::now());
        self.at_commit.is_some() && (is_over || self.keys.len() >= BATCH_KEYS_MAX)
    }
}

fn milliseconds_since(seconds: u64) -> u64 {
    let then = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
    let elapsed = SystemTime::now().duration_since(then).unwrap_or_default();
    u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX)
}
