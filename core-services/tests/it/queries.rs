//! Counts of searches in their tables.

use chrono::{Days, NaiveDate};
use core_services::queries::store::{self, Order, Part};
use core_services::queries::{NewCount, SearchedNoun};

use crate::support::TestDatabase;

const ALL: Part = Part {
    offset: 0,
    limit: 100,
};

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 21).unwrap()
}

fn ago(days: u64) -> NaiveDate {
    today() - Days::new(days)
}

fn count(day: NaiveDate, query: &str, searches: u32, found_nothing: u32) -> NewCount {
    NewCount {
        day,
        noun: SearchedNoun::Institution,
        query: query.to_owned(),
        searches,
        found_nothing,
    }
}

async fn listed(
    database: &TestDatabase,
    first: NaiveDate,
    order: Order,
) -> Vec<(String, u64, u64)> {
    let (rows, total) = store::list(&database.pool, first, order, ALL)
        .await
        .unwrap();
    assert_eq!(rows.len() as u64, total);
    let rows = rows.into_iter();
    rows.map(|row| (row.query, row.searches, row.found_nothing))
        .collect()
}

async fn popular(database: &TestDatabase) -> Vec<(u64, String, u32)> {
    sqlx::query_as("select id, query, searches from popular_queries order by searches desc, query")
        .fetch_all(&database.pool)
        .await
        .unwrap()
}

#[tokio::test]
async fn counts_of_a_day_add_up_and_are_listed_by_days() {
    let database = TestDatabase::new().await;
    let pool = &database.pool;
    store::add(pool, &[]).await.unwrap();
    let old = count(ago(10), "치과", 100, 0);
    store::add(
        pool,
        &[
            count(today(), "치과", 5, 0),
            count(today(), "없는말", 6, 6),
            old,
        ],
    )
    .await
    .unwrap();
    store::add(
        pool,
        &[count(today(), "치과", 2, 1), count(ago(1), "치과", 5, 0)],
    )
    .await
    .unwrap();
    let row = |query: &str, searches, nothing| (query.to_owned(), searches, nothing);
    assert_eq!(
        listed(&database, ago(6), Order::Searches).await,
        [row("치과", 12, 1), row("없는말", 6, 6)]
    );
    assert_eq!(
        listed(&database, ago(6), Order::FoundNothing).await,
        [row("없는말", 6, 6), row("치과", 12, 1)]
    );
    assert_eq!(
        listed(&database, ago(10), Order::Searches).await[0],
        row("치과", 112, 1)
    );
    let second = Part {
        offset: 1,
        limit: 1,
    };
    let (rows, total) = store::list(pool, ago(6), Order::Searches, second)
        .await
        .unwrap();
    assert_eq!((rows[0].query.as_str(), total), ("없는말", 2));
    // The same words for articles are another row.
    let articles = NewCount {
        noun: SearchedNoun::Article,
        ..count(today(), "치과", 5, 5)
    };
    store::add(pool, &[articles]).await.unwrap();
    assert_eq!(listed(&database, today(), Order::Searches).await.len(), 3);
}

#[tokio::test]
async fn counts_are_kept_for_ninety_days() {
    let database = TestDatabase::new().await;
    let pool = &database.pool;
    let counts: Vec<NewCount> = [0, 89, 90, 400]
        .map(|days| count(ago(days), "치과", 5, 0))
        .into();
    store::add(pool, &counts).await.unwrap();
    assert_eq!(store::delete_old(pool, today()).await.unwrap(), 2);
    assert_eq!(store::delete_old(pool, today()).await.unwrap(), 0);
    assert_eq!(listed(&database, ago(500), Order::Searches).await[0].1, 10);
}

#[tokio::test]
async fn what_many_ask_and_find_becomes_popular_and_no_longer_when_they_stop() {
    let database = TestDatabase::new().await;
    let pool = &database.pool;
    let counts = [
        count(today(), "야간진료", 15, 7),
        count(ago(6), "야간진료", 15, 0),
        count(today(), "치과", 40, 0),
        count(today(), "드문말", 19, 0),
        count(today(), "없는말", 90, 60),
        count(ago(7), "지난주", 90, 0),
    ];
    store::add(pool, &counts).await.unwrap();
    store::renew_popular(pool, today()).await.unwrap();
    let first = popular(&database).await;
    let shown: Vec<(&str, u32)> = first
        .iter()
        .map(|(_, query, n)| (query.as_str(), *n))
        .collect();
    assert_eq!(shown, [("치과", 40), ("야간진료", 30)]);
    // What is as before keeps its number, so the index has nothing to follow.
    store::renew_popular(pool, today()).await.unwrap();
    assert_eq!(popular(&database).await, first);
    store::renew_popular(pool, today() + Days::new(1))
        .await
        .unwrap();
    let later = popular(&database).await;
    assert_eq!(later, [first[0].clone()], "야간진료 is down to 15");
    store::renew_popular(pool, today() + Days::new(30))
        .await
        .unwrap();
    assert_eq!(popular(&database).await, []);
}
