//! A copy of a table that is kept by a stream with snapshots, and by nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use cdc::{
    ChangeStream, Commit, Cursor, Message, OnStale, Op, Outcome, Request, Row, Scope, SnapshotMark,
    SnapshotOptions, Snapshots, Table, Value,
};
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Opts};
use tokio::time::timeout;

use crate::support::TestDatabase;

pub(crate) type Stream = Snapshots<ChangeStream>;

/// A row as text, its key first.
type Texts = Vec<String>;

/// What a subscriber would hold of one table.
#[derive(Clone, Default)]
pub(crate) struct Mirror {
    pub(crate) rows: BTreeMap<Texts, Texts>,
    seen: BTreeSet<Texts>,
    /// Whether the messages since the last commit are changes of the stream.
    is_inside: bool,
    pub(crate) reads: usize,
    pub(crate) outcomes: Vec<Outcome>,
}

impl Mirror {
    pub(crate) fn apply(&mut self, message: &Message) {
        match message {
            Message::Change(change) => {
                let is_read = change.op == Op::Read;
                assert!(!is_read || !self.is_inside, "a read inside a transaction");
                self.is_inside = !is_read;
                self.reads += usize::from(is_read);
                let mut held = None;
                if let Some(before) = &change.before {
                    let key = key_of(&change.table, &[before]);
                    held = self.rows.remove(&key);
                    self.seen.insert(key);
                }
                if let Some(after) = &change.after {
                    let images: Vec<_> = [after].into_iter().chain(&change.before).collect();
                    let key = key_of(&change.table, &images);
                    let texts = texts_of(&change.table, after, held);
                    self.rows.insert(key.clone(), texts);
                    self.seen.insert(key);
                }
            }
            Message::Commit(_) => self.is_inside = false,
            Message::Snapshot(mark) => {
                assert!(!self.is_inside, "a mark inside a transaction");
                self.mark(mark);
            }
            Message::Rewind => panic!("nothing was cut"),
            Message::Stale(_) | Message::Gap => panic!("{message:?} is for the snapshots"),
            Message::Heartbeat => {}
        }
    }

    fn mark(&mut self, mark: &SnapshotMark) {
        match mark {
            SnapshotMark::Begin { .. } => self.seen.clear(),
            SnapshotMark::End {
                request, outcome, ..
            } => {
                if (&request.scope, outcome) == (&Scope::Table, &Outcome::Done) {
                    let seen = std::mem::take(&mut self.seen);
                    self.rows.retain(|key, _| seen.contains(key));
                }
                self.outcomes.push(outcome.clone());
            }
        }
    }

    /// Reads on until so many requests have ended.
    pub(crate) async fn until_ended(&mut self, stream: &mut Stream, requests: usize) {
        while self.outcomes.len() < requests {
            let message = next(stream).await;
            self.apply(&message);
        }
        // The commit after the mark.
        let message = next(stream).await;
        assert!(matches!(message, Message::Commit(_)), "{message:?}");
        self.apply(&message);
    }

    /// Reads on until everything that is committed now has come.
    pub(crate) async fn until_now(&mut self, database: &TestDatabase, stream: &mut Stream) {
        let end = database.position().await;
        while stream.position().covers(&end) != Some(true) {
            let message = next(stream).await;
            self.apply(&message);
        }
    }
}

pub(crate) async fn next(stream: &mut Stream) -> Message {
    timeout(Duration::from_secs(30), stream.next())
        .await
        .expect("no message in 30 s")
        .unwrap()
}

/// Reads up to the next commit of the stream or of a chunk.
pub(crate) async fn until_commit(stream: &mut Stream, mirror: &mut Mirror) -> Commit {
    loop {
        let message = next(stream).await;
        mirror.apply(&message);
        if let Message::Commit(commit) = message {
            return commit;
        }
    }
}

pub(crate) fn options(database: &TestDatabase, chunk_rows_max: usize) -> SnapshotOptions {
    SnapshotOptions {
        chunk_rows_max,
        on_stale: OnStale::Read {
            pause_max: Duration::ZERO,
        },
        ..SnapshotOptions::new(&database.url)
    }
}

impl TestDatabase {
    /// A stream of one table with snapshots in chunks of so many rows.
    pub(crate) async fn snapshots(&self, table: &str, chunk_rows_max: usize) -> Stream {
        let stream = self.follow(&[table]).await;
        Snapshots::new(stream, options(self, chunk_rows_max))
    }

    /// The same from what was stored.
    pub(crate) async fn resume(&self, table: &str, cursor: Cursor) -> Stream {
        let stream = self.follow_from(&[table], cursor).await;
        Snapshots::new(stream, options(self, 7))
    }

    pub(crate) fn request(&self, table: &str, scope: Scope) -> Request {
        Request {
            table: self.table(table),
            scope,
        }
    }

    /// The rows of a table as a mirror holds them, its key being the first `key_columns` columns. Binary columns must be
    /// named in `binary`.
    pub(crate) async fn select(
        &self,
        table: &str,
        key_columns: usize,
        binary: &[&str],
    ) -> BTreeMap<Texts, Texts> {
        let mut connection = Conn::new(Opts::from_url(&self.url).unwrap()).await.unwrap();
        connection
            .query_drop("set time_zone = '+00:00'")
            .await
            .unwrap();
        let columns: Vec<String> = connection
            .exec(
                "select column_name from information_schema.columns \
                 where table_schema = ? and table_name = ? order by ordinal_position",
                (&self.name, table),
            )
            .await
            .unwrap();
        let expressions: Vec<_> = columns
            .iter()
            .map(|column| match binary.contains(&column.as_str()) {
                true => format!("lower(hex({column}))"),
                false => format!("cast({column} as char)"),
            })
            .collect();
        let statement = format!("select {} from {table}", expressions.join(", "));
        let rows: Vec<mysql_async::Row> = connection.query(statement).await.unwrap();
        rows.into_iter()
            .map(|row| {
                let texts: Texts = (0..row.len())
                    .map(|index| {
                        row.get::<Option<String>, _>(index)
                            .unwrap()
                            .unwrap_or("null".to_owned())
                    })
                    .collect();
                (texts[..key_columns].to_vec(), texts)
            })
            .collect()
    }
}

/// The key, of the first image that has it.
fn key_of(table: &Table, images: &[&Row]) -> Texts {
    let mut columns = table.primary_key.clone();
    columns.sort_unstable();
    let value = |column: &usize| images.iter().find_map(|row| row.value(*column));
    columns
        .iter()
        .map(|column| text(value(column).unwrap()))
        .collect()
}

/// The row; what its image leaves out is as it was held.
fn texts_of(table: &Table, row: &Row, held: Option<Texts>) -> Texts {
    let held = held.unwrap_or_default();
    let columns = 0..table.columns.len();
    columns
        .map(|column| match row.value(column) {
            Some(value) => text(value),
            None => held[column].clone(),
        })
        .collect()
}

/// A value as the server prints it.
fn text(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::DateTime(date_time) => date_time.to_string().replace('T', " "),
        other => match serde_json::to_value(other).unwrap() {
            serde_json::Value::String(text) => text,
            other => other.to_string(),
        },
    }
}

/// A cursor as it comes back from the disk.
pub(crate) fn stored(cursor: &Cursor) -> Cursor {
    let json = serde_json::to_string(cursor).unwrap();
    serde_json::from_str(&json).unwrap()
}
