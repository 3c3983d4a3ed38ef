//! The platform as a user starts it: the binary in a directory of its own.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// Long enough for a busy machine; a test that waits so long has failed.
const PATIENCE: Duration = Duration::from_secs(120);

/// An installation: a home directory and addresses that nobody else uses.
pub(crate) struct Installation {
    home: TempDir,
    ports: [u16; 4],
    /// Without it, the installation has a private MariaDB.
    database_url: Option<String>,
}

impl Installation {
    pub(crate) fn new() -> Self {
        let free_port = || {
            TcpListener::bind("127.0.0.1:0")
                .unwrap()
                .local_addr()
                .unwrap()
                .port()
        };
        Self {
            home: tempfile::tempdir().unwrap(),
            ports: [free_port(), free_port(), free_port(), free_port()],
            database_url: None,
        }
    }

    /// On a database that is there already.
    pub(crate) fn on(database_url: String) -> Self {
        Self {
            database_url: Some(database_url),
            ..Self::new()
        }
    }

    pub(crate) fn home(&self) -> &Path {
        self.home.path()
    }

    pub(crate) fn site(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.ports[0])
    }

    pub(crate) fn api(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.ports[1])
    }

    pub(crate) fn back_office(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.ports[2])
    }

    pub(crate) fn operator(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.ports[3])
    }

    /// `jinmaek` with these arguments, in this installation.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_jinmaek"));
        let address = |port: u16| format!("127.0.0.1:{port}");
        command
            .current_dir(self.home())
            .args(arguments)
            .env("JINMAEK_HOME", self.home())
            .env("JINMAEK_KO_DIC", ko_dic())
            .env("JINMAEK_SITE_LISTEN", address(self.ports[0]))
            .env("JINMAEK_API_LISTEN", address(self.ports[1]))
            .env("JINMAEK_BACK_OFFICE_LISTEN", address(self.ports[2]))
            .env("JINMAEK_OPERATOR_LISTEN", address(self.ports[3]))
            .env_remove("DATABASE_URL")
            .envs(self.database_url.iter().map(|url| ("DATABASE_URL", url)));
        command
    }

    /// Runs it to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Runs it to its end, which must be a good one; what it printed.
    pub(crate) fn expect(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let (printed, log) = (
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr),
        );
        assert!(
            output.status.success(),
            "{arguments:?}: {}\n{printed}\n{log}",
            output.status
        );
        printed.into_owned()
    }

    /// Starts every role and waits until searches are answered.
    pub(crate) fn start(&self, arguments: &[&str]) -> Running {
        let mut running = self.spawn(arguments);
        running.until(&format!("{} answers", self.api("/readyz")), || {
            is_ok(&self.api("/readyz"))
        });
        running
    }

    /// Starts every role and waits for nothing.
    pub(crate) fn spawn(&self, arguments: &[&str]) -> Running {
        let mut child = self
            .command(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let printed = collect(child.stdout.take().unwrap());
        let log = collect(child.stderr.take().unwrap());
        Running {
            child,
            printed: Some(printed),
            log: Some(log),
        }
    }

    /// Process id of the private MariaDB.
    pub(crate) fn mariadb(&self) -> Option<u32> {
        std::fs::read_to_string(self.home().join("mysql/server.pid"))
            .ok()?
            .trim()
            .parse()
            .ok()
    }
}

fn ko_dic() -> PathBuf {
    let default = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/.jinmaek/ko-dic"));
    let directory = std::env::var_os("JINMAEK_KO_DIC").map_or(default, PathBuf::from);
    assert!(directory.exists(), "run `make ko-dic`");
    directory
}

fn collect(stream: impl std::io::Read + Send + 'static) -> JoinHandle<String> {
    std::thread::spawn(move || {
        let lines = BufReader::new(stream).lines().map_while(Result::ok);
        lines.fold(String::new(), |text, line| text + &line + "\n")
    })
}

/// A running platform; killed when it is dropped.
pub(crate) struct Running {
    child: Child,
    printed: Option<JoinHandle<String>>,
    log: Option<JoinHandle<String>>,
}

/// How it ended, and what it said.
pub(crate) struct Ended {
    pub(crate) status: ExitStatus,
    pub(crate) printed: String,
    pub(crate) log: String,
}

impl Running {
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn signal(&self, signal: &str) {
        kill(signal, self.id());
    }

    /// Waits for its end.
    pub(crate) fn ended(mut self) -> Ended {
        let status = self.child.wait().unwrap();
        let text = |thread: &mut Option<JoinHandle<String>>| thread.take().unwrap().join().unwrap();
        Ended {
            status,
            printed: text(&mut self.printed),
            log: text(&mut self.log),
        }
    }

    /// Waits for something that happens in another process; fails when this one has ended.
    pub(crate) fn until(&mut self, what: &str, happens: impl FnMut() -> bool) {
        let child = &mut self.child;
        let died = until(happens, || child.try_wait().unwrap().is_some());
        if let Err(why) = died {
            let _ = self.child.kill();
            let log = self.log.take().unwrap().join().unwrap();
            panic!("{what}: {why}; its log:\n{log}");
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn until(
    mut happens: impl FnMut() -> bool,
    mut died: impl FnMut() -> bool,
) -> Result<(), &'static str> {
    let started = Instant::now();
    while !happens() {
        if died() {
            return Err("the process ended first");
        }
        if started.elapsed() > PATIENCE {
            return Err("it did not happen in time");
        }
        std::thread::yield_now();
    }
    Ok(())
}

pub(crate) fn kill(signal: &str, process: u32) {
    let status = Command::new("kill")
        .args([signal, &process.to_string()])
        .status()
        .unwrap();
    assert!(status.success(), "kill {signal} {process}");
}

pub(crate) fn get(url: &str) -> Option<(u16, String)> {
    let client = reqwest::blocking::Client::builder()
        .timeout(Duration::from_secs(10))
        .build()
        .unwrap();
    let response = client.get(url).send().ok()?;
    Some((response.status().as_u16(), response.text().ok()?))
}

pub(crate) fn is_ok(url: &str) -> bool {
    get(url).is_some_and(|(status, _)| status == 200)
}
