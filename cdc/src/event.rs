//! What subscribers see: change events, and the marks between transactions.

use std::fmt;
use std::sync::Arc;

use serde::Deserialize;
use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::cursor::Cursor;
use crate::decode_error::DecodeError;
use crate::position::Position;
use crate::snapshot::{Scope, SnapshotMark};
use crate::value::Value;

/// A table's qualified name.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, Deserialize)]
pub struct TableName {
    /// The database.
    pub schema: String,
    /// The table.
    pub table: String,
}

impl fmt::Display for TableName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.schema, self.table)
    }
}

/// A table as it was when a row was written.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// Its name.
    pub name: TableName,
    /// Its columns, in order, generated and invisible ones too.
    pub columns: Vec<Column>,
    /// Indexes of the primary key's columns.
    pub primary_key: Vec<usize>,
}

/// A column of a table.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// Its name; empty when the server writes less than `binlog_row_metadata=FULL`.
    pub name: String,
    /// Whether it may be NULL.
    pub is_nullable: bool,
}

/// A row image: a value for each column of the table, `None` for those that the row image leaves out, and for a JSON document
/// that came as a difference from one that the image before leaves out (`binlog_row_value_options=PARTIAL_JSON` together
/// with a `binlog_row_image` that is not FULL).
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    values: Vec<Option<Value>>,
}

impl Row {
    pub(crate) fn new(values: Vec<Option<Value>>) -> Self {
        Self { values }
    }

    /// About how much memory its values take, bytes.
    pub(crate) fn bytes(&self) -> usize {
        let values = self.values.iter().flatten();
        self.values.len() * size_of::<Option<Value>>()
            + values.map(Value::heap_bytes).sum::<usize>()
    }

    /// Columns, with those that are left out.
    #[cfg(feature = "fuzzing")]
    pub(crate) fn len(&self) -> usize {
        self.values.len()
    }

    /// The value of the column with this index.
    #[must_use]
    pub fn value(&self, column: usize) -> Option<&Value> {
        self.values.get(column)?.as_ref()
    }
}

/// What happened to the row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// It was inserted.
    Create,
    /// It was changed.
    Update,
    /// It was removed.
    Delete,
    /// It was read by a snapshot; there is no row before.
    Read,
}

impl Op {
    /// Debezium's letter for it.
    #[must_use]
    pub fn letter(self) -> &'static str {
        match self {
            Self::Create => "c",
            Self::Update => "u",
            Self::Delete => "d",
            Self::Read => "r",
        }
    }
}

/// One changed row of a committed transaction.
#[derive(Clone, Debug, PartialEq)]
pub struct ChangeEvent {
    /// What happened.
    pub op: Op,
    /// The table.
    pub table: Arc<Table>,
    /// The row before; `None` for an insert.
    pub before: Option<Row>,
    /// The row after; `None` for a delete.
    pub after: Option<Row>,
    /// Where it stands in the binlog.
    pub source: Source,
}

impl ChangeEvent {
    /// The values of a column before and after, leaving out images that are not there: what a key of a dirty document is
    /// made from, since a change of the key itself makes both documents dirty.
    pub fn values_of<'a>(&'a self, column: &'a str) -> impl Iterator<Item = &'a Value> {
        let index = self
            .table
            .columns
            .iter()
            .position(|known| known.name == column);
        [&self.before, &self.after]
            .into_iter()
            .flatten()
            .filter_map(move |row| row.value(index?))
    }

    /// About how much memory it takes, bytes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let rows = [&self.before, &self.after].into_iter().flatten();
        size_of::<Self>() + rows.map(Row::bytes).sum::<usize>()
    }

    /// The image with its columns' names, as JSON writes it.
    #[must_use]
    pub fn named<'a>(&'a self, row: &'a Row) -> NamedRow<'a> {
        NamedRow {
            table: &self.table,
            row,
        }
    }
}

/// Where an event stands in the binlog, and what is known of its transaction.
#[derive(Clone, Debug, PartialEq)]
pub struct Source {
    /// The server that first ran the transaction.
    pub server_id: u32,
    /// The transaction's GTID in the server's own spelling, when it has one.
    pub gtid: Option<Arc<str>>,
    /// Binlog file.
    pub file: Arc<str>,
    /// End of the event in the file, bytes.
    pub offset: u64,
    /// Which row of the event, from 0.
    pub row: u32,
    /// When the statement ran, or, where the server tells (MySQL 8 and later), when the transaction was committed:
    /// microseconds since the epoch by the server's clock. MariaDB tells whole seconds only.
    pub timestamp_microseconds: u64,
    /// The connection that ran it; MariaDB does not tell.
    pub thread: Option<u32>,
    /// The statement that changed the row, when it was asked for ([`crate::Options::with_queries`]) and the server logs it.
    pub query: Option<Arc<str>>,
    /// Which change of the transaction, from 1, over the followed tables; 0 for a row that was read.
    pub order: u64,
    /// Which change of this table in the transaction, from 1; 0 for a row that was read.
    pub table_order: u64,
}

/// The end of a transaction: everything since the last one is committed, and reading may resume after its cursor.
#[derive(Clone, Debug, PartialEq)]
pub struct Commit {
    /// After the transaction.
    pub cursor: Cursor,
    /// When it was committed, seconds since the epoch by the server's clock; 0 when only the position has moved.
    pub timestamp_seconds: u32,
}

impl Commit {
    /// After the transaction.
    #[must_use]
    pub fn position(&self) -> &Position {
        &self.cursor.position
    }
}

/// A followed table that changed in a way that its row events do not tell: what is held of it, or of some of its rows, must
/// be read again from the table itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Stale {
    /// The table. It may be gone.
    pub table: TableName,
    /// The rows that must be read again: those of these keys, or all.
    pub scope: Scope,
    /// Why.
    pub cause: Cause,
}

/// Why a table must be read again.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Cause {
    /// A statement changed the table itself, or may have. Its first words: the others may hold what rows hold.
    #[error("it was altered: {0}")]
    Altered(String),
    /// Its rows were changed by a statement that was logged as such; the text is left out, since it holds what rows hold.
    #[error("its rows were changed by a statement that was not logged as rows (binlog_format)")]
    Statement,
    /// A transaction was rolled back, wholly or in part, after its rows were in the binlog (mixed engines).
    #[error("a transaction that had changed it was rolled back")]
    RolledBack,
    /// A foreign key's cascade may have changed its rows, which leaves no trace in the binlog.
    #[error("rows of {0} that it refers to were changed, and its foreign key cascades")]
    Cascade(TableName),
    /// An XA transaction was committed of whose rows too many came to be held, or that was prepared before reading began.
    #[error("an XA transaction was committed whose rows were not held")]
    Prepared,
    /// Rows came that can't be decoded.
    #[error("its rows could not be decoded: {0}")]
    Undecodable(DecodeError),
    /// Rows came while it was not certain which columns they have.
    #[error("rows came while its columns were not known for certain")]
    ColumnsUnknown,
    /// JSON documents came as differences (`binlog_row_value_options=PARTIAL_JSON`) from documents that did not come
    /// (`binlog_row_image`).
    #[error("JSON documents came as differences from documents that the row image leaves out")]
    Differences,
    /// The server says that it lost events.
    #[error("the server lost events of its binlog")]
    Lost,
}

/// What the stream yields, in the order of the binlog. A transaction's changes come before its commit, and no other
/// transaction's come between.
#[derive(Clone, Debug, PartialEq)]
pub enum Message {
    /// A row of a followed table.
    Change(Arc<ChangeEvent>),
    /// A followed table must be read again. A [`Message::Commit`] follows: what it asks for must be done, or noted, before
    /// that position is stored.
    Stale(Stale),
    /// The end of a transaction, also of one that touched no followed table.
    Commit(Commit),
    /// The server is there and has nothing new; every second when idle.
    Heartbeat,
    /// The connection was lost within a transaction: what came of it since the last commit is void, and comes again from
    /// its start if the server still has it.
    Rewind,
    /// Changes are missing here, for a subscriber that asked for it ([`crate::OnGap::Skip`]): what it holds may be out of
    /// date.
    Gap,
    /// A snapshot begins or ends. Only a stream with snapshots has them ([`crate::Snapshots`]).
    Snapshot(SnapshotMark),
}

impl Message {
    /// About how much memory it takes, bytes.
    pub(crate) fn bytes(&self) -> usize {
        let held = match self {
            Self::Change(change) => change.bytes(),
            Self::Stale(stale) => MARK_BYTES + stale.scope.bytes(),
            Self::Commit(commit) => MARK_BYTES + commit.cursor.position.gtids.bytes(),
            Self::Snapshot(_) => MARK_BYTES,
            Self::Heartbeat | Self::Rewind | Self::Gap => 0,
        };
        size_of::<Self>() + held
    }
}

/// About what the names of a mark between changes take.
const MARK_BYTES: usize = 256;

/// A row image that serialises as an object of its columns.
#[derive(Debug)]
pub struct NamedRow<'a> {
    table: &'a Table,
    row: &'a Row,
}

impl Serialize for NamedRow<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (index, column) in self.table.columns.iter().enumerate() {
            if let Some(value) = self.row.value(index) {
                map.serialize_entry(&column.name, value)?;
            }
        }
        map.end()
    }
}
