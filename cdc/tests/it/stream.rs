//! Changes come in order, whole transactions at a time, from the position one asks for.

use cdc::{Cause, Flavour, Message, Op, Position, Value};
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Opts};

use crate::support::{TestDatabase, changes_until, next};

const TABLE: &str = "create table t (id int primary key, v varchar(20))";

#[tokio::test]
async fn each_change_of_a_followed_table_comes_with_the_row_before_and_after() {
    let mut database = TestDatabase::new().await;
    database.run(TABLE).await;
    database
        .run("create table other (id int primary key)")
        .await;
    let mut stream = database.follow(&["t"]).await;
    database
        .run("insert into t values (1, '하나'), (2, '둘')")
        .await;
    database.run("insert into other values (1)").await;
    database.run("update t set v = 'two' where id = 2").await;
    database.run("delete from t where id = 1").await;
    let end = database.position().await;
    let changes = changes_until(&mut stream, &end).await;
    let seen: Vec<_> = changes
        .iter()
        .map(|change| {
            let values: Vec<_> = change.values_of("v").filter_map(Value::as_str).collect();
            (change.op, values)
        })
        .collect();
    assert_eq!(
        seen,
        [
            (Op::Create, vec!["하나"]),
            (Op::Create, vec!["둘"]),
            (Op::Update, vec!["둘", "two"]),
            (Op::Delete, vec!["하나"]),
        ]
    );
    assert_eq!(changes[0].table.primary_key, [0]);
}

#[tokio::test]
async fn a_transaction_comes_whole_and_a_rolled_back_one_not_at_all() {
    let mut database = TestDatabase::new().await;
    database.run(TABLE).await;
    let mut stream = database.follow(&["t"]).await;
    for statement in [
        "begin",
        "insert into t values (1, 'a')",
        "savepoint s",
        "insert into t values (2, 'b')",
        "rollback to s",
        "insert into t values (3, 'c')",
        "commit",
        "begin",
        "insert into t values (4, 'd')",
        "rollback",
    ] {
        database.run(statement).await;
    }
    let mut messages = Vec::new();
    loop {
        match next(&mut stream).await {
            Message::Change(change) => {
                messages.push(change.values_of("id").next().unwrap().clone());
            }
            Message::Commit(_) if messages.is_empty() => {}
            Message::Commit(_) => break,
            _ => {}
        }
    }
    assert_eq!(messages, [Value::Int(1), Value::Int(3)]);
}

#[tokio::test]
async fn reading_goes_on_from_a_saved_position_with_nothing_lost_and_nothing_twice() {
    let mut database = TestDatabase::new().await;
    database.run(TABLE).await;
    let mut stream = database.follow(&["t"]).await;
    database.run("insert into t values (1, 'a')").await;
    let middle = database.position().await;
    assert_eq!(changes_until(&mut stream, &middle).await.len(), 1);
    let saved = stream.position().to_string();
    assert_eq!(stream.position().file, middle.file);
    drop(stream);
    database.run("insert into t values (2, 'b')").await;
    let end = database.position().await;
    for start in [saved.clone(), saved.split('@').nth(1).unwrap().to_owned()] {
        let position: Position = start.parse().unwrap();
        let mut again = database.follow_from(&["t"], position).await;
        let changes = changes_until(&mut again, &end).await;
        assert_eq!(changes.len(), 1, "from {start}");
        assert_eq!(changes[0].values_of("id").next(), Some(&Value::Int(2)));
    }
}

#[tokio::test]
async fn a_connection_that_is_killed_is_made_again() {
    let mut database = TestDatabase::new().await;
    database.run(TABLE).await;
    let mut stream = database.follow(&["t"]).await;
    database.run("insert into t values (1, 'a')").await;
    let middle = database.position().await;
    changes_until(&mut stream, &middle).await;
    let mut admin = Conn::new(Opts::from_url(&database.url).unwrap())
        .await
        .unwrap();
    let threads: Vec<u64> = admin
        .query("select id from information_schema.processlist where command like 'Binlog Dump%'")
        .await
        .unwrap();
    assert!(!threads.is_empty());
    for thread in threads {
        // Another test's stream may be gone by now.
        let _ = admin.query_drop(format!("kill {thread}")).await;
    }
    database.run("insert into t values (2, 'b')").await;
    let end = database.position().await;
    let changes = changes_until(&mut stream, &end).await;
    assert_eq!(
        changes.last().unwrap().values_of("id").next(),
        Some(&Value::Int(2))
    );
}

#[tokio::test]
async fn an_idle_server_sends_heartbeats_and_an_unknown_position_is_an_error_that_stops() {
    let database = TestDatabase::new().await;
    let mut stream = database.follow(&["t"]).await;
    while next(&mut stream).await != Message::Heartbeat {}

    let options = cdc::Options::new(&database.url, [database.table("t")]);
    let unknown = match stream.flavour() {
        Flavour::MariaDb => "0-1-999999999",
        Flavour::MySql => "3e11fa47-71ca-11e1-9e33-c80aa9429562:1-42",
    };
    let opened = cdc::ChangeStream::open(options, unknown.parse::<Position>().unwrap()).await;
    let error = opened.expect_err("a position that the server does not know");
    assert!(matches!(error, cdc::Error::Diverged { .. }), "{error}");
    assert!(matches!(error.policy(), cdc::Policy::Stop(_)));
}

#[tokio::test]
async fn a_statement_that_changes_a_followed_table_without_rows_is_told() {
    let mut database = TestDatabase::new().await;
    database.run(TABLE).await;
    let mut stream = database.follow(&["t"]).await;
    database.run("create table unrelated (id int)").await;
    database.run("truncate table t").await;
    database
        .run("alter table t add column w int default 7")
        .await;
    database.run("insert into t values (1, 'a', 8)").await;
    let end = database.position().await;
    let (mut causes, mut changes) = (Vec::new(), Vec::new());
    while stream.position().covers(&end) != Some(true) {
        match next(&mut stream).await {
            Message::Stale(stale) => causes.push(stale.cause),
            Message::Change(change) => changes.push(change),
            _ => {}
        }
    }
    assert_eq!(
        causes,
        [
            Cause::Altered("TRUNCATE TABLE".to_owned()),
            Cause::Altered("ALTER TABLE".to_owned()),
        ]
    );
    assert_eq!(changes[0].values_of("w").next(), Some(&Value::Int(8)));
}

#[tokio::test]
async fn a_statement_in_the_character_set_of_its_client_is_understood() {
    let mut database = TestDatabase::new().await;
    database.run("create table 한글 (id int primary key)").await;
    let mut stream = database.follow(&["한글"]).await;
    database.run("set names euckr").await;
    database
        .run_bytes(b"alter table \xc7\xd1\xb1\xdb comment = '\xb0\xa1'")
        .await;
    let end = database.position().await;
    let mut causes = Vec::new();
    while stream.position().covers(&end) != Some(true) {
        if let Message::Stale(stale) = next(&mut stream).await {
            causes.push(stale.cause);
        }
    }
    assert_eq!(causes, [Cause::Altered("ALTER TABLE".to_owned())]);
}

#[tokio::test]
async fn of_a_whole_database_tables_are_followed_that_are_created_later() {
    let mut database = TestDatabase::new().await;
    database.run(TABLE).await;
    let options = cdc::Options {
        except: [database.table("secret")].into(),
        ..cdc::Options::of_schema(&database.url, &database.name)
    };
    let position = database.position().await;
    let mut stream = cdc::ChangeStream::open(options, position).await.unwrap();
    for statement in [
        "insert into t values (1, 'a')",
        "create table later (id int primary key, k binary(16), w varchar(9))",
        "create table secret (id int primary key)",
        "insert into secret values (1)",
        "rename table t to u",
    ] {
        database.run(statement).await;
    }
    let created = database.position().await;
    let mut names: Vec<_> = changes_until(&mut stream, &created).await;
    // From here on the columns are certain, whatever the table maps tell.
    database.run("insert into later values (2, 'k', 'b')").await;
    database.run("insert into u values (3, 'c')").await;
    let end = database.position().await;
    names.extend(changes_until(&mut stream, &end).await);
    let names: Vec<_> = names
        .iter()
        .map(|change| change.table.name.table.as_str())
        .collect();
    assert_eq!(names, ["t", "later", "u"]);
    let tables = ["later", "t", "u"].map(|name| database.table(name));
    assert_eq!(*stream.tables(), tables.into());
}
