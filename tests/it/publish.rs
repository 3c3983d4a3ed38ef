//! `jinmaek cdc publish` to a real NATS server: each change arrives once and in order, whatever is killed on the way.

use std::fmt::Write;
use std::fs;

use async_nats::ConnectOptions;
use cdc::Flavour;
use cdc::private_server::{Options, PrivateServer};
use serde_json::json;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::nats::{Message, NatsServer};
use crate::support::{Installation, Running};

const STREAM: &str = "JINMAEK";

/// An installation whose database has a table `t`, and a NATS server. `JINMAEK_TEST_FLAVOUR` says which database.
struct Publishing {
    installation: Installation,
    nats: NatsServer,
    start: String,
    flavour: Flavour,
    _database: PrivateServer,
    _directory: TempDir,
    _runtime: Runtime,
}

impl Publishing {
    fn new() -> Self {
        Self::to(NatsServer::start())
    }

    fn to(nats: NatsServer) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let options = Options::for_tests(directory.path().join("mysql"));
        let flavour = options.flavour();
        let runtime = Runtime::new().unwrap();
        let database = runtime.block_on(async {
            let server = PrivateServer::start(options).await.unwrap();
            server.create_database("jinmaek").await.unwrap();
            server
        });
        let installation = Installation::on(database.url("jinmaek"));
        let table = "create table t (id int primary key auto_increment, v varchar(100))";
        installation.expect(&["database", "shell", "-e", table]);
        let mut publishing = Self {
            installation,
            nats,
            start: String::new(),
            flavour,
            _database: database,
            _directory: directory,
            _runtime: runtime,
        };
        publishing.start = publishing.position();
        publishing
    }

    fn position(&self) -> String {
        let statement = match self.flavour {
            Flavour::MariaDb => "select @@gtid_binlog_pos",
            Flavour::MySql => "select @@global.gtid_executed",
        };
        let position = ["database", "shell", "-BNe", statement];
        self.installation.expect(&position).trim().to_owned()
    }

    fn run(&self, statement: &str) {
        self.installation
            .expect(&["database", "shell", "-e", statement]);
    }

    fn publisher(&self) -> Running {
        self.publisher_with(&["--table", "t", "--from", &self.start])
    }

    fn publisher_with(&self, arguments: &[&str]) -> Running {
        let url = self.nats.url();
        self.installation
            .spawn(&[&["cdc", "publish", "--nats", &url], arguments].concat())
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
    assert_eq!(messages[0].event["cause"], "it was altered: alter table");
    publisher.signal("-TERM");
    let ended = publisher.ended();
    assert!(!ended.log.contains("홍길동"), "{}", ended.log);
}

#[test]
fn publishing_goes_on_after_a_stale_table_as_the_last_message() {
    let publishing = Publishing::new();
    publishing.nats.create_forgetful_stream(STREAM, "jinmaek.>");
    publishing.run("create table parent (id int primary key)");
    publishing
        .run("create table a (id int, foreign key (id) references parent (id) on delete cascade)");
    publishing
        .run("create table z (id int, foreign key (id) references parent (id) on delete cascade)");
    let start = publishing.position();
    let publisher = || publishing.publisher_with(&["--table", "a,parent,t,z", "--from", &start]);
    let mut running = publisher();
    publishing.run("insert into parent values (1)");
    let mut count = 1;
    for id in 2..5 {
        publishing.run(&format!(
            "delete from parent; insert into parent values ({id})"
        ));
        count += 4;
        publishing.until_there_are(&mut running, count - 1);
        running.signal("-KILL");
        running = publisher();
        publishing.until_there_are(&mut running, count);
    }
    publishing.run("insert into t (v) values ('the last')");
    publishing.until_there_are(&mut running, count + 1);
    let messages = publishing.nats.messages(STREAM);
    let said = |message: &Message| {
        let table = message.event["source"]["table"]
            .as_str()
            .unwrap()
            .to_owned();
        (message.event["op"].as_str().unwrap().to_owned(), table)
    };
    let round = [
        ("d", "parent"),
        ("stale", "a"),
        ("stale", "z"),
        ("c", "parent"),
    ];
    let expected = [("c", "parent")]
        .into_iter()
        .chain([round; 3].concat())
        .chain([("c", "t")]);
    let expected: Vec<_> = expected
        .map(|(op, table)| (op.to_owned(), table.to_owned()))
        .collect();
    assert_eq!(messages.iter().map(said).collect::<Vec<_>>(), expected);
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

/// A row is published to this server with credentials or arguments, and the log does not hold the secret.
fn assert_published_with(nats: NatsServer, start: &str, arguments: &[&str], secret: &str) {
    let publishing = Publishing::to(nats);
    publishing.run("insert into t (v) values ('하나')");
    let url = publishing.nats.url_with(start);
    let common = ["--table", "t", "--from", &publishing.start, "--nats"];
    let mut publisher = publishing
        .installation
        .spawn(&[&["cdc", "publish"], &common[..], &[&url], arguments].concat());
    publishing.until_there_are(&mut publisher, 1);
    publisher.signal("-TERM");
    let ended = publisher.ended();
    assert!(ended.status.success(), "{}", ended.log);
    assert!(!ended.log.contains(secret), "{}", ended.log);
}

#[test]
fn nats_lets_us_in_with_a_users_password_or_a_token_that_stand_in_the_address_and_in_no_log() {
    let with = |arguments: &[&str], options| NatsServer::start_with(arguments, options);
    let password = "pa:s/s@word".to_owned();
    let options = ConnectOptions::with_user_and_password("user".to_owned(), password.clone());
    let nats = with(&["--user", "user", "--pass", &password], options);
    assert_published_with(nats, "nats://user:pa%3As%2Fs%40word@", &[], "word");
    let options = ConnectOptions::with_token("secret-token".to_owned());
    let nats = with(&["--auth", "secret-token"], options);
    assert_published_with(nats, "nats://secret-token@", &[], "secret-token");
}

#[test]
fn nats_over_tls_is_trusted_by_the_authority_that_is_given() {
    let directory = tempfile::tempdir().unwrap();
    let certified = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let file = |name: &str, text: String| {
        let path = directory.path().join(name);
        fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let certificate = file("certificate.pem", certified.cert.pem());
    let key = file("key.pem", certified.signing_key.serialize_pem());
    let options = ConnectOptions::new()
        .require_tls(true)
        .add_root_certificates(certificate.clone().into());
    let nats = NatsServer::start_with(
        &["--tls", "--tlscert", &certificate, "--tlskey", &key],
        options,
    );
    assert_published_with(nats, "tls://", &["--nats-ca", &certificate], "PRIVATE");
}
