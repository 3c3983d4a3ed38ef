//! Random histories: sessions that insert, change, delete, roll back, prepare XA transactions and alter tables.

use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Opts};
use rand::RngExt;
use rand::rngs::StdRng;

/// Sessions with transactions of their own, over rows of their own, so that none waits for another.
const SESSIONS: usize = 3;
/// Ids of each session's rows.
const IDS: u32 = 12;
/// Statements that are remembered for the story.
const STORY_MAX: usize = 400;

const SCHEMA: [&str; 7] = [
    "create table t (id int primary key, v varchar(40), n int)",
    "create table u (a varchar(20) collate utf8mb4_unicode_ci, b int, d decimal(12,3), \
     e enum('가','나','다'), s set('x','y'), f double, primary key (a, b))",
    "create table w (id bigint unsigned primary key, at datetime(3), ts timestamp(6) null, y year, tm time(2), \
     b varbinary(40), x binary(5), bits bit(10), j json, g int as (id * 2) stored)",
    "create table parent (id int primary key, code int unique)",
    "create table child (id int primary key, parent int, code int, \
     foreign key (parent) references parent (id) on delete cascade on update cascade, \
     foreign key (code) references parent (code) on delete set null on update cascade)",
    "create table tree (id int primary key, up int, foreign key (up) references tree (id) on delete cascade)",
    "create table unfollowed (id int primary key, v int)",
];

struct Session {
    connection: Option<Conn>,
    is_open: bool,
    /// The XA transaction that it has begun.
    xa: Option<String>,
}

pub(super) struct Writer {
    url: String,
    sessions: Vec<Session>,
    /// Prepared, by nobody committed yet.
    prepared: Vec<String>,
    story: Vec<String>,
    count: u64,
    xa_count: u64,
}

impl Writer {
    pub(super) async fn new(url: &str) -> Self {
        let sessions = (0..SESSIONS).map(|_| Session {
            connection: None,
            is_open: false,
            xa: None,
        });
        let mut writer = Self {
            url: url.to_owned(),
            sessions: sessions.collect(),
            prepared: Vec::new(),
            story: Vec::new(),
            count: 0,
            xa_count: 0,
        };
        for statement in SCHEMA {
            writer.run(0, statement).await;
        }
        writer
    }

    /// The server may have another port after a restart.
    pub(super) fn set_url(&mut self, url: &str) {
        url.clone_into(&mut self.url);
    }

    pub(super) fn begin_history(&mut self) {
        self.story.clear();
    }

    /// What was done in this history, statement by statement.
    pub(super) fn story(&self) -> String {
        self.story.join("\n")
    }

    pub(super) fn note(&mut self, what: &str) {
        if self.story.len() < STORY_MAX {
            self.story.push(what.to_owned());
        }
    }

    pub(super) fn count(&self) -> u64 {
        self.count
    }

    /// One random statement.
    pub(super) async fn step(&mut self, random: &mut StdRng) {
        let session = random.random_range(0..SESSIONS);
        if self.sessions[session].xa.is_some() {
            return self.step_of_xa(session, random).await;
        }
        match random.random_range(0..100) {
            0..70 => {
                let statement = change(session, random);
                self.run(session, &statement).await;
            }
            70..76 => self.set_open(session, "begin", true).await,
            76..82 => self.set_open(session, "commit", false).await,
            82..85 => self.set_open(session, "rollback", false).await,
            85..88 => {
                let name = ["p", "q"][random.random_range(0..2)];
                let word = ["savepoint", "rollback to"][random.random_range(0..2)];
                self.run(session, &format!("{word} {name}")).await;
            }
            88..92 => self.begin_xa(session).await,
            92..94 => {
                self.run(session, "set session binlog_format = statement")
                    .await;
                let statement = change(session, random);
                self.run(session, &statement).await;
                self.run(session, "set session binlog_format = row").await;
            }
            94..95 => {
                self.run(session, "flush binary logs").await;
            }
            _ => self.alter(session, random).await,
        }
    }

    /// Ends all transactions, so that what SELECT says is what is committed.
    pub(super) async fn end_history(&mut self, random: &mut StdRng) {
        for session in 0..SESSIONS {
            while self.sessions[session].xa.is_some() {
                self.step_of_xa(session, random).await;
            }
            let end = ["commit", "rollback"][random.random_range(0..2)];
            self.set_open(session, end, false).await;
        }
        // Some stay prepared over several histories.
        if random.random_ratio(9, 10) {
            self.end_prepared(random).await;
        }
    }

    async fn set_open(&mut self, session: usize, statement: &str, is_open: bool) {
        self.run(session, statement).await;
        self.sessions[session].is_open = is_open;
    }

    async fn begin_xa(&mut self, session: usize) {
        self.set_open(session, "commit", false).await;
        self.xa_count += 1;
        let id = format!("'x{}'", self.xa_count);
        if self.run(session, &format!("xa start {id}")).await {
            self.sessions[session].xa = Some(id);
        }
    }

    async fn step_of_xa(&mut self, session: usize, random: &mut StdRng) {
        if random.random_ratio(2, 3) {
            let statement = change(session, random);
            self.run(session, &statement).await;
            return;
        }
        let Some(id) = self.sessions[session].xa.take() else {
            return;
        };
        self.run(session, &format!("xa end {id}")).await;
        match random.random_range(0..4) {
            0 => {
                self.run(session, &format!("xa commit {id} one phase"))
                    .await;
            }
            1 => {
                self.run(session, &format!("xa rollback {id}")).await;
            }
            _ => {
                self.run(session, &format!("xa prepare {id}")).await;
                self.prepared.push(id);
                // Only so can the session go on, and another one end the transaction.
                self.sessions[session].connection = None;
            }
        }
    }

    async fn end_prepared(&mut self, random: &mut StdRng) {
        for id in std::mem::take(&mut self.prepared) {
            let word = ["commit", "rollback"][random.random_range(0..2)];
            // The session that prepared it may still be about to end.
            for _ in 0..200 {
                if self.run(0, &format!("xa {word} {id}")).await {
                    break;
                }
                let known: Vec<mysql_async::Row> = self.ask("xa recover").await;
                let name = id.trim_matches('\'').as_bytes();
                let is_known = known
                    .iter()
                    .any(|row| row.get::<Vec<u8>, _>(3).is_some_and(|data| data == name));
                if !is_known {
                    break;
                }
                tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            }
        }
    }

    /// DDL needs all others to have ended.
    async fn alter(&mut self, session: usize, random: &mut StdRng) {
        for other in 0..SESSIONS {
            while self.sessions[other].xa.is_some() {
                self.step_of_xa(other, random).await;
            }
            self.set_open(other, "commit", false).await;
        }
        self.end_prepared(random).await;
        let number = random.random_range(0..3);
        let statements: &[String] = &match random.random_range(0..14) {
            0 => vec![format!(
                "alter table t add column c{number} int default {number}"
            )],
            1 => vec![format!(
                "alter table t add column c{number} varchar(20) default '기본' first"
            )],
            2 => vec![format!("alter table t drop column c{number}")],
            3 => vec![format!(
                "alter table t rename column c{number} to d{number}"
            )],
            4 => vec![
                format!("alter table t modify n bigint"),
                "alter table t modify n int".to_owned(),
            ],
            5 => vec![
                "alter table t rename column v to tmp, rename column n to v".to_owned(),
                "alter table t rename column v to n".to_owned(),
                "alter table t rename column tmp to v".to_owned(),
            ],
            6 => vec!["truncate table t".to_owned()],
            7 => vec!["truncate table child".to_owned()],
            // As gh-ost ends.
            8 => vec![
                "create table t_gho like t".to_owned(),
                "alter table t_gho add column g int".to_owned(),
                "insert into t_gho (id, v, n) select id, v, n from t".to_owned(),
                "rename table t to t_del, t_gho to t".to_owned(),
                "drop table t_del".to_owned(),
            ],
            9 => vec!["drop table t".to_owned(), SCHEMA[0].to_owned()],
            10 => vec![
                "rename table w to w_away".to_owned(),
                "rename table w_away to w".to_owned(),
            ],
            11 => vec![
                "create table copy as select * from u".to_owned(),
                "drop table copy".to_owned(),
            ],
            12 => vec![format!(
                "alter table u modify e enum('가','나','다','라{number}')"
            )],
            _ => vec![
                "optimize table tree".to_owned(),
                "analyze table u".to_owned(),
            ],
        };
        for statement in statements {
            self.run(session, statement).await;
        }
    }

    async fn run(&mut self, session: usize, statement: &str) -> bool {
        self.count += 1;
        let result = match self.connection(session).await {
            Some(connection) => connection.query_drop(statement).await,
            None => return false,
        };
        let outcome = match &result {
            Ok(()) => String::new(),
            Err(mysql_async::Error::Server(error)) => format!(" -- {}", error.code),
            Err(_) => " -- lost".to_owned(),
        };
        self.note(&format!("{session}: {statement}{outcome}"));
        if matches!(&result, Err(error) if !matches!(error, mysql_async::Error::Server(_))) {
            let session = &mut self.sessions[session];
            session.connection = None;
            session.is_open = false;
            session.xa = None;
        }
        result.is_ok()
    }

    async fn ask<T>(&mut self, statement: &str) -> Vec<T>
    where
        T: mysql_async::prelude::FromRow + Send + 'static,
    {
        match self.connection(0).await {
            Some(connection) => connection.query(statement).await.unwrap_or_default(),
            None => Vec::new(),
        }
    }

    async fn connection(&mut self, session: usize) -> Option<&mut Conn> {
        let session = &mut self.sessions[session];
        if session.connection.is_none() {
            let options = Opts::from_url(&self.url).unwrap();
            let mut connection = Conn::new(options).await.ok()?;
            for setting in [
                "set session transaction isolation level read committed",
                "set innodb_lock_wait_timeout = 1, lock_wait_timeout = 1, sql_mode = '', time_zone = '+00:00'",
            ] {
                connection.query_drop(setting).await.ok()?;
            }
            session.connection = Some(connection);
        }
        session.connection.as_mut()
    }
}

/// A statement over the rows of a session.
fn change(session: usize, random: &mut StdRng) -> String {
    let own =
        |random: &mut StdRng| random.random_range(0..IDS) * SESSIONS as u32 + session as u32 + 1;
    let (id, other) = (own(random), own(random));
    let number = random.random_range(-1000..1000);
    let text = ["병원", "의원 ''A''", "", "emoji 🏥", "긴 이름의 약국"][random.random_range(0..5)];
    match random.random_range(0..22) {
        0 | 1 => format!("insert into t (id, v, n) values ({id}, '{text}', {number})"),
        2 => format!(
            "insert into t (id, v, n) values ({id}, '{text}', 1), ({other}, null, 2) on duplicate key update n = n + 1"
        ),
        3 => format!("replace into t (id, v) values ({id}, '{text}')"),
        4 => format!("update t set n = {number}, v = '{text}' where id in ({id}, {other})"),
        5 => format!("update t set id = {other} where id = {id}"),
        6 => format!("delete from t where id = {id}"),
        7 => format!(
            "replace into u values ('{}{session}', {id}, {number}.125, 1 + {id} % 3, 'y,x', {number} / 7)",
            ["a", "A", "é", "한"][random.random_range(0..4)]
        ),
        8 => format!("update u set d = d - 1, s = '' where b = {id}"),
        9 => format!("update u set a = upper(a) where b = {id}"),
        10 => format!("delete from u where b = {id}"),
        11 | 12 => format!(
            "replace into w (id, at, ts, y, tm, b, x, bits, j) values ({id}, '2026-11-20 01:02:03.4', \
             from_unixtime({}), {}, '-{}:00:01.5', unhex(sha1({id})), 'a\\0', {id}, json_object('a', {number}, '한', json_array(1.5, null, true)))",
            random.random_range(1..2_000_000_000_i64),
            random.random_range(1901..2155),
            random.random_range(0..800)
        ),
        13 => format!(
            "update w set j = json_set(j, '$.a', {id}), bits = bits ^ 3, y = 0 where id in ({id}, {other})"
        ),
        14 => format!("delete from w where id = {id}"),
        15 => format!("insert into parent values ({id}, {id})"),
        16 => format!("insert into child values ({id}, {id}, {id})"),
        17 => format!("delete from parent where id = {id}"),
        18 => format!("update parent set id = {other}, code = {other} where id = {id}"),
        19 => format!("insert into tree values ({id}, null), ({other}, {id})"),
        20 => format!("delete from tree where id = {id}"),
        _ => format!("replace into unfollowed values ({id}, {number})"),
    }
}
