//! The pipeline: dirty keys in batches → documents from the tables → index, committed with the position they reflect.

use std::collections::HashSet;
use std::pin::pin;
use std::time::{Duration, SystemTime};

use cdc::{ChangeStream, Cursor, Message, Position, Scope};
use sqlx::MySqlPool;
use tokio::time::{Instant, timeout_at};
use tracing::{debug, info};

use crate::dirty::{self, Dirty, DirtyKey};
use crate::documents;
use crate::engines::tantivy::{Origin, Payload};
use crate::engines::{Engine, Home};
use crate::error::Error;
use crate::live::LiveHandle;

mod apply;
mod postponed;
mod scan;
mod stale;

use postponed::Postponed;
use stale::StaleTables;

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

/// One generation of the index, and its way from the tables.
pub(crate) struct Pipeline {
    pool: MySqlPool,
    engine: Box<dyn Engine>,
    origin: Origin,
    live: LiveHandle,
    /// After the last commit of the index.
    durable: Cursor,
    /// After the last batch.
    reached: Cursor,
    stale: StaleTables,
    postponed: Postponed,
    committed_at: Instant,
    /// Changed since the index was written last: what it shows of them is older than what is buffered.
    buffered: HashSet<DirtyKey>,
    /// Whether anything was put into the index since the last commit.
    has_unshown: bool,
    /// Whether searches see this generation.
    is_shown: bool,
}

/// How long the stream is followed.
pub(crate) enum Until<'a> {
    /// Until it has reached a position.
    Covers(&'a Position),
    /// Until another generation is the live one; `build` is called while somebody asks for one.
    Replaced {
        home: &'a Home,
        build: &'a mut (dyn FnMut() + Send),
    },
}

impl Pipeline {
    /// Takes the right to write the generation; `threads` do so at the same time.
    pub(crate) async fn open(
        mut engine: Box<dyn Engine>,
        origin: &Origin,
        threads: usize,
        pool: MySqlPool,
        live: LiveHandle,
    ) -> Result<Self, Error> {
        engine.lock(threads).await?;
        let (durable, stale, postponed) = engine
            .payload()
            .await?
            .map(|payload| (payload.cursor, payload.stale, payload.postponed))
            .unwrap_or_default();
        let pipeline = Self {
            pool,
            engine,
            origin: origin.clone(),
            live,
            reached: durable.clone(),
            durable,
            stale: StaleTables::new(stale),
            postponed: Postponed::new(postponed),
            committed_at: Instant::now(),
            buffered: HashSet::new(),
            has_unshown: false,
            is_shown: false,
        };
        pipeline.report_waiting();
        Ok(pipeline)
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
    pub(crate) async fn show(&mut self) -> Result<(), Error> {
        self.is_shown = true;
        let shown = self.engine.shown(self.durable.position.clone()).await?;
        self.live.warm(&shown).await;
        self.live.publish(shown);
        Ok(())
    }

    pub(crate) async fn close(self) -> Result<(), Error> {
        self.engine.close().await
    }

    /// Reads the stream until then; looked at after each batch and heartbeat.
    pub(crate) async fn follow(
        &mut self,
        stream: &mut ChangeStream,
        mut until: Until<'_>,
    ) -> Result<(), Error> {
        let mut batch = Batch::default();
        let mut looked_at = Instant::now();
        loop {
            match self.next(stream, &batch).await? {
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
            let is_over = match &mut until {
                Until::Covers(position) => stream.position().covers(position) == Some(true),
                Until::Replaced { home, .. } if looked_at.elapsed() < home.look_period() => false,
                Until::Replaced { home, build } => {
                    looked_at = Instant::now();
                    if self.live.is_rebuild_requested() {
                        build();
                    }
                    home.live().await? != Some(self.engine.generation())
                }
            };
            if is_over {
                return Ok(());
            }
            if self.stale.is_due_among_changes() {
                self.scan_step().await?;
            }
        }
    }

    /// The next message; `None` when the batch ends for want of one. While none comes, a scan goes on. What comes in the
    /// middle of a step is handed out at its end.
    async fn next(
        &mut self,
        stream: &mut ChangeStream,
        batch: &Batch,
    ) -> Result<Option<Message>, Error> {
        // One future over all steps: what it has begun, such as connecting again, goes on.
        let mut next = pin!(stream.next());
        loop {
            // Only between two transactions may a batch end, and only between two batches a step be made.
            let until = match batch.deadline.filter(|_| batch.at_commit.is_some()) {
                Some(deadline) => deadline.min(Instant::now() + BATCH_IDLE),
                None if batch.is_empty() && self.stale.is_due() => Instant::now(),
                None => return Ok(Some(next.await?)),
            };
            match timeout_at(until, next.as_mut()).await {
                Ok(message) => return Ok(Some(message?)),
                Err(_) if !batch.is_empty() => return Ok(None),
                Err(_) => {}
            }
            // After a change of the schema the stream asks the server a dozen questions: not one answer a step.
            let (step, message) = scan::beside(self.scan_step(), next.as_mut()).await;
            step?;
            if let Some(message) = message {
                return Ok(Some(message?));
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
                    let keys: Vec<_> = batch.keys.drain().collect();
                    self.apply(&keys).await?;
                }
            }
            // Rows that came with all but their values: their documents are made from the tables anyway.
            Message::Stale(stale) if stale.scope != Scope::Table => {}
            Message::Stale(stale) => {
                info!(table = %stale.table, cause = %stale.cause, "a table is stale");
                self.stale.insert(&stale.table.table);
                self.report_more_waiting();
                batch.start();
            }
            Message::Commit(commit) => {
                // 0 is a place in the binlog that no transaction ends at.
                if commit.timestamp_seconds > 0 {
                    batch.commit_seconds = Some(commit.timestamp_seconds.into());
                }
                batch.at_commit = Some(commit.cursor);
            }
            // A document is made from its tables: that a change came to nothing makes it no worse.
            Message::Heartbeat | Message::Rewind | Message::Gap | Message::Snapshot(_) => {}
        }
        Ok(())
    }

    /// Nothing is waiting: the index is right at the server's present position, but for what waits to be read again.
    async fn idle(&mut self, cursor: &Cursor) -> Result<(), Error> {
        self.live.report(|progress| {
            progress.lag_milliseconds = 0;
            progress.committed_seconds = None;
        });
        self.reach(cursor).await
    }

    /// Ends a batch at the commit of its last transaction.
    async fn finish(&mut self, batch: &mut Batch) -> Result<(), Error> {
        let Some(cursor) = batch.at_commit.take() else {
            return Ok(());
        };
        let batch = std::mem::take(batch);
        // Before the position is shown: who waits for it asks next how late it came.
        if let Some(seconds) = batch.commit_seconds {
            self.live
                .report(|progress| progress.committed_seconds = Some(seconds));
        }
        let keys: Vec<_> = batch.keys.into_iter().collect();
        self.apply(&keys).await?;
        let has_changes = self.has_changes();
        self.reach(&cursor).await?;
        if let Some(lag) = batch.commit_seconds.map(milliseconds_since) {
            // Of a change the whole second counts; of none, less than the clock can tell is nothing.
            let is_none = !has_changes && lag < 1_000;
            let lag = if is_none { 0 } else { lag };
            self.live.report(|progress| progress.lag_milliseconds = lag);
        }
        Ok(())
    }

    /// All changes up to here are in the index, or wait to be read again, which must be on the disk before the position
    /// that asked for it is passed.
    async fn reach(&mut self, cursor: &Cursor) -> Result<(), Error> {
        self.retry_postponed().await?;
        self.reached.clone_from(cursor);
        let is_late = self.committed_at.elapsed() >= IDLE_COMMIT && *cursor != self.durable;
        if self.has_changes() || is_late {
            return self.commit(cursor).await;
        }
        if self.is_shown {
            // Nothing of it is in the index, so the index is right at the new position too.
            self.live.advance(&cursor.position);
        }
        Ok(())
    }

    fn has_changes(&self) -> bool {
        self.has_unshown || self.stale.has_changed() || self.postponed.has_changed()
    }

    /// Whether nothing waits to be read again.
    pub(crate) fn is_settled(&self) -> bool {
        self.stale.is_empty() && self.postponed.set().is_empty()
    }

    /// Tells what waits to be read again, and so what waits no more: only when searches see that.
    fn report_waiting(&self) {
        self.live.report(|progress| {
            progress.stale_tables = self.stale.names();
            progress.postponed = self.postponed.set().len() as u64;
        });
    }

    /// The same between two commits: no less than before.
    fn report_more_waiting(&self) {
        let postponed = self.postponed.set().len() as u64;
        self.live.report(|progress| {
            progress.stale_tables.extend(self.stale.names());
            progress.postponed = progress.postponed.max(postponed);
        });
    }

    /// Makes what is buffered durable under a position.
    async fn write(&mut self, cursor: &Cursor) -> Result<(), Error> {
        let payload = Payload {
            cursor: cursor.clone(),
            stale: self.stale.names(),
            postponed: self.postponed.set().clone(),
            origin: self.origin.clone(),
        };
        self.engine.commit(&payload).await
    }

    /// Makes what is buffered durable with its position, and lets searches see it.
    pub(crate) async fn commit(&mut self, cursor: &Cursor) -> Result<(), Error> {
        let started = Instant::now();
        self.write(cursor).await?;
        self.stale.stored();
        self.postponed.stored();
        self.durable.clone_from(cursor);
        self.reached.clone_from(cursor);
        let position = &cursor.position;
        self.committed_at = Instant::now();
        let documents = self.buffered.len();
        self.buffered.clear();
        self.has_unshown = false;
        self.live.report(|progress| progress.commits += 1);
        if self.is_shown {
            self.show().await?;
        }
        // After the documents can be seen, never before.
        self.report_waiting();
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
    /// When that was committed, by the server's clock.
    commit_seconds: Option<u64>,
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
