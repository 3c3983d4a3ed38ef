//! Several subscribers share one reading of the binlog, and none waits for another.

use cdc::{Hub, LOG_BYTES, Message, OnGap, Options, Position, Subscription, Value};
use tokio::time::{Duration, timeout};

use crate::support::TestDatabase;

const TABLE: &str = "create table t (id int primary key, v varchar(2000))";

async fn hub(database: &TestDatabase, log_bytes: usize) -> Hub {
    let tables = ["t", "u"].map(|table| database.table(table));
    Hub::open(Options::new(&database.url, tables), log_bytes)
        .await
        .unwrap()
}

async fn next(subscription: &mut Subscription) -> Message {
    timeout(Duration::from_secs(30), subscription.next())
        .await
        .expect("no message in 30 s")
        .unwrap()
}

/// The ids of the changes up to a position, and how many gaps there were.
async fn ids_until(subscription: &mut Subscription, end: &Position) -> (Vec<i64>, usize) {
    let (mut ids, mut committed, mut gaps) = (Vec::new(), 0, 0);
    while subscription.position().covers(end) != Some(true) {
        match next(subscription).await {
            Message::Change(change) => match change.values_of("id").last() {
                Some(Value::Int(id)) => ids.push(*id),
                other => panic!("{other:?}"),
            },
            Message::Gap => gaps += 1,
            Message::Rewind => ids.truncate(committed),
            Message::Commit(_) => committed = ids.len(),
            _ => {}
        }
    }
    (ids, gaps)
}

#[tokio::test]
async fn each_subscriber_sees_the_changes_of_its_own_tables() {
    let mut database = TestDatabase::new().await;
    database.run(TABLE).await;
    database.run("create table u (id int primary key)").await;
    let start = database.position().await;
    let hub = hub(&database, LOG_BYTES).await;
    let mut of_t = hub.subscribe([database.table("t")], start.clone(), OnGap::Reread);
    let mut of_u = hub.subscribe([database.table("u")], start.clone(), OnGap::Reread);
    let mut of_both = hub.subscribe(
        [database.table("t"), database.table("u")],
        start,
        OnGap::Skip,
    );
    database
        .run("insert into t values (1, 'a'), (2, 'b')")
        .await;
    database.run("insert into u values (3)").await;
    let end = database.position().await;
    assert_eq!(ids_until(&mut of_t, &end).await, (vec![1, 2], 0));
    assert_eq!(ids_until(&mut of_u, &end).await, (vec![3], 0));
    assert_eq!(ids_until(&mut of_both, &end).await, (vec![1, 2, 3], 0));
    database.run("truncate table u").await;
    while !matches!(next(&mut of_u).await, Message::Stale(_)) {}
}

#[tokio::test]
async fn a_slow_subscriber_delays_nobody_and_reads_again_what_the_log_no_longer_holds() {
    let mut database = TestDatabase::new().await;
    database.run(TABLE).await;
    let start = database.position().await;
    let log_bytes = 20_000;
    let hub = hub(&database, log_bytes).await;
    let tables = || [database.table("t")];
    let mut fast = hub.subscribe(tables(), start.clone(), OnGap::Reread);
    let mut slow = hub.subscribe(tables(), start.clone(), OnGap::Reread);
    let mut cache = hub.subscribe(tables(), start.clone(), OnGap::Skip);
    database.run("insert into t values (0, '')").await;
    let begun = database.position().await;
    for subscription in [&mut fast, &mut slow] {
        assert_eq!(ids_until(subscription, &begun).await, (vec![0], 0));
    }
    // Other tests write to the server too, so the cache may have missed something already.
    ids_until(&mut cache, &begun).await;
    for transaction in 0..100 {
        let (a, b) = (transaction * 2 + 1, transaction * 2 + 2);
        database
            .run(&format!(
                "insert into t values ({a}, repeat('x', 500)), ({b}, repeat('y', 500))"
            ))
            .await;
        let now = database.position().await;
        assert_eq!(ids_until(&mut fast, &now).await, (vec![a, b], 0));
    }
    let end = database.position().await;
    let (ids, gaps) = ids_until(&mut slow, &end).await;
    assert_eq!(ids, (1..=200).collect::<Vec<_>>());
    assert_eq!(gaps, 0);
    // A cache hears that it missed something, and then what is new.
    let (ids, gaps) = ids_until(&mut cache, &end).await;
    assert!(gaps > 0);
    assert!(ids.len() < 200 && ids.last() == Some(&200), "{ids:?}");
    // The slow one has caught up, and goes on with the log.
    while !slow.is_live() {
        database
            .run("update t set v = concat(v, 'z') where id = 0")
            .await;
        next(&mut slow).await;
    }
}

#[tokio::test]
async fn a_subscriber_from_before_the_reading_began_catches_up_by_itself() {
    let mut database = TestDatabase::new().await;
    database.run(TABLE).await;
    let start = database.position().await;
    database
        .run("insert into t values (1, 'a'), (2, 'b')")
        .await;
    let hub = hub(&database, LOG_BYTES).await;
    let mut late = hub.subscribe([database.table("t")], start, OnGap::Reread);
    database.run("insert into t values (3, 'c')").await;
    let end = database.position().await;
    assert_eq!(ids_until(&mut late, &end).await, (vec![1, 2, 3], 0));
    while !late.is_live() {
        database
            .run("update t set v = concat(v, 'x') where id = 1")
            .await;
        next(&mut late).await;
    }
}

#[tokio::test]
async fn a_transaction_larger_than_the_log_still_comes_whole() {
    let mut database = TestDatabase::new().await;
    database.run(TABLE).await;
    let start = database.position().await;
    let hub = hub(&database, 10_000).await;
    let mut subscription = hub.subscribe([database.table("t")], start, OnGap::Reread);
    database.run("begin").await;
    for id in 0..300 {
        database
            .run(&format!("insert into t values ({id}, repeat('x', 1000))"))
            .await;
    }
    database.run("commit").await;
    let end = database.position().await;
    let (ids, _) = ids_until(&mut subscription, &end).await;
    assert_eq!(ids, (0..300).collect::<Vec<_>>());
}
