//! `jinmaek cdc publish` to a real NATS server: each change arrives once and in order, whatever is killed on the way.

use std::fmt::Write;

use crate::nats::{Message, NatsServer};
use crate::support::{Installation, Running};

const STREAM: &str = "JINMAEK";

/// An installation whose database has a table `t` and runs as long as this lives, and a NATS server.
struct Publishing {
    installation: Installation,
    nats: NatsServer,
    start: String,
    _database: Running,
}

impl Publishing {
    fn new() -> Self {
        let installation = Installation::new();
        let database = installation.spawn(&["database", "run"]);
        let table = "create table t (id int primary key auto_increment, v varchar(100))";
        installation.expect(&["database", "shell", "-e", table]);
        let start = "select @@gtid_binlog_pos";
        let start = installation.expect(&["database", "shell", "-BNe", start]);
        Self {
            installation,
            nats: NatsServer::start(),
            start: start.trim().to_owned(),
            _database: database,
        }
    }

    fn run(&self, statement: &str) {
        self.installation
            .expect(&["database", "shell", "-e", statement]);
    }

    fn publisher(&self) -> Running {
        let url = self.nats.url();
        let publish = ["cdc", "publish", "--table", "t", "--nats", &url];
        self.installation
            .spawn(&[&publish[..], &["--from", &self.start]].concat())
    }

    fn until_there_are(&self, publisher: &mut Running, count: u64) {
        publisher.until(&format!("{count} messages are there"), || {
            self.nats.count(STREAM) >= count
        });
    }

    /// All rows are in the stream, in order and once.
    fn assert_complete(&self, rows: u64) {
        let messages = self.nats.messages(STREAM);
        let ids: Vec<_> = messages
            .iter()
            .map(|message| message.event["after"]["id"].as_u64().unwrap())
            .collect();
        assert_eq!(ids, (1..=rows).collect::<Vec<_>>());
    }
}

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
        "insert into t (v) select repeat('x', 80) from seq_1_to_{}",
        ROWS / 2
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
