//! A lease: of several instances that were started on one database one works and the others wait to take over.
//!
//! It is the server's named lock (`get_lock`), which belongs to a connection and ends with it. That alone is not enough:
//! the server may free the lock (the connection was killed or cut on its side, it was restarted) a while before the holder
//! hears of it. So both sides also go by the clock:
//!
//! - The holder asks the server every second whether the lock is still its own. An answer proves it for the moment at which
//!   the question was *sent*, and counts for [`VALIDITY`] from then; without another answer in that time the lease is lost.
//! - Who gets the lock waits for [`GRACE`] before it works. At the moment the server freed the lock the old holder's last
//!   proof had been sent already, so it stops at most [`VALIDITY`] later, which is [`GRACE`] less a margin of half a second
//!   for stopping and for clocks that don't run alike. Only how fast the clocks run counts, never what time they show.
//! - A holder that has vanished without a word says nothing, so the server ends its connection [`IDLE_SECONDS`] after the
//!   last question and frees the lock. So another works [`IDLE_SECONDS`] + [`GRACE`] = 8.5 s after the last sign of life at
//!   the latest, and [`GRACE`] = 4.5 s after the end of a process whose system could still close the connection.
//!
//! The price: also the first instance waits for [`GRACE`], since it can't know that there was nobody before it. A process
//! that is stopped and goes on later finds its lease lost, but does whatever it does before it looks: what must not happen
//! twice asks [`Lease::is_held`] right before, and is made so that a repetition does no harm.
//!
//! All instances must reach the same server: the locks of two nodes of a cluster know nothing of each other.

use std::time::Duration;

use mysql_async::Conn;
use mysql_async::prelude::{Queryable, WithParams};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, sleep_until, timeout, timeout_at};
use tracing::{info, warn};

use crate::ask;
use crate::error::{Error, Policy};
use crate::server::Server;
use crate::stream::ErrorChain;

/// How often the holder asks the server: a lost question or a slow answer must not cost the lease.
const QUESTION_PERIOD: Duration = Duration::from_secs(1);
/// How long a proof counts.
const VALIDITY: Duration = Duration::from_secs(4);
/// How long one who got the lock waits for the old holder to stop.
const GRACE: Duration = Duration::from_millis(4500);
/// After so much silence the server ends the holder's connection; whole seconds, and no shorter than a proof counts.
const IDLE_SECONDS: u64 = 4;
/// The server waits so long for the lock before it answers; then it is asked again, which shows that it is there.
const WAIT_SECONDS: u64 = 2;
/// How long the server may take for anything else.
const ANSWER_MAX: Duration = Duration::from_secs(5);
/// Pause after a failure, and between two waits.
const PAUSE: Duration = Duration::from_millis(100);

/// The right to be the one that works, until it is lost or dropped.
#[derive(Debug)]
pub struct Lease {
    /// Until when it is proven; closed when it is lost before that.
    proven: watch::Receiver<Instant>,
    keeper: JoinHandle<()>,
}

impl Lease {
    /// Waits until the lease of this name, among all who use the same database, is ours. Goes on waiting when the server
    /// can't be reached.
    ///
    /// # Errors
    /// When the URL is malformed.
    pub async fn acquire(url: &str, name: &str) -> Result<Self, Error> {
        loop {
            match Self::wait(url, name).await {
                Ok(lease) => {
                    let taken = timeout(GRACE, lease.lost()).await;
                    if taken.is_err() {
                        info!(name, "holding the lease");
                        return Ok(lease);
                    }
                }
                Err(error) if error.policy() == Policy::Retry => {
                    warn!(name, error = %ErrorChain(&error), "could not wait for the lease, trying again");
                }
                Err(error) => return Err(error),
            }
            sleep(PAUSE).await;
        }
    }

    /// Whether the lease is proven to be ours at this moment.
    #[must_use]
    pub fn is_held(&self) -> bool {
        // Without its keeper a lease that was just proven has been lost.
        self.proven.has_changed().is_ok() && Instant::now() < *self.proven.borrow()
    }

    /// Waits until the lease is no longer proven to be ours: the holder must stop within half a second.
    pub async fn lost(&self) {
        let mut proven = self.proven.clone();
        loop {
            let until = *proven.borrow_and_update();
            tokio::select! {
                () = sleep_until(until) => return,
                changed = proven.changed() => if changed.is_err() {
                    return;
                }
            }
        }
    }

    /// Waits for the server's lock.
    async fn wait(url: &str, name: &str) -> Result<Self, Error> {
        let server = within(ANSWER_MAX, Server::connect(url)).await?;
        let mut connection = server.connection;
        let idle = format!("set session wait_timeout = {IDLE_SECONDS}");
        answer(ANSWER_MAX, connection.query_drop(idle)).await?;
        // Locks are the whole server's, and their names have 64 characters without case: the hash makes one of any name.
        let hash = "select concat('jinmaek ', sha2(concat(coalesce(database(), ''), '/', ?), 224))";
        let lock: Option<String> =
            answer(ANSWER_MAX, ask::first(&mut connection, hash.with((name,)))).await?;
        let lock = lock.unwrap_or_default();
        loop {
            let question = "select get_lock(?, ?)".with((lock.as_str(), WAIT_SECONDS));
            let question = ask::first(&mut connection, question);
            let wait = Duration::from_secs(WAIT_SECONDS) + ANSWER_MAX;
            let got: Option<Option<u32>> = answer(wait, question).await?;
            if got.flatten() == Some(1) {
                break;
            }
            sleep(PAUSE).await;
        }
        // Nobody works on the strength of this yet: before the grace is over the keeper must have proven it.
        let (proven, receiver) = watch::channel(Instant::now() + VALIDITY);
        let keeper = tokio::spawn(keep(connection, lock, proven));
        Ok(Self {
            proven: receiver,
            keeper,
        })
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        // With the keeper goes the connection, and with it the lock.
        self.keeper.abort();
    }
}

/// Proves again and again that the lock is ours, until it can't.
async fn keep(mut connection: Conn, lock: String, proven: watch::Sender<Instant>) {
    loop {
        let sent = Instant::now();
        let question = "select is_used_lock(?) = connection_id()".with((lock.as_str(),));
        let question = ask::first::<Option<bool>>(&mut connection, question);
        let until = *proven.borrow();
        match timeout_at(until, question).await {
            Ok(Ok(Some(Some(true)))) => {
                proven.send_replace(sent + VALIDITY);
            }
            Ok(Ok(_)) => return warn!("lost the lease: somebody else holds the lock"),
            Ok(Err(error)) => {
                return warn!(error = %ErrorChain(&error), "lost the lease: the connection failed");
            }
            Err(_) => return warn!("lost the lease: the database does not answer"),
        }
        sleep_until(sent + QUESTION_PERIOD).await;
    }
}

async fn answer<T>(
    longest: Duration,
    question: impl Future<Output = Result<T, mysql_async::Error>>,
) -> Result<T, Error> {
    within(longest, async { question.await.map_err(Error::Connection) }).await
}

async fn within<T>(
    longest: Duration,
    work: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    timeout(longest, work).await.unwrap_or_else(|_| {
        Err(Error::Silence {
            seconds: longest.as_secs(),
        })
    })
}
