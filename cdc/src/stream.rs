//! The stream itself: connect, read, put transactions together, and come back after every disconnect.

use std::collections::HashSet;
use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep, sleep_until, timeout};
use tracing::{info, warn};

use crate::assembler::{Assembler, Facts, Follow};
use crate::cascades::Cascades;
use crate::cursor::Cursor;
use crate::definition::definitions;
use crate::dump::{Dump, Request};
use crate::error::{Error, Policy};
use crate::event::{Message, TableName};
use crate::history;
use crate::options::Options;
use crate::position::Position;
use crate::server::{Flavour, Server};
use crate::stats::Stats;
use crate::target::Target;

/// How often an idle server must give a sign of life.
pub const HEARTBEAT: Duration = Duration::from_secs(1);
/// How long nothing may come, not a byte, before the connection counts as dead: three heartbeats, less the time that a
/// last one may take.
const SILENCE_MIN: Duration = Duration::from_millis(2_800);
/// A server may need longer to find the first event. So each silence makes us more patient, up to this, until an event
/// comes.
const SILENCE_MAX: Duration = Duration::from_secs(60);
/// How long we wait until a server shows in its tables what it has sent already, before trying again later.
const EXECUTED_AFTER: Duration = Duration::from_secs(5);
/// How long connecting may take, or asking for columns: `information_schema` of a server with very many tables is slow.
const ANSWERS_TIME_MAX: Duration = Duration::from_secs(30);
/// First and longest pause before connecting again; doubled each time.
const PAUSE_MIN: Duration = Duration::from_millis(50);
const PAUSE_MAX: Duration = Duration::from_secs(5);
/// What can't be read, or is refused, was perhaps damaged on its way, unless it comes like that so many times.
const READINGS_MAX: u32 = 3;

/// A stream of changes from a position on, which survives disconnects by itself.
#[derive(Debug)]
pub struct ChangeStream {
    target: Target,
    tables: HashSet<TableName>,
    with_queries: bool,
    server_id: u32,
    connected: Option<Connected>,
    assembler: Assembler,
    /// Of the last commit that was handed out.
    cursor: Cursor,
    /// Whether a part of a transaction was handed out.
    is_within: bool,
    pause: Duration,
    /// When to connect again.
    retry_at: Option<Instant>,
    silence: Duration,
    /// Where something came that may have been damaged, and how often.
    doubted: (Position, u32),
    stats: Stats,
}

#[derive(Debug)]
struct Connected {
    dump: Dump,
    since: Instant,
}

impl ChangeStream {
    /// Connects and starts after `cursor`, or after a [`Position`].
    ///
    /// # Errors
    /// Every error, also one that would be retried later: at the start it is better to hear it.
    pub async fn open(options: Options, cursor: impl Into<Cursor>) -> Result<Self, Error> {
        // Far from the small numbers that people give to their replicas.
        let server_id = options
            .server_id
            .unwrap_or_else(|| 0x4000_0000 | (rand::random::<u32>() & 0x3fff_ffff));
        let follow = Follow {
            tables: options.tables.clone(),
            schema: options.schema,
            except: options.except,
            with_queries: options.with_queries,
            heartbeats: options.heartbeats,
        };
        let cursor = cursor.into();
        // The numbers may be those of a stream before this one, which set tables aside that this one may read.
        options.stats.update(|counts| counts.quarantined.clear());
        let mut stream = Self {
            cursor: cursor.clone(),
            is_within: false,
            target: Target::parse(&options.url).map_err(Error::Url)?,
            tables: options.tables,
            with_queries: options.with_queries,
            server_id,
            connected: None,
            assembler: Assembler::new(cursor, follow, options.stats.clone()),
            pause: PAUSE_MIN,
            retry_at: None,
            silence: SILENCE_MIN,
            doubted: Default::default(),
            stats: options.stats,
        };
        answered(stream.connect()).await?;
        Ok(stream)
    }

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

    /// The tables that are followed.
    #[must_use]
    pub fn tables(&self) -> &HashSet<TableName> {
        &self.tables
    }

    /// Which server this is.
    #[must_use]
    pub fn flavour(&self) -> Flavour {
        self.assembler.flavour()
    }

    /// What the stream counts and measures.
    #[must_use]
    pub fn stats(&self) -> &Stats {
        &self.stats
    }

    /// The next message. Disconnects are mended inside, from the last commit on: a transaction that was under way comes
    /// once more, after a [`Message::Rewind`]. Cancel-safe.
    ///
    /// # Errors
    /// Only what [`Error::policy`] does not answer with [`Policy::Retry`]. The connection is closed then; open another stream.
    pub async fn next(&mut self) -> Result<Message, Error> {
        loop {
            match self.read().await {
                Ok(Some(message)) => {
                    match &message {
                        Message::Commit(commit) => {
                            self.cursor.clone_from(&commit.cursor);
                            self.is_within = false;
                        }
                        Message::Change(_) | Message::Stale(_) => self.is_within = true,
                        _ => {}
                    }
                    return Ok(message);
                }
                Ok(None) => {}
                Err(error) => {
                    self.recover(error)?;
                    if std::mem::take(&mut self.is_within) {
                        return Ok(Message::Rewind);
                    }
                }
            }
        }
    }

    async fn read(&mut self) -> Result<Option<Message>, Error> {
        if let Some(message) = self.assembler.next_message()? {
            return Ok(Some(message));
        }
        if self.connected.is_none() {
            if let Some(retry_at) = self.retry_at {
                sleep_until(retry_at).await;
            }
            answered(self.connect()).await?;
            return Ok(None);
        }
        if self.assembler.wants_to_learn() {
            answered(async {
                let mut server = Server::connect_to(&self.target).await?;
                self.learn(&mut server).await
            })
            .await?;
            return Ok(None);
        }
        if let Some(connected) = &mut self.connected {
            let event = connected
                .dump
                .next(self.silence)
                .await
                .map_err(|error| error.at(self.assembler.position()))?;
            self.silence = SILENCE_MIN;
            self.assembler.push(event)?;
        }
        self.assembler.next_message()
    }

    async fn connect(&mut self) -> Result<(), Error> {
        let mut server = Server::connect_to(&self.target).await?;
        let identity = self.verify(&mut server).await?;
        let facts = Facts {
            flavour: server.flavour(),
            identity: identity.into(),
            charsets: Arc::new(server.charsets().await?),
            cascades: Cascades::default(),
        };
        let flavour = facts.flavour;
        self.assembler.restart(facts);
        self.assembler.schemas.want_cascades();
        self.learn(&mut server).await?;
        let request = Request {
            server_id: self.server_id,
            position: self.assembler.position(),
            with_queries: self.with_queries,
        };
        let dump = Dump::open(&self.target, flavour, &request).await?;
        info!(server = %flavour, position = %self.assembler.position(), "following the binlog");
        self.stats.update(|counts| counts.is_connected = true);
        self.connected = Some(Connected {
            dump,
            since: Instant::now(),
        });
        Ok(())
    }

    /// Makes sure that the position is one of this server's past; tells which server it is.
    async fn verify(&mut self, server: &mut Server) -> Result<String, Error> {
        let cursor = self.assembler.cursor();
        let position = &cursor.position;
        let diverged = |message: String| Error::Diverged {
            position: Box::new(position.clone()),
            message,
        };
        let now = server.position().await?;
        if now.gtids.contains(&position.gtids) == Some(false)
            && !server.is_about_to_execute(&position.gtids).await?
        {
            return Err(diverged(format!("it stands at {now}")));
        }
        let identity = server.identity().await?;
        // A file and an offset mean something on one server only; GTIDs also on those that replicate from it.
        let seen_at = self.assembler.seen_at();
        let is_here = seen_at == identity && !identity.is_empty();
        if position.gtids.is_empty() && !seen_at.is_empty() && !is_here {
            return Err(diverged("it is of another server".to_owned()));
        }
        if position.gtids.is_empty() && now.covers(position) == Some(false) {
            return Err(diverged(format!("it stands at {now}")));
        }
        if is_here && history::is_another(server, &cursor, &now).await? {
            return Err(diverged(format!(
                "it stands at {now}, and what it has there is another history"
            )));
        }
        Ok(identity)
    }

    /// Reads from the server what the table maps do not tell.
    async fn learn(&mut self, server: &mut Server) -> Result<(), Error> {
        self.executed(server).await?;
        if let Some(schema) = self.assembler.schema() {
            for table in server.tables(&schema).await? {
                let schema = schema.clone();
                self.assembler.see(&TableName { schema, table });
            }
            self.tables = self.assembler.tables();
        }
        let cascades = Cascades::load(server, &self.tables).await?;
        self.assembler.learn_cascades(cascades);
        self.assembler.schemas.have_cascades();
        let wanted = self.assembler.schemas.wanted();
        if wanted.is_empty() {
            return Ok(());
        }
        let definitions = definitions(server, &wanted).await?;
        let has_names = server.writes_names().await?;
        let until = server.position().await?;
        self.assembler
            .schemas
            .learn(wanted, definitions, &until, has_names);
        self.assembler.columns_learnt();
        Ok(())
    }

    /// Waits until the server has executed what it has sent. MySQL sends a transaction before it commits it, and waits in
    /// between for its replicas (semi-synchronous replication): until then its tables are as they were before.
    async fn executed(&self, server: &mut Server) -> Result<(), Error> {
        let asked = Instant::now();
        loop {
            let now = server.position().await?;
            let position = self.assembler.position();
            if now.gtids.contains(&position.gtids) != Some(false) {
                return Ok(());
            }
            if asked.elapsed() > EXECUTED_AFTER {
                let text =
                    format!("the database has not committed {position} yet, which it has sent");
                return Err(Error::Io(io::Error::new(io::ErrorKind::TimedOut, text)));
            }
            sleep(PAUSE_MIN).await;
        }
    }

    /// Whether what is wrong may have been damaged on its way: an event that can't be read, a login that is refused.
    fn is_doubtful(&mut self, error: &Error) -> bool {
        let position = match error {
            Error::Decode { position, .. } | Error::UnknownEvent { position, .. } => position,
            Error::Login { .. } => self.assembler.position(),
            _ => return false,
        };
        if self.doubted.0 != *position {
            self.doubted = (position.clone(), 0);
        }
        self.doubted.1 += 1;
        self.doubted.1 < READINGS_MAX
    }

    /// Drops the connection, so that the next read makes a new one after a pause; or gives the error back.
    fn recover(&mut self, error: Error) -> Result<(), Error> {
        if error.policy() != Policy::Retry && !self.is_doubtful(&error) {
            self.connected = None;
            self.stats.update(|counts| counts.is_connected = false);
            return Err(error);
        }
        if matches!(error, Error::Silence { .. }) {
            self.silence = (self.silence * 2).min(SILENCE_MAX);
        }
        // A connection that held for a while was a good one: start over with short pauses.
        if self
            .connected
            .take()
            .is_some_and(|connected| connected.since.elapsed() > PAUSE_MAX)
        {
            self.pause = PAUSE_MIN;
        }
        self.stats.update(|counts| {
            counts.reconnects += 1;
            counts.is_connected = false;
        });
        warn!(
            error = %ErrorChain(&error),
            pause_ms = self.pause.as_millis(),
            position = %self.assembler.position(),
            "lost the binlog, connecting again"
        );
        self.retry_at = Some(Instant::now() + self.pause.mul_f64(rand::random_range(0.5..1.0)));
        self.pause = (self.pause * 2).min(PAUSE_MAX);
        Ok(())
    }
}

/// Gives up when the statements of this future are not answered: the peer may be gone without a word.
pub(crate) async fn answered<T>(
    statements: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    timeout(ANSWERS_TIME_MAX, statements)
        .await
        .unwrap_or_else(|_| Err(Error::Io(io::ErrorKind::TimedOut.into())))
}

/// Another stream may have taken over the numbers, unless this one was connected to the end.
impl Drop for ChangeStream {
    fn drop(&mut self) {
        if self.connected.is_some() {
            self.stats.update(|counts| counts.is_connected = false);
        }
    }
}

/// An error with all its causes on one line.
pub(crate) struct ErrorChain<'a>(pub(crate) &'a dyn std::error::Error);

impl fmt::Display for ErrorChain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut cause = self.0.source();
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}
