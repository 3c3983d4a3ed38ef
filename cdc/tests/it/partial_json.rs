//! MySQL's partial JSON (`binlog_row_value_options=PARTIAL_JSON`): the differences that the binlog tells add up to the
//! document that the server prints.

use std::sync::Arc;

use cdc::private_server::Options;
use cdc::{ChangeEvent, Flavour, Op, Outcome, Server, Value};

use crate::mirror::{Mirror, until_commit};
use crate::support::{TestDatabase, changes_until};

fn is_mysql() -> bool {
    Options::for_tests("").flavour() == Flavour::MySql
}

/// Runs the statements one by one under this row image; gives the changes and, for each, the row that the server holds then.
async fn changes(
    image: &str,
    table: &str,
    statements: &[&str],
) -> Vec<(Arc<ChangeEvent>, cdc::Row)> {
    let mut database = TestDatabase::new().await;
    database
        .run(&format!(
            "set binlog_row_value_options = 'PARTIAL_JSON', binlog_row_image = {image}, time_zone = '+00:00'"
        ))
        .await;
    database.run(table).await;
    let mut stream = database.follow(&["t"]).await;
    let mut server = Server::connect(&database.url).await.unwrap();
    let mut rows = Vec::new();
    for statement in statements {
        database.run(statement).await;
        let (_, held) = server.rows(&database.table("t")).await.unwrap().unwrap();
        rows.extend(held);
    }
    let end = database.position().await;
    let changes = changes_until(&mut stream, &end).await;
    assert_eq!(changes.len(), rows.len());
    changes.into_iter().zip(rows).collect()
}

/// Every kind of path and operation, and documents that become smaller, larger and another type.
const STATEMENTS: [&str; 16] = [
    "insert into t values (1, '{\"a\": [1, 2, [3, 4]], \"b\": {\"c\": \"x\", \"d\": 1.5}, \"long key.[]\": 1}', 7, '[1, {\"z\": 2}]')",
    "update t set a = json_replace(a, '$.b.c', 'y')",
    "update t set a = json_set(a, '$.b.e', cast('[true, null]' as json))",
    "update t set a = json_set(a, '$.aa', 1, '$.z', 2, '$.bb', repeat('long ', 100))",
    "update t set a = json_remove(a, '$.b.d', '$.a[0]')",
    "update t set a = json_set(a, '$.a[1][1]', 40, '$.a[9]', 'end')",
    "update t set a = json_set(a, '$.\"long key.[]\"', date'2024-02-29', '$.\"q\\\\\"uote\"', 1.10)",
    "update t set a = json_remove(a, '$.a[1]', '$.\"long key.[]\"')",
    "update t set b = json_set(b, '$[1].z', 3, '$[last]', 4)",
    "update t set a = json_set(a, '$.b.c', '한글'), b = json_set(b, '$[0]', -1), n = 8",
    "update t set a = json_set(a, '$.\"한\"', 1e20), n = 9",
    "update t set n = 10",
    "update t set a = json_replace(a, '$.b.c', 'shorter', '$.b.c', repeat('가', 5000))",
    "update t set b = null",
    "update t set b = '[\"whole\"]', a = json_set(a, '$.z', 5)",
    "update t set a = '{}'",
];

const TABLE: &str = "create table t (id int primary key, a json, n int, b json)";

#[tokio::test]
async fn differences_of_json_documents_add_up_to_what_the_server_prints() {
    if !is_mysql() {
        return;
    }
    for (change, held) in changes("FULL", TABLE, &STATEMENTS).await {
        assert_eq!(change.after.as_ref(), Some(&held), "{:?}", change.source);
    }
}

#[tokio::test]
async fn a_document_whose_image_before_is_left_out_is_left_out_when_only_differences_came() {
    if !is_mysql() {
        return;
    }
    let changes = changes("MINIMAL", TABLE, &STATEMENTS).await;
    let mut left_out = 0;
    for (change, held) in &changes {
        let after = change.after.as_ref().unwrap();
        for index in 0..4 {
            match after.value(index) {
                Some(value) => assert_eq!(Some(value), held.value(index)),
                None => left_out += usize::from(change.op == Op::Update),
            }
        }
    }
    assert!(left_out > 0);
    let (last, _) = changes.last().unwrap();
    let document = last.after.as_ref().unwrap().value(1);
    assert_eq!(document, Some(&Value::Json("{}".to_owned())));
}

#[tokio::test]
async fn rows_of_which_only_differences_came_are_read_again_by_their_keys() {
    if !is_mysql() {
        return;
    }
    let mut database = TestDatabase::new().await;
    database
        .run("set binlog_row_value_options = 'PARTIAL_JSON', binlog_row_image = MINIMAL")
        .await;
    database
        .run("create table t (id varchar(9), n datetime(3), a json, primary key (id, n))")
        .await;
    let mut stream = database.snapshots("t", 3).await;
    let mut mirror = Mirror::default();
    let document = format!(r#"{{"a": 1, "long": "{}"}}"#, "가".repeat(100));
    for key in 0..20 {
        let values = format!("'열쇠{key}', '2026-11-21 09:30:00.12{}'", key % 10);
        database
            .run(&format!("insert into t values ({values}, '{document}')"))
            .await;
    }
    for statement in [
        "update t set a = json_set(a, '$.a', 2) where id = '열쇠3'",
        "update t set a = json_set(a, '$.a', 3) where n < '2026-11-21 09:30:00.124'",
        "update t set a = json_set(a, '$.a', 4), id = 'new' where id = '열쇠4'",
        "delete from t where id = '열쇠5'",
    ] {
        database.run(statement).await;
    }
    mirror.until_now(&database, &mut stream).await;
    while !stream.cursor().snapshots.is_idle() {
        until_commit(&mut stream, &mut mirror).await;
    }
    assert_eq!(mirror.rows, database.select("t", 2, &[]).await);
    assert!((1..=19).contains(&mirror.reads), "{}", mirror.reads);
    assert!(
        mirror
            .outcomes
            .iter()
            .all(|outcome| *outcome == Outcome::Done)
    );
}
