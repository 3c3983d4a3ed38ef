//! `jinmaek cdc tail`: committed changes as Debezium events, one JSON object a line.

use std::io::{self, ErrorKind, Write};
use std::time::SystemTime;

use cdc::{ChangeStream, Envelope, Message, Server};
use serde::Serialize;

use super::key::Key;
use super::options::Tail;
use super::{asked_to_stop, start, tables};
use crate::database::Database;

/// Debezium's topic prefix.
const NAME: &str = "jinmaek";

/// Both parts of a Debezium message.
#[derive(Serialize)]
struct KeyAndValue<'a> {
    key: Option<Key<'a>>,
    value: Envelope<'a>,
}

/// Prints until it has printed as many as were asked for, nobody reads any more (`| head`), SIGTERM or Ctrl-C.
pub(super) async fn run(database: &Database, options: Tail) -> anyhow::Result<()> {
    let stopped = asked_to_stop()?;
    tokio::select! {
        ended = tail(database, options) => ended,
        () = stopped => Ok(()),
    }
}

async fn tail(database: &Database, options: Tail) -> anyhow::Result<()> {
    let mut server = Server::connect(&database.url).await?;
    // With a drawn server_id: the configured one belongs to the running platform.
    let follow = if options.tables.is_empty() {
        tables::all(&database.url, &mut server).await?
    } else {
        let (names, allow_missing) = (options.tables, options.allow_missing);
        tables::named(&database.url, &mut server, names, allow_missing).await?
    };
    let position = start(&mut server, &options.from).await?;
    let mut stream = ChangeStream::open(follow, position).await?;
    let mut left = options.count.unwrap_or(u64::MAX);
    let is_wanted = |op: &str| options.ops.is_empty() || options.ops.iter().any(|ops| ops == op);
    while left > 0 {
        match stream.next().await? {
            Message::Change(event) if is_wanted(event.op.letter()) => {
                let envelope = Envelope::new(&event, stream.flavour(), NAME, SystemTime::now());
                let line = if options.with_key {
                    serde_json::to_vec(&KeyAndValue {
                        key: Key::of(&event),
                        value: envelope,
                    })?
                } else {
                    serde_json::to_vec(&envelope)?
                };
                match print(line) {
                    Err(error) if error.kind() == ErrorKind::BrokenPipe => return Ok(()),
                    printed => printed?,
                }
                left -= 1;
            }
            // What no event tells must not go by unseen; where nobody sees it, that is no reason to end.
            Message::Stale(stale) => {
                let _ = writeln!(io::stderr(), "{}: {}", stale.table, stale.cause);
            }
            _ => {}
        }
    }
    Ok(())
}

/// A whole line at once, so that a reader never waits for its end.
fn print(mut line: Vec<u8>) -> io::Result<()> {
    line.push(b'\n');
    let mut out = io::stdout().lock();
    out.write_all(&line)?;
    out.flush()
}
