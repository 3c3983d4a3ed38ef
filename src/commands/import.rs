//! `jinmaek import`: files of registries and articles into the tables. Exit status 2 when something was rejected or cut short.

use std::process::ExitCode;

use core_services::import::{self, Rejects, Summary, progress};
use tokio::signal;
use tracing::info;

use crate::cli::{Import, Settings};
use crate::database::Database;

/// Some rows could not be used.
const INCOMPLETE: u8 = 2;

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
