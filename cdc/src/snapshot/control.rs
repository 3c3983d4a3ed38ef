//! Asking for snapshots, and looking after them, from another task than the one that reads the stream.

use std::collections::{HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use tokio::sync::Notify;
use tokio::time::Instant;

use super::request::{Request, Scope, SnapshotId};
use super::state::{Pending, SnapshotState};

/// Requests that may wait; who asks for more asks in a loop.
const QUEUE_MAX: usize = 1000;
/// Rows that are read again one by one for a repair; where there are more, the whole table is.
const REPAIRED_KEYS_MAX: usize = 10_000;

/// A handle on the snapshots of a [`crate::Snapshots`]; clones are the same handle.
#[derive(Clone, Debug, Default)]
pub struct SnapshotControl {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    orders: Mutex<Orders>,
    changed: Notify,
}

/// What was ordered, and what is told of it.
#[derive(Debug, Default)]
pub(super) struct Orders {
    pub(super) last_id: SnapshotId,
    pub(super) queue: VecDeque<Pending>,
    pub(super) is_paused: bool,
    pub(super) rows_per_second_max: u32,
    pub(super) running: Option<Progress>,
    /// The request under way that is to end.
    pub(super) cancelled: Option<SnapshotId>,
}

impl Orders {
    /// Whether a request that waits will read all that this repair would, perhaps because it has taken its keys.
    pub(super) fn covers(&mut self, repair: &Request) -> bool {
        let mut waiting = self.queue.iter_mut();
        waiting.any(|pending| {
            let waiting = &pending.request;
            if waiting.table != repair.table {
                return false;
            }
            let (known, keys) = match (&waiting.scope, &repair.scope) {
                (Scope::Table, _) => return true,
                (Scope::Keys(known), Scope::Keys(keys)) if pending.reason.is_some() => {
                    (known, keys)
                }
                _ => return false,
            };
            let known_keys: HashSet<_> = known.iter().collect();
            let more = keys.iter().filter(|key| !known_keys.contains(key));
            let keys: Vec<_> = known.iter().chain(more).cloned().collect();
            let scope = match keys.len() {
                0..=REPAIRED_KEYS_MAX => Scope::Keys(keys),
                _ => Scope::Table,
            };
            let table = repair.table.clone();
            pending.request = Arc::new(Request { table, scope });
            true
        })
    }

    pub(super) fn push(
        &mut self,
        request: Request,
        reason: Option<Arc<str>>,
        not_before: Option<Instant>,
    ) -> SnapshotId {
        self.last_id += 1;
        let id = self.last_id;
        self.queue.push_back(Pending {
            id,
            request: Arc::new(request),
            reason,
            not_before,
        });
        id
    }

    /// Takes the first request that may be begun.
    pub(super) fn take_due(&mut self, now: Instant) -> Option<Pending> {
        let is_due = |pending: &Pending| pending.not_before.is_none_or(|due| due <= now);
        let index = self.queue.iter().position(is_due)?;
        self.queue.remove(index)
    }

    /// When a request may be begun that can't yet.
    pub(super) fn next_due(&self) -> Option<Instant> {
        let due = self.queue.iter().filter_map(|pending| pending.not_before);
        due.min()
    }
}

/// There are as many requests waiting as may wait.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{QUEUE_MAX} snapshots are waiting already")]
pub struct QueueFull;

/// How far a request has come.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Progress {
    /// Its number.
    pub id: SnapshotId,
    /// What was asked for.
    #[serde(flatten)]
    pub request: Arc<Request>,
    /// Why, when nobody asked: what made the table stale.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Arc<str>>,
    /// What it is doing.
    pub state: ProgressState,
    /// Chunks that have come.
    pub chunk: u64,
    /// Rows that have come.
    pub rows_done: u64,
    /// Rows that there are in all, by the server's own estimate or the number of keys; `None` when nobody knows.
    pub rows_estimated: Option<u64>,
    /// Rows a second, since the process began with the request.
    pub rate_rows_per_second: f64,
    /// Time that is left at this rate.
    pub remaining_seconds: Option<f64>,
}

/// What a request is doing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ProgressState {
    /// Waiting for its turn.
    Queued,
    /// Under way.
    Reading,
    /// Stopped until [`SnapshotControl::resume`].
    Paused,
    /// Something failed, and it will be tried again.
    Waiting {
        /// What failed.
        reason: String,
    },
}

impl SnapshotControl {
    /// Queues a request and returns its number: that of the same request, when it is waiting already. One that is under
    /// way does not count, since rows that it has passed may have changed unseen.
    ///
    /// # Errors
    /// When too many are waiting.
    pub fn request(&self, request: Request) -> Result<SnapshotId, QueueFull> {
        let mut orders = self.orders();
        let mut waiting = orders.queue.iter_mut();
        if let Some(same) = waiting.find(|same| *same.request == request) {
            // Whoever asks does not want to wait for longer.
            same.not_before = None;
            let id = same.id;
            self.shared.changed.notify_one();
            return Ok(id);
        }
        if orders.queue.len() >= QUEUE_MAX {
            return Err(QueueFull);
        }
        let id = orders.push(request, None, None);
        self.shared.changed.notify_one();
        Ok(id)
    }

    /// Reads no more chunks until [`Self::resume`]; the stream goes on.
    pub fn pause(&self) {
        self.orders().is_paused = true;
        self.shared.changed.notify_one();
    }

    /// Goes on after [`Self::pause`].
    pub fn resume(&self) {
        self.orders().is_paused = false;
        self.shared.changed.notify_one();
    }

    /// Ends a request, waiting or under way. Returns whether there was one with this number.
    pub fn cancel(&self, id: SnapshotId) -> bool {
        let mut orders = self.orders();
        let is_running = orders
            .running
            .as_ref()
            .is_some_and(|running| running.id == id);
        if is_running {
            orders.cancelled = Some(id);
        }
        let waiting = orders.queue.len();
        orders.queue.retain(|pending| pending.id != id);
        self.shared.changed.notify_one();
        is_running || orders.queue.len() < waiting
    }

    /// Reads so many rows a second at most; 0 for as fast as they come.
    pub fn throttle(&self, rows_per_second_max: u32) {
        self.orders().rows_per_second_max = rows_per_second_max;
        self.shared.changed.notify_one();
    }

    /// The request under way, then those that wait.
    #[must_use]
    pub fn progress(&self) -> Vec<Progress> {
        let orders = self.orders();
        let running = orders.running.clone().map(|mut running| {
            if orders.is_paused {
                running.state = ProgressState::Paused;
            }
            running
        });
        let queued = orders.queue.iter().cloned().map(Progress::queued);
        running.into_iter().chain(queued).collect()
    }

    pub(super) fn from_state(state: &SnapshotState) -> Self {
        let control = Self::default();
        let mut orders = control.orders();
        orders.last_id = state.last_id;
        orders.is_paused = state.is_paused;
        orders.rows_per_second_max = state.rows_per_second_max;
        orders.queue = state.queue.iter().cloned().collect();
        drop(orders);
        control
    }

    pub(super) fn orders(&self) -> MutexGuard<'_, Orders> {
        // Nothing in here is left half done by a panic.
        self.shared
            .orders
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns when something was ordered since the last time.
    pub(super) async fn changed(&self) {
        self.shared.changed.notified().await;
    }
}

impl Progress {
    pub(super) fn queued(pending: Pending) -> Self {
        Self {
            id: pending.id,
            request: pending.request,
            reason: pending.reason,
            state: ProgressState::Queued,
            chunk: 0,
            rows_done: 0,
            rows_estimated: None,
            rate_rows_per_second: 0.0,
            remaining_seconds: None,
        }
    }
}
