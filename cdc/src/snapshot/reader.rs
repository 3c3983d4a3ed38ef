//! Reading one chunk: a connection of its own, a short transaction, and proof of where in the stream its rows belong.
//!
//! Two things must be known of a chunk. `seen`, where the stream stood when reading began, must be in it: a transaction
//! reaches a replica a moment before other sessions see it, and one that was passed on but not in the chunk would be
//! overwritten by it. And `high`, after which nothing is in it. How they are had:
//!
//! - MariaDB: `start transaction with consistent snapshot` stands at an exact place of the binlog, which
//!   `binlog_snapshot_file` and `…_position` tell. `binlog_gtid_pos()` would tell its GTIDs, but reads the binlog file from
//!   its start to do so (0.4 s for 1 GiB): asked only where file and offset prove nothing. `gtid_binlog_pos` is at or a
//!   moment after the snapshot, and as good for `high`.
//! - MySQL: `gtid_executed` names only what every session sees. Read before and after the rows.
//! - Neither (MySQL without GTIDs, a stream that was started by file and offset): nothing tells what is visible, so the
//!   rows are read with `lock in share mode`, which waits for those that are being committed, and the binlog's end is
//!   read after them. The locks are gone with the statement.
//!
//! On MySQL a transaction can be seen by the rows and not yet be in `high`. That does no harm: it comes later in the
//! stream, and says the same again.

use std::time::Duration;

use mysql_async::prelude::Queryable;
use tokio::time::sleep;

use super::chunk::{Chunk, Job, ReadError, read_chunk};
use super::layout::{Layout, prepare_session};
use super::window::{files_of, has_reached};
use crate::ask;
use crate::gtid::GtidSet;
use crate::position::Position;
use crate::server::{Flavour, Server};

/// A transaction that the stream has seen becomes visible within milliseconds, unless the server waits for a replica.
const VISIBLE_PAUSE: Duration = Duration::from_millis(5);
const VISIBLE_ATTEMPTS_MAX: u32 = 200;

/// How a chunk is tied to the stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Method {
    /// MariaDB's consistent snapshot.
    Snapshot,
    /// MySQL's executed GTIDs.
    Executed,
    /// A locking read.
    Locking,
}

/// A connection for chunks, kept from one to the next.
pub(super) struct Reader {
    server: Server,
    layout: Option<Layout>,
}

impl Reader {
    pub(super) async fn connect(url: &str) -> Result<Self, ReadError> {
        let mut server = Server::connect(url)
            .await
            .map_err(ReadError::of_connection)?;
        prepare_session(&mut server).await?;
        Ok(Self {
            server,
            layout: None,
        })
    }

    /// Reads a chunk. After an error the connection must not be used again.
    pub(super) async fn read(&mut self, job: &Job) -> Result<Chunk, ReadError> {
        let method = self.method(&job.seen).await?;
        let mark = self.begin(method, &job.seen).await?;
        let is_locking = method == Method::Locking;
        let mut chunk = read_chunk(&mut self.server, &mut self.layout, job, is_locking).await?;
        chunk.high = match (method, mark) {
            (Method::Snapshot, Some(mark)) => mark,
            (Method::Executed, _) => self.executed().await?,
            _ => self
                .server
                .position()
                .await
                .map_err(ReadError::of_connection)?,
        };
        self.run("commit").await?;
        Ok(chunk)
    }

    async fn method(&mut self, seen: &Position) -> Result<Method, ReadError> {
        if self.server.flavour() == Flavour::MySql {
            return Ok(match seen.gtids {
                GtidSet::MySql(_) => Method::Executed,
                _ => Method::Locking,
            });
        }
        Ok(match self.snapshot_place().await? {
            Some(_) => Method::Snapshot,
            None => Method::Locking,
        })
    }

    /// Begins the transaction, with `seen` in it.
    async fn begin(
        &mut self,
        method: Method,
        seen: &Position,
    ) -> Result<Option<Position>, ReadError> {
        for _ in 0..VISIBLE_ATTEMPTS_MAX {
            match method {
                Method::Locking => {
                    self.run("set transaction isolation level read committed")
                        .await?;
                    self.run("start transaction").await?;
                    return Ok(None);
                }
                Method::Executed => {
                    if has_reached(&self.executed().await?, seen) {
                        self.run("start transaction with consistent snapshot, read only")
                            .await?;
                        return Ok(None);
                    }
                }
                Method::Snapshot => {
                    self.run("start transaction with consistent snapshot, read only")
                        .await?;
                    let mark = self.snapshot_mark().await?;
                    if self.shows(&mark, seen).await? {
                        return Ok(Some(mark));
                    }
                    self.run("rollback").await?;
                }
            }
            sleep(VISIBLE_PAUSE).await;
        }
        Err(ReadError::Retry(format!(
            "the database that chunks are read from has not come to {seen} yet, which the stream has"
        )))
    }

    /// Whether a snapshot that stands at `mark` shows everything up to `seen`.
    async fn shows(&mut self, mark: &Position, seen: &Position) -> Result<bool, ReadError> {
        if mark.gtids.contains(&seen.gtids) == Some(false) {
            return Ok(false);
        }
        if files_of(mark).covers(&files_of(seen)) == Some(true) {
            return Ok(true);
        }
        // Another server's files, or none yet: the GTIDs of the snapshot itself.
        let statement = format!("select binlog_gtid_pos('{}', {})", mark.file, mark.offset);
        let gtids: Option<Option<String>> = self.first(&statement).await?;
        let gtids = gtids
            .flatten()
            .and_then(|gtids| GtidSet::parse_mariadb(&gtids))
            .unwrap_or_default();
        Ok(gtids.contains(&seen.gtids) == Some(true))
    }

    /// Where the snapshot stands: the file and offset of its very place, the GTIDs of that or a moment after.
    async fn snapshot_mark(&mut self) -> Result<Position, ReadError> {
        let Some((file, offset)) = self.snapshot_place().await? else {
            return Err(ReadError::Retry(
                "the server does not tell where its snapshot stands".to_owned(),
            ));
        };
        let gtids: Option<String> = self.first("select @@global.gtid_binlog_pos").await?;
        Ok(Position {
            gtids: gtids
                .and_then(|gtids| GtidSet::parse_mariadb(&gtids))
                .unwrap_or_default(),
            file,
            offset,
        })
    }

    async fn snapshot_place(&mut self) -> Result<Option<(String, u64)>, ReadError> {
        let statement = "show status like 'binlog_snapshot_%'";
        let rows: Vec<(String, String)> = ask::all(&mut self.server.connection, statement)
            .await
            .map_err(ReadError::of_server)?;
        let value = |name: &str| {
            let row = rows.iter().find(|row| row.0.eq_ignore_ascii_case(name));
            row.map(|row| row.1.clone())
                .filter(|value| !value.is_empty())
        };
        let place = (
            value("binlog_snapshot_file"),
            value("binlog_snapshot_position"),
        );
        let (Some(file), Some(offset)) = place else {
            return Ok(None);
        };
        Ok(offset.parse().ok().map(|offset| (file, offset)))
    }

    async fn executed(&mut self) -> Result<Position, ReadError> {
        let gtids: Option<String> = self.first("select @@global.gtid_executed").await?;
        Ok(Position {
            gtids: gtids
                .and_then(|gtids| GtidSet::parse_mysql(&gtids))
                .unwrap_or_default(),
            ..Position::default()
        })
    }

    async fn run(&mut self, statement: &str) -> Result<(), ReadError> {
        self.server
            .connection
            .query_drop(statement)
            .await
            .map_err(ReadError::of_server)
    }

    async fn first<T>(&mut self, statement: &str) -> Result<Option<T>, ReadError>
    where
        T: mysql_async::prelude::FromRow + Send + 'static,
    {
        ask::first(&mut self.server.connection, statement)
            .await
            .map_err(ReadError::of_server)
    }
}
