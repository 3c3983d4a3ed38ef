//! `jinmaek cdc tail`: committed changes as Debezium events, one JSON object a line.

use std::collections::HashSet;
use std::io::{self, Write};
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use cdc::{ChangeStream, Envelope, Message, Server, TableName};

use crate::cli::{Cdc, Settings, Tail};
use crate::database::Database;

/// Debezium's topic prefix.
const NAME: &str = "jinmaek";

pub(crate) async fn run(settings: &Settings, command: Cdc) -> anyhow::Result<ExitCode> {
    let Cdc::Tail(tail_options) = command;
    let database = Database::open(settings).await?;
    tokio::select! {
        ended = tail(&database, tail_options) => ended?,
        interrupted = tokio::signal::ctrl_c() => interrupted?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn tail(database: &Database, options: Tail) -> anyhow::Result<()> {
    let mut server = Server::connect(&database.url).await?;
    let schema = server.database().await?;
    let names = if options.tables.is_empty() {
        server.tables().await?
    } else {
        options.tables
    };
    let tables: HashSet<_> = names
        .into_iter()
        .map(|table| TableName {
            schema: schema.clone(),
            table,
        })
        .collect();
    let position = match options.from.as_str() {
        "now" => server.position().await?,
        text => text.parse()?,
    };
    let options_of_stream = cdc::Options {
        url: database.url.clone(),
        tables,
        // Drawn: the configured one belongs to the running platform.
        server_id: None,
    };
    let mut stream = ChangeStream::open(options_of_stream, position).await?;
    let mut left = options.count.unwrap_or(u64::MAX);
    while left > 0 {
        if let Message::Change(event) = stream.next().await? {
            let now = SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .unwrap_or_default();
            let now = u64::try_from(now.as_millis()).unwrap_or(u64::MAX);
            let mut out = io::stdout().lock();
            serde_json::to_writer(
                &mut out,
                &Envelope::new(&event, stream.flavour(), NAME, now),
            )?;
            writeln!(out)?;
            left -= 1;
        }
    }
    Ok(())
}
