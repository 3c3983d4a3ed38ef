//! `jinmaek cdc publish`: committed changes as Debezium events in NATS JetStream, each once and in order, whatever dies.

use std::collections::HashSet;
use std::fmt::Write;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::Context;
use cdc::{
    ChangeEvent, ChangeStream, Envelope, Flavour, Lease, Message, Policy, Position, Server, Stale,
    TableName,
};
use serde_json::json;
use tokio::sync::watch;
use tokio::time::{Instant, sleep};
use tracing::{info, warn};

use super::jet_stream::{self, Destination, JetStream, Left};
use super::options::Publish;
use super::{asked_to_stop, start, tables, told};
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
    tables: HashSet<TableName>,
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
    let tables = match options.all_tables {
        true => tables::all(&mut server).await?,
        false if options.tables.is_empty() => return Err(tables::ask(&mut server).await),
        false => tables::named(&mut server, options.tables, options.allow_missing).await?,
    };
    let publisher = Publisher {
        database,
        tables,
        start: start(&mut server, &options.from).await?,
        client: jet_stream::connect(&options.nats).await?,
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
        let (mut target, left) = JetStream::open(self.client.clone(), &self.destination).await?;
        let left = left.filter(|_| !*anew);
        let Left { position, last_id } = match left {
            Some(left) => left,
            None => {
                // So that it is known although nothing that is followed may change for long.
                target.store(&self.start).await?;
                Left {
                    position: self.start.clone(),
                    last_id: None,
                }
            }
        };
        let options = cdc::Options::new(&self.database.url, self.tables.iter().cloned());
        let mut changes = ChangeStream::open(options.clone(), position.clone()).await?;
        *anew = false;
        info!(%position, stream = self.destination.stream, "publishing");
        let mut messages = Messages::new(&self.destination.subject_prefix, position, last_id);
        loop {
            let message = tokio::select! {
                message = changes.next() => message?,
                () = self.stopped() => return target.close().await,
            };
            let message = match message {
                Message::Change(change) => messages.of_change(&change, changes.flavour())?,
                Message::Stale(stale) => messages.of_stale(&stale)?,
                Message::Commit(commit) => {
                    if messages.last_is_elsewhere() {
                        warn!(
                            "the stream's last message is not of these tables: publishing its transaction"
                        );
                        changes =
                            ChangeStream::open(options.clone(), messages.publish_all()).await?;
                    } else if messages.commit(commit.position()) {
                        target.mark(commit.position()).await?;
                    }
                    continue;
                }
                Message::Rewind => {
                    messages.rewind();
                    continue;
                }
                Message::Heartbeat | Message::Gap | Message::Snapshot(_) => {
                    target.settle().await?;
                    continue;
                }
            };
            if let Some(message) = message {
                target.publish(message).await?;
            }
        }
    }
}

/// Makes messages of what the change stream yields, and leaves out those that were published before.
struct Messages<'a> {
    subject_prefix: &'a str,
    /// Where the transaction under way begins.
    begin: Position,
    /// The last message that was published before; what comes before it was too.
    last_id: Option<String>,
    /// Whether any was left out for that.
    has_left_out: bool,
    /// The last message of the transaction under way.
    latest_id: Option<String>,
    stale_tables: u32,
}

impl<'a> Messages<'a> {
    fn new(subject_prefix: &'a str, begin: Position, last_id: Option<String>) -> Self {
        Self {
            subject_prefix,
            begin,
            last_id,
            has_left_out: false,
            latest_id: None,
            stale_tables: 0,
        }
    }

    fn of_change(
        &mut self,
        change: &ChangeEvent,
        flavour: Flavour,
    ) -> Result<Option<jet_stream::Message>, Failure> {
        let source = &change.source;
        // The same on every reading, whichever tables are followed.
        let transaction = match &source.gtid {
            Some(gtid) => gtid.to_string(),
            None => format!("{}:{}", source.file, source.offset),
        };
        let name = &change.table.name;
        let id = format!("{transaction}/{}/{}", path(name), source.table_order);
        let envelope = Envelope::new(change, flavour, self.subject_prefix, SystemTime::now());
        self.message(name, id, || serde_json::to_vec(&envelope))
    }

    /// Debezium has no such event: whoever holds rows of the table, or those of its keys, must read them again.
    fn of_stale(&mut self, stale: &Stale) -> Result<Option<jet_stream::Message>, Failure> {
        self.stale_tables += 1;
        let since_epoch = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let id = format!(
            "{}/{}/stale-{}",
            self.begin,
            path(&stale.table),
            self.stale_tables
        );
        let text = json!({
            "op": "stale",
            "scope": stale.scope,
            "cause": told(&stale.cause),
            "source": { "db": stale.table.schema, "table": stale.table.table },
            "ts_ms": since_epoch.as_millis(),
        });
        self.message(&stale.table, id, || serde_json::to_vec(&text))
    }

    /// A transaction ends; tells whether all before this position was handed out or published before.
    fn commit(&mut self, position: &Position) -> bool {
        self.begin.clone_from(position);
        self.latest_id = None;
        self.stale_tables = 0;
        self.last_id.is_none()
    }

    /// The transaction under way comes again from its start.
    fn rewind(&mut self) {
        self.last_id = self.last_id.take().or(self.latest_id.take());
        self.has_left_out = false;
        self.stale_tables = 0;
    }

    /// Whether what was published before was not in the first transaction with messages, where it should have been.
    fn last_is_elsewhere(&self) -> bool {
        self.has_left_out && self.last_id.is_some()
    }

    /// Leaves out nothing any more; tells where that transaction begins.
    fn publish_all(&mut self) -> Position {
        self.last_id = None;
        self.begin.clone()
    }

    fn message(
        &mut self,
        table: &TableName,
        id: String,
        payload: impl FnOnce() -> serde_json::Result<Vec<u8>>,
    ) -> Result<Option<jet_stream::Message>, Failure> {
        if let Some(last) = &self.last_id {
            self.has_left_out = true;
            if *last == id {
                self.latest_id = self.last_id.take();
            }
            return Ok(None);
        }
        let payload = payload()
            .with_context(|| format!("{id} can't be written as JSON"))
            .map_err(Failure::Final)?;
        self.latest_id = Some(id.clone());
        Ok(Some(jet_stream::Message {
            subject: format!("{}.{}", self.subject_prefix, path(table)),
            id,
            position: self.begin.to_string(),
            payload,
        }))
    }
}

/// `schema.table` as two tokens of a subject; what a token can't hold is written as in a URL, so that no two tables become
/// the same.
fn path(table: &TableName) -> String {
    let mut path = String::new();
    for name in [&table.schema, &table.table] {
        if !path.is_empty() {
            path.push('.');
        }
        for character in name.chars() {
            let is_special = matches!(character, '.' | '*' | '>' | '%' | '/');
            if is_special || character.is_whitespace() || character.is_control() {
                let mut bytes = [0; 4];
                for byte in character.encode_utf8(&mut bytes).bytes() {
                    // Writing to a string can't fail.
                    let _ = write!(path, "%{byte:02X}");
                }
            } else {
                path.push(character);
            }
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_of_tables_become_tokens_of_a_subject() {
        let path_of = |schema: &str, table: &str| {
            path(&TableName {
                schema: schema.to_owned(),
                table: table.to_owned(),
            })
        };
        assert_eq!(path_of("shop", "orders"), "shop.orders");
        assert_eq!(path_of("a.b", "c d*>%"), "a%2Eb.c%20d%2A%3E%25");
        assert_eq!(path_of("병원", "표\u{3000}1"), "병원.표%E3%80%801");
    }
}
