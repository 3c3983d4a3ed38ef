//! Servers that stop, crash, rotate their binlog or change its form while the stream reads.

use std::sync::Arc;
use std::time::Instant;

use cdc::private_server::{Options, PrivateServer};
use cdc::{ChangeStream, Flavour, Message, Position, Server, Value};

use crate::support::{TestDatabase, changes_until, next, own_server};

/// The ids of the rows that are told up to the end of the binlog.
async fn ids(stream: &mut ChangeStream, database: &TestDatabase) -> Vec<i64> {
    let end = database.position().await;
    let changes = changes_until(stream, &end).await;
    let id = |change: &Arc<cdc::ChangeEvent>| match change.values_of("id").last() {
        Some(Value::Int(id)) => *id,
        other => panic!("{other:?}"),
    };
    changes.iter().map(id).collect()
}

#[tokio::test]
async fn a_server_that_stops_or_crashes_within_a_transaction_is_followed_again() {
    let home = tempfile::tempdir().unwrap();
    let (server, mut database) = own_server(home.path(), &[]).await;
    let mut stream = database.follow(&["t"]).await;
    for (number, signal) in ["-TERM", "-KILL"].into_iter().enumerate() {
        let id = number * 10;
        database
            .run(&format!("insert into t values ({id}, 'a')"))
            .await;
        assert_eq!(ids(&mut stream, &database).await, [id as i64]);
        database.run("begin").await;
        database
            .run("insert into t values (99, 'never committed')")
            .await;
        let process = server.process_id().unwrap();
        let status = std::process::Command::new("kill")
            .args([signal, &process.to_string()])
            .status();
        assert!(status.unwrap().success());
        let started = Instant::now();
        tokio::select! {
            ended = server.keep_running() => panic!("{ended:?}"),
            () = is_back(&server, process) => {}
        }
        let back = Instant::now();
        database = TestDatabase::again(&server, &database.name).await;
        database
            .run(&format!("insert into t values ({id} + 1, 'b')"))
            .await;
        assert_eq!(ids(&mut stream, &database).await, [id as i64 + 1]);
        println!(
            "kill {signal}: down for {:?}, followed again {:?} after it answered",
            back - started,
            back.elapsed()
        );
    }
}

async fn is_back(server: &PrivateServer, killed: u32) {
    while server.process_id().is_none_or(|id| id == killed)
        || Server::connect(&server.url("")).await.is_err()
    {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn the_binlog_rotates_and_switches_its_checksums_and_nothing_is_lost() {
    let home = tempfile::tempdir().unwrap();
    for first in ["CRC32", "NONE"] {
        let home = home.path().join(first);
        let checksum = format!("--binlog-checksum={first}");
        let (server, mut database) = own_server(&home, &[&checksum]).await;
        let start = database.position().await;
        let mut stream = database.follow(&["t"]).await;
        for (id, statement) in (0..).zip([
            "flush binary logs",
            "set global binlog_checksum = NONE",
            "set global binlog_checksum = CRC32",
            "set global binlog_checksum = NONE",
        ]) {
            database.run("begin").await;
            database
                .run(&format!("insert into t values ({id}, 'a')"))
                .await;
            let mut other = TestDatabase::again(&server, &database.name).await;
            other.run(statement).await;
            database.run("commit").await;
            assert_eq!(
                ids(&mut stream, &database).await,
                [id],
                "{first}, {statement}"
            );
        }
        assert_eq!(stream.stats().counts().reconnects, 0, "{first}");
        let mut again = database.follow_from(&["t"], start).await;
        assert_eq!(ids(&mut again, &database).await, [0, 1, 2, 3]);
        assert_eq!(again.stats().counts().reconnects, 0);
    }
}

/// Ends with a commit, whose position is stored as text and read again.
async fn stored(stream: &mut ChangeStream, database: &TestDatabase) -> Position {
    let end = database.position().await;
    loop {
        if let Message::Commit(commit) = next(stream).await
            && commit.position().covers(&end) == Some(true)
        {
            return commit.position().to_string().parse().unwrap();
        }
    }
}

#[tokio::test]
async fn without_gtids_files_and_offsets_do() {
    let home = tempfile::tempdir().unwrap();
    if Options::for_tests("").flavour() == Flavour::MariaDb {
        println!("MariaDB always has GTIDs");
        return;
    }
    let arguments = ["--gtid-mode=OFF", "--enforce-gtid-consistency=OFF"];
    let (_server, mut database) = own_server(home.path(), &arguments).await;
    let mut stream = database.follow(&["t"]).await;
    database.run("insert into t values (1, 'a')").await;
    let stored = stored(&mut stream, &database).await;
    assert!(stored.gtids.is_empty(), "{stored}");
    database.run("flush binary logs").await;
    database.run("insert into t values (2, 'b')").await;
    assert_eq!(ids(&mut stream, &database).await, [2]);
    let mut again = database.follow_from(&["t"], stored).await;
    assert_eq!(ids(&mut again, &database).await, [2]);
    assert_eq!(again.stats().counts().reconnects, 0);
}

#[tokio::test]
async fn every_domain_and_every_tag_has_its_place() {
    let home = tempfile::tempdir().unwrap();
    let (_server, mut database) = own_server(home.path(), &[]).await;
    let series = match Options::for_tests("").flavour() {
        Flavour::MariaDb => [
            "set gtid_domain_id = 0",
            "set gtid_domain_id = 7",
            "set gtid_domain_id = 4000000000",
        ],
        Flavour::MySql => [
            "set gtid_next = 'automatic'",
            "set gtid_next = 'automatic:red'",
            "set gtid_next = 'automatic:blue'",
        ],
    };
    let start = database.position().await;
    let mut stream = database.follow(&["t"]).await;
    let mut places = Vec::new();
    for id in 0..9 {
        database.run(series[id % 3]).await;
        database
            .run(&format!("insert into t values ({id}, 'a')"))
            .await;
        places.push(stored(&mut stream, &database).await);
    }
    println!("{}", places[8]);
    for (id, place) in places.into_iter().enumerate() {
        let mut again = database.follow_from(&["t"], place.clone()).await;
        let rest: Vec<_> = (id as i64 + 1..9).collect();
        assert_eq!(ids(&mut again, &database).await, rest, "{place}");
    }
    // From a place alone, too, also when the connection breaks before all series have been seen.
    let start = start.to_string();
    let (_, place) = start.rsplit_once('@').unwrap();
    let proxy = cdc::fault_proxy::FaultProxy::before(&database.url)
        .await
        .unwrap();
    let options = cdc::Options::new(proxy.url(&database.url), [database.table("t")]);
    let mut behind = ChangeStream::open(options, place.parse::<Position>().unwrap())
        .await
        .unwrap();
    while !matches!(next(&mut behind).await, Message::Commit(_)) {}
    proxy.cut(cdc::fault_proxy::Ending::Rst);
    let rest = ids(&mut behind, &database).await;
    assert!(rest.ends_with(&[1, 2, 3, 4, 5, 6, 7, 8]), "{rest:?}");
    assert!(rest.len() <= 9, "{rest:?}");
}
