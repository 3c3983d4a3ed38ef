//! What all handlers share.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, FixedOffset, Utc};
use indexer::{LiveHandle, LiveIndex, Noun};
use tracing::warn;

use crate::error::ApiError;
use crate::health::LAG_MAX;
use crate::metrics::Metrics;
use crate::open_docs::OpenDocs;
use crate::opening_state::Moment;
use crate::query_counts::QueryCounts;
use crate::segments::Segments;
use crate::slots::Slots;
use crate::suggest::{Names, Popular};

/// Korea has had one offset, and no summer time, since 1988.
const KOREA_SECONDS: i32 = 9 * 3600;
/// Searches that may wait for a processor: at 10 ms each, the last of them waits about a second on two.
const SEARCHES_WAITING_MAX: usize = 256;

/// What the description of the API promises.
const POSITION_PATIENCE: Duration = Duration::from_secs(5);

/// What may be chosen about the API.
#[derive(Clone, Debug)]
pub struct Options {
    /// What time it is in Korea; tests set it.
    pub clock: fn() -> DateTime<FixedOffset>,
    /// How long a request with `min_position` waits for the index.
    pub position_patience: Duration,
    /// Searches that run at once; each keeps a processor busy.
    pub searches_at_once: usize,
    /// Searches that may wait for their turn; to one more we are busy.
    pub searches_waiting_max: usize,
    /// `/readyz` fails when changes come later from the database.
    pub lag_max: Duration,
    /// Where searches are counted; whoever keeps a clone takes them from there.
    pub query_counts: QueryCounts,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            clock: korean_time,
            position_patience: POSITION_PATIENCE,
            searches_at_once: std::thread::available_parallelism()
                .map_or(1, std::num::NonZero::get),
            searches_waiting_max: SEARCHES_WAITING_MAX,
            lag_max: LAG_MAX,
            query_counts: QueryCounts::default(),
        }
    }
}

/// The time of the Korean wall clock.
#[must_use]
pub fn korean_time() -> DateTime<FixedOffset> {
    let now = Utc::now().fixed_offset();
    FixedOffset::east_opt(KOREA_SECONDS).map_or(now, |korea| now.with_timezone(&korea))
}

#[derive(Clone)]
pub(crate) struct State {
    pub(crate) live: LiveHandle,
    pub(crate) segments: Arc<Segments>,
    /// Which documents are open at recently asked minutes.
    pub(crate) open_docs: Arc<OpenDocs>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) position_patience: Duration,
    pub(crate) lag_max: Duration,
    query_counts: QueryCounts,
    popular: Arc<Mutex<Popular>>,
    clock: fn() -> DateTime<FixedOffset>,
    slots: Arc<Slots>,
}

impl State {
    pub(crate) fn new(live: LiveHandle, options: &Options) -> Self {
        Self {
            live,
            segments: Arc::default(),
            open_docs: Arc::default(),
            metrics: Arc::default(),
            position_patience: options.position_patience,
            lag_max: options.lag_max,
            query_counts: options.query_counts.clone(),
            popular: Arc::default(),
            clock: options.clock,
            slots: Arc::new(Slots::new(
                options.searches_at_once,
                options.searches_waiting_max,
            )),
        }
    }

    /// Has what searches need made before they see an index.
    pub(crate) fn warm(&self) {
        let segments = Arc::clone(&self.segments);
        self.live.warm_with(move |index| {
            let facts = segments.facts(index);
            if let Err(error) = facts.map(|facts| segments.language(index, &facts)) {
                warn!(?error, "the first search will have to prepare itself");
            }
        });
    }

    pub(crate) fn now(&self) -> Moment {
        (self.clock)().naive_local().into()
    }

    /// Counts a search for a text, unless it is a further page of one.
    pub(crate) fn count(&self, noun: Noun, text: &str, page: u32, found_nothing: bool) {
        if page == 1 {
            let today = (self.clock)().date_naive();
            self.query_counts.add(today, noun, text, found_nothing);
        }
    }

    /// The names of the popular queries of an index.
    pub(crate) fn popular(&self, index: &LiveIndex) -> Arc<Names> {
        // Whoever panicked while holding the lock left names that are whole.
        let mut known = self.popular.lock().unwrap_or_else(PoisonError::into_inner);
        known.of(&index.popular_queries)
    }

    /// Runs a search on a thread of its own, when its turn comes.
    pub(crate) async fn search<T: Send + 'static>(
        &self,
        search: impl FnOnce(&Self) -> Result<T, ApiError> + Send + 'static,
    ) -> Result<T, ApiError> {
        let slot = self.slots.take().await?;
        let search = move |state: &Self| {
            // Held until the search ends, even when the client has gone meanwhile.
            let _slot = slot;
            search(state)
        };
        self.look(search).await
    }

    /// Looks into the index for those who watch it, who want an answer most when searches queue up.
    pub(crate) async fn look<T: Send + 'static>(
        &self,
        look: impl FnOnce(&Self) -> Result<T, ApiError> + Send + 'static,
    ) -> Result<T, ApiError> {
        let state = self.clone();
        tokio::task::spawn_blocking(move || look(&state)).await?
    }
}
