//! A request under way: which chunk is being read, which waits for the stream, and how far it has come.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::Instant;

use super::chunk::{CHUNK_BYTES_MAX, Chunk, Job, ReadError};
use super::control::{Progress, ProgressState};
use super::reader::Reader;
use super::request::{Outcome, Scope};
use super::state::{ChunkEnd, Pending, Progressed};
use super::window::Window;
use crate::event::Message;
use crate::position::Position;

/// First and longest pause after a chunk that failed; doubled each time.
const PAUSE_MIN: Duration = Duration::from_millis(50);
const PAUSE_MAX: Duration = Duration::from_secs(5);
/// Failures in a row after which a request is given up, when it is the server that answers with an error. With the
/// pauses above that is about ten minutes, longer than any backup or ALTER should lock a table.
const SERVER_FAILURES_MAX: u32 = 120;

/// A request under way. At most two chunks are in memory: one that waits for the stream, and the next one.
pub(super) struct Run {
    pub(super) pending: Pending,
    /// Up to the last commit that was handed out.
    pub(super) progress: Progressed,
    /// What comes of it when the commit at the end of the outgoing messages is handed out; `None` in it when the request
    /// is finished then.
    pub(super) next: Option<Option<Progressed>>,
    /// A chunk that waits for the stream to come to its mark.
    pub(super) ready: Option<(Chunk, Window)>,
    reading: Option<Reading>,
    /// Ends the request at the next chance.
    pub(super) verdict: Option<Outcome>,
    /// No chunk is begun before.
    pub(super) not_before: Instant,
    rows_max: usize,
    failures: u32,
    failure: Option<String>,
    rows_estimated: Option<u64>,
    /// When this process began with it, and with how many rows.
    began: (Instant, u64),
}

/// A chunk that is being read in a task of its own.
struct Reading {
    window: Window,
    task: JoinSet<(Option<Reader>, Result<Chunk, ReadError>)>,
}

impl Run {
    pub(super) fn new(pending: Pending, progress: Progressed, rows_max: usize) -> Self {
        let rows_estimated = match &pending.request.scope {
            Scope::Keys(keys) => Some(keys.len() as u64),
            _ => None,
        };
        Self {
            began: (Instant::now(), progress.rows),
            pending,
            progress,
            next: None,
            ready: None,
            reading: None,
            verdict: None,
            not_before: Instant::now(),
            rows_max,
            failures: 0,
            failure: None,
            rows_estimated,
        }
    }

    /// Takes notice of a message of the stream.
    pub(super) fn note(&mut self, message: &Message) {
        if let Some((_, window)) = &mut self.ready {
            window.note(message);
        }
        if let Some(reading) = &mut self.reading {
            reading.window.note(message);
        }
    }

    /// Whether a chunk can be begun: none is being read, and there is one after that which waits.
    pub(super) fn wants_chunk(&self) -> bool {
        let is_last = self.ready.as_ref().is_some_and(|(chunk, _)| chunk.is_last);
        self.reading.is_none() && self.verdict.is_none() && !is_last
    }

    /// Begins to read the next chunk. `seen` is where the stream stands, between two transactions.
    pub(super) fn begin_chunk(
        &mut self,
        url: &str,
        reader: Option<Reader>,
        seen: &Position,
        rows_max: usize,
    ) {
        let request = Arc::clone(&self.pending.request);
        let window = Window::new(request.table.clone());
        let job = Job {
            request,
            after: self.after(),
            key_definition: self.key_definition(),
            seen: seen.clone(),
            rows_max: self.rows_max.min(rows_max),
            wants_estimate: self.rows_estimated.is_none(),
        };
        let url = url.to_owned();
        let mut task = JoinSet::new();
        task.spawn(async move {
            let mut reader = match reader {
                Some(reader) => reader,
                None => match Reader::connect(&url).await {
                    Ok(reader) => reader,
                    Err(error) => return (None, Err(error)),
                },
            };
            match reader.read(&job).await {
                Ok(chunk) => (Some(reader), Ok(chunk)),
                Err(error) => (None, Err(error)),
            }
        });
        self.reading = Some(Reading { window, task });
    }

    /// Waits for the chunk that is being read, unless one waits already. May be dropped and called again.
    pub(super) async fn chunk_read(&mut self) -> Option<Reader> {
        let (Some(reading), None) = (&mut self.reading, &self.ready) else {
            return std::future::pending().await;
        };
        let result = reading.task.join_next().await;
        let window = self.reading.take().map(|reading| reading.window);
        let (reader, result) = match result {
            Some(Ok(result)) => result,
            Some(Err(panic)) => (None, Err(ReadError::Retry(panic.to_string()))),
            None => (None, Err(ReadError::Retry("the reader is gone".to_owned()))),
        };
        match (result, window) {
            (Ok(chunk), Some(window)) => self.arrived(chunk, window),
            (Err(error), _) => self.failed(error),
            (Ok(_), None) => {}
        }
        reader
    }

    fn arrived(&mut self, chunk: Chunk, window: Window) {
        self.failures = 0;
        self.failure = None;
        self.rows_estimated = self.rows_estimated.or(chunk.rows_estimated);
        self.ready = Some((chunk, window));
    }

    fn failed(&mut self, error: ReadError) {
        match error {
            ReadError::Refused { problem, remedy } => {
                self.verdict = Some(Outcome::Refused { problem, remedy });
            }
            ReadError::KeyChanged => {
                self.drop_chunks();
                self.progress.end = None;
            }
            ReadError::TooLarge => self.rows_max = (self.rows_max / 8).max(1),
            ReadError::Retry(reason) => self.retry(reason),
            ReadError::Server(reason) if self.failures >= SERVER_FAILURES_MAX => {
                self.verdict = Some(Outcome::Refused {
                    problem: reason,
                    remedy: "mend what the database complains of, then ask again".to_owned(),
                });
            }
            ReadError::Server(reason) => self.retry(reason),
        }
    }

    fn retry(&mut self, reason: String) {
        tracing::warn!(table = %self.pending.request.table, reason, "a chunk of a snapshot failed, trying again");
        let pause = PAUSE_MIN * 2_u32.saturating_pow(self.failures.min(16));
        self.not_before = Instant::now() + pause.min(PAUSE_MAX);
        self.failures = self.failures.saturating_add(1);
        self.failure = Some(reason);
    }

    /// Forgets what was read and not handed out.
    pub(super) fn drop_chunks(&mut self) {
        self.ready = None;
        self.reading = None;
    }

    /// Sets the size and the time of the next chunk by what this one is.
    pub(super) fn pace(&mut self, rows_max: usize, rows_per_second_max: u32) {
        let Some((chunk, _)) = &self.ready else {
            return;
        };
        // Half of the bound, since rows differ.
        let row_bytes = chunk.bytes.checked_div(chunk.rows.len());
        let fitting = row_bytes.map(|bytes| CHUNK_BYTES_MAX / 2 / bytes.max(1));
        self.rows_max = fitting.unwrap_or(rows_max).clamp(1, rows_max);
        if rows_per_second_max > 0 {
            let pause = chunk.rows.len() as f64 / f64::from(rows_per_second_max);
            self.not_before = Instant::now() + Duration::from_secs_f64(pause);
        }
    }

    fn after(&self) -> Option<ChunkEnd> {
        let waiting = self.ready.as_ref().and_then(|(chunk, _)| chunk.end.clone());
        waiting.or_else(|| self.progress.end.clone())
    }

    fn key_definition(&self) -> Arc<str> {
        let waiting = self.ready.as_ref();
        waiting.map_or_else(
            || self.progress.key_definition.clone(),
            |(chunk, _)| chunk.key_definition.clone(),
        )
    }

    pub(super) fn report(&self) -> Progress {
        let (instant, rows) = self.began;
        let seconds = instant.elapsed().as_secs_f64();
        let rows_done = self.progress.rows;
        let rate = rows_done.saturating_sub(rows) as f64 / seconds.max(1e-3);
        let left = self
            .rows_estimated
            .map(|estimated| estimated.saturating_sub(rows_done));
        Progress {
            state: match &self.failure {
                Some(reason) => ProgressState::Waiting {
                    reason: reason.clone(),
                },
                None => ProgressState::Reading,
            },
            chunk: self.progress.chunks,
            rows_done,
            rows_estimated: self.rows_estimated,
            rate_rows_per_second: rate,
            remaining_seconds: left.filter(|_| rate > 0.0).map(|left| left as f64 / rate),
            ..Progress::queued(self.pending.clone())
        }
    }
}
