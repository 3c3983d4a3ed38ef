//! `jinmaek cdc`: the change stream for others, on a terminal or in NATS JetStream.

mod address;
mod jet_stream;
mod key;
mod messages;
mod options;
mod publish;
mod tables;
mod tail;

use std::io;
use std::process::ExitCode;

use cdc::{Position, Server};
use tokio::signal::unix::{SignalKind, signal};

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

/// A position as the command line gives it; `now` is the server's present one.
async fn start(server: &mut Server, from: &str) -> anyhow::Result<Position> {
    Ok(match from {
        "now" => server.position().await?,
        text => text.parse()?,
    })
}

/// A future that ends with SIGTERM or Ctrl-C; both are heard from the call on.
fn asked_to_stop() -> io::Result<impl Future<Output = ()> + Send + 'static> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}
