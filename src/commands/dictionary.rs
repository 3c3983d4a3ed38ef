//! `jinmaek dictionary`: the Korean dictionary from the files that MeCab's packages carry.

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use analyzers::{Analyzer, KNOWN_CHECKSUMS, STAMP_FILE};
use anyhow::bail;

use crate::cli::{Dictionary, Settings};

pub(crate) fn run(settings: &Settings, command: &Dictionary) -> anyhow::Result<ExitCode> {
    match command {
        Dictionary::Build {
            source,
            unknown_source,
        } => build(source, &settings.ko_dic(), *unknown_source)?,
        Dictionary::Analyze { texts } => {
            let analyzer = Analyzer::load(&settings.ko_dic())?;
            for text in texts {
                let terms: Vec<_> = analyzer
                    .analyze(text)
                    .into_iter()
                    .map(|token| token.text)
                    .collect();
                println!("{text}\t{}", terms.join("|"));
            }
        }
        Dictionary::Checksum { source } => println!("{}", analyzers::checksum(source)?),
    }
    Ok(ExitCode::SUCCESS)
}

fn build(source: &Path, target: &Path, is_unknown_allowed: bool) -> anyhow::Result<()> {
    let checksum = analyzers::checksum(source)?;
    if !is_unknown_allowed && !KNOWN_CHECKSUMS.contains(&checksum.as_str()) {
        bail!(
            "the files in {} have the checksum {checksum}, which is none of the known ones; \
             get them again, or pass --unknown-source if you trust them",
            source.display()
        );
    }
    let stamp = fs::read_to_string(target.join(STAMP_FILE)).unwrap_or_default();
    if stamp.contains(&checksum) && Analyzer::load(target).is_ok() {
        println!("{} is built already", target.display());
        return Ok(());
    }
    let report = analyzers::build_dictionary(source, target)?;
    println!(
        "{}: {} words, {}×{} connections, {:.1} s",
        target.display(),
        report.words,
        report.matrix.0,
        report.matrix.1,
        report.seconds
    );
    Ok(())
}
