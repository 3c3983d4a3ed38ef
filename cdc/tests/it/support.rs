//! A real server for all tests of this binary, a database of its own for each test.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use cdc::private_server::{Options, PrivateServer};
use cdc::{ChangeEvent, ChangeStream, Cursor, Message, Position, Server, TableName};
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Opts, Row, Value};
use tokio::sync::OnceCell;
use tokio::time::timeout;

static SERVER: OnceCell<PrivateServer> = OnceCell::const_new();
static DATABASES: AtomicU32 = AtomicU32::new(0);

/// The server of all tests.
async fn server_url() -> String {
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
    /// On the server of all tests.
    pub(crate) async fn new() -> Self {
        Self::at(&server_url().await).await
    }

    /// On a server of the test's own.
    pub(crate) async fn on(server: &PrivateServer) -> Self {
        Self::at(&server.url("")).await
    }

    /// The database of this name, on a server that has been started again.
    pub(crate) async fn again(server: &PrivateServer, name: &str) -> Self {
        let url = server.url(name);
        Self {
            name: name.to_owned(),
            connection: Conn::new(Opts::from_url(&url).unwrap()).await.unwrap(),
            url,
        }
    }

    async fn at(server_url: &str) -> Self {
        let number = DATABASES.fetch_add(1, Ordering::Relaxed);
        let name = format!("test_{}_{number}", std::process::id());
        let url = format!("{server_url}{name}");
        let create = format!("create database {name}");
        let mut admin = Conn::new(Opts::from_url(server_url).unwrap())
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
        self.run_bytes(statement.as_bytes()).await;
    }

    /// A statement in another character set than UTF-8.
    pub(crate) async fn run_bytes(&mut self, statement: &[u8]) {
        if let Err(error) = self.connection.query_drop(statement).await {
            panic!("{}: {error}", String::from_utf8_lossy(statement));
        }
    }

    /// What a SELECT prints, by the text protocol: a list of columns for each row, `None` for NULL.
    pub(crate) async fn printed(&mut self, statement: &str) -> Vec<Vec<Option<Vec<u8>>>> {
        let rows: Vec<Row> = self.connection.query(statement).await.unwrap();
        let bytes = |value| match value {
            Value::NULL => None,
            Value::Bytes(bytes) => Some(bytes),
            value => panic!("{value:?}"),
        };
        rows.into_iter()
            .map(|row| row.unwrap().into_iter().map(bytes).collect())
            .collect()
    }

    /// Goes on in a new session; an XA transaction that the old one prepared stays prepared.
    pub(crate) async fn reconnect(&mut self) {
        let new = Conn::new(Opts::from_url(&self.url).unwrap()).await.unwrap();
        let old = std::mem::replace(&mut self.connection, new);
        old.disconnect().await.unwrap();
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

    pub(crate) async fn follow_from(
        &self,
        tables: &[&str],
        cursor: impl Into<Cursor>,
    ) -> ChangeStream {
        let tables = tables.iter().map(|table| self.table(table));
        let options = cdc::Options::new(&self.url, tables);
        ChangeStream::open(options, cursor).await.unwrap()
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
) -> Vec<Arc<ChangeEvent>> {
    let mut changes = Vec::new();
    while stream.position().covers(position) != Some(true) {
        if let Message::Change(change) = next(stream).await {
            changes.push(change);
        }
    }
    changes
}

/// The table of a server of a test's own.
pub(crate) const TABLE_OF_ITS_OWN: &str = "create table t (id int primary key, v varchar(20))";

/// A server of the test's own, with a database and a table `t`.
pub(crate) async fn own_server(home: &Path, arguments: &[&str]) -> (PrivateServer, TestDatabase) {
    let options = Options::for_tests(home);
    let options = arguments.iter().fold(options, |options, argument| {
        options.with_argument(*argument)
    });
    let server = PrivateServer::start(options).await.unwrap();
    let mut database = TestDatabase::on(&server).await;
    database.run(TABLE_OF_ITS_OWN).await;
    (server, database)
}
