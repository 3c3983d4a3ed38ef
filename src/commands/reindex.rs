//! `jinmaek reindex`: a new generation of the index beside the live one; a running jinmaek moves to it by itself.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use analyzers::Analyzer;
use indexer::{Indexer, LiveHandle};
use tokio::time::interval;
use tracing::info;

use crate::cli::Settings;
use crate::database::Database;

/// How often progress is told.
const TELL_EVERY: Duration = Duration::from_secs(2);

pub(crate) async fn run(settings: &Settings) -> anyhow::Result<ExitCode> {
    let analyzer = Analyzer::load(&settings.ko_dic())?;
    let database = Database::open(settings).await?;
    database.audit().await?;
    database.migrated().await?.close().await;
    let live = LiveHandle::default();
    let indexer = Indexer::connect(
        super::indexer_options(settings, &database, None),
        analyzer,
        live.clone(),
    )
    .await?;
    let started = Instant::now();
    let tell = async {
        let mut ticks = interval(TELL_EVERY);
        ticks.tick().await;
        loop {
            ticks.tick().await;
            let documents = live.progress().built;
            let rate = documents as f64 / started.elapsed().as_secs_f64();
            info!(documents, documents_per_second = rate as u64, "building");
        }
    };
    let generation = tokio::select! {
        generation = indexer.rebuild() => generation?,
        () = tell => unreachable!("an endless loop"),
    };
    let documents = live.progress().built;
    println!(
        "색인 {generation}세대: 문서 {documents}건, {:.1}초",
        started.elapsed().as_secs_f64()
    );
    Ok(ExitCode::SUCCESS)
}
