//! Incremental snapshots: the rows of a table come between the changes of the stream, at any time, while it goes on.
//!
//! After Das and others, “`DBLog`: A Watermark Based Change-Data-Capture Framework” (arXiv 2010.12597), without its marks in
//! a table of the database. A table is read in chunks in the order of its primary key. For each chunk:
//!
//! 1. Between two transactions the stream stands at `seen`. From here on the keys of the table that it changes are noted,
//!    and the chunk's rows are read beside it, in a state of the table that holds `seen` and nothing after `high`
//!    (`reader.rs` says how that is known).
//! 2. The stream is passed on. When it has come to `high`, and a transaction ends or the server is idle, the rows whose keys
//!    were not noted are handed out as [`Op::Read`](crate::Op), then a [`Commit`](crate::Commit). What was noted has come as a change, newer than the
//!    chunk or the same. So after this commit whoever applied everything has for these keys exactly what the table had at
//!    the commit's position (on MySQL, where `high` may miss what was being committed just then: has it at the next one).
//!
//! The next chunk is read while this one waits. No lock is held, no transaction lasts longer than a chunk, and the stream
//! never waits for a chunk.
//!
//! **The contract.** Between [`SnapshotMark::Begin`] and [`SnapshotMark::End`] with [`Outcome::Done`] every row of the scope
//! that is there at the end has come as a read or a change. For [`Scope::Table`] and [`Scope::Keys`] a subscriber therefore
//! removes at the end what it holds in the scope and has not seen since the beginning; that mends what was deleted unseen.
//! A table that does not exist comes as a beginning and an end. With any other outcome nothing may be removed, and for
//! ranges and conditions only those know what to remove who can tell what lies in them. Marks and rows are followed by a
//! commit of their own before the stream goes on, so a [`Message::Rewind`] never makes them void. The cursor of each commit
//! holds the requests that are not finished. A subscriber that forgets in a crash what it has seen takes
//! [`SnapshotState::from_the_beginning`].
//!
//! Tables that the stream calls stale are read again by themselves ([`OnStale`]).

mod chunk;
mod control;
mod feed;
mod key;
mod layout;
mod options;
mod outgoing;
mod reader;
mod repair;
mod request;
mod run;
mod sql;
mod state;
mod window;

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::{Instant, sleep_until};
use tracing::warn;

use crate::cursor::Cursor;
use crate::error::Error;
use crate::event::{Message, Stale};
use crate::position::Position;
use chunk::Chunk;
use reader::Reader;
use repair::Repairs;
use run::Run;
use state::Running;
use window::{Window, has_reached};

pub use control::{Progress, ProgressState, QueueFull, SnapshotControl};
pub use feed::Feed;
pub use options::{OnStale, SnapshotOptions};
pub use request::{Hex, Key, KeyPart, Outcome, Request, Scope, SnapshotId, SnapshotMark};
pub use state::SnapshotState;

/// A stream of changes with snapshots in between.
pub struct Snapshots<F> {
    feed: F,
    options: SnapshotOptions,
    control: SnapshotControl,
    /// Whether the last message belongs to a transaction whose commit has not come.
    is_inside: bool,
    /// Marks and rows with their commit at the end.
    outgoing: VecDeque<Message>,
    run: Option<Run>,
    reader: Option<Reader>,
    repairs: Repairs,
    /// Of the last commit that was handed out.
    cursor: Cursor,
}

impl<F: Feed> Snapshots<F> {
    /// Wraps a stream that has handed out nothing yet, and goes on with the snapshots of the cursor that it was opened
    /// with.
    pub fn new(feed: F, options: SnapshotOptions) -> Self {
        let cursor = feed.cursor().clone();
        let state = &cursor.snapshots;
        let run = state
            .running
            .clone()
            .map(|running| Run::new(running.pending, running.progress, options.chunk_rows_max));
        let snapshots = Self {
            feed,
            options,
            control: SnapshotControl::from_state(state),
            is_inside: false,
            outgoing: VecDeque::new(),
            run,
            reader: None,
            repairs: Repairs::default(),
            cursor,
        };
        snapshots.report();
        snapshots
    }

    /// A handle for asking for snapshots and looking after them.
    pub fn control(&self) -> SnapshotControl {
        self.control.clone()
    }

    /// The position after the last transaction that was handed out.
    pub fn position(&self) -> &Position {
        &self.cursor.position
    }

    /// The cursor of the last commit that was handed out, of the stream or of a snapshot.
    pub fn cursor(&self) -> &Cursor {
        &self.cursor
    }

    /// The stream itself.
    pub fn feed(&self) -> &F {
        &self.feed
    }

    /// The next message, of the stream or of a snapshot. Dropping the future loses nothing.
    ///
    /// # Errors
    /// Those of the stream. What goes wrong with a snapshot is tried again or told by its [`Outcome`].
    pub async fn next(&mut self) -> Result<Message, Error> {
        loop {
            if !self.is_inside {
                if self.outgoing.is_empty() {
                    self.step();
                }
                if let Some(mut message) = self.outgoing.pop_front() {
                    if let Message::Commit(commit) = &mut message {
                        self.finish(commit);
                    }
                    return Ok(message);
                }
            }
            let wake_at = self.wake_at();
            let chunk_read = async {
                match &mut self.run {
                    Some(run) => run.chunk_read().await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                message = self.feed.next() => {
                    if let Some(message) = self.pass(message?) {
                        return Ok(message);
                    }
                }
                reader = chunk_read => {
                    self.reader = reader;
                    self.pace();
                }
                () = self.control.changed() => {}
                () = sleep_until(wake_at.unwrap_or_else(Instant::now)), if wake_at.is_some() => {}
            }
        }
    }

    /// When a request or a chunk may be begun that can't yet.
    fn wake_at(&self) -> Option<Instant> {
        if self.is_inside {
            return None;
        }
        let orders = self.control.orders();
        match &self.run {
            Some(run) => (run.wants_chunk() && !orders.is_paused).then_some(run.not_before),
            None => orders.next_due(),
        }
    }

    /// Takes notice of a message of the stream. Gives it back if it is for the subscriber.
    fn pass(&mut self, mut message: Message) -> Option<Message> {
        if let Some(run) = &mut self.run {
            run.note(&message);
        }
        match &mut message {
            Message::Change(_) => self.is_inside = true,
            Message::Stale(stale) => {
                self.is_inside = true;
                if let OnStale::Read { pause_max } = self.options.on_stale {
                    let Stale {
                        table,
                        scope,
                        cause,
                    } = stale.clone();
                    self.repair(Request { table, scope }, &cause.to_string(), pause_max);
                    return None;
                }
            }
            Message::Gap => {
                self.is_inside = false;
                if let OnStale::Read { pause_max } = self.options.on_stale {
                    let mut tables: Vec<_> = self.feed.tables().iter().cloned().collect();
                    tables.sort_unstable();
                    for table in tables {
                        let scope = Scope::Table;
                        let reason = "changes are missing in the stream";
                        self.repair(Request { table, scope }, reason, pause_max);
                    }
                    return None;
                }
            }
            Message::Rewind => self.is_inside = false,
            Message::Commit(commit) => {
                self.is_inside = false;
                commit.cursor.snapshots = self.state();
                self.cursor.clone_from(&commit.cursor);
            }
            Message::Heartbeat | Message::Snapshot(_) => {}
        }
        Some(message)
    }

    /// Queues what must be read again.
    fn repair(&mut self, request: Request, reason: &str, pause_max: Duration) {
        // The table of heartbeat rows is nobody's.
        if !self.feed.tables().contains(&request.table) {
            return;
        }
        let mut orders = self.control.orders();
        if orders.covers(&request) {
            return;
        }
        let now = Instant::now();
        let pause = match request.scope {
            Scope::Table => self.repairs.pause(&request.table, now, pause_max),
            // They cost little, and those that come while others are read wait together.
            _ => Duration::ZERO,
        };
        warn!(table = %request.table, reason, pause_ms = pause.as_millis(), "rows must be read again");
        let not_before = (!pause.is_zero()).then(|| now + pause);
        orders.push(request, Some(reason.into()), not_before);
    }

    /// What the cursor of a commit says of the snapshots.
    fn state(&self) -> SnapshotState {
        let orders = self.control.orders();
        SnapshotState {
            last_id: orders.last_id,
            is_paused: orders.is_paused,
            rows_per_second_max: orders.rows_per_second_max,
            running: self.run.as_ref().map(|run| Running {
                pending: run.pending.clone(),
                progress: run.progress.clone(),
            }),
            queue: orders.queue.iter().cloned().collect(),
        }
    }

    /// Between two transactions: makes the messages that are due, and begins the chunk that is.
    fn step(&mut self) {
        let Some(run) = &mut self.run else {
            self.begin();
            return;
        };
        let is_cancelled = self.control.orders().cancelled.take() == Some(run.pending.id);
        if let Some(outcome) = is_cancelled
            .then_some(Outcome::Cancelled)
            .or(run.verdict.take())
        {
            run.drop_chunks();
            self.end(outcome, 0);
            return;
        }
        let position = &self.feed.cursor().position;
        let is_due = |ready: &(Chunk, Window)| has_reached(position, &ready.0.high);
        if run.ready.as_ref().is_some_and(is_due)
            && let Some((chunk, window)) = run.ready.take()
        {
            if window.is_spoiled() {
                // The next one began where this one ended.
                run.drop_chunks();
            } else {
                self.hand_out(chunk, &window);
                return;
            }
        }
        let orders = self.control.orders();
        if run.wants_chunk() && !orders.is_paused && Instant::now() >= run.not_before {
            // No burst is longer than a second.
            let rows_max = match orders.rows_per_second_max {
                0 => usize::MAX,
                rows => rows as usize,
            };
            drop(orders);
            run.begin_chunk(&self.options.url, self.reader.take(), position, rows_max);
        }
    }

    /// After a chunk was read: how large the next one is, and when.
    fn pace(&mut self) {
        let rows_per_second_max = self.control.orders().rows_per_second_max;
        if let Some(run) = &mut self.run {
            run.pace(self.options.chunk_rows_max, rows_per_second_max);
        }
        self.report();
    }

    fn report(&self) {
        self.control.orders().running = self.run.as_ref().map(Run::report);
    }
}
