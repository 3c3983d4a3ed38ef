//! What is committed counts, when it is committed, whatever the transaction looks like in the binlog; what the rows do not
//! tell is told by a word that the table must be read again.

use cdc::private_server::{Options, PrivateServer};
use cdc::{Cause, ChangeStream, Flavour, Message, Op, Value};
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Opts};
use tokio::sync::{Mutex, MutexGuard, OnceCell};

use crate::support::{TestDatabase, next};

const TABLE: &str = "create table t (id int primary key, v varchar(20)) engine = innodb";

/// What a stream told up to a position: ids of changed rows with the letter of the change, and tables to be read again.
#[derive(Debug, Default, PartialEq)]
struct Told {
    changes: Vec<(&'static str, i64)>,
    stale: Vec<(String, Cause)>,
}

async fn told(stream: &mut ChangeStream, database: &TestDatabase) -> Told {
    let end = database.position().await;
    let mut told = Told::default();
    while stream.position().covers(&end) != Some(true) {
        match next(stream).await {
            Message::Change(change) => {
                let Some(Value::Int(id)) = change.values_of("id").last().cloned() else {
                    panic!("{change:?}");
                };
                told.changes.push((change.op.letter(), id));
            }
            Message::Stale(stale) => told.stale.push((stale.table.table, stale.cause)),
            _ => {}
        }
    }
    told
}

/// XA transactions show on the whole server: they have one to themselves, one test at a time.
async fn xa_database() -> (TestDatabase, MutexGuard<'static, PrivateServer>) {
    static SERVER: OnceCell<Mutex<PrivateServer>> = OnceCell::const_new();
    let start = || async {
        let directory = concat!(env!("CARGO_TARGET_TMPDIR"), "/mysql-cdc-xa");
        let options = Options::for_tests(directory);
        Mutex::new(PrivateServer::start_afresh(options).await.unwrap())
    };
    let server = SERVER.get_or_init(start).await.lock().await;
    (TestDatabase::on(&server).await, server)
}

fn changes(changes: &[(&'static str, i64)]) -> Told {
    Told {
        changes: changes.to_vec(),
        stale: vec![],
    }
}

#[tokio::test]
async fn rows_of_an_xa_transaction_come_at_its_commit_and_never_when_it_is_rolled_back() {
    let (mut database, _server) = xa_database().await;
    database.run(TABLE).await;
    let mut stream = database.follow(&["t"]).await;
    let name = database.name.clone();
    let id = |part: &str| format!("'{name}.{part}'");
    let (a, b, c) = (id("a"), format!("{},'q',7", id("b")), id("c"));
    for (xid, row) in [(&a, 1), (&b, 2), (&c, 3)] {
        database.run(&format!("xa start {xid}")).await;
        database
            .run(&format!("insert into t values ({row}, 'x')"))
            .await;
        database.run(&format!("xa end {xid}")).await;
        database.run(&format!("xa prepare {xid}")).await;
        database.reconnect().await;
    }
    database.run("insert into t values (9, 'y')").await;
    assert_eq!(told(&mut stream, &database).await, changes(&[("c", 9)]));
    database.run(&format!("xa commit {b}")).await;
    assert_eq!(told(&mut stream, &database).await, changes(&[("c", 2)]));
    database.run(&format!("xa rollback {c}")).await;
    database.run(&format!("xa commit {a}")).await;
    assert_eq!(told(&mut stream, &database).await, changes(&[("c", 1)]));
    let d = id("d");
    database.run(&format!("xa start {d}")).await;
    database.run("delete from t where id = 9").await;
    database.run(&format!("xa end {d}")).await;
    database.run(&format!("xa commit {d} one phase")).await;
    assert_eq!(told(&mut stream, &database).await, changes(&[("d", 9)]));
}

#[tokio::test]
async fn an_xa_transaction_prepared_before_reading_began_makes_the_tables_stale_at_its_commit() {
    let (mut database, _server) = xa_database().await;
    database.run(TABLE).await;
    let xid = format!("'{}'", database.name);
    database.run(&format!("xa start {xid}")).await;
    database.run("insert into t values (1, 'x')").await;
    database.run(&format!("xa end {xid}")).await;
    database.run(&format!("xa prepare {xid}")).await;
    database.reconnect().await;
    let mut stream = database.follow(&["t"]).await;
    database.run(&format!("xa commit {xid}")).await;
    let told = told(&mut stream, &database).await;
    assert_eq!(told.stale, [("t".to_owned(), Cause::Prepared)]);
}

#[tokio::test]
async fn an_xa_transaction_too_large_to_hold_makes_its_table_stale_at_its_commit() {
    let (mut database, _server) = xa_database().await;
    database
        .run("create table t (id int primary key auto_increment, v mediumtext)")
        .await;
    database.run("create table u (id int primary key)").await;
    let mut stream = database.follow(&["t", "u"]).await;
    let xid = format!("'{}'", database.name);
    database.run(&format!("xa start {xid}")).await;
    for _ in 0..10 {
        database
            .run("insert into t (v) values (repeat('x', 4000000))")
            .await;
    }
    database.run("insert into u values (1)").await;
    database.run(&format!("xa end {xid}")).await;
    database.run(&format!("xa prepare {xid}")).await;
    database.reconnect().await;
    assert_eq!(told(&mut stream, &database).await, changes(&[]));
    database.run(&format!("xa commit {xid}")).await;
    let told = told(&mut stream, &database).await;
    assert!(
        told.stale.contains(&("t".to_owned(), Cause::Prepared)),
        "{told:?}"
    );
}

#[tokio::test]
async fn a_cascade_changes_the_children_or_says_that_they_must_be_read_again() {
    let mut database = TestDatabase::new().await;
    for statement in [
        "create table parent (id int primary key, name varchar(9))",
        "create table child (id int primary key, parent int, \
         constraint f foreign key (parent) references parent (id) on delete cascade on update cascade)",
        "create table grandchild (id int primary key, child int, \
         constraint g foreign key (child) references child (id) on delete cascade)",
        "create table other (id int primary key)",
        "insert into parent values (1, 'a'), (2, 'b')",
        "insert into child values (1, 1), (2, 2)",
        "insert into grandchild values (1, 1), (2, 2)",
    ] {
        database.run(statement).await;
    }
    // The parent itself is not followed.
    let mut stream = database.follow(&["child", "grandchild", "other"]).await;
    database
        .run("update parent set name = 'c' where id = 1")
        .await;
    assert_eq!(told(&mut stream, &database).await, changes(&[]));
    database.run("delete from parent where id = 1").await;
    let on_delete = told(&mut stream, &database).await;
    database.run("update parent set id = 7 where id = 2").await;
    let on_update = told(&mut stream, &database).await;
    if on_delete.stale.is_empty() {
        // MySQL 9.6 and later log the cascaded rows.
        assert_eq!(stream.flavour(), Flavour::MySql);
        assert_eq!(on_delete.changes, [("d", 1), ("d", 1)]);
        assert_eq!(on_update.changes, [("u", 2)]);
        return;
    }
    let mut stale: Vec<_> = on_delete
        .stale
        .iter()
        .map(|(table, _)| table.as_str())
        .collect();
    stale.sort_unstable();
    assert_eq!(stale, ["child", "grandchild"]);
    assert!(on_update.stale.iter().any(|(table, _)| table == "child"));
}

#[tokio::test]
async fn a_rollback_after_rows_are_in_the_binlog_makes_their_tables_stale() {
    let mut database = TestDatabase::new().await;
    database.run(TABLE).await;
    database
        .run("create table m (id int primary key) engine = myisam")
        .await;
    let mut stream = database.follow(&["t", "m"]).await;
    if stream.flavour() == Flavour::MySql {
        println!("with GTIDs MySQL refuses transactions that mix engines");
        return;
    }
    for statement in [
        "begin",
        "insert into t values (1, 'a')",
        "insert into m values (1)",
        "insert into m select id + 1 from t",
        "rollback",
    ] {
        database.run(statement).await;
    }
    let told = told(&mut stream, &database).await;
    // However the server logs it: what is told and not taken back is what the tables hold.
    let is_told = told.changes.contains(&("c", 1)) || !told.stale.is_empty();
    assert!(is_told, "{told:?}");
    let mut connection = Conn::new(Opts::from_url(&database.url).unwrap())
        .await
        .unwrap();
    let in_m: Vec<i64> = connection
        .query("select id from m order by id")
        .await
        .unwrap();
    assert_eq!(in_m, [1, 2]);
}

#[tokio::test]
async fn statements_logged_as_such_make_their_tables_stale() {
    let mut database = TestDatabase::new().await;
    database.run(TABLE).await;
    database.run("create table u (id int primary key)").await;
    let mut stream = database.follow(&["t", "u"]).await;
    database.run("set session binlog_format = statement").await;
    database.run("insert into t values (1, 'secret')").await;
    let told = told(&mut stream, &database).await;
    assert_eq!(told.stale, [("t".to_owned(), Cause::Statement)]);
    assert!(!format!("{told:?}").contains("secret"));
}

#[tokio::test]
async fn compressed_events_are_read_like_others() {
    let mut database = TestDatabase::new().await;
    database.run(TABLE).await;
    let flavour = database.follow(&["t"]).await.flavour();
    if flavour == Flavour::MySql {
        let mut stream = database.follow(&["t"]).await;
        database
            .run("set session binlog_transaction_compression = on")
            .await;
        check_compressed(&mut database, &mut stream).await;
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let options = Options::for_tests(home.path())
        .with_argument("--log-bin-compress=ON")
        .with_argument("--log-bin-compress-min-len=10");
    let server = PrivateServer::start(options).await.unwrap();
    let mut database = TestDatabase::on(&server).await;
    database.run(TABLE).await;
    let mut stream = database.follow(&["t"]).await;
    check_compressed(&mut database, &mut stream).await;
}

async fn check_compressed(database: &mut TestDatabase, stream: &mut ChangeStream) {
    let rows: Vec<_> = (0..2_000)
        .map(|id| format!("({id}, repeat('가나', 10))"))
        .collect();
    database.run("begin").await;
    database
        .run(&format!("insert into t values {}", rows.join(",")))
        .await;
    database.run("update t set v = 'x' where id < 1000").await;
    database.run("delete from t where id % 2 = 0").await;
    database.run("commit").await;
    database
        .run("alter table t comment = 'a statement long enough to be worth compressing'")
        .await;
    let end = database.position().await;
    let (mut counts, mut stale) = ([0, 0, 0], 0);
    while stream.position().covers(&end) != Some(true) {
        match next(stream).await {
            Message::Change(change) => {
                counts[match change.op {
                    Op::Create => 0,
                    Op::Update => 1,
                    Op::Delete => 2,
                    Op::Read => panic!("nobody asked for a snapshot"),
                }] += 1;
                if change.op == Op::Update {
                    let texts: Vec<_> = change.values_of("v").filter_map(Value::as_str).collect();
                    assert_eq!(texts, ["가나".repeat(10).as_str(), "x"]);
                }
            }
            Message::Stale(_) => stale += 1,
            _ => {}
        }
    }
    assert_eq!(counts, [2_000, 1_000, 1_000]);
    assert_eq!(stale, 1);
}
