//! One reading of the binlog for any number of subscribers, each with tables, a position and a pace of its own.
//!
//! A [`Hub`] reads the stream into a log in memory that holds so many bytes and no more; the oldest goes first, whoever
//! still needs it. So no subscriber ever delays another. One that falls out of the log, or that begins at a position from
//! before it, reads a [`ChangeStream`] of its own from its own position until it has caught up, and then goes on with the
//! log ([`OnGap::Reread`]); or it is told that changes are missing, drops what it holds and goes on at once
//! ([`OnGap::Skip`]), as a cache does.
//!
//! What is durable is each subscriber's own matter: the index stores the cursor of a [`Commit`] in its own commit, a read
//! model in SQL stores it in the same transaction as its rows, a cache stores nothing.
//!
//! [`Commit`]: crate::Commit

use std::collections::{HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::sleep;
use tracing::{info, warn};

use crate::cursor::Cursor;
use crate::error::{Error, Policy};
use crate::event::{Message, TableName};
use crate::options::Options;
use crate::position::Position;
use crate::server::Server;
use crate::stats::Stats;
use crate::stream::{ChangeStream, ErrorChain, answered};

use self::log::Log;

mod log;

/// Memory of the log, unless said otherwise: minutes of a busy server, and little beside an index.
pub const LOG_BYTES: usize = 64 << 20;
/// Between two attempts to read the binlog.
const PAUSE: Duration = Duration::from_secs(1);
/// Messages that a subscriber takes out of the log at once.
const TAKE_MAX: usize = 256;

/// What a subscriber that has fallen out of the log wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnGap {
    /// Every change, from its own position on.
    Reread,
    /// The present: a [`Message::Gap`], and then what comes.
    Skip,
}

/// A shared reading of the binlog. It ends when this is dropped.
#[derive(Debug)]
pub struct Hub {
    shared: Arc<Shared>,
    options: Options,
    reader: JoinHandle<()>,
}

#[derive(Debug)]
struct Shared {
    log: Mutex<Log>,
    /// Something was appended, or the reader has ended.
    changed: Notify,
}

impl Shared {
    fn log(&self) -> MutexGuard<'_, Log> {
        // Nothing panics with the lock; and the log is whole after each statement.
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Hub {
    /// Starts reading where the server stands now. `options.tables` are all that subscribers may ask for; the log takes
    /// `log_bytes` of memory. The reading runs as a task of the present runtime.
    ///
    /// # Errors
    /// As [`ChangeStream::open`].
    pub async fn open(options: Options, log_bytes: usize) -> Result<Self, Error> {
        let stream = open_now(&options).await?;
        let shared = Arc::new(Shared {
            log: Mutex::new(Log::new(stream.position().clone(), log_bytes)),
            changed: Notify::new(),
        });
        let reader = tokio::spawn(read(stream, options.clone(), Arc::clone(&shared)));
        Ok(Self {
            shared,
            options,
            reader,
        })
    }

    /// A subscriber to some of the tables, which begins after `start`.
    #[must_use]
    pub fn subscribe(
        &self,
        tables: impl IntoIterator<Item = TableName>,
        start: impl Into<Cursor>,
        on_gap: OnGap,
    ) -> Subscription {
        let mut options = self.options.clone();
        options.tables = tables.into_iter().collect();
        options.schema = None;
        // The configured number is the reader's, and so are the counts.
        options.server_id = None;
        options.stats = Stats::default();
        Subscription {
            shared: Arc::clone(&self.shared),
            options,
            on_gap,
            cursor: start.into(),
            place: Place::Outside,
            is_within: false,
            taken: VecDeque::new(),
        }
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        self.reader.abort();
    }
}

async fn open_now(options: &Options) -> Result<ChangeStream, Error> {
    let position =
        answered(async { Server::connect(&options.url).await?.position().await }).await?;
    ChangeStream::open(options.clone(), position).await
}

/// Tries again as long as that helps.
async fn patiently<T, F>(mut attempt: impl FnMut() -> F) -> Result<T, Error>
where
    F: Future<Output = Result<T, Error>>,
{
    loop {
        match attempt().await {
            Err(error) if error.policy() == Policy::Retry => {
                warn!(error = %ErrorChain(&error), "can't read the binlog, trying again");
                sleep(PAUSE).await;
            }
            result => return result,
        }
    }
}

/// Reads into the log until there is an error that a person must mend.
async fn read(mut stream: ChangeStream, options: Options, shared: Arc<Shared>) {
    let error = loop {
        match stream.next().await {
            Ok(message) => {
                shared.log().append(message);
                shared.changed.notify_waiters();
            }
            // What is gone from the binlog is not for the log to mend: each subscriber meets it at its own position.
            Err(error) if error.policy() == Policy::Snapshot => {
                warn!(error = %ErrorChain(&error), "reading on from the server's present position");
                match patiently(|| open_now(&options)).await {
                    Ok(now) => stream = now,
                    Err(error) => break error,
                }
                shared.log().restart(stream.position().clone());
            }
            Err(error) => break error,
        }
    };
    shared.log().ended = Some(Arc::new(error));
    shared.changed.notify_waiters();
}

/// A subscriber's end.
#[derive(Debug)]
pub struct Subscription {
    shared: Arc<Shared>,
    options: Options,
    on_gap: OnGap,
    /// Of the last commit that was handed out.
    cursor: Cursor,
    place: Place,
    /// Whether a part of a transaction was handed out.
    is_within: bool,
    /// Taken out of the log, still to be handed out.
    taken: VecDeque<Message>,
}

#[derive(Debug)]
enum Place {
    /// Before this message of the log.
    Inside(u64),
    /// Reading a stream of its own.
    CatchingUp(Box<ChangeStream>),
    /// Nowhere yet, or fallen out.
    Outside,
}

impl Subscription {
    /// The position after the last transaction that was handed out.
    #[must_use]
    pub fn position(&self) -> &Position {
        &self.cursor.position
    }

    /// The same with what else must be stored to go on from there later.
    #[must_use]
    pub fn cursor(&self) -> &Cursor {
        &self.cursor
    }

    /// The tables that are subscribed to.
    #[must_use]
    pub fn tables(&self) -> &HashSet<TableName> {
        &self.options.tables
    }

    /// Whether it reads the shared log; otherwise it is catching up with a stream of its own.
    #[must_use]
    pub fn is_live(&self) -> bool {
        matches!(self.place, Place::Inside(_))
    }

    /// The next message of the subscribed tables. Cancel-safe. Where the subscriber has fallen out of the log within a
    /// transaction, that comes once more, after a [`Message::Rewind`].
    ///
    /// # Errors
    /// As [`ChangeStream::next`].
    pub async fn next(&mut self) -> Result<Message, Error> {
        loop {
            let message = match self.taken.pop_front() {
                Some(message) => Some(message),
                None => self.advance().await?,
            };
            if let Some(message) = message {
                match &message {
                    Message::Commit(commit) => {
                        self.cursor.clone_from(&commit.cursor);
                        self.is_within = false;
                    }
                    Message::Change(_) | Message::Stale(_) => self.is_within = true,
                    Message::Heartbeat | Message::Snapshot(_) => {}
                    Message::Rewind | Message::Gap => self.is_within = false,
                }
                return Ok(message);
            }
        }
    }

    async fn advance(&mut self) -> Result<Option<Message>, Error> {
        match &mut self.place {
            Place::Inside(next) => {
                let next = *next;
                self.take(next).await?;
                Ok(None)
            }
            Place::CatchingUp(stream) => {
                let message = stream.next().await?;
                if let Message::Commit(commit) = &message
                    && !commit.cursor.has_skipped_rows()
                    && let Some(next) = self.shared.log().find(commit.position())
                {
                    info!(position = %commit.position(), "a subscriber has caught up");
                    self.place = Place::Inside(next);
                }
                Ok(Some(message))
            }
            Place::Outside if std::mem::take(&mut self.is_within) => Ok(Some(Message::Rewind)),
            Place::Outside => self.enter().await,
        }
    }

    /// Goes into the log if the position is in it, and otherwise makes up for what is missing.
    async fn enter(&mut self) -> Result<Option<Message>, Error> {
        let shared = Arc::clone(&self.shared);
        let changed = shared.changed.notified();
        tokio::pin!(changed);
        changed.as_mut().enable();
        // Of rows that were skipped only a stream of its own tells that they must be read again.
        let is_whole = !self.cursor.has_skipped_rows();
        let found = is_whole.then(|| shared.log().find(&self.cursor.position));
        let found = found.flatten();
        if let Some(next) = found {
            self.place = Place::Inside(next);
            return Ok(None);
        }
        if self.on_gap == OnGap::Skip {
            let (start, ended) = {
                let log = shared.log();
                (log.find_start(), log.ended.clone())
            };
            let Some((next, position)) = start else {
                if let Some(error) = ended {
                    return Err(Error::Shared(error));
                }
                changed.await;
                return Ok(None);
            };
            self.place = Place::Inside(next);
            self.cursor = Cursor {
                position,
                server: Arc::clone(&self.cursor.server),
                ..Cursor::default()
            };
            return Ok(Some(Message::Gap));
        }
        let open = || ChangeStream::open(self.options.clone(), self.cursor.clone());
        let stream = patiently(open).await?;
        self.place = Place::CatchingUp(Box::new(stream));
        Ok(None)
    }

    /// Takes what is in the log, or waits until something is.
    async fn take(&mut self, next: u64) -> Result<(), Error> {
        let shared = Arc::clone(&self.shared);
        let changed = shared.changed.notified();
        tokio::pin!(changed);
        // From here on no word is missed.
        changed.as_mut().enable();
        {
            let log = shared.log();
            let Some(index) = next.checked_sub(log.first) else {
                self.place = Place::Outside;
                return Ok(());
            };
            let index = usize::try_from(index).unwrap_or(usize::MAX);
            if index < log.messages.len() {
                let messages = log.messages.iter().skip(index).take(TAKE_MAX);
                let mut count = 0;
                for message in messages {
                    count += 1;
                    if is_wanted(message, &self.options.tables) {
                        self.taken.push_back(message.clone());
                    }
                }
                self.place = Place::Inside(next + count);
                return Ok(());
            }
            if let Some(error) = &log.ended {
                return Err(Error::Shared(Arc::clone(error)));
            }
        }
        changed.await;
        Ok(())
    }
}

fn is_wanted(message: &Message, tables: &HashSet<TableName>) -> bool {
    match message {
        Message::Change(change) => tables.contains(&change.table.name),
        Message::Stale(stale) => tables.contains(&stale.table),
        Message::Commit(_)
        | Message::Heartbeat
        | Message::Rewind
        | Message::Gap
        | Message::Snapshot(_) => true,
    }
}
