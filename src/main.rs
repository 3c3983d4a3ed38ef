//! The front door: one binary whose roles are subcommands; with none, every role runs in this process.

use std::process::ExitCode;

use crate::cli::{Cli, Command};

mod cli;
mod commands;
mod database;
mod logging;
mod query_counts;
mod roles;
mod settings;

fn main() -> ExitCode {
    let cli = match settings::parse() {
        Ok(cli) => cli,
        Err(error) => {
            eprintln!("jinmaek: {error:#}");
            return ExitCode::from(2);
        }
    };
    if let Err(error) = logging::start(&cli.settings) {
        eprintln!("jinmaek: {error:#}");
        return ExitCode::from(2);
    }
    match run(cli) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("jinmaek: {error:#}");
            ExitCode::FAILURE
        }
    }
}

#[tokio::main]
async fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    let settings = &cli.settings;
    match cli.command {
        None => roles::everything(settings, cli.with_sample).await,
        Some(Command::Search) => roles::search(settings).await,
        Some(Command::Site) => roles::site(settings).await,
        Some(Command::BackOffice) => roles::back_office(settings).await,
        Some(Command::Operator) => roles::operator(settings).await,
        Some(Command::Import(command)) => commands::import::run(settings, command).await,
        Some(Command::Sample(options)) => commands::sample::run(settings, options).await,
        Some(Command::Reindex) => commands::reindex::run(settings).await,
        Some(Command::Verify(options)) => commands::verify::run(settings, options).await,
        Some(Command::Dictionary(command)) => commands::dictionary::run(settings, &command),
        Some(Command::Database(command)) => commands::database::run(settings, command).await,
        Some(Command::Eval(command)) => commands::eval::run(settings, command).await,
        Some(Command::Cdc(command)) => commands::cdc::run(settings, command).await,
    }
}
