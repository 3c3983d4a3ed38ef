//! `jinmaek database`: run, migrate, audit and look into the database.

use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::Context;
use cdc::Server;
use tokio::signal;

use crate::cli::{self, Settings};
use crate::database::Database;

pub(crate) async fn run(settings: &Settings, command: cli::Database) -> anyhow::Result<ExitCode> {
    let database = Database::open(settings).await?;
    match command {
        cli::Database::Run => {
            println!(
                "`jinmaek database shell` reaches the database from another terminal; Ctrl-C ends this one."
            );
            tokio::select! {
                died = database.keep_running() => match died? {},
                interrupted = signal::ctrl_c() => interrupted?,
            }
        }
        cli::Database::Migrate => {
            database.migrated().await?.close().await;
            println!("The schema is up to date.");
        }
        cli::Database::Audit => return audit(&database).await,
        cli::Database::Exec { command } => return exec(&database, &command),
        cli::Database::Shell { arguments } => return shell(settings, &database, &arguments),
    }
    Ok(ExitCode::SUCCESS)
}

async fn audit(database: &Database) -> anyhow::Result<ExitCode> {
    let mut server = Server::connect(&database.url).await?;
    let tables = indexer::followed_tables(&server.database().await?);
    let findings = cdc::audit(&mut server, &tables).await?;
    println!("{} {}", server.flavour(), server.version());
    for finding in &findings {
        println!("{:?}: {finding}", finding.severity);
    }
    if findings.is_empty() {
        println!("Everything is as the change stream needs it.");
    }
    let is_fatal = findings
        .iter()
        .any(|finding| finding.severity == cdc::Severity::Fatal);
    Ok(if is_fatal {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

fn exec(database: &Database, command: &[String]) -> anyhow::Result<ExitCode> {
    let (program, arguments) = command
        .split_first()
        .context("there is no command to run")?;
    let status = Command::new(program)
        .args(arguments)
        .env("DATABASE_URL", &database.url)
        .status();
    Ok(exit_code(
        status.with_context(|| format!("`{program}` can't be run"))?,
    ))
}

fn exit_code(status: std::process::ExitStatus) -> ExitCode {
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    code.map_or(ExitCode::FAILURE, ExitCode::from)
}

/// Runs `mariadb` (or `mysql`) on the database. The password goes by the environment, where other users can't read it.
fn shell(
    settings: &Settings,
    database: &Database,
    arguments: &[String],
) -> anyhow::Result<ExitCode> {
    let account = cdc::Account::parse(&database.url)?;
    let client = |program: &Path| {
        Command::new(program)
            .args([
                "--host",
                &account.host,
                "--port",
                &account.port.to_string(),
                "--user",
                &account.user,
            ])
            .args(["--protocol=tcp", "--default-character-set=utf8mb4"])
            .arg(format!("--database={}", account.database))
            .args(arguments)
            .env("MYSQL_PWD", &account.password)
            .status()
    };
    // The third is where `make mariadb` unpacks it without root.
    let unpacked = settings.home.join("mariadb/usr/bin/mariadb");
    let status = client("mariadb".as_ref())
        .or_else(|_| client("mysql".as_ref()))
        .or_else(|_| client(&unpacked))
        .context("neither `mariadb` nor `mysql` can be run")?;
    Ok(exit_code(status))
}
