//! Looks at the index for everybody who watches: asked at most once in a while, however many watch, and not when nobody does.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{Mutex, OwnedSemaphorePermit, Semaphore};

use super::index::Live;
use crate::api::Api;

/// How long a look is good enough for everybody else; a little less than [`super::events::PERIOD`], so that each tick sees news.
const FRESH: Duration = Duration::from_millis(900);
/// Watchers at once: an office, with room. Each holds a connection.
const WATCHERS_MAX: usize = 64;

/// The last look at the index, and who may watch.
#[derive(Clone)]
pub(crate) struct Lookout {
    api: Api,
    last: Arc<Mutex<Option<(Instant, Live)>>>,
    watchers: Arc<Semaphore>,
}

impl Lookout {
    pub(crate) fn new(api: Api) -> Self {
        Self {
            api,
            last: Arc::default(),
            watchers: Arc::new(Semaphore::new(WATCHERS_MAX)),
        }
    }

    /// How the index stands. Whoever asks while somebody else does gets the same answer.
    pub(crate) async fn look(&self) -> Live {
        let mut last = self.last.lock().await;
        if let Some((at, live)) = &*last
            && at.elapsed() < FRESH
        {
            return live.clone();
        }
        let live = Live::new(self.api.index_state().await);
        *last = Some((Instant::now(), live.clone()));
        live
    }

    /// The right to watch, until it is dropped; `None` when too many do.
    pub(crate) fn watch(&self) -> Option<OwnedSemaphorePermit> {
        self.watchers.clone().try_acquire_owned().ok()
    }
}
