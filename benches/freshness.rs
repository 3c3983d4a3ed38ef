//! From commit to hit: how long after a change is committed by the plain `mariadb` client it can be searched, over HTTP.
//!
//! The whole platform runs as a user starts it, on a private MariaDB with its full durability (`sync_binlog = 1`,
//! `innodb_flush_log_at_trx_commit = 1`), with the sample data. A change is the renaming of one institution. The clock
//! runs from the moment the client has the server's word for the commit until the search API, asked for a hit of the new
//! name at that position, has answered with it.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use reqwest::blocking::{Client as Http, Response};

/// Changes that are timed, and those before them that are not.
const CHANGES: usize = 1_000;
const WARM_UP: usize = 20;

fn main() {
    let platform = Platform::start();
    let mut client = Client::open(&platform);
    let institutions = client.number("select count(*) from institutions;");
    let first = client.number("select min(id) from institutions;");
    let mut milliseconds: Vec<f64> = (0..WARM_UP + CHANGES)
        .map(|change| {
            let id = first + change * 7 % institutions;
            platform.time(&mut client, id, &format!("새이름{change}의원"))
        })
        .skip(WARM_UP)
        .collect();
    milliseconds.sort_by(f64::total_cmp);
    let at = |share: f64| milliseconds[((CHANGES - 1) as f64 * share) as usize];
    println!(
        "commit → searchable over HTTP, {CHANGES} changes one after the other, {institutions} sample institutions,\n\
         private MariaDB with full durability, client and platform on the same machine:\n  \
         p50 {:.0} ms   p90 {:.0} ms   p99 {:.0} ms   max {:.0} ms",
        at(0.5),
        at(0.9),
        at(0.99),
        at(1.0)
    );
}

/// The running platform, in a directory of its own.
struct Platform {
    home: tempfile::TempDir,
    ports: [u16; 4],
    http: Http,
    process: Option<Child>,
}

impl Platform {
    /// Starts every role and waits until searches are answered.
    fn start() -> Self {
        let free_port = || {
            let listener = TcpListener::bind("127.0.0.1:0");
            listener
                .and_then(|listener| listener.local_addr())
                .expect("a free port")
                .port()
        };
        let http = Http::builder().timeout(Duration::from_secs(10)).build();
        let mut platform = Self {
            home: tempfile::tempdir().expect("a temporary directory"),
            ports: [free_port(), free_port(), free_port(), free_port()],
            http: http.expect("an HTTP client"),
            process: None,
        };
        let started = platform
            .jinmaek(&["--with-sample"])
            .stdout(Stdio::null())
            .spawn();
        platform.process = Some(started.expect("jinmaek starts"));
        while !platform
            .get("/readyz", &[])
            .is_some_and(|answer| answer.status().is_success())
        {
            std::thread::sleep(Duration::from_millis(50));
        }
        platform
    }

    fn jinmaek(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_jinmaek"));
        command
            .args(arguments)
            .env("JINMAEK_HOME", self.home.path())
            .env(
                "JINMAEK_KO_DIC",
                concat!(env!("CARGO_MANIFEST_DIR"), "/.jinmaek/ko-dic"),
            )
            .env(
                "JINMAEK_SITE_LISTEN",
                format!("127.0.0.1:{}", self.ports[0]),
            )
            .env("JINMAEK_API_LISTEN", format!("127.0.0.1:{}", self.ports[1]))
            .env(
                "JINMAEK_BACK_OFFICE_LISTEN",
                format!("127.0.0.1:{}", self.ports[2]),
            )
            .env(
                "JINMAEK_OPERATOR_LISTEN",
                format!("127.0.0.1:{}", self.ports[3]),
            )
            .env_remove("DATABASE_URL")
            .stderr(Stdio::null());
        command
    }

    fn get(&self, path: &str, query: &[(&str, &str)]) -> Option<Response> {
        let url = format!("http://127.0.0.1:{}{path}", self.ports[1]);
        self.http.get(url).query(query).send().ok()
    }

    /// Renames an institution and returns how many milliseconds later it was found by its new name.
    fn time(&self, client: &mut Client, id: usize, name: &str) -> f64 {
        let position = client.ask(&format!(
            "update institutions set name = '{name}' where id = {id}; select @@last_gtid;"
        ));
        let committed = Instant::now();
        let query = [
            ("q", name),
            ("min_position", position.as_str()),
            ("facets", "false"),
        ];
        let answer = self
            .get("/v1/search/institutions", &query)
            .and_then(|answer| answer.text().ok());
        let milliseconds = committed.elapsed().as_secs_f64() * 1000.0;
        let answer = answer.expect("the search API answers");
        assert!(
            answer.contains(&format!("\"id\":{id},")),
            "{name} is not there at {position}: {answer}"
        );
        milliseconds
    }
}

impl Drop for Platform {
    fn drop(&mut self) {
        if let Some(mut process) = self.process.take() {
            let _ = Command::new("kill").arg(process.id().to_string()).status();
            let _ = process.wait();
        }
    }
}

/// The plain `mariadb` client, kept open.
struct Client {
    _process: Child,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
}

impl Client {
    fn open(platform: &Platform) -> Self {
        let mut process = platform
            .jinmaek(&[
                "database",
                "shell",
                "--unbuffered",
                "--batch",
                "--skip-column-names",
            ])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the mariadb client starts");
        Self {
            stdin: process.stdin.take().expect("piped"),
            stdout: BufReader::new(process.stdout.take().expect("piped")),
            _process: process,
        }
    }

    /// Runs statements; the last one's single value is the answer.
    fn ask(&mut self, statements: &str) -> String {
        writeln!(self.stdin, "{statements}").expect("the client takes statements");
        let mut line = String::new();
        self.stdout
            .read_line(&mut line)
            .expect("the client answers");
        line.trim().to_owned()
    }

    fn number(&mut self, statement: &str) -> usize {
        self.ask(statement).parse().expect("a number")
    }
}
