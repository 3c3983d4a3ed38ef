//! Scans: all documents of a noun made from the tables again, in steps between which the stream is followed.
//!
//! What changes behind a scan comes by the stream; what changes there unseen makes its table stale again, and the scan is
//! followed by another. The tables stay in the commits' payload until the end, so a crash begins a scan again.

use std::collections::HashSet;
use std::pin::{Pin, pin};
use std::time::Duration;

use tokio::time::{Instant, sleep};
use tracing::{debug, info};

use super::{LOAD_KEYS_MAX, Pipeline};
use crate::dirty::{DirtyKey, Noun};
use crate::documents;
use crate::error::Error;

/// Keys of a step. One chunk, so that changes never wait long.
const STEP_KEYS: u32 = LOAD_KEYS_MAX as u32;
/// Pause of those who wait for a transaction that holds what they must read.
const BLOCKED_PAUSE: Duration = Duration::from_millis(500);

/// A scan under way.
#[derive(Debug)]
pub(super) struct Scan {
    pub(super) noun: Noun,
    pub(super) began: Instant,
    last: Option<DirtyKey>,
    /// What the tables had, eight bytes a key.
    seen: HashSet<u64>,
    /// What only the index has, once the tables have been read; to be looked at once more, key by key.
    unseen: Option<Vec<DirtyKey>>,
}

impl Scan {
    pub(super) fn of(noun: Noun) -> Self {
        Self {
            noun,
            began: Instant::now(),
            last: None,
            seen: HashSet::new(),
            unseen: None,
        }
    }
}

impl Pipeline {
    /// A step of the scan that is due, if one is; only between two batches.
    pub(super) async fn scan_step(&mut self) -> Result<(), Error> {
        let started = Instant::now();
        let Some(mut scan) = self.stale.take() else {
            return Ok(());
        };
        // On the heap, since the future that reads the stream stands beside it.
        match Box::pin(self.advance(&mut scan)).await {
            Ok(false) => self.stale.go_on(scan, started.elapsed()),
            Ok(true) => {
                self.stale.done(&scan);
                info!(
                    noun = scan.noun.name(),
                    documents = scan.seen.len(),
                    ms = scan.began.elapsed().as_millis(),
                    "read again"
                );
                self.commit(&self.reached.clone()).await?;
            }
            Err(error) if error.is_blocked() => {
                debug!(%error, "a transaction holds what is to be read again");
                self.stale.blocked(scan);
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// Brings the next keys up to date; whether they were the last.
    async fn advance(&mut self, scan: &mut Scan) -> Result<bool, Error> {
        if let Some(unseen) = &mut scan.unseen {
            let chunk: Vec<_> = unseen.drain(..unseen.len().min(LOAD_KEYS_MAX)).collect();
            let is_last = unseen.is_empty();
            self.apply(&chunk).await?;
            return Ok(is_last);
        }
        let keys = documents::list_keys(&self.pool, scan.noun, scan.last, STEP_KEYS).await?;
        let Some(newest) = keys.last() else {
            let unseen = self.unseen(scan).await?;
            let is_last = unseen.is_empty();
            scan.unseen = Some(unseen);
            return Ok(is_last);
        };
        self.apply(&keys).await?;
        scan.last = Some(*newest);
        scan.seen.extend(keys.iter().map(|key| key.number()));
        self.live
            .report(|progress| progress.scanned += keys.len() as u64);
        Ok(false)
    }

    async fn unseen(&self, scan: &Scan) -> Result<Vec<DirtyKey>, Error> {
        let is_unseen =
            |key: &DirtyKey| key.noun() == scan.noun && !scan.seen.contains(&key.number());
        // What is buffered is not in the index yet.
        let mut unseen: Vec<_> = self.buffered.iter().copied().filter(is_unseen).collect();
        let indexed = self.engine.list(scan.noun).await?;
        unseen.extend(indexed.into_iter().filter(is_unseen));
        Ok(unseen)
    }

    /// Scans every noun without a break: what builds an index. It is to be followed by [`Pipeline::compact`].
    pub(crate) async fn resync(&mut self) -> Result<(), Error> {
        self.engine.expect_many()?;
        let mut built = 0;
        for noun in Noun::ALL {
            let mut scan = Scan::of(noun);
            loop {
                match self.advance(&mut scan).await {
                    Ok(true) => break,
                    Ok(false) => {}
                    Err(error) if error.is_blocked() => self.wait_for_locks(&error).await,
                    Err(error) => return Err(error),
                }
                let documents = built + scan.seen.len() as u64;
                self.live.report(|progress| progress.built = documents);
                debug!(documents, "read from the tables");
            }
            built += scan.seen.len() as u64;
        }
        Ok(())
    }

    /// Makes searches of what was built as fast as they can be.
    pub(crate) async fn compact(&mut self) -> Result<(), Error> {
        self.engine.compact().await
    }

    /// Scans and tries without pauses until nothing waits to be read again; for ever, if a transaction holds it for ever.
    pub(crate) async fn settle(&mut self) -> Result<(), Error> {
        while !self.is_settled() {
            self.stale.hurry();
            let keys = self.postponed.keys();
            self.apply(&keys).await?;
            if self.stale.is_due() {
                self.scan_step().await?;
            } else if !self.is_settled() {
                sleep(BLOCKED_PAUSE).await;
            }
        }
        if self.has_changes() {
            self.commit(&self.reached.clone()).await?;
        }
        Ok(())
    }

    async fn wait_for_locks(&self, error: &Error) {
        let problem = format!("{error}: a transaction holds rows that are to be read; end it");
        self.live
            .report(|progress| progress.problem = Some(problem));
        sleep(BLOCKED_PAUSE).await;
        self.live.report(|progress| progress.problem = None);
    }
}

/// Does a step to its end, and goes on with `next` whenever the step waits for an answer; `next`'s own, if it has come by
/// then.
pub(super) async fn beside<Step: Future, Next: Future>(
    step: Step,
    next: Pin<&mut Next>,
) -> (Step::Output, Option<Next::Output>) {
    let mut step = pin!(step);
    tokio::select! {
        biased;
        done = &mut step => (done, None),
        message = next => (step.await, Some(message)),
    }
}

#[cfg(test)]
mod tests {
    use tokio::task::yield_now;

    use super::*;

    /// What waits for so many answers.
    async fn answers(count: u32) -> u32 {
        for _ in 0..count {
            yield_now().await;
        }
        count
    }

    #[tokio::test]
    async fn what_waits_for_fewer_answers_than_a_step_is_there_at_its_end() {
        let next = pin!(answers(11));
        assert_eq!(beside(answers(12), next).await, (12, Some(11)));
    }

    #[tokio::test]
    async fn what_waits_for_more_goes_on_beside_the_next_step() {
        let mut next = pin!(answers(20));
        assert_eq!(beside(answers(12), next.as_mut()).await, (12, None));
        assert_eq!(beside(answers(12), next.as_mut()).await, (12, Some(20)));
    }
}
