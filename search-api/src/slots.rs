//! How many searches run at once, and how many may wait.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::error::ApiError;

/// Bounds the searches that run and wait.
pub(crate) struct Slots {
    admitted: Arc<Semaphore>,
    running: Arc<Semaphore>,
}

/// The right to run a search, until it is dropped.
pub(crate) struct Slot {
    _admitted: OwnedSemaphorePermit,
    _running: OwnedSemaphorePermit,
}

impl Slots {
    pub(crate) fn new(at_once: usize, waiting_max: usize) -> Self {
        Self {
            admitted: Arc::new(Semaphore::new(at_once + waiting_max)),
            running: Arc::new(Semaphore::new(at_once)),
        }
    }

    /// Waits for a turn; [`ApiError::Busy`] when too many wait already.
    pub(crate) async fn take(&self) -> Result<Slot, ApiError> {
        let admitted = Arc::clone(&self.admitted).try_acquire_owned();
        let admitted = admitted.map_err(|_| ApiError::Busy)?;
        let running = Arc::clone(&self.running).acquire_owned().await?;
        Ok(Slot {
            _admitted: admitted,
            _running: running,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_too_many_is_told_so() {
        let slots = Slots::new(1, 1);
        let first = slots.take().await;
        let mut second = Box::pin(slots.take());
        // It waits …
        assert!(
            std::future::poll_fn(|cx| std::task::Poll::Ready(
                second.as_mut().poll(cx).is_pending()
            ))
            .await
        );
        assert!(matches!(slots.take().await, Err(ApiError::Busy)));
        // … until the first is done.
        drop(first);
        assert!(second.await.is_ok());
        assert!(slots.take().await.is_ok());
    }
}
