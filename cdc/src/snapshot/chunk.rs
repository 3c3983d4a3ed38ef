//! The rows of one chunk: the statement, its answer row by row, and what its failures mean.

use std::sync::Arc;

use mysql_async::prelude::{Queryable, WithParams};

use super::layout::Layout;
use super::request::{Request, Scope};
use super::sql;
use super::state::ChunkEnd;
use crate::ask;
use crate::error::{Error, Policy};
use crate::event::{Row, Table, TableName};
use crate::position::Position;
use crate::server::Server;
use crate::stream::ErrorChain;

/// Memory for a chunk's rows, as the server sends them.
pub(super) const CHUNK_BYTES_MAX: usize = 16 << 20;

/// What to read.
pub(super) struct Job {
    pub(super) request: Arc<Request>,
    /// Where the chunk before it ended.
    pub(super) after: Option<ChunkEnd>,
    /// The definition of the key that `after` belongs to.
    pub(super) key_definition: Arc<str>,
    /// Where the stream stood when reading began.
    pub(super) seen: Position,
    pub(super) rows_max: usize,
    pub(super) wants_estimate: bool,
}

/// What was read.
#[derive(Debug, Default)]
pub(super) struct Chunk {
    /// `None` when there is no such table.
    pub(super) table: Option<Arc<Table>>,
    pub(super) rows: Vec<Row>,
    /// Size of the rows.
    pub(super) bytes: usize,
    pub(super) end: Option<ChunkEnd>,
    pub(super) key_definition: Arc<str>,
    /// Whether the scope ends with it.
    pub(super) is_last: bool,
    /// Nothing after this is in the rows.
    pub(super) high: Position,
    /// When it was read, by the server's clock.
    pub(super) timestamp_seconds: u32,
    /// Rows of the table, as the server guesses.
    pub(super) rows_estimated: Option<u64>,
}

/// Why there is no chunk.
#[derive(Debug)]
pub(super) enum ReadError {
    /// Trying again helps, sooner or later: the connection is lost, the table was altered at that moment.
    Retry(String),
    /// The server answered with an error: trying again may help.
    Server(String),
    /// Trying again does not help.
    Refused { problem: String, remedy: String },
    /// The table has another primary key than when the chunk before was read.
    KeyChanged,
    /// The rows of these keys are larger than a chunk may be.
    TooLarge,
}

impl ReadError {
    pub(super) fn of_connection(error: Error) -> Self {
        let policy = error.policy();
        match error {
            Error::Connection(error) => Self::of_server(error),
            // The stream is let in with the same account; perhaps its password is being changed.
            Error::Login { message } => Self::Server(message),
            error => {
                let problem = ErrorChain(&error).to_string();
                match policy {
                    Policy::Stop(remedy) => Self::refused(problem, remedy),
                    Policy::Retry | Policy::Snapshot => Self::Retry(problem),
                }
            }
        }
    }

    /// Sorts an answer of the server. Numbers: MariaDB's and MySQL's `mysqld_error.h`.
    pub(super) fn of_server(error: mysql_async::Error) -> Self {
        const NOT_ALLOWED: [u16; 7] = [1044, 1045, 1142, 1143, 1227, 1370, 1698];
        /// Malformed statements, functions and columns that do not exist, literals that are none: in the operator's
        /// condition or in a key.
        const SENSELESS: [u16; 9] = [1064, 1267, 1305, 1300, 1525, 1582, 1054, 3854, 1210];
        let text = ErrorChain(&error).to_string();
        let mysql_async::Error::Server(server) = error else {
            return Self::Retry(text);
        };
        match server.code {
            code if NOT_ALLOWED.contains(&code) => {
                Self::refused(text, "grant select on the table to the account")
            }
            code if SENSELESS.contains(&code) => {
                Self::refused(text, "correct the condition or the keys, then ask again")
            }
            _ => Self::Server(text),
        }
    }

    pub(super) fn refused(problem: String, remedy: &str) -> Self {
        Self::Refused {
            problem,
            remedy: remedy.to_owned(),
        }
    }
}

/// Reads the rows of a job inside the transaction that the connection is in. `layout` is what is known of the table from
/// the chunk before.
pub(super) async fn read_chunk(
    server: &mut Server,
    layout: &mut Option<Layout>,
    job: &Job,
    is_locking: bool,
) -> Result<Chunk, ReadError> {
    let table = &job.request.table;
    let timestamp_seconds = first(server, "select unix_timestamp()").await?;
    let known = match layout.take_if(|layout| layout.name() == table) {
        Some(known) => known,
        None => match Layout::fetch(server, table).await? {
            Some(fetched) => fetched,
            None => {
                return Ok(Chunk {
                    is_last: true,
                    timestamp_seconds,
                    ..Chunk::default()
                });
            }
        },
    };
    if job.after.is_some() && job.key_definition != *known.key_definition() {
        return Err(ReadError::KeyChanged);
    }
    let read = read_rows(server, &known, job, is_locking).await;
    if let Err(ReadError::Retry(_) | ReadError::TooLarge | ReadError::KeyChanged) = read {
        return read;
    }
    // An error is to be believed only if the table was not altered meanwhile; and MySQL's transaction does not see that it
    // was.
    if read.is_err() {
        let ended = server.connection.query_drop("rollback").await;
        ended.map_err(ReadError::of_server)?;
    }
    // Once rows were read, the transaction keeps the table from being altered; so this tells whether it was before.
    match Layout::fetch(server, table).await? {
        Some(now) if now.is_same(&known) => {}
        _ => return Err(ReadError::Retry(format!("{table} was altered"))),
    }
    let mut chunk = read?;
    chunk.timestamp_seconds = timestamp_seconds;
    if job.wants_estimate {
        chunk.rows_estimated = estimate(server, table).await?;
    }
    *layout = Some(known);
    Ok(chunk)
}

async fn read_rows(
    server: &mut Server,
    layout: &Layout,
    job: &Job,
    is_locking: bool,
) -> Result<Chunk, ReadError> {
    let part = sql::Chunk {
        table: &job.request.table,
        scope: &job.request.scope,
        key: layout.key(),
        after: job.after.as_ref(),
        rows_max: job.rows_max,
    };
    let mut statement = part
        .statement(layout.columns())
        .map_err(|wrong| wrong_key(&wrong, layout))?;
    if is_locking {
        statement.push_str(" lock in share mode");
    }
    let mut chunk = Chunk {
        table: Some(Arc::clone(layout.table())),
        key_definition: Arc::clone(layout.key_definition()),
        ..Chunk::default()
    };
    let mut answer = server
        .connection
        .exec_iter(statement, ())
        .await
        .map_err(ReadError::of_server)?;
    let mut last = None;
    while let Some(wire) = answer.next().await.map_err(ReadError::of_server)? {
        if chunk.bytes >= CHUNK_BYTES_MAX {
            break;
        }
        chunk.bytes += layout.size(&wire);
        let (row, key) = layout.read(wire)?;
        chunk.rows.push(row);
        last = Some(key);
    }
    // What is left of the answer when the chunk is full; the next chunk is smaller.
    answer.drop_result().await.map_err(ReadError::of_server)?;
    let is_full = chunk.bytes >= CHUNK_BYTES_MAX;
    if let Scope::Keys(keys) = &job.request.scope {
        let looked_up = part.keys().len();
        if is_full && looked_up > 1 {
            return Err(ReadError::TooLarge);
        }
        let done = match job.after {
            Some(ChunkEnd::Keys(done)) => done,
            _ => 0,
        };
        chunk.end = Some(ChunkEnd::Keys(done + looked_up));
        chunk.is_last = done + looked_up >= keys.len();
    } else {
        chunk.is_last = !is_full && chunk.rows.len() < job.rows_max;
        chunk.end = match last {
            Some(wire) => Some(layout.end(&wire)?),
            None => job.after.clone(),
        };
    }
    Ok(chunk)
}

fn wrong_key(wrong: &sql::WrongKey, layout: &Layout) -> ReadError {
    let columns: Vec<_> = layout
        .key()
        .iter()
        .map(|column| column.name.as_str())
        .collect();
    ReadError::refused(
        format!(
            "{:?} is no key of {}, whose primary key is ({})",
            wrong.0,
            layout.name(),
            columns.join(", ")
        ),
        "correct the keys, then ask again",
    )
}

/// Rows of the table by the engine's statistics.
async fn estimate(server: &mut Server, table: &TableName) -> Result<Option<u64>, ReadError> {
    let statement = "select table_rows from information_schema.tables where table_schema = ? and table_name = ?";
    let question = statement.with((&table.schema, &table.table));
    let rows: Option<Option<u64>> = ask::first(&mut server.connection, question)
        .await
        .map_err(ReadError::of_server)?;
    Ok(rows.flatten())
}

async fn first(server: &mut Server, statement: &str) -> Result<u32, ReadError> {
    let number: Option<u32> = ask::first(&mut server.connection, statement)
        .await
        .map_err(ReadError::of_server)?;
    Ok(number.unwrap_or_default())
}
