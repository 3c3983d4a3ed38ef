//! The messages of a snapshot: its marks, its rows, and the commits after them.

use std::sync::Arc;

use tokio::time::Instant;
use tracing::{info, warn};

use super::Snapshots;
use super::chunk::Chunk;
use super::feed::Feed;
use super::request::{Outcome, SnapshotMark};
use super::run::Run;
use super::state::Progressed;
use super::window::Window;
use crate::event::{ChangeEvent, Commit, Message, Op, Source};

impl<F: Feed> Snapshots<F> {
    /// Begins the next request.
    pub(super) fn begin(&mut self) {
        let Some(pending) = self.control.orders().take_due(Instant::now()) else {
            return;
        };
        let (id, request) = (pending.id, Arc::clone(&pending.request));
        info!(id, table = %request.table, reason = pending.reason.as_deref(), "a snapshot begins");
        let mark = SnapshotMark::Begin { id, request };
        self.outgoing.push_back(Message::Snapshot(mark));
        let rows_max = self.options.chunk_rows_max;
        self.run = Some(Run::new(pending, Progressed::default(), rows_max));
        self.commit(0);
        self.report();
    }

    /// Makes the messages of a chunk.
    pub(super) fn hand_out(&mut self, chunk: Chunk, window: &Window) {
        let Some(run) = &mut self.run else { return };
        let position = &self.feed.cursor().position;
        let mut source = Source {
            server_id: 0,
            gtid: None,
            file: position.file.as_str().into(),
            offset: position.offset,
            row: 0,
            timestamp_microseconds: u64::from(chunk.timestamp_seconds) * 1_000_000,
            thread: None,
            query: None,
            order: 0,
            table_order: 0,
        };
        let mut rows = 0;
        for row in chunk.rows {
            let Some(table) = chunk
                .table
                .as_ref()
                .filter(|table| window.is_fresh(&row, &table.primary_key))
            else {
                continue;
            };
            let change = ChangeEvent {
                op: Op::Read,
                table: table.clone(),
                before: None,
                after: Some(row),
                source: source.clone(),
            };
            self.outgoing.push_back(Message::Change(Arc::new(change)));
            source.row += 1;
            rows += 1;
        }
        let progress = Progressed {
            end: chunk.end,
            key_definition: chunk.key_definition,
            chunks: run.progress.chunks + 1,
            rows: run.progress.rows + rows,
        };
        if chunk.is_last {
            self.end(Outcome::Done, chunk.timestamp_seconds);
        } else {
            run.next = Some(Some(progress));
            self.commit(chunk.timestamp_seconds);
        }
    }

    /// Ends the request with the messages that are due.
    pub(super) fn end(&mut self, outcome: Outcome, timestamp_seconds: u32) {
        let Some(run) = &mut self.run else { return };
        run.next = Some(None);
        let (id, request) = (run.pending.id, Arc::clone(&run.pending.request));
        match &outcome {
            Outcome::Refused { problem, remedy } => {
                warn!(id, table = %request.table, problem, remedy, "a snapshot can't be made");
            }
            outcome => info!(id, table = %request.table, ?outcome, "a snapshot has ended"),
        }
        let mark = SnapshotMark::End {
            id,
            request,
            outcome,
        };
        self.outgoing.push_back(Message::Snapshot(mark));
        self.commit(timestamp_seconds);
    }

    fn commit(&mut self, timestamp_seconds: u32) {
        self.outgoing.push_back(Message::Commit(Commit {
            cursor: self.feed.cursor().clone(),
            timestamp_seconds,
        }));
    }

    /// With the commit of a chunk its rows count as done.
    pub(super) fn finish(&mut self, commit: &mut Commit) {
        match self.run.as_mut().and_then(|run| run.next.take()) {
            Some(Some(progress)) => {
                if let Some(run) = &mut self.run {
                    run.progress = progress;
                }
            }
            Some(None) => {
                self.run = None;
                if self.control.orders().queue.is_empty() {
                    self.reader = None;
                }
            }
            None => {}
        }
        commit.cursor.snapshots = self.state();
        self.cursor.clone_from(&commit.cursor);
        self.report();
    }
}
