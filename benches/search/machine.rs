//! What the machine is, and what of its memory and disk is used.

use std::path::Path;
use std::thread;

/// Says what is measured on.
pub(crate) fn print_machine(version: &str, is_mysql: bool) {
    let line = |file: &str, key: &str| {
        let text = std::fs::read_to_string(file).unwrap_or_default();
        let line = text.lines().find(|line| line.starts_with(key));
        line.and_then(|line| line.split_once(':'))
            .map(|(_, value)| value.trim().to_owned())
            .unwrap_or_default()
    };
    let parser = if is_mysql {
        "with parser ngram"
    } else {
        "without ngram parser, which MariaDB has not"
    };
    println!(
        "{}, {} processors, {} memory; {version}, buffer pool 3 GB, FULLTEXT {parser}",
        line("/proc/cpuinfo", "model name"),
        thread::available_parallelism().map_or(1, std::num::NonZero::get),
        line("/proc/meminfo", "MemTotal")
    );
}

/// Resident memory of this process, which is the search API with its index and the askers; mapped files are the index.
pub(crate) fn print_memory(when: &str) {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let megabytes = |key: &str| {
        let line = status
            .lines()
            .find(|line| line.starts_with(key))
            .unwrap_or_default();
        line.split_whitespace()
            .nth(1)
            .and_then(|kilobytes| kilobytes.parse::<u64>().ok())
            .unwrap_or_default()
            / 1024
    };
    println!(
        "resident memory {when}: {} MB, of which {} MB anonymous and {} MB mapped files",
        megabytes("VmRSS"),
        megabytes("RssAnon"),
        megabytes("RssFile")
    );
}

/// Bytes of the files of a folder.
pub(crate) fn bytes(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let size = |entry: std::fs::DirEntry| match entry.metadata() {
        Ok(meta) if meta.is_dir() => bytes(&entry.path()),
        Ok(meta) => meta.len(),
        Err(_) => 0,
    };
    entries.map(size).sum()
}

/// Seconds that this process has kept processors busy; a second of other work on the machine is none of it.
pub(crate) fn processor_seconds() -> f64 {
    /// The kernel counts hundredths for whoever reads them here.
    const TICKS: f64 = 100.0;
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let ticks = after_name.split_whitespace().skip(11).take(2);
    ticks
        .filter_map(|ticks| ticks.parse::<f64>().ok())
        .sum::<f64>()
        / TICKS
}
