//! `jinmaek verify`: every document of the index against the tables. Exit status 1 if anything differs.

use std::process::ExitCode;
use std::time::Duration;

use analyzers::Analyzer;
use indexer::{Indexer, LiveHandle};

use crate::cli::{Settings, Verify};
use crate::database::Database;

pub(crate) async fn run(settings: &Settings, options: Verify) -> anyhow::Result<ExitCode> {
    let analyzer = Analyzer::load(&settings.ko_dic())?;
    let database = Database::open(settings).await?;
    let indexer = Indexer::connect(
        super::indexer_options(settings, &database, None),
        analyzer,
        LiveHandle::default(),
    )
    .await?;
    let report = indexer
        .verify(Duration::from_secs(options.patience_seconds))
        .await?;
    for difference in &report.differences {
        println!("{difference}");
    }
    println!(
        "문서 {}건 비교, 다른 것 {}건 (위치 {})",
        report.documents,
        report.differences.len(),
        report.position
    );
    Ok(if report.differences.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
