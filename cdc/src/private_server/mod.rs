//! A MariaDB (for tests also a MySQL) of our own: found or started, configured for the change stream, and stopped when nobody uses it any more.
//!
//! Any number of processes share one data directory. Each holds a shared lock on `users.lock` for as long as its
//! [`PrivateServer`] lives; a watchdog shell beside the server waits for the exclusive lock, which it gets when the last
//! user is gone (by exit, by a crash or by `kill -9`), and then stops the server in an orderly way. So a server is never
//! left behind, and never stopped under somebody's feet.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use mysql_async::prelude::Queryable;
use mysql_async::{Conn, OptsBuilder};
use thiserror::Error;
use tokio::time::{Instant, sleep};
use tracing::{debug, info, warn};

use self::files::{blocking_lock, file, lock_file, own_password, own_port};
use self::programs::Programs;
use crate::server::Flavour;

mod files;
mod launch;
mod programs;

/// How long a server may take to answer after its start; crash recovery of a large log is what takes long.
const START_SECONDS_MAX: u64 = 120;
/// How often a starting server is asked whether it answers.
const ANSWER_POLL: Duration = Duration::from_millis(50);
/// How often [`PrivateServer::keep_running`] looks whether the server still answers.
const WATCH_PERIOD: Duration = Duration::from_millis(500);
/// The account that the platform uses; it exists on the loopback interface only.
const USER: &str = "jinmaek";
/// The server's error log, in the directory.
const LOG: &str = "server.log";
/// Which server tests run against: `mariadb`, as when it is not set, or `mysql`.
const TEST_FLAVOUR: &str = "JINMAEK_TEST_FLAVOUR";

/// Why the private server is not there.
#[derive(Debug, Error)]
pub enum Error {
    /// No such server on this machine.
    #[error("{0} is not installed. {remedy}", remedy = match .0 {
        Flavour::MariaDb => "Run `make mariadb`, or `apt-get install mariadb-server` as root, or set DATABASE_URL to a server of yours",
        Flavour::MySql => "Run `make mysql`",
    })]
    NotInstalled(Flavour),
    /// A file of the data directory could not be read or written.
    #[error("{action} {}", path.display())]
    File {
        /// What was being done.
        action: &'static str,
        /// With which file.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// A program could not be run.
    #[error("cannot run {}", program.display())]
    Run {
        /// The program.
        program: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// The data directory could not be made.
    #[error("could not make {}: {output}", data.display())]
    Install {
        /// The data directory.
        data: PathBuf,
        /// The end of what it printed.
        output: String,
    },
    /// The server did not answer in time.
    #[error(
        "the server ended, or did not answer within {START_SECONDS_MAX} s; the end of its log:\n{log}"
    )]
    NoAnswer {
        /// The end of the server's error log.
        log: String,
    },
    /// The server answers but refuses the statement that makes a database.
    #[error("the private server refused a statement")]
    Statement(#[from] mysql_async::Error),
}

/// Where a private server lives and what it trades for speed.
#[derive(Clone, Debug)]
pub struct Options {
    flavour: Flavour,
    directory: PathBuf,
    server_arguments: Vec<String>,
}

impl Options {
    /// A MariaDB whose data, log, password and locks are in `directory`, with the durability that MySQL's manual asks of
    /// a replication source (`sync_binlog=1`, `innodb_flush_log_at_trx_commit=1`).
    pub fn new(directory: impl Into<PathBuf>) -> Self {
        Self {
            flavour: Flavour::MariaDb,
            directory: directory.into(),
            server_arguments: Vec::new(),
        }
    }

    /// The same without waiting for the disk: a power cut may lose transactions, a crash of the process does not. Which
    /// server it is, the environment variable `JINMAEK_TEST_FLAVOUR` says: `mariadb`, as when it is not set, or `mysql`.
    pub fn for_tests(directory: impl Into<PathBuf>) -> Self {
        let flavour = match std::env::var(TEST_FLAVOUR).as_deref() {
            Ok("mysql") => Flavour::MySql,
            _ => Flavour::MariaDb,
        };
        Self::new(directory)
            .with_flavour(flavour)
            .with_argument("--sync-binlog=0")
            .with_argument("--innodb-flush-log-at-trx-commit=2")
            .with_argument("--innodb-doublewrite=0")
    }

    /// The same of MariaDB or MySQL.
    #[must_use]
    pub fn with_flavour(mut self, flavour: Flavour) -> Self {
        self.flavour = flavour;
        self
    }

    /// Which server it will be: some arguments only one of the two knows.
    #[must_use]
    pub fn flavour(&self) -> Flavour {
        self.flavour
    }

    /// Adds an argument of the server's; it overrules the ones set here.
    #[must_use]
    pub fn with_argument(mut self, argument: impl Into<String>) -> Self {
        self.server_arguments.push(argument.into());
        self
    }
}

/// A claim on the private server: it answers as long as one of these lives.
#[derive(Debug)]
pub struct PrivateServer {
    options: Options,
    port: u16,
    password: String,
    /// The shared lock that tells the watchdog that somebody is here.
    _users: File,
}

impl PrivateServer {
    /// Finds the server of this directory, or makes and starts it, and waits until it answers.
    ///
    /// # Errors
    /// When the server is not installed, the directory can't be written, or the server does not come up; the message holds
    /// the end of the server's log.
    pub async fn start(options: Options) -> Result<Self, Error> {
        let mut options = options;
        fs::create_dir_all(&options.directory).map_err(file("make", &options.directory))?;
        options.directory = options
            .directory
            .canonicalize()
            .map_err(file("find", &options.directory))?;
        let users = lock_file(&options.directory.join("users.lock"))?;
        let users = blocking_lock(users, &options.directory, File::lock_shared).await?;
        let password = own_password(&options.directory)?;
        let mut server = Self {
            options,
            port: 0,
            password,
            _users: users,
        };
        let start = server.start_lock().await?;
        server.port = own_port(server.directory(), server.process_id().is_some())?;
        server.ensure_running(start).await?;
        Ok(server)
    }

    /// The same with an empty server: what an earlier run left in the directory is thrown away, unless somebody uses it.
    ///
    /// # Errors
    /// As [`PrivateServer::start`].
    pub async fn start_afresh(options: Options) -> Result<Self, Error> {
        let directory = &options.directory;
        fs::create_dir_all(directory).map_err(file("make", directory))?;
        let users = lock_file(&directory.join("users.lock"))?;
        // Shared first, which waits for a server that is stopping but not for its users.
        let users = blocking_lock(users, directory, File::lock_shared).await?;
        users.unlock().map_err(file("unlock", directory))?;
        if users.try_lock().is_ok() {
            for left in ["data", "data.new", LOG, "server.pid"] {
                let path = directory.join(left);
                let removed = if path.is_dir() {
                    fs::remove_dir_all(&path)
                } else {
                    fs::remove_file(&path)
                };
                match removed {
                    Err(error) if error.kind() != io::ErrorKind::NotFound => {
                        return Err(file("remove", &path)(error));
                    }
                    _ => {}
                }
            }
        }
        drop(users);
        Self::start(options).await
    }

    /// The server's address for a client, with `database` as its default schema.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        format!(
            "mysql://{USER}:{}@127.0.0.1:{}/{database}",
            self.password, self.port
        )
    }

    /// The server's process id, while it runs.
    #[must_use]
    pub fn process_id(&self) -> Option<u32> {
        let text = fs::read_to_string(self.directory().join("server.pid")).ok()?;
        let id: u32 = text.trim().parse().ok()?;
        // Empty for a process that has died and waits for its parent; another program's when the id was used again.
        let command_line = fs::read(format!("/proc/{id}/cmdline")).ok()?;
        // The process may be another server's: its data directory tells.
        let ours = format!("--datadir={}/data", self.directory().display());
        command_line
            .split(|byte| *byte == 0)
            .any(|argument| argument == ours.as_bytes())
            .then_some(id)
    }

    /// Makes `database` unless it is there.
    ///
    /// # Errors
    /// When the server does not answer or refuses.
    pub async fn create_database(&self, database: &str) -> Result<(), Error> {
        let mut connection = self.connect().await?;
        let name = database.replace('`', "``");
        // Asked first: even `if not exists` would leave a statement in the binlog each time.
        let statement = "select count(*) from information_schema.schemata where schema_name = ?";
        let count: Option<u64> = connection.exec_first(statement, (database,)).await?;
        if count == Some(1) {
            connection.disconnect().await?;
            return Ok(());
        }
        connection
            .query_drop(format!(
                "create database if not exists `{name}` default character set utf8mb4 collate utf8mb4_unicode_ci"
            ))
            .await?;
        connection.disconnect().await?;
        Ok(())
    }

    /// Starts the server again whenever it has died; returns only when that fails.
    ///
    /// # Errors
    /// As [`PrivateServer::start`].
    pub async fn keep_running(&self) -> Result<std::convert::Infallible, Error> {
        loop {
            sleep(WATCH_PERIOD).await;
            if self.process_id().is_none() {
                warn!("the private server is gone; starting it again");
                let start = self.start_lock().await?;
                self.ensure_running(start).await?;
            }
        }
    }

    fn directory(&self) -> &Path {
        &self.options.directory
    }

    /// The lock under which one process at a time makes the data directory and starts the server.
    async fn start_lock(&self) -> Result<File, Error> {
        let lock = lock_file(&self.directory().join("start.lock"))?;
        blocking_lock(lock, self.directory(), File::lock).await
    }

    async fn ensure_running(&self, _start_lock: File) -> Result<(), Error> {
        if self.process_id().is_none() {
            let programs = Programs::find(self.options.flavour, self.directory())?;
            self.install(&programs).await?;
            self.spawn(&programs)?;
        }
        self.wait_until_it_answers().await
    }

    async fn connect(&self) -> Result<Conn, mysql_async::Error> {
        Conn::new(
            OptsBuilder::default()
                .ip_or_hostname("127.0.0.1")
                .tcp_port(self.port)
                .user(Some(USER))
                .pass(Some(&self.password))
                .prefer_socket(Some(false)),
        )
        .await
    }

    async fn wait_until_it_answers(&self) -> Result<(), Error> {
        let started = Instant::now();
        let mut seen = false;
        while started.elapsed().as_secs() < START_SECONDS_MAX {
            match self.connect().await {
                Ok(connection) => {
                    connection.disconnect().await?;
                    info!(
                        port = self.port,
                        "the private {} answers", self.options.flavour
                    );
                    return Ok(());
                }
                Err(error) => debug!(%error, "the private server does not answer yet"),
            }
            let alive = self.process_id().is_some();
            if seen && !alive {
                break;
            }
            seen |= alive;
            sleep(ANSWER_POLL).await;
        }
        let log = fs::read_to_string(self.directory().join(LOG)).unwrap_or_default();
        Err(Error::NoAnswer { log: end_of(&log) })
    }
}

/// The last lines of a log, enough to see why a start failed.
fn end_of(text: &str) -> String {
    const LINES_MAX: usize = 15;
    let lines: Vec<_> = text.lines().collect();
    lines[lines.len().saturating_sub(LINES_MAX)..].join("\n")
}
