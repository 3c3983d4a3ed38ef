//! `jinmaek sample`: synthetic institutions from a seed, and the articles written for this project.

use std::process::ExitCode;

use core_services::import::progress;
use sqlx::MySqlPool;

use crate::cli::{Sample, Settings};
use crate::database::Database;

pub(crate) async fn run(settings: &Settings, options: Sample) -> anyhow::Result<ExitCode> {
    let database = Database::open(settings).await?;
    let pool = database.migrated().await?;
    load(&pool, &options).await?;
    pool.close().await;
    Ok(ExitCode::SUCCESS)
}

pub(crate) async fn load(pool: &MySqlPool, options: &Sample) -> anyhow::Result<()> {
    let mut progress = progress::for_stderr();
    let summary =
        core_services::sample::load(pool, options.seed, options.institutions, &mut *progress)
            .await?;
    println!("{summary}");
    Ok(())
}
