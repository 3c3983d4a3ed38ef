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

use cdc::{Cause, Position, Server};
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

/// Why a table is stale, for others: of a statement only its kind, since its literals may be what rows hold.
fn told(cause: &Cause) -> String {
    match cause {
        Cause::Altered(statement) => format!("it was altered: {}", kind(statement)),
        cause => cause.to_string(),
    }
}

/// The first two words of a statement (`alter table`), without the comments before them.
fn kind(statement: &str) -> String {
    let mut rest = statement.trim_start();
    while let Some(comment) = rest.strip_prefix("/*") {
        rest = comment
            .split_once("*/")
            .map_or("", |(_, rest)| rest.trim_start());
    }
    let words = rest.split_whitespace().take(2);
    // A keyword holds letters only; what does not is a name at best.
    let keywords: Vec<_> = words
        .take_while(|word| word.bytes().all(|byte| byte.is_ascii_alphabetic()))
        .map(str::to_ascii_lowercase)
        .collect();
    if keywords.is_empty() {
        return "by a statement".to_owned();
    }
    keywords.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_statement_only_its_kind_is_told() {
        let told_of = |statement: &str| told(&Cause::Altered(statement.to_owned()));
        let alter = "ALTER  TABLE t add c varchar(9) default '홍길동'";
        assert_eq!(told_of(alter), "it was altered: alter table");
        let hidden = "/* 'secret' */ truncate table t";
        assert_eq!(told_of(hidden), "it was altered: truncate table");
        assert_eq!(told_of("/* 'no end"), "it was altered: by a statement");
        assert_eq!(told_of("drop '1'"), "it was altered: drop");
    }
}
