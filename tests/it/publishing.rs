//! What the tests of `jinmaek cdc publish` share: a database, a NATS server, and publishers from one to the other.

use cdc::Flavour;
use cdc::private_server::{Options, PrivateServer};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::nats::NatsServer;
use crate::support::{Installation, Running};

/// The stream that publishers make.
pub(crate) const STREAM: &str = "JINMAEK";

/// An installation whose database has a table `t`, and a NATS server. `JINMAEK_TEST_FLAVOUR` says which database.
pub(crate) struct Publishing {
    pub(crate) installation: Installation,
    pub(crate) nats: NatsServer,
    pub(crate) start: String,
    flavour: Flavour,
    _database: PrivateServer,
    _directory: TempDir,
    _runtime: Runtime,
}

impl Publishing {
    pub(crate) fn new() -> Self {
        Self::to(NatsServer::start())
    }

    pub(crate) fn to(nats: NatsServer) -> Self {
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

    pub(crate) fn position(&self) -> String {
        let statement = match self.flavour {
            Flavour::MariaDb => "select @@gtid_binlog_pos",
            Flavour::MySql => "select @@global.gtid_executed",
        };
        let position = ["database", "shell", "-BNe", statement];
        self.installation.expect(&position).trim().to_owned()
    }

    pub(crate) fn run(&self, statement: &str) {
        self.installation
            .expect(&["database", "shell", "-e", statement]);
    }

    pub(crate) fn publisher(&self) -> Running {
        self.publisher_with(&["--table", "t", "--from", &self.start])
    }

    pub(crate) fn publisher_with(&self, arguments: &[&str]) -> Running {
        let url = self.nats.url();
        self.installation
            .spawn(&[&["cdc", "publish", "--nats", &url], arguments].concat())
    }

    pub(crate) fn until_there_are(&self, publisher: &mut Running, count: u64) {
        publisher.until(&format!("{count} messages are there"), || {
            self.nats.count(STREAM) >= count
        });
    }

    /// All rows are in the stream, in order and once.
    pub(crate) fn assert_complete(&self, rows: u64) {
        let messages = self.nats.messages(STREAM);
        let ids: Vec<_> = messages
            .iter()
            .map(|message| message.event["after"]["id"].as_u64().unwrap())
            .collect();
        assert_eq!(ids, (1..=rows).collect::<Vec<_>>());
    }
}
