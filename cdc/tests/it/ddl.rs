//! Tables are altered under a running writer: no restart, no wrong value, and no table read again but those that the
//! statement names.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use cdc::private_server::{Options, PrivateServer};
use cdc::{ChangeEvent, ChangeStream, Flavour, Message, Op, Position, Row, Value};
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Opts};
use tokio::sync::oneshot::{self, error::TryRecvError};

use crate::support::{TestDatabase, next};

/// Writes around the statements of a case, half before and half after.
const WRITES: u32 = 40;

const T: &str = "create table t (id int primary key auto_increment, n int not null default 0, \
    a varchar(20) default 'a', b varchar(20) default 'b')";
const U: &str =
    "create table u (id int primary key auto_increment, z varchar(9) default 'z', n int default 8)";
const P: &str = "create table p (id int primary key auto_increment, n int default 0) \
    partition by range (id) (partition p0 values less than (10), partition p1 values less than (15), \
    partition p2 values less than (20), partition p3 values less than maxvalue)";

/// Statements, the tables that are followed, and of them those that may be told stale.
struct Case {
    name: &'static str,
    setup: &'static [&'static str],
    statements: &'static [&'static str],
    followed: &'static [&'static str],
    stale: &'static [&'static str],
    only: Option<Flavour>,
}

const fn alter(name: &'static str, statements: &'static [&'static str]) -> Case {
    Case {
        name,
        setup: &[T],
        statements,
        followed: &["t"],
        stale: &["t"],
        only: None,
    }
}

const fn partition(name: &'static str, statements: &'static [&'static str]) -> Case {
    Case {
        setup: &[
            P,
            "create table e (id int primary key auto_increment, n int default 0)",
            "insert into e values (16, 1), (17, 2)",
        ],
        followed: &["p", "e"],
        stale: &["p"],
        ..alter(name, statements)
    }
}

const CASES: &[Case] = &[
    alter("add column", &["alter table t add column c int default 7"]),
    alter(
        "add column first",
        &["alter table t add column c int not null default 7 first"],
    ),
    alter("drop column", &["alter table t drop column a"]),
    alter("rename column", &["alter table t rename column a to z"]),
    alter(
        "swap columns",
        &["alter table t rename column a to b, rename column b to a"],
    ),
    alter(
        "change order",
        &["alter table t modify column b varchar(20) after id"],
    ),
    alter(
        "modify column",
        &["alter table t modify column n bigint unsigned not null default 0"],
    ),
    alter(
        "modify twice",
        &[
            "alter table t modify column a varchar(300) default 'long'",
            "alter table t modify column b varchar(30) character set euckr default '나'",
        ],
    ),
    alter(
        "primary key",
        &["alter table t drop primary key, add primary key (id, n)"],
    ),
    alter("truncate table", &["truncate table t"]),
    alter(
        "drop, create",
        &[
            "drop table t",
            "create table t (id int primary key auto_increment, b varchar(20) default 'x', n int default 5)",
        ],
    ),
    Case {
        setup: &[T, "create table other (id int primary key)"],
        followed: &["t", "t2"],
        stale: &["t", "t2"],
        ..alter("rename table", &["rename table t to t2"])
    },
    Case {
        setup: &[T, U],
        followed: &["t", "u"],
        stale: &["t", "u"],
        ..alter(
            "rename three ways",
            &["rename table t to w, u to t, w to u"],
        )
    },
    partition(
        "truncate partition",
        &["alter table p truncate partition p0"],
    ),
    partition("drop partition", &["alter table p drop partition p1"]),
    Case {
        stale: &["p", "e"],
        ..partition(
            "exchange partition",
            &["alter table p exchange partition p2 with table e"],
        )
    },
    Case {
        followed: &["t", "c"],
        stale: &["c"],
        ..alter(
            "create … select",
            &["create table c (primary key (id)) select id, n, a from t"],
        )
    },
    alter(
        "gh-ost",
        &[
            "create table _t_gho like t",
            "alter table _t_gho add column c int default 3 after id",
            "insert into _t_gho (id, n, a, b) select id, n, a, b from t",
            "rename table t to _t_del, _t_gho to t",
            "drop table _t_del",
        ],
    ),
    alter(
        "pt-online-schema-change",
        &[
            "create table _t_new like t",
            "alter table _t_new add column c int default 3 after id",
            "create trigger t_i after insert on t for each row \
         replace into _t_new (id, n, a, b) values (new.id, new.n, new.a, new.b)",
            "create trigger t_u after update on t for each row \
         replace into _t_new (id, n, a, b) values (new.id, new.n, new.a, new.b)",
            "create trigger t_d after delete on t for each row delete from _t_new where id = old.id",
            "insert ignore into _t_new (id, n, a, b) select id, n, a, b from t lock in share mode",
            "rename table t to _t_old, _t_new to t",
            "drop table if exists _t_old",
        ],
    ),
    alter(
        "comment before",
        &["/* by hand */ alter table t add column c int default 1"],
    ),
    alter(
        "comment inside",
        &["alter /* the view's */ table t add column c int default 2"],
    ),
    alter(
        "vendor's comment",
        &["/*!50001 alter table t add column c int default 4 */"],
    ),
    alter(
        "from elsewhere",
        &[
            "use information_schema",
            "alter table `{database}`.`t` add column c int default 5",
        ],
    ),
    Case {
        only: Some(Flavour::MariaDb),
        ..alter(
            "set statement",
            &["set statement lock_wait_timeout = 9 for alter table t add column c int default 6"],
        )
    },
    Case {
        stale: &[],
        ..alter(
            "another table's",
            &[
                "create table other (id int)",
                "alter table other add t_ int",
                "drop table other",
            ],
        )
    },
];

/// What a reader of the stream holds: by table, by key, the values by column.
#[derive(Default)]
struct Mirror {
    tables: BTreeMap<String, BTreeMap<i64, BTreeMap<String, String>>>,
    /// Every list of columns that rows came with, by table.
    columns: HashSet<(String, Vec<String>)>,
    changes: u32,
    stale: Vec<(String, String)>,
}

impl Mirror {
    fn apply(&mut self, change: &ChangeEvent) {
        self.changes += 1;
        let columns = change.table.columns.iter();
        let columns: Vec<_> = columns.map(|column| column.name.clone()).collect();
        let named = |row: &Row| -> BTreeMap<String, String> {
            let values = columns.iter().enumerate();
            values
                .map(|(index, name)| (name.clone(), text_of(row.value(index).unwrap())))
                .collect()
        };
        let key = |row: &BTreeMap<String, String>| row["id"].parse::<i64>().unwrap();
        let name = &change.table.name.table;
        let rows = self.tables.entry(name.clone()).or_default();
        if let Some(before) = &change.before {
            rows.remove(&key(&named(before)));
        }
        if let Some(after) = change.after.as_ref().map(named) {
            assert_ne!(change.op, Op::Delete);
            rows.insert(key(&after), after);
        }
        self.columns.insert((name.clone(), columns));
    }
}

fn text_of(value: &Value) -> String {
    match value {
        Value::Null => "NULL".to_owned(),
        Value::Int(number) => number.to_string(),
        Value::Unsigned(number) => number.to_string(),
        Value::Text(text) => text.to_string(),
        other => panic!("{other:?}"),
    }
}

async fn connect(url: &str) -> Conn {
    Conn::new(Opts::from_url(url).unwrap()).await.unwrap()
}

/// The rows of a table now; none when there is no such table.
async fn select(connection: &mut Conn, table: &str) -> BTreeMap<i64, BTreeMap<String, String>> {
    let rows: Result<Vec<mysql_async::Row>, _> =
        connection.query(format!("select * from `{table}`")).await;
    let text = |value: &mysql_async::Value| match value {
        mysql_async::Value::NULL => "NULL".to_owned(),
        value => mysql_async::from_value(value.clone()),
    };
    let row = |row: mysql_async::Row| -> BTreeMap<String, String> {
        let columns = row.columns();
        let names = columns.iter().map(|column| column.name_str().into_owned());
        names.zip(row.unwrap().iter().map(text)).collect()
    };
    let rows = rows.unwrap_or_default().into_iter().map(row);
    rows.map(|row| (row["id"].parse().unwrap(), row)).collect()
}

/// The columns of the followed tables as they are now.
async fn versions(connection: &mut Conn, tables: &[&str]) -> HashSet<(String, Vec<String>)> {
    let mut versions: HashMap<String, Vec<String>> = HashMap::new();
    let statement = "select table_name, column_name from information_schema.columns \
        where table_schema = ? order by table_name, ordinal_position";
    let url_database: Option<String> = connection.query_first("select @database").await.unwrap();
    let rows: Vec<(String, String)> = connection.exec(statement, (url_database,)).await.unwrap();
    for (table, column) in rows {
        if tables.contains(&table.as_str()) {
            versions.entry(table).or_default().push(column);
        }
    }
    versions.into_iter().collect()
}

/// One of the things an application does; some fail, since the column or the table is gone.
async fn write(connection: &mut Conn, number: u32) -> u64 {
    let table = ["t", "t", "u", "p"][number as usize % 4];
    let id = number / 2 + 1;
    let statement = match number % 3 {
        0 => format!("update {table} set n = n + 1 where id in ({id}, {id} - 1)"),
        1 if number.is_multiple_of(4) => format!("delete from {table} where id = {id} - 2"),
        1 if table == "t" => {
            format!("insert into t (a, b) values ('a{number}', 'b{number}'), ('가', null)")
        }
        _ => format!("insert into {table} (n) values ({number}), (-{number} + 100)"),
    };
    match connection.query_drop(statement).await {
        Ok(()) => connection.affected_rows(),
        Err(_) => 0,
    }
}

/// What was done: where the binlog stood then, every version of the followed tables, rows written.
struct Done {
    end: Position,
    versions: HashSet<(String, Vec<String>)>,
    rows: u64,
}

/// Runs the statements while another session writes.
async fn work(database: TestDatabase, case: &'static Case, done: oneshot::Sender<Done>) {
    let (mut writer, mut altering) = (connect(&database.url).await, connect(&database.url).await);
    let set = format!("set @database = '{}'", database.name);
    altering.query_drop(set).await.unwrap();
    let mut all = versions(&mut altering, case.followed).await;
    let writing = tokio::spawn(async move {
        let mut rows = 0;
        for number in WRITES / 2..WRITES {
            rows += write(&mut writer, number).await;
        }
        (writer, rows)
    });
    for statement in case.statements {
        let statement = statement.replace("{database}", &database.name);
        if let Err(error) = altering.query_drop(&statement).await {
            panic!("{statement}: {error}");
        }
        all.extend(versions(&mut altering, case.followed).await);
    }
    let (mut writer, mut rows) = writing.await.unwrap();
    for number in WRITES..WRITES * 3 / 2 {
        rows += write(&mut writer, number).await;
    }
    let end = database.position().await;
    let told = Done {
        end,
        versions: all,
        rows,
    };
    assert!(done.send(told).is_ok());
}

async fn run(server: &PrivateServer, case: &'static Case) -> Mirror {
    let mut database = TestDatabase::on(server).await;
    for statement in case.setup {
        database.run(statement).await;
    }
    let mut writer = connect(&database.url).await;
    for number in 0..WRITES / 2 {
        write(&mut writer, number).await;
    }
    let mut mirror = Mirror::default();
    let mut reader = connect(&database.url).await;
    let mut stream = database.follow(case.followed).await;
    for table in case.followed {
        let rows = select(&mut reader, table).await;
        mirror.tables.insert((*table).to_owned(), rows);
    }
    let (done, mut is_done) = oneshot::channel();
    let working = tokio::spawn(work(database, case, done));
    let mut told: Option<Done> = None;
    while told
        .as_ref()
        .is_none_or(|done| stream.position().covers(&done.end) != Some(true))
    {
        read(&mut stream, &mut mirror, &mut reader).await;
        match is_done.try_recv() {
            Ok(done) => told = Some(done),
            Err(TryRecvError::Closed) if told.is_none() => break,
            Err(_) => {}
        }
    }
    working.await.unwrap();
    let done = told.unwrap();
    for table in case.followed {
        let rows = select(&mut reader, table).await;
        assert_eq!(mirror.tables[*table], rows, "{}: {table}", case.name);
    }
    assert_eq!(stream.stats().counts().reconnects, 0, "{}", case.name);
    assert_eq!(stream.stats().counts().quarantined, [], "{}", case.name);
    let unknown: Vec<_> = mirror.columns.difference(&done.versions).collect();
    assert!(unknown.is_empty(), "{}: {unknown:?}", case.name);
    let stale = mirror.stale.iter().map(|(table, _)| table.as_str());
    let stale: BTreeSet<_> = stale.collect();
    let allowed = case.stale.iter().copied().collect();
    assert!(stale.is_subset(&allowed), "{}: {stale:?}", case.name);
    println!(
        "| {:<24} | {:<8} | {:>13} | {:>4} of {:>3} | equal |",
        case.name,
        stale.into_iter().collect::<Vec<_>>().join(" "),
        mirror.stale.len(),
        mirror.changes,
        done.rows,
    );
    mirror
}

async fn read(stream: &mut ChangeStream, mirror: &mut Mirror, reader: &mut Conn) {
    match next(stream).await {
        Message::Change(change) => mirror.apply(&change),
        Message::Stale(stale) => {
            let rows = select(reader, &stale.table.table).await;
            mirror.tables.insert(stale.table.table.clone(), rows);
            let cause = stale.cause.to_string();
            mirror.stale.push((stale.table.table, cause));
        }
        _ => {}
    }
}

async fn all_cases(metadata: &str) {
    let home = tempfile::tempdir().unwrap();
    let options =
        Options::for_tests(home.path()).with_argument(format!("--binlog-row-metadata={metadata}"));
    let flavour = options.flavour();
    let server = PrivateServer::start(options).await.unwrap();
    println!("{flavour}, binlog_row_metadata={metadata}");
    println!("| statement                | stale    | times re-read | rows told   | result |");
    for case in CASES {
        if case.only.is_none_or(|only| only == flavour) {
            run(&server, case).await;
        }
    }
}

#[tokio::test]
async fn altered_tables_go_by_without_a_restart_and_without_a_wrong_value() {
    all_cases("FULL").await;
}

#[tokio::test]
async fn the_same_when_the_binlog_does_not_name_the_columns() {
    let mariadb = Options::for_tests("").flavour() == Flavour::MariaDb;
    all_cases(if mariadb { "NO_LOG" } else { "MINIMAL" }).await;
}
