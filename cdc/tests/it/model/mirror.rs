//! The mirror: a read model in SQL, with the cursor stored in the same transaction as the rows, run as a process of its own
//! so that it can be killed. What has gone stale, and now and then what has not, it reads again by snapshots.

use std::collections::BTreeMap;
use std::process::Command;
use std::time::Duration;

use cdc::{
    ChangeEvent, ChangeStream, Cursor, Message, OnStale, Op, Options, Outcome, Policy, Request,
    Row, Scope, Server, SnapshotId, SnapshotMark, SnapshotOptions, Snapshots, Table, TableName,
};
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Opts, Transaction, TxOpts};
use rand::RngExt;
use serde::{Deserialize, Serialize};

use super::{SINK, SOURCE, TABLES};

/// Rows of a chunk: few, so that a snapshot has many.
const CHUNK_ROWS_MAX: usize = 5;

/// What is to be done at the next commit.
enum Work {
    Put {
        table: String,
        key: String,
        image: String,
    },
    Remove {
        table: String,
        key: String,
    },
    /// A snapshot begins: from here on rows are marked with its number.
    Begin(SnapshotId),
    /// A snapshot ends: the rows of the table that are not so marked are gone.
    End(String),
}

/// What is stored with the rows.
#[derive(Serialize, Deserialize)]
pub(super) struct State {
    pub(super) cursor: Cursor,
    /// The snapshot under way, or the last one.
    pub(super) snapshot: SnapshotId,
}

impl State {
    pub(super) fn starting_at(cursor: Cursor) -> Self {
        Self {
            cursor,
            snapshot: 0,
        }
    }
}

/// Where the process kills itself, when told to: `point:times`.
struct Failpoint {
    name: String,
    left: u64,
}

impl Failpoint {
    fn of_environment() -> Self {
        let text = std::env::var("JINMAEK_MODEL_KILL_AT").unwrap_or_default();
        let (name, times) = text.split_once(':').unwrap_or_default();
        Self {
            name: name.to_owned(),
            left: times.parse().unwrap_or(0),
        }
    }

    fn pass(&mut self, name: &str) {
        if self.name != name {
            return;
        }
        self.left = self.left.saturating_sub(1);
        if self.left == 0 {
            let own = std::process::id().to_string();
            let _ = Command::new("kill").args(["-KILL", &own]).status();
            std::process::abort();
        }
    }
}

/// The points at which the process can be killed by itself.
pub(super) const POINTS: [&str; 6] = [
    "change",
    "read",
    "mark",
    "before-commit",
    "within-commit",
    "after-commit",
];

/// The process: does nothing in an ordinary run of the tests.
#[tokio::test]
async fn mirror_process() {
    let Ok(url) = std::env::var("JINMAEK_MODEL_MIRROR") else {
        return;
    };
    let chunks = std::env::var("JINMAEK_MODEL_CHUNKS").unwrap();
    let direct = std::env::var("JINMAEK_MODEL_DIRECT").unwrap();
    let mut failpoint = Failpoint::of_environment();
    loop {
        // A server that restarts takes the sink's connection with it: start again from what is stored.
        if let Err(error) = follow(&url, &chunks, &direct, &mut failpoint).await {
            eprintln!("mirror: {error}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

/// `url` and `chunks` are the server behind networks that fail.
async fn follow(
    url: &str,
    chunks: &str,
    direct: &str,
    failpoint: &mut Failpoint,
) -> Result<(), Box<dyn std::error::Error>> {
    let mut sink = Conn::new(Opts::from_url(&format!("{direct}{SINK}"))?).await?;
    // Its own writes are none of the histories.
    sink.query_drop("set sql_log_bin = 0").await?;
    let mut state = load(&mut sink).await?;
    let options = Options::new(format!("{url}{SOURCE}"), TABLES.map(table_name));
    let stream = match ChangeStream::open(options, state.cursor.clone()).await {
        // Of a flipped bit; should it be of something else, it will be refused for ever.
        Err(error @ cdc::Error::Login { .. }) => return Err(error.into()),
        Err(error) if error.policy() != Policy::Retry => die(&error),
        opened => opened?,
    };
    let mut stream = Snapshots::new(
        stream,
        SnapshotOptions {
            chunk_rows_max: CHUNK_ROWS_MAX,
            on_stale: OnStale::Read {
                pause_max: Duration::ZERO,
            },
            ..SnapshotOptions::new(format!("{chunks}{SOURCE}"))
        },
    );
    let mut work = Vec::new();
    loop {
        let message = match stream.next().await {
            Err(error) => die(&error),
            Ok(message) => message,
        };
        match message {
            Message::Change(change) => {
                failpoint.pass(if change.op == Op::Read {
                    "read"
                } else {
                    "change"
                });
                push(&mut work, &change);
                // Snapshots that nobody needs must do no harm either.
                if change.op != Op::Read && rand::rng().random_ratio(1, 50) {
                    stream.control().request(any_request())?;
                }
            }
            Message::Snapshot(mark) => {
                failpoint.pass("mark");
                work.extend(work_of(mark)?);
            }
            Message::Commit(commit) => {
                failpoint.pass("before-commit");
                state.cursor = commit.cursor;
                let mut transaction = sink.start_transaction(TxOpts::default()).await?;
                for work in work.drain(..) {
                    apply(&mut transaction, &mut state, work).await?;
                }
                failpoint.pass("within-commit");
                let text = serde_json::to_string(&state)?;
                transaction
                    .exec_drop("update state set state = ?", (text,))
                    .await?;
                transaction.commit().await?;
                failpoint.pass("after-commit");
            }
            Message::Rewind => {
                work.clear();
                state = load(&mut sink).await?;
            }
            Message::Stale(_) | Message::Gap => return Err("it is for the snapshots".into()),
            Message::Heartbeat => {}
        }
    }
}

fn table_name(table: &str) -> TableName {
    TableName {
        schema: SOURCE.to_owned(),
        table: table.to_owned(),
    }
}

fn any_request() -> Request {
    let table = TABLES[rand::rng().random_range(0..TABLES.len())];
    let scope = match rand::rng().random_range(0..3) {
        // No row may be removed for these.
        0 => Scope::Condition("rand() < 0.5".to_owned()),
        _ => Scope::Table,
    };
    Request {
        table: table_name(table),
        scope,
    }
}

fn work_of(mark: SnapshotMark) -> Result<Option<Work>, Box<dyn std::error::Error>> {
    Ok(match mark {
        SnapshotMark::Begin { id, .. } => Some(Work::Begin(id)),
        SnapshotMark::End {
            request, outcome, ..
        } => {
            if let Outcome::Refused { problem, .. } = outcome {
                return Err(problem.into());
            }
            let is_whole = request.scope == Scope::Table;
            is_whole.then(|| Work::End(request.table.table.clone()))
        }
    })
}

async fn apply(
    sink: &mut Transaction<'_>,
    state: &mut State,
    work: Work,
) -> Result<(), mysql_async::Error> {
    match work {
        Work::Put { table, key, image } => {
            let statement = "replace into images values (?, ?, ?, ?)";
            let row = (table, key, image, state.snapshot);
            sink.exec_drop(statement, row).await
        }
        Work::Remove { table, key } => {
            let statement = "delete from images where t = ? and k = ?";
            sink.exec_drop(statement, (table, key)).await
        }
        Work::Begin(id) => {
            state.snapshot = id;
            Ok(())
        }
        Work::End(table) => {
            let statement = "delete from images where t = ? and seen <> ?";
            sink.exec_drop(statement, (table, state.snapshot)).await
        }
    }
}

/// What a person would have to mend must not happen here.
fn die(error: &cdc::Error) -> ! {
    eprintln!("mirror: {error}: {error:?}");
    std::process::exit(3);
}

pub(super) async fn load(sink: &mut Conn) -> Result<State, Box<dyn std::error::Error>> {
    let text: Option<String> = sink.query_first("select state from state").await?;
    Ok(serde_json::from_str(&text.unwrap_or_default())?)
}

fn push(work: &mut Vec<Work>, change: &ChangeEvent) {
    let table = &change.table;
    let name = table.name.table.clone();
    if let Some(before) = &change.before {
        work.push(Work::Remove {
            table: name.clone(),
            key: key(table, before),
        });
    }
    if let Some(after) = &change.after {
        work.push(Work::Put {
            table: name,
            key: key(table, after),
            image: image(table, after),
        });
    }
}

/// The rows of a table by their keys; none when it is not there.
pub(super) async fn images(
    server: &mut Server,
    table: &str,
) -> Result<BTreeMap<String, String>, cdc::Error> {
    let Some((table, rows)) = server.rows(&table_name(table)).await? else {
        return Ok(BTreeMap::new());
    };
    let images = rows
        .iter()
        .map(|row| (key(&table, row), image(&table, row)));
    Ok(images.collect())
}

fn key(table: &Table, row: &Row) -> String {
    let values: Vec<_> = table
        .primary_key
        .iter()
        .map(|column| row.value(*column))
        .collect();
    serde_json::to_string(&values).unwrap()
}

fn image(table: &Table, row: &Row) -> String {
    let named = table.columns.iter().enumerate();
    let values: BTreeMap<_, _> = named
        .map(|(index, column)| (column.name.as_str(), row.value(index)))
        .collect();
    serde_json::to_string(&values).unwrap()
}
