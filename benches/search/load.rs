//! Closed loops: so many ask one question after the other, each by HTTP, by the router without it, or in SQL.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use axum::body::{Body, to_bytes};
use axum::http::Request;
use memchr::memmem;
use sqlx::{AssertSqlSafe, Connection, MySqlConnection};
use tower_service::Service;

use crate::machine;
use crate::questions::{Question, Sql};

/// What one round measured.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sample {
    /// Of each answer, ascending.
    pub(crate) microseconds: Vec<u32>,
    /// Answers that found something.
    pub(crate) found: usize,
    pub(crate) seconds: f64,
    /// Of this process: those of the API and of the askers, none of MySQL's.
    processor_seconds: f64,
}

/// A way to have questions answered: how many ask at once, and for how long.
#[derive(Clone, Copy)]
pub(crate) struct Loop {
    pub(crate) askers: usize,
    pub(crate) time: Duration,
}

/// What one asker has seen.
struct Asker {
    began: Instant,
    time: Duration,
    sample: Sample,
}

impl Asker {
    fn is_over(&self) -> bool {
        self.began.elapsed() >= self.time
    }

    fn answered(&mut self, asked: Instant, found: bool) {
        let taken = asked.elapsed().as_micros();
        self.sample
            .microseconds
            .push(u32::try_from(taken).unwrap_or(u32::MAX));
        self.sample.found += usize::from(found);
    }
}

impl Loop {
    fn asker(self) -> Asker {
        Asker {
            began: Instant::now(),
            time: self.time,
            sample: Sample::default(),
        }
    }

    /// The questions in their order, from another one for each asker, over and over.
    fn order(self, number: usize, questions: usize) -> impl Iterator<Item = usize> {
        (number * questions / self.askers..).map(move |at| at % questions)
    }

    /// Over keep-alive connections by threads that block, with requests written beforehand: about the least that a client can cost.
    pub(crate) fn http(self, address: SocketAddr, questions: &[Question]) -> Sample {
        let requests: Vec<Vec<u8>> = questions
            .iter()
            .map(|question| request(&question.target))
            .collect();
        let requests = Arc::new(requests);
        let began = (Instant::now(), machine::processor_seconds());
        let threads: Vec<_> = (0..self.askers)
            .map(|number| {
                let requests = Arc::clone(&requests);
                thread::spawn(move || {
                    let mut asker = self.asker();
                    let mut connection = TcpStream::connect(address).expect("a connection");
                    connection
                        .set_nodelay(true)
                        .expect("an option of the socket");
                    let mut buffer = vec![0; 1 << 20];
                    for at in self.order(number, requests.len()) {
                        let asked = Instant::now();
                        connection
                            .write_all(&requests[at])
                            .expect("the request is sent");
                        let body = read_reply(&mut connection, &mut buffer);
                        asker.answered(asked, has_found(body));
                        if asker.is_over() {
                            break;
                        }
                    }
                    asker.sample
                })
            })
            .collect();
        let samples = threads
            .into_iter()
            .map(|thread| thread.join().expect("no panic"));
        Sample::of(samples.collect(), began)
    }

    /// The same router called without sockets: routing, counting, parsing, search and the reply's JSON, but no HTTP.
    pub(crate) async fn in_process(self, router: &axum::Router, questions: &[Question]) -> Sample {
        let targets: Arc<[String]> = questions
            .iter()
            .map(|question| question.target.clone())
            .collect();
        let began = (Instant::now(), machine::processor_seconds());
        let tasks: Vec<_> = (0..self.askers)
            .map(|number| {
                let (targets, mut router) = (Arc::clone(&targets), router.clone());
                tokio::spawn(async move {
                    let mut asker = self.asker();
                    for at in self.order(number, targets.len()) {
                        let asked = Instant::now();
                        let request = Request::get(targets[at].as_str())
                            .body(Body::empty())
                            .expect("a request");
                        let response = router.call(request).await.expect("an answer");
                        assert!(response.status().is_success(), "{}", targets[at]);
                        let body = to_bytes(response.into_body(), usize::MAX)
                            .await
                            .expect("a body");
                        asker.answered(asked, has_found(&body));
                        if asker.is_over() {
                            break;
                        }
                    }
                    asker.sample
                })
            })
            .collect();
        Sample::of(joined(tasks).await, began)
    }

    /// The same rows asked in SQL: a page, and where there are pages, how many hits there are.
    pub(crate) async fn sql(self, url: &str, statements: Vec<Sql>) -> Sample {
        let mut connections = Vec::new();
        for _ in 0..self.askers {
            connections.push(MySqlConnection::connect(url).await.expect("a connection"));
        }
        let statements: Arc<[Sql]> = statements.into();
        let began = (Instant::now(), machine::processor_seconds());
        let askers = connections.into_iter().enumerate();
        let tasks = askers.map(|(number, mut connection)| {
            let statements = Arc::clone(&statements);
            tokio::spawn(async move {
                let mut asker = self.asker();
                for at in self.order(number, statements.len()) {
                    let asked = Instant::now();
                    let found = run(&mut connection, &statements[at]).await;
                    asker.answered(asked, found);
                    if asker.is_over() {
                        break;
                    }
                }
                asker.sample
            })
        });
        let tasks = tasks.collect();
        Sample::of(joined(tasks).await, began)
    }
}

async fn joined(tasks: Vec<tokio::task::JoinHandle<Sample>>) -> Vec<Sample> {
    let mut samples = Vec::new();
    for task in tasks {
        samples.push(task.await.expect("no panic"));
    }
    samples
}

impl Sample {
    fn of(samples: Vec<Self>, (began, processor_seconds): (Instant, f64)) -> Self {
        let mut all = Self {
            seconds: began.elapsed().as_secs_f64(),
            processor_seconds: machine::processor_seconds() - processor_seconds,
            ..Self::default()
        };
        for sample in samples {
            all.microseconds.extend(sample.microseconds);
            all.found += sample.found;
        }
        all.microseconds.sort_unstable();
        all
    }

    pub(crate) fn a_second(&self) -> f64 {
        self.microseconds.len() as f64 / self.seconds
    }

    /// Processor time of an answer, in milliseconds.
    pub(crate) fn processor_milliseconds(&self) -> f64 {
        self.processor_seconds * 1000.0 / self.microseconds.len().max(1) as f64
    }

    /// Milliseconds within which such a share was answered.
    pub(crate) fn milliseconds(&self, share: f64) -> f64 {
        let last = self.microseconds.len().saturating_sub(1);
        let at = (last as f64 * share).round() as usize;
        f64::from(self.microseconds.get(at).copied().unwrap_or_default()) / 1000.0
    }

    /// Share of the answers that found something.
    pub(crate) fn found(&self) -> f64 {
        self.found as f64 / self.microseconds.len().max(1) as f64
    }
}

fn request(target: &str) -> Vec<u8> {
    format!("GET {target} HTTP/1.1\r\nhost: localhost\r\n\r\n").into_bytes()
}

/// Reads one reply with a length; returns its body.
fn read_reply<'b>(connection: &mut TcpStream, buffer: &'b mut [u8]) -> &'b [u8] {
    let mut filled = 0;
    let (head, length) = loop {
        filled += read(connection, &mut buffer[filled..]);
        let Some(end) = memmem::find(&buffer[..filled], b"\r\n\r\n") else {
            continue;
        };
        let head = std::str::from_utf8(&buffer[..end]).expect("a head in ASCII");
        assert!(head.starts_with("HTTP/1.1 200"), "{head}");
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "));
        let length: usize = length
            .and_then(|length| length.parse().ok())
            .expect("a length");
        break (end + 4, length);
    };
    while filled < head + length {
        filled += read(connection, &mut buffer[filled..]);
    }
    &buffer[head..head + length]
}

fn read(connection: &mut TcpStream, buffer: &mut [u8]) -> usize {
    let count = connection.read(buffer).expect("the reply is read");
    assert!(count > 0, "the connection was closed");
    count
}

/// Whether a reply has any hit or suggestion; both lists stand at the beginning.
fn has_found(body: &[u8]) -> bool {
    !body.starts_with(b"{\"hits\":[],") && !body.starts_with(b"{\"suggestions\":[],")
}

async fn run(connection: &mut MySqlConnection, statement: &Sql) -> bool {
    let parameters = statement.parameters.iter();
    let query = sqlx::query(AssertSqlSafe(statement.text.as_str()));
    let query = parameters.fold(query, sqlx::query::Query::bind);
    let rows = query.fetch_all(&mut *connection).await;
    let rows = rows.unwrap_or_else(|error| panic!("{}: {error}", statement.text));
    if statement.text.contains("sql_calc_found_rows") {
        let total: i64 = sqlx::query_scalar("select cast(found_rows() as signed)")
            .fetch_one(connection)
            .await
            .expect("a number");
        assert!(total >= i64::try_from(rows.len()).unwrap_or_default());
    }
    !rows.is_empty()
}
