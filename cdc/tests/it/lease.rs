//! Of several instances one works; another takes over in time, and never before the first has stopped.

use std::time::{Duration, Instant};

use cdc::Lease;
use cdc::fault_proxy::{Direction, Ending, Fault, FaultProxy};
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Opts};
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::support::TestDatabase;

const TAKEOVER_MAX: Duration = Duration::from_secs(10);
/// Enough for the second to ask for the lease.
const CALM: Duration = Duration::from_secs(1);

/// What happens to the one that holds the lease.
#[derive(Clone, Copy, Debug)]
enum Misfortune {
    ProcessEnds,
    ConnectionIsKilled,
    ConnectionIsReset,
    NetworkStalls,
    SocketIsHalfOpen,
    AnswersAreLate,
}

/// How long the other one took to take over.
async fn takeover(database_url: String, misfortune: Misfortune) -> Duration {
    let name = format!("{misfortune:?}");
    let proxy = FaultProxy::before(&database_url).await.unwrap();
    let first = Lease::acquire(&proxy.url(&database_url), &name)
        .await
        .unwrap();
    let (url, its_name) = (database_url.clone(), name.clone());
    let second = tokio::spawn(async move {
        let lease = Lease::acquire(&url, &its_name).await.unwrap();
        (lease, Instant::now())
    });
    assert!(
        timeout(CALM, first.lost()).await.is_err(),
        "{name}: it was lost before anything happened"
    );
    assert!(first.is_held() && !second.is_finished(), "{name}");

    let started = Instant::now();
    let first_stops = match misfortune {
        Misfortune::ProcessEnds => {
            drop(first);
            Instant::now()
        }
        _ => {
            match misfortune {
                Misfortune::ConnectionIsReset => proxy.cut(Ending::Rst),
                Misfortune::SocketIsHalfOpen => proxy.half_open(),
                Misfortune::NetworkStalls => {
                    proxy.set(Direction::ToServer, Fault::Stall);
                    proxy.set(Direction::ToClient, Fault::Stall);
                }
                Misfortune::AnswersAreLate => {
                    proxy.set(Direction::ToClient, Fault::Delay(TAKEOVER_MAX));
                }
                Misfortune::ConnectionIsKilled | Misfortune::ProcessEnds => {
                    kill_holder(&database_url, &name).await;
                }
            }
            first.lost().await;
            let stopped = Instant::now();
            assert!(!first.is_held(), "{name}");
            drop(first);
            stopped
        }
    };
    let (lease, second_starts) = second.await.unwrap();
    assert!(lease.is_held(), "{name}");
    assert!(first_stops <= second_starts, "{name}: both at once");
    println!(
        "{name}: the first stopped after {:.1} s, the second worked after {:.1} s",
        (first_stops - started).as_secs_f64(),
        (second_starts - started).as_secs_f64()
    );
    second_starts - started
}

async fn kill_holder(url: &str, name: &str) {
    let mut admin = Conn::new(Opts::from_url(url).unwrap()).await.unwrap();
    let holder: Option<u64> = admin
        .exec_first(
            "select is_used_lock(concat('jinmaek ', sha2(concat(database(), '/', ?), 224)))",
            (name,),
        )
        .await
        .unwrap();
    let kill = format!("kill {}", holder.unwrap());
    admin.query_drop(kill).await.unwrap();
}

#[tokio::test]
async fn another_instance_takes_over_in_10_seconds_and_never_before_the_first_has_stopped() {
    let database = TestDatabase::new().await;
    let misfortunes = [
        Misfortune::ProcessEnds,
        Misfortune::ConnectionIsKilled,
        Misfortune::ConnectionIsReset,
        Misfortune::NetworkStalls,
        Misfortune::SocketIsHalfOpen,
        Misfortune::AnswersAreLate,
    ];
    // At once: nearly all of the time is waiting.
    let takeovers: JoinSet<_> = misfortunes
        .map(|misfortune| takeover(database.url.clone(), misfortune))
        .into_iter()
        .collect();
    for takeover in takeovers.join_all().await {
        assert!(takeover < TAKEOVER_MAX, "{takeover:?}");
    }
}
