//! The stream itself: connect, read, put transactions together, and come back after every disconnect.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use mysql_async::BinlogStream;
use tokio::time::{Instant, sleep, timeout};
use tracing::{info, warn};

use crate::dump::open_dump;
use crate::error::{Error, Policy};
use crate::event::{Message, TableName};
use crate::position::Position;
use crate::server::{Flavour, Server};
use crate::transaction::Assembler;

/// How often an idle server must give a sign of life.
pub const HEARTBEAT: Duration = Duration::from_secs(1);
/// Heartbeats that may be missing before the connection counts as dead.
const HEARTBEATS_MISSING_MAX: u32 = 3;
/// First and longest pause before connecting again; doubled each time.
const PAUSE_MIN: Duration = Duration::from_millis(50);
const PAUSE_MAX: Duration = Duration::from_secs(5);

/// What to follow, and as whom.
#[derive(Clone, Debug)]
pub struct Options {
    /// `mysql://user:password@host:port/database`; the account needs `replication slave`, and `select` for what reads
    /// the tables.
    pub url: String,
    /// The tables to follow; rows of all others are skipped undecoded.
    pub tables: HashSet<TableName>,
    /// Our number among the server's replicas; drawn from a high range when not given.
    pub server_id: Option<u32>,
}

/// A stream of changes from a position on, which survives disconnects by itself.
pub struct ChangeStream {
    options: Options,
    server_id: u32,
    connected: Option<Connected>,
    assembler: Assembler,
    pause: Duration,
}

struct Connected {
    stream: BinlogStream,
    since: Instant,
}

impl ChangeStream {
    /// Connects and starts after `position`.
    ///
    /// # Errors
    /// Every error, also one that would be retried later: at the start it is better to hear it.
    pub async fn open(options: Options, position: Position) -> Result<Self, Error> {
        // Far from the small numbers that people give to their replicas.
        let server_id = options
            .server_id
            .unwrap_or_else(|| 0x4000_0000 | (rand::random::<u32>() & 0x3fff_ffff));
        let assembler = Assembler::new(position, options.tables.clone());
        let mut stream = Self {
            options,
            server_id,
            connected: None,
            assembler,
            pause: PAUSE_MIN,
        };
        stream.connect().await?;
        Ok(stream)
    }

    /// The position after the last transaction that was handed out.
    #[must_use]
    pub fn position(&self) -> &Position {
        self.assembler.position()
    }

    /// Which server this is.
    #[must_use]
    pub fn flavour(&self) -> Flavour {
        self.assembler.flavour()
    }

    /// The next message. Disconnects are mended inside, from the last commit on, so the changes of a transaction that was
    /// under way come once more.
    ///
    /// # Errors
    /// Only what [`Error::policy`] does not answer with [`Policy::Retry`].
    pub async fn next(&mut self) -> Result<Message, Error> {
        loop {
            match self.read().await {
                Ok(Some(message)) => return Ok(message),
                Ok(None) => {}
                Err(error) => self.recover(error).await?,
            }
        }
    }

    async fn read(&mut self) -> Result<Option<Message>, Error> {
        if let Some(message) = self.assembler.next_message() {
            return Ok(Some(message));
        }
        let silence_max = HEARTBEAT * HEARTBEATS_MISSING_MAX;
        let Some(connected) = &mut self.connected else {
            self.connect().await?;
            return Ok(None);
        };
        let event = match timeout(silence_max, connected.stream.next()).await {
            Err(_) => {
                return Err(Error::Silence {
                    seconds: silence_max.as_secs(),
                });
            }
            Ok(None) => return Err(Error::Ended),
            Ok(Some(Err(error))) => return Err(Error::of_stream(error, self.assembler.position())),
            Ok(Some(Ok(event))) => event,
        };
        self.assembler.push(event)
    }

    async fn connect(&mut self) -> Result<(), Error> {
        let mut server = Server::connect(&self.options.url).await?;
        let charsets = Arc::new(server.charsets().await?);
        let now = server.position().await?;
        if now.gtids.contains(&self.assembler.position().gtids) == Some(false) {
            return Err(Error::Diverged {
                position: Box::new(self.assembler.position().clone()),
                message: format!("it stands at {now}"),
            });
        }
        let flavour = server.flavour();
        self.assembler.restart(flavour, charsets);
        let stream = open_dump(server, self.server_id, self.assembler.position()).await?;
        info!(server = %flavour, position = %self.assembler.position(), "following the binlog");
        self.connected = Some(Connected {
            stream,
            since: Instant::now(),
        });
        Ok(())
    }

    /// Waits and drops the connection, so that the next read makes a new one; or gives the error back.
    async fn recover(&mut self, error: Error) -> Result<(), Error> {
        if error.policy() != Policy::Retry {
            return Err(error);
        }
        // A connection that held for a while was a good one: start over with short pauses.
        if self
            .connected
            .take()
            .is_some_and(|connected| connected.since.elapsed() > PAUSE_MAX)
        {
            self.pause = PAUSE_MIN;
        }
        warn!(
            error = %ErrorChain(&error),
            pause_ms = self.pause.as_millis(),
            position = %self.assembler.position(),
            "lost the binlog, connecting again"
        );
        sleep(self.pause.mul_f64(rand::random_range(0.5..1.0))).await;
        self.pause = (self.pause * 2).min(PAUSE_MAX);
        Ok(())
    }
}

/// An error with all its causes on one line.
pub(crate) struct ErrorChain<'a>(pub(crate) &'a dyn std::error::Error);

impl std::fmt::Display for ErrorChain<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)?;
        let mut cause = self.0.source();
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}

/// The table ids of the binlog change at every restart of the server, so nothing outlives a connection but names.
pub(crate) type Charsets = Arc<HashMap<u64, String>>;
