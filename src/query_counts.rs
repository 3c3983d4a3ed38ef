//! What was searched for goes from the search API's memory into the database, and what is popular is made of it.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use core_services::queries::store;
use core_services::queries::{NewCount, SearchedNoun};
use indexer::Noun;
use search_api::{QueryCount, QueryCounts, korean_time};
use sqlx::MySqlPool;
use tokio::time::{Instant, MissedTickBehavior, interval};
use tracing::warn;

/// What a killed process forgets.
const WRITE_PERIOD: Duration = Duration::from_secs(10 * 60);
/// Popular is what many ask for in a week; and the index has each change of it to follow.
const RENEW_PERIOD: Duration = Duration::from_secs(60 * 60);

/// Writes the counts down now and then, and at the end. What can't be written is lost, and said: searches go on.
pub(crate) async fn keep_counts(
    pool: &MySqlPool,
    counts: &QueryCounts,
    stopped: impl Future<Output = ()>,
) {
    let mut stopped = pin!(stopped);
    let mut ticks = interval(WRITE_PERIOD);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut renewed: Option<Instant> = None;
    loop {
        let is_last = tokio::select! {
            () = &mut stopped => true,
            _ = ticks.tick() => false,
        };
        let is_time = renewed.is_none_or(|renewed| renewed.elapsed() >= RENEW_PERIOD);
        let written = write(pool, counts.take(), is_time && !is_last).await;
        match written {
            Ok(()) if is_time => renewed = Some(Instant::now()),
            Ok(()) => {}
            Err(error) => warn!(error = ?error, "counts of searches are lost"),
        }
        if is_last {
            return;
        }
    }
}

async fn write(
    pool: &MySqlPool,
    counts: Vec<QueryCount>,
    is_time: bool,
) -> Result<(), core_services::Error> {
    let counts: Vec<NewCount> = counts.into_iter().filter_map(new_count).collect();
    store::add(pool, &counts).await?;
    if is_time {
        let today = korean_time().date_naive();
        store::delete_old(pool, today).await?;
        store::renew_popular(pool, today).await?;
    }
    Ok(())
}

fn new_count(count: QueryCount) -> Option<NewCount> {
    let noun = match count.noun {
        Noun::Institution => SearchedNoun::Institution,
        Noun::Article => SearchedNoun::Article,
        // Nothing else is searched for.
        _ => return None,
    };
    Some(NewCount {
        day: count.day,
        noun,
        query: count.query,
        searches: count.searches,
        found_nothing: count.found_nothing,
    })
}
