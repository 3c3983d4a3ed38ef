//! A MariaDB of our own: found or started, configured for the change stream, and stopped when nobody uses it any more.
//!
//! Any number of processes share one data directory. Each holds a shared lock on `users.lock` for as long as its
//! [`PrivateServer`] lives; a watchdog shell beside `mariadbd` waits for the exclusive lock, which it gets when the last
//! user is gone (by exit, by a crash or by `kill -9`), and then stops the server in an orderly way. So a server is never
//! left behind, and never stopped under somebody's feet.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use mysql_async::prelude::Queryable;
use mysql_async::{Conn, OptsBuilder};
use thiserror::Error;
use tokio::time::{Instant, sleep};
use tracing::{debug, info, warn};

use self::files::{blocking_lock, file, lock_file, own_password, own_port, write_private};
use self::programs::{Programs, user_argument};

mod files;
mod programs;

/// How long a server may take to answer after its start; crash recovery of a large log is what takes long.
const START_SECONDS_MAX: u64 = 120;
/// How long the watchdog shell may take to start `mariadbd`.
const SHELL_SECONDS_MAX: Duration = Duration::from_secs(5);
/// How often a starting server is asked whether it answers.
const ANSWER_POLL: Duration = Duration::from_millis(50);
/// How often [`PrivateServer::keep_running`] looks whether the server still answers.
const WATCH_PERIOD: Duration = Duration::from_millis(500);
/// The account that the platform uses; it exists on the loopback interface only.
const USER: &str = "jinmaek";

/// Why the private server is not there.
#[derive(Debug, Error)]
pub enum Error {
    /// No `mariadbd` on this machine.
    #[error(
        "MariaDB is not installed. Run `make mariadb`, or `apt-get install mariadb-server` as root, or set DATABASE_URL to a server of yours"
    )]
    NotInstalled,
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
    /// A program of MariaDB's could not be run.
    #[error("cannot run {program}")]
    Run {
        /// The program.
        program: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// `mariadb-install-db` failed.
    #[error("mariadb-install-db could not make {}: {output}", data.display())]
    Install {
        /// The data directory.
        data: PathBuf,
        /// The end of what it printed.
        output: String,
    },
    /// The server did not answer in time.
    #[error(
        "mariadbd ended, or did not answer within {START_SECONDS_MAX} s; the end of its log:\n{log}"
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
    directory: PathBuf,
    server_arguments: Vec<String>,
}

impl Options {
    /// A server whose data, log, password and locks are in `directory`, with the durability that MySQL's manual asks of
    /// a replication source (`sync_binlog=1`, `innodb_flush_log_at_trx_commit=1`).
    pub fn new(directory: impl Into<PathBuf>) -> Self {
        Self {
            directory: directory.into(),
            server_arguments: Vec::new(),
        }
    }

    /// The same without waiting for the disk: a power cut may lose transactions, a crash of the process does not.
    pub fn for_tests(directory: impl Into<PathBuf>) -> Self {
        Self::new(directory)
            .with_argument("--sync-binlog=0")
            .with_argument("--innodb-flush-log-at-trx-commit=2")
            .with_argument("--innodb-doublewrite=0")
    }

    /// Adds an argument of `mariadbd`; it overrules the ones set here.
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
    /// When MariaDB is not installed, the directory can't be written, or the server does not come up; the message holds
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
        if users.try_lock().is_ok() {
            for left in ["data", "data.new", "mariadbd.log", "server.pid"] {
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
        command_line
            .windows(8)
            .any(|part| part == b"mariadbd")
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
                warn!("the private MariaDB is gone; starting it again");
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
            let programs = Programs::find(self.directory()).ok_or(Error::NotInstalled)?;
            self.install(&programs).await?;
            self.spawn(&programs)?;
        }
        self.wait_until_it_answers().await
    }

    /// Makes the system tables once. A half-made directory of a process that was killed is thrown away.
    async fn install(&self, programs: &Programs) -> Result<(), Error> {
        let data = self.directory().join("data");
        if data.exists() {
            return Ok(());
        }
        let new_data = self.directory().join("data.new");
        if new_data.exists() {
            fs::remove_dir_all(&new_data).map_err(file("remove", &new_data))?;
        }
        // Of its own: a server that starts sweeps the temporary tables of all others out of a shared one.
        let temporary = self.directory().join("tmp");
        fs::create_dir_all(&temporary).map_err(file("make", &temporary))?;
        let mut command = programs.command("mariadb-install-db")?;
        command
            .env("TMPDIR", &temporary)
            .arg("--no-defaults")
            .arg(format!("--basedir={}", programs.base.display()))
            .arg(format!("--datadir={}", new_data.display()))
            .args([
                "--auth-root-authentication-method=normal",
                "--skip-test-db",
                "--skip-name-resolve",
                "--force",
            ])
            .args(user_argument());
        let output = command.output().await.map_err(|source| Error::Run {
            program: programs.base.join("bin/mariadb-install-db"),
            source,
        })?;
        if !output.status.success() {
            let text = [output.stdout, output.stderr].concat();
            return Err(Error::Install {
                data: new_data,
                output: end_of(&String::from_utf8_lossy(&text)),
            });
        }
        fs::rename(&new_data, &data).map_err(file("make", &data))
    }

    /// Starts `mariadbd` and its watchdog in a process group of their own, so that Ctrl-C reaches only us.
    fn spawn(&self, programs: &Programs) -> Result<(), Error> {
        let directory = self.directory();
        let init = directory.join("init.sql");
        write_private(&init, &self.init_statements())?;
        let log = directory.join("mariadbd.log");
        let log_file = OpenOptions::new()
            .create(true)
            .append(true)
            .open(&log)
            .map_err(file("open", &log))?;
        let log_file_too = log_file.try_clone().map_err(file("open", &log))?;
        let mut command = programs.shell();
        command
            .arg("-c")
            .arg(WATCHDOG)
            .arg("jinmaek-mariadb")
            .arg(directory.join("users.lock"))
            .arg(directory.join("server.pid"))
            .arg(programs.server())
            .args(self.server_arguments(programs, &init))
            .stdin(Stdio::null())
            .stdout(log_file)
            .stderr(log_file_too)
            .process_group(0);
        let pid = directory.join("server.pid");
        let _ = fs::remove_file(&pid);
        command.spawn().map_err(|source| Error::Run {
            program: programs.server(),
            source,
        })?;
        // A matter of a few milliseconds, and not to be cut off: whoever comes next must see that a server is starting.
        let spawned = std::time::Instant::now();
        while !pid.exists() && spawned.elapsed() < SHELL_SECONDS_MAX {
            std::thread::sleep(Duration::from_millis(1));
        }
        debug!(port = self.port, "started mariadbd");
        Ok(())
    }

    fn server_arguments(&self, programs: &Programs, init: &Path) -> Vec<String> {
        let directory = self.directory().display();
        let mut arguments = vec![
            "--no-defaults".to_owned(),
            format!("--basedir={}", programs.base.display()),
            format!("--datadir={directory}/data"),
            format!("--tmpdir={directory}/tmp"),
            format!("--pid-file={directory}/data/mariadbd.pid"),
            format!("--init-file={}", init.display()),
            format!("--port={}", self.port),
            // Relative to the data directory: a socket's path may have 107 bytes only.
            "--socket=mariadbd.sock".to_owned(),
            "--bind-address=127.0.0.1".to_owned(),
            "--skip-name-resolve".to_owned(),
            "--server-id=1".to_owned(),
            "--log-bin=binlog".to_owned(),
            "--binlog-format=ROW".to_owned(),
            "--binlog-row-image=FULL".to_owned(),
            "--binlog-row-metadata=FULL".to_owned(),
            "--expire-logs-days=7".to_owned(),
            "--sync-binlog=1".to_owned(),
            "--innodb-flush-log-at-trx-commit=1".to_owned(),
            "--character-set-server=utf8mb4".to_owned(),
            "--collation-server=utf8mb4_unicode_ci".to_owned(),
            "--max-allowed-packet=256M".to_owned(),
            "--default-time-zone=+00:00".to_owned(),
        ];
        arguments.extend(user_argument());
        arguments.extend(self.options.server_arguments.iter().cloned());
        arguments
    }

    /// Run by the server at each start, before it takes connections: our account, and no root without a password.
    fn init_statements(&self) -> String {
        let password = &self.password;
        format!(
            "set sql_log_bin = 0;\n\
             alter user 'root'@'localhost' identified by '{password}';\n\
             create user if not exists '{USER}'@'127.0.0.1';\n\
             alter user '{USER}'@'127.0.0.1' identified by '{password}';\n\
             grant all privileges on *.* to '{USER}'@'127.0.0.1';\n"
        )
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
                    info!(port = self.port, "the private MariaDB answers");
                    return Ok(());
                }
                Err(error) => debug!(%error, "the private MariaDB does not answer yet"),
            }
            let alive = self.process_id().is_some();
            if seen && !alive {
                break;
            }
            seen |= alive;
            sleep(ANSWER_POLL).await;
        }
        let log = fs::read_to_string(self.directory().join("mariadbd.log")).unwrap_or_default();
        Err(Error::NoAnswer { log: end_of(&log) })
    }
}

/// `$1` is the lock file, `$2` the file for the process id, the rest the server's command line. The shell holds the exclusive lock until the server has
/// ended, so that whoever comes next waits for a clean stop.
const WATCHDOG: &str = r#"
lock=$1; pid=$2; shift 2
"$@" & server=$!
echo "$server" >"$pid.new" && mv "$pid.new" "$pid"
exec 9<"$lock"
flock --exclusive 9
kill -TERM "$server" 2>/dev/null
wait "$server"
"#;

/// The last lines of a log, enough to see why a start failed.
fn end_of(text: &str) -> String {
    const LINES_MAX: usize = 15;
    let lines: Vec<_> = text.lines().collect();
    lines[lines.len().saturating_sub(LINES_MAX)..].join("\n")
}
