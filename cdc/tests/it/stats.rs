//! What can be seen of a stream from outside: counts, lag, and how long the server keeps what is still to be read.

use std::time::Duration;

use cdc::{ChangeStream, Headroom, Heartbeats, Message, Options, Server, run_heartbeat};

use crate::support::{TestDatabase, changes_until, next};

#[tokio::test]
async fn changes_are_counted_by_table_and_kind_when_they_are_committed() {
    let mut database = TestDatabase::new().await;
    database
        .run("create table t (id int primary key, v int)")
        .await;
    let mut stream = database.follow(&["t"]).await;
    database
        .run("insert into t values (1, 1), (2, 2), (3, 3)")
        .await;
    database.run("begin").await;
    database.run("update t set v = v + 1 where id < 3").await;
    database.run("delete from t where id = 3").await;
    database.run("commit").await;
    database.run("truncate t").await;
    let end = database.position().await;
    changes_until(&mut stream, &end).await;
    let counts = stream.stats().counts();
    let table = database.table("t");
    let changes = ["c", "u", "d"].map(|op| counts.changes.get(&(table.clone(), op)).copied());
    assert_eq!(changes, [Some(3), Some(2), Some(1)]);
    assert_eq!(counts.stale.get(&table), Some(&1));
    assert!(counts.is_connected && counts.committed_seconds > 0);
    assert_eq!((counts.reconnects, counts.unknown_events), (0, 0));
    assert!(counts.quarantined.is_empty());
}

#[tokio::test]
async fn heartbeat_rows_tell_the_lag_and_are_handed_to_nobody() {
    let mut database = TestDatabase::new().await;
    database.run("create table t (id int primary key)").await;
    database
        .run("create table beats (name varchar(64) primary key, at_microseconds bigint unsigned not null)")
        .await;
    let mut options = Options::new(&database.url, [database.table("t")]);
    let own = Heartbeats {
        table: database.table("beats"),
        name: "own".to_owned(),
    };
    options.heartbeats = Some(own.clone());
    let position = database.position().await;
    let mut stream = ChangeStream::open(options, position.clone()).await.unwrap();
    let read = async {
        loop {
            let message = next(&mut stream).await;
            assert!(!matches!(message, Message::Change(_)), "{message:?}");
            if let Some(lag) = stream.stats().counts().lag() {
                break lag;
            }
        }
    };
    let lag = tokio::select! {
        lag = read => lag,
        ended = run_heartbeat(&database.url, &own) => panic!("{ended:?}"),
    };
    assert!(lag.newest < Duration::from_secs(30), "{lag:?}");
    assert_eq!(lag.p50, lag.newest);
    // Another writer's clock may be hours off.
    database.run("insert into beats values ('other', 1)").await;
    let end = database.position().await;
    assert_eq!(changes_until(&mut stream, &end).await, []);
    assert_eq!(stream.stats().counts().lag().unwrap().p99, lag.p99);
}

#[tokio::test]
async fn the_backlog_is_what_lies_behind_a_position_and_how_long_it_is_kept() {
    let mut database = TestDatabase::new().await;
    database.run("create table t (v varchar(2000))").await;
    let start = database.position().await;
    database
        .run("insert into t values (repeat('x', 2000))")
        .await;
    database.run("flush binary logs").await;
    database
        .run("insert into t values (repeat('x', 2000))")
        .await;
    let mut server = Server::connect(&database.url).await.unwrap();
    let backlog = server.backlog(&start, 0).await.unwrap();
    assert!(backlog.bytes.unwrap() > 4_000, "{backlog:?}");
    assert_eq!(backlog.headroom, Headroom::Unknown);
    // Seven days on our own servers.
    let week = Duration::from_secs(7 * 86_400);
    let hour_ago = std::time::SystemTime::now() - Duration::from_secs(3_600);
    let hour_ago = hour_ago.duration_since(std::time::UNIX_EPOCH).unwrap();
    let committed = u32::try_from(hour_ago.as_secs()).unwrap();
    let headroom = server
        .backlog(&start, committed)
        .await
        .unwrap()
        .headroom
        .left()
        .unwrap();
    assert!(
        headroom <= week - Duration::from_secs(3_600),
        "{headroom:?}"
    );
}
