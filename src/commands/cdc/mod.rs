//! `jinmaek cdc`: the change stream for others, on a terminal or in NATS JetStream.

mod jet_stream;
mod options;
mod publish;
mod tail;

use std::collections::HashSet;
use std::process::ExitCode;

use cdc::{Position, Server, TableName};

pub(crate) use self::options::Cdc;
use crate::cli::Settings;
use crate::database::Database;

pub(crate) async fn run(settings: &Settings, command: Cdc) -> anyhow::Result<ExitCode> {
    let database = Database::open(settings).await?;
    match command {
        Cdc::Tail(options) => tail::run(&database, options).await?,
        Cdc::Publish(options) => publish::run(&database, options).await?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The tables of these names, or all of the database when there are none.
async fn followed(server: &mut Server, names: Vec<String>) -> anyhow::Result<HashSet<TableName>> {
    let schema = server.database().await?;
    let names = if names.is_empty() {
        server.tables(&schema).await?
    } else {
        names
    };
    let table = |table| TableName {
        schema: schema.clone(),
        table,
    };
    Ok(names.into_iter().map(table).collect())
}

/// A position as the command line gives it; `now` is the server's present one.
async fn start(server: &mut Server, from: &str) -> anyhow::Result<Position> {
    Ok(match from {
        "now" => server.position().await?,
        text => text.parse()?,
    })
}
