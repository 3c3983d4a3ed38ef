//! Progress of long work: a bar on a terminal, a log line every few seconds elsewhere, or whatever the caller plugs in.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use super::Summary;
use super::summary::Grouped;

/// Often enough to see that it lives, seldom enough not to fill a log.
const LINE_INTERVAL: Duration = Duration::from_secs(5);

/// How much there is to do, as far as that is known beforehand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// Bytes of a file that is read as a stream.
    Bytes(u64),
    /// Rows, files or the like.
    Rows(u64),
    /// Nobody knows: a workbook does not tell its rows before they are read.
    Unknown,
}

/// Is told how work goes on. Calls come in order, once per batch, and should return at once.
pub trait Progress: Send {
    /// Work on the source called `name` begins.
    fn start(&mut self, name: &str, extent: Extent);
    /// So much is done: `done` counts in the units of the extent (rows if it is unknown).
    fn advance(&mut self, summary: &Summary, done: u64);
    /// The work is over, complete or not.
    fn finish(&mut self, summary: &Summary);
}

/// What suits the place: a bar when a person watches standard error, log lines otherwise.
#[must_use]
pub fn for_stderr() -> Box<dyn Progress> {
    if std::io::stderr().is_terminal() {
        Box::new(Bar::default())
    } else {
        Box::new(Lines::default())
    }
}

/// Says nothing.
#[derive(Debug, Default)]
pub struct Silent;

impl Progress for Silent {
    fn start(&mut self, _: &str, _: Extent) {}
    fn advance(&mut self, _: &Summary, _: u64) {}
    fn finish(&mut self, _: &Summary) {}
}

/// A bar on standard error: rows, rows per second and, if the extent is known, the time that remains.
#[derive(Debug, Default)]
pub struct Bar {
    bar: Option<ProgressBar>,
}

impl Progress for Bar {
    fn start(&mut self, name: &str, extent: Extent) {
        let (bar, template) = match extent {
            Extent::Bytes(total) | Extent::Rows(total) => (
                ProgressBar::new(total),
                "{prefix} [{bar:30}] {percent:>3}% {msg}, {eta} 남음",
            ),
            Extent::Unknown => (
                ProgressBar::new_spinner(),
                "{prefix} {spinner} {msg}, {elapsed}",
            ),
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.progress_chars("=> "));
        }
        bar.set_prefix(name.to_owned());
        self.bar = Some(bar);
    }

    fn advance(&mut self, summary: &Summary, done: u64) {
        if let Some(bar) = &self.bar {
            bar.set_message(rows_and_rate(summary, bar.elapsed()));
            bar.set_position(done);
        }
    }

    fn finish(&mut self, _: &Summary) {
        if let Some(bar) = self.bar.take() {
            bar.finish();
        }
    }
}

/// A log line when it begins, every few seconds, and when it is over.
#[derive(Debug)]
pub struct Lines {
    name: String,
    extent: Extent,
    started_at: Instant,
    told_at: Instant,
}

impl Default for Lines {
    fn default() -> Self {
        let now = Instant::now();
        Self {
            name: String::new(),
            extent: Extent::Unknown,
            started_at: now,
            told_at: now,
        }
    }
}

impl Progress for Lines {
    fn start(&mut self, name: &str, extent: Extent) {
        *self = Self {
            name: name.to_owned(),
            extent,
            ..Self::default()
        };
        tracing::info!(source = name, "import begins");
    }

    fn advance(&mut self, summary: &Summary, done: u64) {
        if self.told_at.elapsed() < LINE_INTERVAL {
            return;
        }
        self.told_at = Instant::now();
        let percent = match self.extent {
            Extent::Bytes(total) | Extent::Rows(total) => {
                done.saturating_mul(100).checked_div(total)
            }
            Extent::Unknown => None,
        };
        let progress = rows_and_rate(summary, self.started_at.elapsed());
        tracing::info!(source = self.name, percent, progress, "import goes on");
    }

    fn finish(&mut self, summary: &Summary) {
        let elapsed_seconds = self.started_at.elapsed().as_secs_f64();
        tracing::info!(source = self.name, elapsed_seconds, %summary, "import is over");
    }
}

fn rows_and_rate(summary: &Summary, elapsed: Duration) -> String {
    let rows_per_second = u128::from(summary.read) * 1000 / elapsed.as_millis().max(1);
    let rate = u64::try_from(rows_per_second).unwrap_or(u64::MAX);
    format!(
        "{}행, {}행/초, 거부 {}",
        Grouped(summary.read),
        Grouped(rate),
        Grouped(summary.rejected)
    )
}
