//! `jinmaek database`: run, migrate, audit and look into the database.

use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::Context;
use cdc::{Server, SslMode, Target};
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
    let target = Target::parse(&database.url)?;
    let client = |program: &Path, tls: Vec<String>| {
        Command::new(program)
            .args([
                "--host",
                &target.host,
                "--port",
                &target.port.to_string(),
                "--user",
                &target.user,
            ])
            .args(["--protocol=tcp", "--default-character-set=utf8mb4"])
            .arg(format!("--database={}", target.database))
            .args(tls)
            .args(arguments)
            .env("MYSQL_PWD", &target.password)
            .status()
    };
    // The third is where `make mariadb` unpacks it without root.
    let unpacked = settings.home.join("mariadb/usr/bin/mariadb");
    let status = client("mariadb".as_ref(), mariadb_tls(&target))
        .or_else(|_| client("mysql".as_ref(), mysql_tls(&target)))
        .or_else(|_| client(&unpacked, mariadb_tls(&target)))
        .context("neither `mariadb` nor `mysql` can be run")?;
    Ok(exit_code(status))
}

/// The URL's TLS in the words of the `mysql` client, from which the URL has them.
fn mysql_tls(target: &Target) -> Vec<String> {
    let mode = match target.ssl_mode {
        SslMode::Disabled => "DISABLED",
        SslMode::Preferred => "PREFERRED",
        SslMode::Required => "REQUIRED",
        SslMode::VerifyCa => "VERIFY_CA",
        SslMode::VerifyIdentity => "VERIFY_IDENTITY",
    };
    let mut arguments = vec![format!("--ssl-mode={mode}")];
    arguments.extend(certificate_files(target));
    arguments
}

/// The same for the `mariadb` client, which has two switches instead: it can't verify the authority without the name, and is
/// then the stricter one.
fn mariadb_tls(target: &Target) -> Vec<String> {
    let mut arguments = match target.ssl_mode {
        SslMode::Disabled => vec!["--skip-ssl".to_owned()],
        _ => vec!["--ssl".to_owned()],
    };
    arguments.push(match target.ssl_mode {
        SslMode::VerifyCa | SslMode::VerifyIdentity => "--ssl-verify-server-cert".to_owned(),
        _ => "--skip-ssl-verify-server-cert".to_owned(),
    });
    arguments.extend(certificate_files(target));
    arguments
}

fn certificate_files(target: &Target) -> Vec<String> {
    let identity = target.identity.as_ref();
    [
        ("--ssl-ca", target.ssl_ca.as_ref()),
        ("--ssl-cert", identity.map(|identity| &identity.certificate)),
        ("--ssl-key", identity.map(|identity| &identity.key)),
    ]
    .into_iter()
    .filter_map(|(option, path)| Some(format!("{option}={}", path?.display())))
    .collect()
}
