//! `jinmaek import`: files of registries and articles into the tables. Exit status 2 when something was rejected or cut short.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use core_services::import::{self, Rejects, Summary, progress};
use tokio::signal;
use tracing::info;

use crate::cli::Settings;
use crate::database::Database;

/// Some rows could not be used.
const INCOMPLETE: u8 = 2;

#[derive(Debug, Subcommand)]
pub(crate) enum Import {
    /// Institutions: E-Gen's or Seoul's opening-hours CSV, HIRA's 병원정보서비스 (CSV or xlsx). The form is told by the header,
    /// the encoding (CP949, UTF-8) by the content. A second run changes only what differs.
    Institutions(ImportInstitutions),
    /// Articles: a directory of Markdown files with TOML front matter between `+++` lines.
    Articles(ImportArticles),
}

#[derive(Debug, Args)]
pub(crate) struct ImportInstitutions {
    /// The files.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Where rows that can't be used are written, with line, column and reason.
    #[arg(
        long,
        env = "JINMAEK_IMPORT_REJECTS",
        value_name = "FILE",
        default_value = "rejects.csv"
    )]
    rejects: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct ImportArticles {
    /// The directory.
    #[arg(value_name = "DIR")]
    directory: PathBuf,
    /// Where files that can't be used are written, with the reason.
    #[arg(
        long,
        env = "JINMAEK_IMPORT_REJECTS",
        value_name = "FILE",
        default_value = "rejects.csv"
    )]
    rejects: PathBuf,
}

pub(crate) async fn run(settings: &Settings, command: Import) -> anyhow::Result<ExitCode> {
    let database = Database::open(settings).await?;
    let pool = database.migrated().await?;
    let mut progress = progress::for_stderr();
    let mut summary = Summary::default();
    let rejects_path = match &command {
        Import::Institutions(options) => &options.rejects,
        Import::Articles(options) => &options.rejects,
    };
    let mut rejects = Rejects::create(rejects_path)?;
    match &command {
        Import::Institutions(options) => {
            for file in &options.files {
                let found =
                    import::institutions(&pool, file, &mut rejects, &mut *progress, interrupted())
                        .await?;
                println!("{}: {found}", file.display());
                summary.add(&found);
                if found.cut_short {
                    break;
                }
            }
        }
        Import::Articles(options) => {
            let directory = &options.directory;
            let found = import::articles(
                &pool,
                directory,
                &mut rejects,
                &mut *progress,
                interrupted(),
            )
            .await?;
            println!("{}: {found}", directory.display());
            summary.add(&found);
        }
    }
    rejects.flush()?;
    pool.close().await;
    if summary.rejected > 0 {
        info!(file = %rejects_path.display(), rows = summary.rejected, "rejected rows are written down");
    }
    Ok(if summary.rejected > 0 || summary.cut_short {
        ExitCode::from(INCOMPLETE)
    } else {
        ExitCode::SUCCESS
    })
}

/// Ctrl-C or SIGTERM: the batch under way is finished, the next one not begun.
async fn interrupted() {
    let terminate = async {
        match signal::unix::signal(signal::unix::SignalKind::terminate()) {
            Ok(mut terminate) => terminate.recv().await,
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = signal::ctrl_c() => {}
        _ = terminate => {}
    }
}
