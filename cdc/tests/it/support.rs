//! A real server for all tests of this binary, a database of its own for each test.

use std::collections::HashSet;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use cdc::private_server::{Options, PrivateServer};
use cdc::{ChangeEvent, ChangeStream, Message, Position, Server, TableName};
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Opts};
use tokio::sync::OnceCell;
use tokio::time::timeout;

static SERVER: OnceCell<PrivateServer> = OnceCell::const_new();
static DATABASES: AtomicU32 = AtomicU32::new(0);

/// The server of all tests: `JINMAEK_TEST_SERVER` (<mysql://root@127.0.0.1:3306>/), or a private MariaDB.
async fn server_url() -> String {
    if let Ok(url) = std::env::var("JINMAEK_TEST_SERVER") {
        return url;
    }
    let start = || async {
        let directory = concat!(env!("CARGO_TARGET_TMPDIR"), "/mysql-cdc");
        PrivateServer::start_afresh(Options::for_tests(directory))
            .await
            .unwrap()
    };
    SERVER.get_or_init(start).await.url("")
}

pub(crate) struct TestDatabase {
    pub(crate) name: String,
    pub(crate) url: String,
    connection: Conn,
}

impl TestDatabase {
    pub(crate) async fn new() -> Self {
        let number = DATABASES.fetch_add(1, Ordering::Relaxed);
        let name = format!("test_{}_{number}", std::process::id());
        let url = format!("{}{name}", server_url().await);
        let create = format!("create database {name}");
        let mut admin = Conn::new(Opts::from_url(&server_url().await).unwrap())
            .await
            .unwrap();
        admin.query_drop(create).await.unwrap();
        let connection = Conn::new(Opts::from_url(&url).unwrap()).await.unwrap();
        Self {
            name,
            url,
            connection,
        }
    }

    pub(crate) async fn run(&mut self, statement: &str) {
        if let Err(error) = self.connection.query_drop(statement).await {
            panic!("{statement}: {error}");
        }
    }

    pub(crate) async fn position(&self) -> Position {
        Server::connect(&self.url)
            .await
            .unwrap()
            .position()
            .await
            .unwrap()
    }

    pub(crate) async fn follow(&self, tables: &[&str]) -> ChangeStream {
        let position = self.position().await;
        self.follow_from(tables, position).await
    }

    pub(crate) async fn follow_from(&self, tables: &[&str], position: Position) -> ChangeStream {
        let tables: HashSet<TableName> = tables.iter().map(|table| self.table(table)).collect();
        let options = cdc::Options {
            url: self.url.clone(),
            tables,
            server_id: None,
        };
        ChangeStream::open(options, position).await.unwrap()
    }

    pub(crate) fn table(&self, table: &str) -> TableName {
        TableName {
            schema: self.name.clone(),
            table: table.to_owned(),
        }
    }
}

/// The next message; a test that waits for nothing fails instead of hanging.
pub(crate) async fn next(stream: &mut ChangeStream) -> Message {
    timeout(Duration::from_secs(30), stream.next())
        .await
        .expect("no message in 30 s")
        .unwrap()
}

/// All changes up to the commit that reaches `position`.
pub(crate) async fn changes_until(
    stream: &mut ChangeStream,
    position: &Position,
) -> Vec<ChangeEvent> {
    let mut changes = Vec::new();
    while stream.position().covers(position) != Some(true) {
        if let Message::Change(change) = next(stream).await {
            changes.push(change);
        }
    }
    changes
}
