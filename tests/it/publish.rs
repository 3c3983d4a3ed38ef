//! `jinmaek cdc publish` to a real NATS server: each change arrives once and in order, whatever is killed on the way.

use std::fmt::Write;

use serde_json::json;

use crate::nats::Message;
use crate::publishing::{Publishing, STREAM};

/// Rows enough for a kill to come in their midst.
const ROWS: u64 = 3_000;

/// Half of the rows in transactions of their own, half in a single one.
fn insert_rows() -> String {
    let mut statements = String::new();
    for _ in 0..ROWS / 2 {
        statements.push_str("insert into t (v) values ('한 줄');");
    }
    write!(
        statements,
        "insert into t (v) with recursive n as (select 1 as i union all select i + 1 from n where i < {}) \
         select repeat('x', 80) from n, (select 1 union all select 2 union all select 3) as thrice",
        ROWS / 6
    )
    .unwrap();
    statements
}

#[test]
fn each_change_arrives_once_in_order_on_its_tables_subject_with_an_id_of_its_own() {
    let publishing = Publishing::new();
    publishing.run("insert into t (v) values ('하나'), ('둘')");
    publishing.run("update t set v = 'two' where id = 2");
    let mut publisher = publishing.publisher();
    publishing.until_there_are(&mut publisher, 3);
    publishing.run("delete from t where id = 1; truncate table t");
    publishing.until_there_are(&mut publisher, 5);
    let messages = publishing.nats.messages(STREAM);
    let seen: Vec<_> = messages
        .iter()
        .map(|Message { subject, event, .. }| (subject.as_str(), event["op"].as_str().unwrap()))
        .collect();
    let expected = ["c", "c", "u", "d", "stale"].map(|op| ("jinmaek.jinmaek.t", op));
    assert_eq!(seen, expected);
    let event = &messages[2].event;
    assert_eq!(event["before"]["v"], "둘");
    assert_eq!(event["after"]["v"], "two");
    let gtid = event["source"]["gtid"].as_str().unwrap();
    assert_eq!(messages[2].id, format!("{gtid}/jinmaek.t/1"));
    assert!(
        messages[1].id.ends_with("/jinmaek.t/2"),
        "{}",
        messages[1].id
    );

    publisher.signal("-TERM");
    let ended = publisher.ended();
    assert!(ended.status.success(), "{}", ended.log);
}

#[test]
fn a_message_says_its_rows_key_and_the_one_before_as_debezium_does() {
    let publishing = Publishing::new();
    publishing.run("create table k (이름 varchar(20), n int, v int, primary key (이름, n))");
    publishing.run("create table no_key (v int)");
    publishing.run("insert into k values ('홍길동', 1, 0); update k set v = 1; update k set n = 2");
    publishing.run("delete from k; insert into no_key values (1)");
    let mut publisher =
        publishing.publisher_with(&["--table", "k,no_key", "--from", &publishing.start]);
    // The tables were made after the start.
    publishing.until_there_are(&mut publisher, 7);
    let messages = publishing.nats.messages(STREAM);
    let keys = |op: &str| {
        let of_op = |message: &&Message| message.event["op"] == op;
        let keys = messages.iter().filter(of_op);
        keys.map(|message| message.keys.clone()).collect::<Vec<_>>()
    };
    let key = |n: u32| Some(json!({ "이름": "홍길동", "n": n }));
    assert_eq!(keys("c"), [[key(1), None], [None, None]]);
    assert_eq!(keys("u"), [[key(1), None], [key(2), key(1)]]);
    assert_eq!(keys("d"), [[key(2), None]]);
    assert_eq!(keys("stale"), [[None, None], [None, None]]);
}

#[test]
fn the_text_of_a_statement_reaches_neither_nats_nor_the_log() {
    let publishing = Publishing::new();
    let mut publisher = publishing.publisher();
    publishing.run("alter table t add c varchar(9) default '홍길동'");
    publishing.until_there_are(&mut publisher, 1);
    let messages = publishing.nats.messages(STREAM);
    assert_eq!(messages[0].event["cause"], "it was altered: ALTER TABLE");
    publisher.signal("-TERM");
    let ended = publisher.ended();
    assert!(!ended.log.contains("홍길동"), "{}", ended.log);
}

#[test]
fn a_row_that_nats_does_not_take_stops_the_publisher_with_a_message_that_says_what_to_do() {
    let publishing = Publishing::new();
    publishing.run("create table big (id int primary key, v longtext)");
    let start = publishing.position();
    publishing.run("insert into big values (1, repeat('secret', 200000))");
    let ended = publishing
        .publisher_with(&["--table", "big", "--from", &start])
        .ended();
    assert!(!ended.status.success());
    let says = |text| ended.log.contains(text);
    assert!(
        says("jinmaek.big/1 on") && says("raise its `max_payload`"),
        "{}",
        ended.log
    );
    assert!(!says("secret"), "{}", ended.log);
}

#[test]
fn publishing_goes_on_after_a_stale_table_as_the_last_message() {
    let publishing = Publishing::new();
    publishing.nats.create_forgetful_stream(STREAM, "jinmaek.>");
    publishing.run("create table a (id int); create table z (id int)");
    let start = publishing.position();
    // The first publisher may start in the midst of a rename.
    let tables = ["--table", "a,t,z", "--allow-missing"];
    let publisher = || publishing.publisher_with(&[&tables[..], &["--from", &start]].concat());
    let mut running = publisher();
    let mut expected = Vec::new();
    for _ in 0..3 {
        // Both tables in one transaction, twice.
        publishing.run("rename table a to b, z to y; rename table y to z, b to a");
        expected.extend([("stale", "a"), ("stale", "z")].repeat(2));
        publishing.until_there_are(&mut running, expected.len() as u64);
        running.signal("-KILL");
        running = publisher();
        publishing.run("insert into t (v) values ('하나')");
        expected.push(("c", "t"));
        publishing.until_there_are(&mut running, expected.len() as u64);
    }
    let messages = publishing.nats.messages(STREAM);
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let said: Vec<_> = messages
        .iter()
        .map(|Message { event, .. }| (text(&event["op"]), text(&event["source"]["table"])))
        .collect();
    let expected = expected
        .into_iter()
        .map(|(op, table)| (op.to_owned(), table.to_owned()));
    assert_eq!(said, expected.collect::<Vec<_>>());
}

#[test]
fn publishing_anew_is_published_again_within_the_servers_memory_for_ids_and_survives_failures() {
    let publishing = Publishing::new();
    publishing.run("insert into t (v) values ('하나'), ('둘')");
    let mut publisher = publishing.publisher();
    publishing.until_there_are(&mut publisher, 2);
    publisher.signal("-TERM");
    publisher.ended();

    let from = ["--table", "t", "--from", &publishing.start];
    let mut publisher = publishing.publisher_with(&[&from[..], &["--anew"]].concat());
    publishing.until_there_are(&mut publisher, 4);
    publisher.signal("-KILL");
    drop(publisher);

    // As it is left by a kill after the start of `--anew`, before its first message.
    let noted = [("Jinmaek-Sequence", "4"), ("Jinmaek-Generation", "2")];
    publishing
        .nats
        .write("JINMAEK-progress", &noted, &publishing.start);
    let mut publisher = publishing.publisher();
    publishing.until_there_are(&mut publisher, 6);
    publisher.signal("-KILL");
    drop(publisher);
    let mut publisher = publishing.publisher();
    publishing.run("insert into t (v) values ('셋')");
    publishing.until_there_are(&mut publisher, 7);
    let messages = publishing.nats.messages(STREAM);
    let ids: Vec<_> = messages
        .iter()
        .map(|message| &message.event["after"]["id"])
        .collect();
    assert_eq!(ids, [1, 2, 1, 2, 1, 2, 3]);
    let ends = ["/1", "/2", "/1#1", "/2#1", "/1#2", "/2#2", "/1#2"];
    for (message, end) in messages.iter().zip(ends) {
        assert!(
            message.id.ends_with(end),
            "{} does not end with {end}",
            message.id
        );
    }
}

#[test]
fn after_kill_9_of_the_publisher_no_change_is_lost_and_none_is_there_twice() {
    let publishing = Publishing::new();
    // The server's memory for ids does not help.
    publishing.nats.create_forgetful_stream(STREAM, "jinmaek.>");
    publishing.run(&insert_rows());
    let mut publisher = publishing.publisher();
    let mut killed_at = Vec::new();
    for least in [ROWS / 10, ROWS * 7 / 10] {
        publishing.until_there_are(&mut publisher, least);
        publisher.signal("-KILL");
        drop(publisher);
        killed_at.push(publishing.nats.count(STREAM));
        publisher = publishing.publisher();
    }
    publishing.until_there_are(&mut publisher, ROWS);
    publishing.assert_complete(ROWS);
    println!("killed after {killed_at:?} of {ROWS} messages");
    publishing.run(&format!("insert into t values ({}, 'the last')", ROWS + 1));
    publishing.until_there_are(&mut publisher, ROWS + 1);
    publishing.assert_complete(ROWS + 1);
}

#[test]
fn a_nats_server_that_is_killed_and_started_again_is_published_to_again() {
    let mut publishing = Publishing::new();
    publishing.run(&insert_rows());
    let mut publisher = publishing.publisher();
    publishing.until_there_are(&mut publisher, ROWS / 10);
    publishing.nats.restart();
    let at = publishing.nats.count(STREAM);
    publishing.until_there_are(&mut publisher, ROWS);
    publishing.assert_complete(ROWS);
    println!("restarted with {at} of {ROWS} messages");
}

#[test]
fn of_two_publishers_that_start_at_once_one_publishes_and_the_other_takes_over_when_it_is_killed() {
    let publishing = Publishing::new();
    publishing.nats.create_forgetful_stream(STREAM, "jinmaek.>");
    publishing.run(&insert_rows());
    let (mut one, mut other) = (publishing.publisher(), publishing.publisher());
    publishing.until_there_are(&mut one, ROWS / 10);
    // Whichever works: it is killed here or there, and the one that is left goes on.
    one.signal("-KILL");
    drop(one);
    let mut third = publishing.publisher();
    publishing.until_there_are(&mut other, ROWS * 7 / 10);
    other.signal("-KILL");
    drop(other);
    publishing.until_there_are(&mut third, ROWS);
    publishing.run(&format!("insert into t values ({}, 'the last')", ROWS + 1));
    publishing.until_there_are(&mut third, ROWS + 1);
    publishing.assert_complete(ROWS + 1);
}
