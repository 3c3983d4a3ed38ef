//! Tables that have gone stale are read again by themselves.

use cdc::{Hub, OnGap, Outcome, Snapshots};

use crate::mirror::{Mirror, options, stored, until_commit};
use crate::support::TestDatabase;

const TABLE: &str = "create table t (id int primary key, v varchar(20))";
const ROWS: &str =
    "insert into t values (0, 'a'), (1, 'b'), (2, 'c'), (3, 'd'), (4, 'e'), (5, 'f'), (9, 'g')";

#[tokio::test]
async fn a_stale_table_is_in_the_cursor_of_its_commit_until_it_was_read_again() {
    let mut database = TestDatabase::new().await;
    database.run(TABLE).await;
    database.run(ROWS).await;
    let mut stream = database.snapshots("t", 3).await;
    database.run("truncate table t").await;
    database.run("insert into t values (7, 'new')").await;
    let mut mirror = Mirror::default();
    let mut commit = until_commit(&mut stream, &mut mirror).await;
    while commit.cursor.snapshots.is_idle() {
        commit = until_commit(&mut stream, &mut mirror).await;
    }
    let reason = stream.control().progress()[0].reason.clone();
    assert!(reason.is_some_and(|reason| reason.contains("TRUNCATE")));
    // A crash: the next process knows.
    drop(stream);
    let mut stream = database.resume("t", stored(&commit.cursor)).await;
    mirror.until_ended(&mut stream, 1).await;
    mirror.until_now(&database, &mut stream).await;
    assert_eq!(mirror.rows, database.select("t", 1, &[]).await);
    assert!(stream.cursor().snapshots.is_idle());
}

#[tokio::test]
async fn a_subscriber_that_missed_changes_reads_its_tables_again() {
    let mut database = TestDatabase::new().await;
    database.run(TABLE).await;
    database.run(ROWS).await;
    let tables = || [database.table("t")];
    let hub = Hub::open(cdc::Options::new(&database.url, tables()), 20_000)
        .await
        .unwrap();
    let start = database.position().await;
    let subscription = hub.subscribe(tables(), start, OnGap::Skip);
    for _ in 0..100 {
        let statement = "update t set v = concat(left(v, 9), '+') where id < 9";
        database.run(statement).await;
    }
    database.run("delete from t where id = 9").await;
    let mut stream = Snapshots::new(subscription, options(&database, 3));
    let mut mirror = Mirror::default();
    while mirror.outcomes.is_empty() {
        let message = stream.next().await.unwrap();
        mirror.apply(&message);
    }
    assert_eq!(mirror.outcomes, [Outcome::Done]);
    let end = database.position().await;
    while stream.position().covers(&end) != Some(true) {
        let message = stream.next().await.unwrap();
        mirror.apply(&message);
    }
    assert_eq!(mirror.rows, database.select("t", 1, &[]).await);
}
