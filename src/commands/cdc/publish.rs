//! `jinmaek cdc publish`: committed changes as Debezium events in NATS JetStream, each once and in order, whatever dies.

use std::time::Duration;

use cdc::{ChangeStream, Lease, Message, Policy, Position, Server};
use tokio::sync::watch;
use tokio::time::{Instant, sleep};
use tracing::{info, warn};

use super::jet_stream::{self, Destination, JetStream, Left};
use super::messages::Messages;
use super::options::Publish;
use super::{asked_to_stop, start, tables};
use crate::database::Database;

/// First and longest pause before trying again; doubled each time.
const PAUSE_MIN: Duration = Duration::from_millis(100);
const PAUSE_MAX: Duration = Duration::from_secs(5);

/// Why publishing stopped.
pub(super) enum Failure {
    /// Trying again may help: NATS, or the database, is away.
    Passing(anyhow::Error),
    /// A person must act.
    Final(anyhow::Error),
}

impl Failure {
    pub(super) fn passing(error: impl Into<anyhow::Error>) -> Self {
        Self::Passing(error.into())
    }
}

impl From<cdc::Error> for Failure {
    fn from(error: cdc::Error) -> Self {
        match error.policy() {
            Policy::Retry => Self::Passing(error.into()),
            Policy::Stop(remedy) => Self::Final(anyhow::Error::from(error).context(remedy)),
            _ => Self::Final(anyhow::Error::from(error).context(
                "changes were lost for the stream; `--anew` goes on with those that come from now on",
            )),
        }
    }
}

struct Publisher<'a> {
    database: &'a Database,
    /// What is followed.
    follow: cdc::Options,
    /// Where to start when the stream does not tell, or is not asked.
    start: Position,
    destination: Destination,
    client: async_nats::Client,
    /// Turns true when we are asked to stop.
    stop: watch::Receiver<bool>,
}

/// Publishes until SIGTERM or Ctrl-C, whenever no other publisher of this stream does.
pub(super) async fn run(database: &Database, options: Publish) -> anyhow::Result<()> {
    let asked = asked_to_stop()?;
    let (stopping, stop) = watch::channel(false);
    tokio::spawn(async move {
        asked.await;
        stopping.send_replace(true);
    });
    let mut server = Server::connect(&database.url).await?;
    let url = &database.url;
    let follow = match options.all_tables {
        true => tables::all(url, &mut server).await?,
        false if options.tables.is_empty() => return Err(tables::ask(&mut server).await),
        false => {
            let (names, allow_missing) = (options.tables, options.allow_missing);
            tables::named(url, &mut server, names, allow_missing).await?
        }
    };
    let publisher = Publisher {
        database,
        follow,
        start: start(&mut server, &options.from).await?,
        client: jet_stream::connect(&options.nats, options.nats_ca.as_deref()).await?,
        destination: Destination {
            stream: options.stream,
            subject_prefix: options.subject_prefix,
        },
        stop,
    };
    drop(server);
    tokio::select! {
        ended = publisher.run(options.anew) => ended,
        failed = database.keep_running() => failed.map(|never| match never {}),
    }
}

impl Publisher<'_> {
    async fn stopped(&self) {
        // An error means that nobody is left to say it.
        let _ = self.stop.clone().wait_for(|stop| *stop).await;
    }

    async fn run(&self, mut anew: bool) -> anyhow::Result<()> {
        let name = format!("cdc publish {}", self.destination.stream);
        loop {
            let lease = tokio::select! {
                lease = Lease::acquire(&self.database.url, &name) => lease?,
                () = self.stopped() => return Ok(()),
            };
            // What of it is on its way may still arrive, but only if nobody else has published since.
            tokio::select! {
                ended = self.publish(&mut anew) => return ended,
                () = lease.lost() => warn!("stopped publishing, since the lease is lost"),
            }
        }
    }

    /// Publishes through all failures that pass.
    async fn publish(&self, anew: &mut bool) -> anyhow::Result<()> {
        let mut pause = PAUSE_MIN;
        loop {
            let since = Instant::now();
            let error = match self.follow(anew).await {
                Ok(()) => return Ok(()),
                Err(Failure::Final(error)) => return Err(error),
                Err(Failure::Passing(error)) => error,
            };
            // What went well for a while was well.
            if since.elapsed() > PAUSE_MAX {
                pause = PAUSE_MIN;
            }
            warn!(
                error = format!("{error:#}"),
                pause_ms = pause.as_millis(),
                "publishing was interrupted, trying again"
            );
            tokio::select! {
                () = sleep(pause) => {}
                () = self.stopped() => return Ok(()),
            }
            pause = (pause * 2).min(PAUSE_MAX);
        }
    }

    /// Goes on where the stream was left, until we are asked to stop.
    async fn follow(&self, anew: &mut bool) -> Result<(), Failure> {
        let (mut target, left) =
            JetStream::open(self.client.clone(), &self.destination, *anew).await?;
        let left = left.unwrap_or_else(|| Left {
            position: self.start.clone(),
            last_id: None,
        });
        let position = left.position.clone();
        let mut changes = ChangeStream::open(self.follow.clone(), position.clone()).await?;
        if left.last_id.is_none() {
            // So that it is known although nothing that is followed may change for long, and whatever the last message says.
            target.store(&position).await?;
        }
        *anew = false;
        info!(%position, stream = self.destination.stream, "publishing");
        let mut messages = Messages::new(&self.destination.subject_prefix, left);
        loop {
            let message = tokio::select! {
                message = changes.next() => message?,
                () = self.stopped() => return target.close().await,
            };
            match message {
                Message::Change(change) => {
                    if let Some(message) = messages.of_change(&change, changes.flavour())? {
                        target.publish(message).await?;
                    }
                }
                Message::Stale(stale) => messages.stale(stale),
                Message::Commit(_) if messages.last_is_elsewhere() => {
                    warn!(
                        "the stream's last message is not of these tables: publishing its transaction"
                    );
                    let position = messages.publish_all();
                    target.begin_anew(&position).await?;
                    changes = ChangeStream::open(self.follow.clone(), position).await?;
                }
                Message::Commit(commit) => {
                    for message in messages.commit(commit.position())? {
                        target.publish(message).await?;
                    }
                    if messages.has_caught_up() {
                        target.mark(commit.position()).await?;
                    }
                }
                Message::Rewind => messages.rewind(),
                Message::Heartbeat | Message::Gap | Message::Snapshot(_) => target.settle().await?,
            }
        }
    }
}
