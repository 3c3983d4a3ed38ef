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

/// Changes that are timed, and those before them that are not.
const CHANGES: usize = 1_000;
const WARM_UP: usize = 20;

struct Client {
    child: Child,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
}

impl Client {
    /// Runs statements; the last one's single value is the answer.
    fn ask(&mut self, statements: &str) -> String {
        writeln!(self.stdin, "{statements}").expect("the client takes statements");
        let mut line = String::new();
        self.stdout
            .read_line(&mut line)
            .expect("the client answers");
        line.trim().to_owned()
    }
}

fn main() {
    let home = tempfile::tempdir().expect("a temporary directory");
    let ports: Vec<u16> = (0..3)
        .map(|_| {
            TcpListener::bind("127.0.0.1:0")
                .and_then(|listener| listener.local_addr())
                .expect("a free port")
                .port()
        })
        .collect();
    let jinmaek = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_jinmaek"));
        command
            .args(arguments)
            .env("JINMAEK_HOME", home.path())
            .env(
                "JINMAEK_KO_DIC",
                concat!(env!("CARGO_MANIFEST_DIR"), "/.jinmaek/ko-dic"),
            )
            .env("JINMAEK_SITE_LISTEN", format!("127.0.0.1:{}", ports[0]))
            .env("JINMAEK_API_LISTEN", format!("127.0.0.1:{}", ports[1]))
            .env(
                "JINMAEK_BACK_OFFICE_LISTEN",
                format!("127.0.0.1:{}", ports[2]),
            )
            .env_remove("DATABASE_URL")
            .stderr(Stdio::null());
        command
    };
    let mut platform = jinmaek(&["--with-sample"])
        .stdout(Stdio::null())
        .spawn()
        .expect("jinmaek starts");
    let http = reqwest::blocking::Client::builder()
        .timeout(Duration::from_secs(10))
        .build()
        .expect("an HTTP client");
    let api = format!("http://127.0.0.1:{}", ports[1]);
    while !http
        .get(format!("{api}/readyz"))
        .send()
        .is_ok_and(|response| response.status().is_success())
    {
        std::thread::sleep(Duration::from_millis(50));
    }

    let mut child = jinmaek(&[
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
    let (stdin, stdout) = (
        child.stdin.take().expect("piped"),
        BufReader::new(child.stdout.take().expect("piped")),
    );
    let mut client = Client {
        child,
        stdin,
        stdout,
    };
    let institutions: usize = client
        .ask("select count(*) from institutions;")
        .parse()
        .expect("a number");
    let first: usize = client
        .ask("select min(id) from institutions;")
        .parse()
        .expect("a number");

    let mut milliseconds = Vec::with_capacity(CHANGES);
    for change in 0..WARM_UP + CHANGES {
        let (id, name) = (
            first + change * 7 % institutions,
            format!("새이름{change}의원"),
        );
        let position = client.ask(&format!(
            "update institutions set name = '{name}' where id = {id}; select @@last_gtid;"
        ));
        let committed = Instant::now();
        let answer = http
            .get(format!("{api}/v1/search/institutions"))
            .query(&[
                ("q", name.as_str()),
                ("min_position", position.as_str()),
                ("facets", "false"),
            ])
            .send()
            .and_then(reqwest::blocking::Response::text)
            .expect("the search API answers");
        assert!(
            answer.contains(&format!("\"id\":{id},")),
            "{name} is not there at {position}: {answer}"
        );
        if change >= WARM_UP {
            milliseconds.push(committed.elapsed().as_secs_f64() * 1000.0);
        }
    }
    milliseconds.sort_by(f64::total_cmp);
    let at = |share: f64| milliseconds[((CHANGES - 1) as f64 * share) as usize];
    println!(
        "commit → searchable over HTTP, {CHANGES} changes one after the other, {institutions} sample institutions,"
    );
    println!("private MariaDB with full durability, client and platform on the same machine:");
    println!(
        "  p50 {:.0} ms   p90 {:.0} ms   p99 {:.0} ms   max {:.0} ms",
        at(0.5),
        at(0.9),
        at(0.99),
        at(1.0)
    );

    drop(client.stdin);
    let _ = client.child.wait();
    let _ = Command::new("kill").arg(platform.id().to_string()).status();
    let _ = platform.wait();
}
