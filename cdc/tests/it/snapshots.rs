//! Snapshots come between the changes of the stream, and what they leave is the table.

use std::time::SystemTime;

use cdc::{
    Envelope, Flavour, Key, KeyPart, Message, Outcome, ProgressState, Scope, SnapshotMark,
    SnapshotOptions, Snapshots,
};

use crate::mirror::{Mirror, next, options, stored, until_commit};
use crate::support::TestDatabase;

const TABLE: &str = "create table t (id int primary key, v varchar(20))";

async fn with_rows(count: usize) -> TestDatabase {
    let mut database = TestDatabase::new().await;
    database.run(TABLE).await;
    let rows: Vec<_> = (1..=count).map(|id| format!("({id}, 'v{id}')")).collect();
    database
        .run(&format!("insert into t values {}", rows.join(", ")))
        .await;
    database
}

fn key(id: i64) -> Key {
    Key(vec![KeyPart::Int(id)])
}

#[tokio::test]
async fn a_snapshot_is_a_beginning_the_rows_in_chunks_with_their_commits_and_an_end() {
    let database = with_rows(5).await;
    let mut stream = database.snapshots("t", 2).await;
    let request = database.request("t", Scope::Table);
    let id = stream.control().request(request.clone()).unwrap();
    let mut told = Vec::new();
    while told.last() != Some(&"end".to_owned()) {
        told.push(match next(&mut stream).await {
            Message::Change(change) => {
                let envelope =
                    Envelope::new(&change, Flavour::MariaDb, "jinmaek", SystemTime::now());
                let json = serde_json::to_value(envelope).unwrap();
                assert_eq!(json["source"]["snapshot"], "incremental");
                assert_eq!(json["before"], serde_json::Value::Null);
                format!("{} {}", json["op"].as_str().unwrap(), json["after"])
            }
            Message::Commit(_) if told.is_empty() => continue,
            Message::Commit(commit) => {
                assert_eq!(commit.position(), stream.position());
                assert_eq!(&commit.cursor, stream.cursor());
                "commit".to_owned()
            }
            Message::Snapshot(SnapshotMark::Begin {
                id: begun,
                request: asked,
            }) => {
                assert_eq!((begun, &*asked), (id, &request));
                "begin".to_owned()
            }
            Message::Snapshot(SnapshotMark::End { outcome, .. }) => {
                assert_eq!(outcome, Outcome::Done);
                "end".to_owned()
            }
            Message::Heartbeat => continue,
            message => panic!("{message:?}"),
        });
    }
    // Those of other tests' transactions come between.
    told.dedup_by(|second, first| *second == "commit" && second == first);
    let row = |id: i32| format!(r#"r {{"id":{id},"v":"v{id}"}}"#);
    assert_eq!(
        told,
        [
            "begin".to_owned(),
            "commit".to_owned(),
            row(1),
            row(2),
            "commit".to_owned(),
            row(3),
            row(4),
            "commit".to_owned(),
            row(5),
            "end".to_owned()
        ]
    );
    assert!(matches!(next(&mut stream).await, Message::Commit(_)));
    assert!(stream.cursor().snapshots.is_idle());
}

#[tokio::test]
async fn an_idle_server_does_not_keep_a_snapshot_waiting() {
    let database = with_rows(40).await;
    let mut stream = database.snapshots("t", 1).await;
    let started = std::time::Instant::now();
    stream
        .control()
        .request(database.request("t", Scope::Table))
        .unwrap();
    let mut mirror = Mirror::default();
    mirror.until_ended(&mut stream, 1).await;
    assert_eq!(mirror.rows, database.select("t", 1, &[]).await);
    // With a heartbeat a second, 40 chunks would take 40 s if each waited for one.
    assert!(started.elapsed().as_secs() < 10, "{:?}", started.elapsed());
}

#[tokio::test]
async fn what_is_missing_is_mended_and_what_is_too_much_is_removed() {
    let mut database = with_rows(20).await;
    let mut stream = database.snapshots("t", 7).await;
    let mut mirror = Mirror::default();
    mirror.rows.insert(
        vec!["99".to_owned()],
        vec!["99".to_owned(), "gone".to_owned()],
    );
    stream
        .control()
        .request(database.request("t", Scope::Table))
        .unwrap();
    mirror.until_ended(&mut stream, 1).await;
    assert_eq!(mirror.rows, database.select("t", 1, &[]).await);

    database.run("set sql_log_bin = 0").await;
    database.run("delete from t where id > 15").await;
    stream
        .control()
        .request(database.request("t", Scope::Table))
        .unwrap();
    mirror.until_ended(&mut stream, 2).await;
    assert_eq!(mirror.rows.len(), 15);

    database.run("drop table t").await;
    stream
        .control()
        .request(database.request("t", Scope::Table))
        .unwrap();
    mirror.until_ended(&mut stream, 3).await;
    assert_eq!(mirror.rows.len(), 0);
    assert_eq!(
        mirror.outcomes,
        [Outcome::Done, Outcome::Done, Outcome::Done]
    );
}

#[tokio::test]
async fn keys_ranges_and_conditions_read_their_rows_and_no_others() {
    let database = with_rows(30).await;
    let range = |from: Option<i64>, to: Option<i64>| Scope::Range {
        from: from.map(key),
        to: to.map(key),
    };
    let cases: Vec<(Scope, Vec<i64>)> = vec![
        (
            Scope::Keys([3, 1, 77, 2, 30, 4].map(key).to_vec()),
            vec![1, 2, 3, 4, 30],
        ),
        (Scope::Keys(vec![]), vec![]),
        (range(Some(28), None), vec![28, 29, 30]),
        (range(None, Some(2)), vec![1, 2]),
        (range(Some(4), Some(8)), vec![4, 5, 6, 7, 8]),
        (
            Scope::Condition("id % 10 = 0 or v = 'v7' -- all".to_owned()),
            vec![7, 10, 20, 30],
        ),
    ];
    let mut stream = database.snapshots("t", 2).await;
    for (scope, ids) in cases {
        let mut mirror = Mirror::default();
        stream
            .control()
            .request(database.request("t", scope.clone()))
            .unwrap();
        mirror.until_ended(&mut stream, 1).await;
        let mut read: Vec<i64> = mirror
            .rows
            .keys()
            .map(|key| key[0].parse().unwrap())
            .collect();
        read.sort_unstable();
        assert_eq!(read, ids, "{scope:?}");
    }
}

#[tokio::test]
async fn what_cannot_be_read_is_refused_and_the_others_go_on() {
    let mut database = with_rows(3).await;
    database.run("create table keyless (v int)").await;
    let mut stream = database.snapshots("t", 2).await;
    let control = stream.control();
    control
        .request(database.request("keyless", Scope::Table))
        .unwrap();
    control
        .request(database.request("t", Scope::Condition("nonsense = 1".to_owned())))
        .unwrap();
    control
        .request(database.request("t", Scope::Condition("id = (".to_owned())))
        .unwrap();
    control
        .request(database.request("t", Scope::Keys(vec![Key(vec![])])))
        .unwrap();
    control
        .request(database.request("t", Scope::Table))
        .unwrap();
    let mut mirror = Mirror::default();
    mirror.until_ended(&mut stream, 5).await;
    let problems: Vec<_> = mirror
        .outcomes
        .iter()
        .map(|outcome| match outcome {
            Outcome::Refused { problem, .. } => problem.as_str(),
            Outcome::Done | Outcome::Cancelled => "",
        })
        .collect();
    for (problem, part) in
        problems
            .iter()
            .zip(["no primary key", "nonsense", "syntax", "is no key of", ""])
    {
        assert!(problem.contains(part), "{problem}");
    }
    assert_eq!(mirror.outcomes[4], Outcome::Done);
    assert_eq!(mirror.rows.len(), 3);
}

#[tokio::test]
async fn after_a_crash_at_any_chunk_at_most_one_chunk_is_read_again() {
    let database = with_rows(50).await;
    let mut stream = database.snapshots("t", 7).await;
    stream
        .control()
        .request(database.request("t", Scope::Table))
        .unwrap();
    let queued = Scope::Range {
        from: Some(key(49)),
        to: None,
    };
    stream
        .control()
        .request(database.request("t", queued))
        .unwrap();
    let mut mirror = Mirror::default();
    let commit = until_commit(&mut stream, &mut mirror).await;
    let mut saved = (stored(&commit.cursor), mirror.clone());
    let mut crashes = 0;
    while mirror.outcomes.len() < 2 {
        crashes += 1;
        // Some messages of a chunk are lost with the crash.
        for _ in 0..3 {
            let message = next(&mut stream).await;
            mirror.apply(&message);
        }
        drop(stream);
        stream = database.resume("t", saved.0.clone()).await;
        let reads = mirror.reads;
        mirror = saved.1.clone();
        mirror.reads = reads;
        let commit = until_commit(&mut stream, &mut mirror).await;
        saved = (stored(&commit.cursor), mirror.clone());
    }
    assert_eq!(mirror.rows, database.select("t", 1, &[]).await);
    // 50 rows and 2 of the second request, and at most 3 messages again for each crash.
    assert!(
        (52..=52 + crashes * 3).contains(&mirror.reads),
        "{} reads, {crashes} crashes",
        mirror.reads
    );
    let state = stream.cursor().snapshots.clone();
    assert!(state.is_idle());
    assert_eq!(state.clone().from_the_beginning(), state);
}

#[tokio::test]
async fn a_snapshot_can_be_paused_throttled_and_cancelled() {
    let mut database = with_rows(200).await;
    let mut stream = database.snapshots("t", 10).await;
    let control = stream.control();
    let first = control
        .request(database.request("t", Scope::Table))
        .unwrap();
    let second = control
        .request(database.request("t", Scope::Keys(vec![key(1)])))
        .unwrap();
    let third = control
        .request(database.request("t", Scope::Condition("true".to_owned())))
        .unwrap();
    assert_eq!(
        control.request(database.request("t", Scope::Condition("true".to_owned()))),
        Ok(third)
    );
    let mut mirror = Mirror::default();
    while mirror.reads < 20 {
        until_commit(&mut stream, &mut mirror).await;
    }
    control.pause();
    let progress = &control.progress()[0];
    assert_eq!(
        (progress.id, progress.rows_done, progress.chunk),
        (first, 20, 2)
    );
    assert_eq!(progress.state, ProgressState::Paused);
    assert!(progress.rate_rows_per_second > 0.0 && progress.remaining_seconds.is_some());
    // The stream goes on, and chunks that were under way come; no others do.
    database
        .run("update t set v = 'changed' where id = 200")
        .await;
    mirror.until_now(&database, &mut stream).await;
    while next(&mut stream).await != Message::Heartbeat {}
    let chunks = control.progress()[0].chunk;
    assert!(chunks <= 4, "{chunks}");
    while next(&mut stream).await != Message::Heartbeat {}
    assert_eq!(control.progress()[0].chunk, chunks);

    control.throttle(1000);
    control.resume();
    assert!(control.cancel(second));
    assert!(!control.cancel(77));
    let started = std::time::Instant::now();
    mirror.until_ended(&mut stream, 1).await;
    assert!(
        started.elapsed().as_millis() >= 100,
        "{:?}",
        started.elapsed()
    );
    control.throttle(1);
    let message = next(&mut stream).await;
    assert!(matches!(message, Message::Snapshot(SnapshotMark::Begin { id, .. }) if id == third));
    assert!(control.cancel(third));
    mirror.until_ended(&mut stream, 2).await;
    assert_eq!(mirror.outcomes, [Outcome::Done, Outcome::Cancelled]);
    assert_eq!(control.progress(), []);
}

#[tokio::test]
async fn a_stream_without_gtids_has_snapshots_too() {
    let mut database = with_rows(30).await;
    let mut position = database.position().await;
    position.gtids = cdc::GtidSet::None;
    let feed = database.follow_from(&["t"], position).await;
    let mut stream = Snapshots::new(feed, options(&database, 7));
    let mut mirror = Mirror::default();
    stream
        .control()
        .request(database.request("t", Scope::Table))
        .unwrap();
    database
        .run("update t set v = 'changed' where id % 2 = 0")
        .await;
    mirror.until_ended(&mut stream, 1).await;
    mirror.until_now(&database, &mut stream).await;
    assert_eq!(mirror.rows, database.select("t", 1, &[]).await);
}

#[tokio::test]
async fn a_table_that_is_altered_emptied_or_dropped_on_the_way_is_read_again() {
    let mut database = with_rows(60).await;
    let mut stream = database.snapshots("t", 7).await;
    let mut mirror = Mirror::default();
    for (statement, left) in [
        ("alter table t add column w int default 7 after id", 60),
        ("alter table t drop primary key, add primary key (v)", 60),
        ("truncate table t", 0),
        ("drop table t", 0),
    ] {
        let (reads, ended) = (mirror.reads, mirror.outcomes.len());
        stream
            .control()
            .request(database_request(&database))
            .unwrap();
        if left > 0 {
            while mirror.reads < reads + 14 {
                until_commit(&mut stream, &mut mirror).await;
            }
        }
        // Would wait for ever if the snapshot held a lock.
        database.run(statement).await;
        // The one that was asked for, and the one that the statement asks for.
        mirror.until_ended(&mut stream, ended + 2).await;
        assert_eq!(mirror.rows.len(), left, "{statement}");
        if statement.contains("add column") {
            assert_eq!(mirror.rows, database.select("t", 1, &[]).await);
        }
    }
    let is_done = |outcome: &Outcome| *outcome == Outcome::Done;
    assert!(mirror.outcomes.iter().all(is_done));
}

fn database_request(database: &TestDatabase) -> cdc::Request {
    database.request("t", Scope::Table)
}

#[tokio::test]
async fn a_change_while_a_chunk_is_read_wins_over_the_chunk() {
    let mut database = with_rows(10).await;
    let mut stream = database.snapshots("t", 100).await;
    stream
        .control()
        .request(database.request("t", Scope::Table))
        .unwrap();
    let begin = next(&mut stream).await;
    assert!(matches!(
        begin,
        Message::Snapshot(SnapshotMark::Begin { .. })
    ));
    database.run("delete from t where id = 3").await;
    database.run("update t set id = 30 where id = 4").await;
    let mut mirror = Mirror::default();
    mirror.until_ended(&mut stream, 1).await;
    mirror.until_now(&database, &mut stream).await;
    assert_eq!(mirror.rows, database.select("t", 1, &[]).await);
    assert!(matches!(mirror.rows.get(&vec!["30".to_owned()]), Some(row) if row[1] == "v4"));
}

#[tokio::test]
async fn a_table_that_the_account_may_not_read_is_refused_and_not_taken_for_one_that_is_gone() {
    let mut database = with_rows(3).await;
    let user = format!("u_{}", database.name);
    database
        .run(&format!("create user {user}@'%' identified by 'Secret-1'"))
        .await;
    let (_, host) = database.url.split_once('@').unwrap();
    let host = host.trim_end_matches(&database.name);
    let options = SnapshotOptions::new(format!("mysql://{user}:Secret-1@{host}"));
    let mut stream = Snapshots::new(database.follow(&["t"]).await, options);
    let mut mirror = Mirror::default();
    mirror.rows.insert(vec!["1".to_owned()], vec![]);
    let request = database.request("t", Scope::Table);
    stream.control().request(request).unwrap();
    mirror.until_ended(&mut stream, 1).await;
    database.run(&format!("drop user {user}@'%'")).await;
    let Outcome::Refused { problem, remedy } = &mirror.outcomes[0] else {
        panic!("{:?}", mirror.outcomes);
    };
    assert!(problem.contains("denied"), "{problem}");
    assert!(remedy.contains("grant select"), "{remedy}");
    assert_eq!(mirror.rows.len(), 1);
}

#[tokio::test]
async fn a_chunk_of_long_rows_is_cut_by_its_size() {
    let mut database = TestDatabase::new().await;
    database
        .run("create table t (id int primary key, v longtext)")
        .await;
    for id in 0..20 {
        database
            .run(&format!(
                "insert into t values ({id}, repeat('x', 1000000))"
            ))
            .await;
    }
    let keys = (0..20).map(key).collect();
    for scope in [Scope::Table, Scope::Keys(keys)] {
        let mut stream = database.snapshots("t", 100).await;
        let control = stream.control();
        control.request(database.request("t", scope)).unwrap();
        let mut mirror = Mirror::default();
        let mut chunks = 0;
        while mirror.outcomes.is_empty() {
            let message = next(&mut stream).await;
            mirror.apply(&message);
            chunks = control
                .progress()
                .first()
                .map_or(chunks, |running| running.chunk);
        }
        assert_eq!((mirror.rows.len(), mirror.reads), (20, 20));
        assert!(chunks >= 1, "{chunks}");
    }
}
