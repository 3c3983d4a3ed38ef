//! `jinmaek cdc tail`: committed changes as Debezium events, one JSON object a line.

use std::io::{self, Write};
use std::time::SystemTime;

use cdc::{ChangeStream, Envelope, Message, Server};

use super::options::Tail;
use super::{followed, start};
use crate::database::Database;

/// Debezium's topic prefix.
const NAME: &str = "jinmaek";

/// Prints until it has printed as many as were asked for, or Ctrl-C.
pub(super) async fn run(database: &Database, options: Tail) -> anyhow::Result<()> {
    tokio::select! {
        ended = tail(database, options) => ended,
        interrupted = tokio::signal::ctrl_c() => Ok(interrupted?),
    }
}

async fn tail(database: &Database, options: Tail) -> anyhow::Result<()> {
    let mut server = Server::connect(&database.url).await?;
    let tables = followed(&mut server, options.tables).await?;
    let position = start(&mut server, &options.from).await?;
    // With a drawn server_id: the configured one belongs to the running platform.
    let mut stream = ChangeStream::open(cdc::Options::new(&database.url, tables), position).await?;
    let mut left = options.count.unwrap_or(u64::MAX);
    let is_wanted = |op: &str| options.ops.is_empty() || options.ops.iter().any(|ops| ops == op);
    while left > 0 {
        match stream.next().await? {
            Message::Change(event) if is_wanted(event.op.letter()) => {
                let mut out = io::stdout().lock();
                let envelope = Envelope::new(&event, stream.flavour(), NAME, SystemTime::now());
                serde_json::to_writer(&mut out, &envelope)?;
                writeln!(out)?;
                left -= 1;
            }
            // What no event tells must not go by unseen.
            Message::Stale(stale) => eprintln!("{}: {}", stale.table, stale.cause),
            _ => {}
        }
    }
    Ok(())
}
