//! What subscribers see: change events, and the marks between transactions.

use std::fmt;
use std::sync::Arc;

use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::position::Position;
use crate::value::Value;

/// A table's qualified name.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
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

/// A row image: a value for each column of the table, `None` for those that the row image leaves out.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    values: Vec<Option<Value>>,
}

impl Row {
    pub(crate) fn new(values: Vec<Option<Value>>) -> Self {
        Self { values }
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
}

impl Op {
    /// Debezium's letter for it.
    #[must_use]
    pub fn letter(self) -> &'static str {
        match self {
            Self::Create => "c",
            Self::Update => "u",
            Self::Delete => "d",
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

    /// The image with its columns' names, as JSON writes it.
    #[must_use]
    pub fn named<'a>(&'a self, row: &'a Row) -> NamedRow<'a> {
        NamedRow {
            table: &self.table,
            row,
        }
    }
}

/// Where an event stands in the binlog.
#[derive(Clone, Debug, PartialEq)]
pub struct Source {
    /// The server that first ran the transaction.
    pub server_id: u32,
    /// The transaction's GTID in the server's own spelling, when it has one.
    pub gtid: Option<String>,
    /// Binlog file.
    pub file: Arc<str>,
    /// End of the event in the file, bytes.
    pub offset: u64,
    /// Which row of the event, from 0.
    pub row: u32,
    /// When the statement ran, seconds since the epoch by the server's clock.
    pub timestamp_seconds: u32,
}

/// The end of a transaction: everything since the last one is committed, and reading may resume after `position`.
#[derive(Clone, Debug, PartialEq)]
pub struct Commit {
    /// After the transaction.
    pub position: Position,
    /// When it was committed, seconds since the epoch by the server's clock.
    pub timestamp_seconds: u32,
}

/// A statement in the binlog that is not row data: DDL, or DML that a session logged as a statement.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// The session's default schema.
    pub schema: String,
    /// Its text.
    pub text: String,
    /// After the statement.
    pub position: Position,
}

/// What the stream yields, in the order of the binlog. A transaction's changes come before its commit, and no other
/// transaction's come between. After a reconnect the changes of an unfinished transaction come again from its start.
#[derive(Clone, Debug, PartialEq)]
pub enum Message {
    /// A row of a followed table.
    Change(ChangeEvent),
    /// A statement that may have touched a followed table in a way that rows do not tell: the subscriber must read the
    /// tables again. A [`Message::Commit`] follows.
    Statement(Statement),
    /// The end of a transaction, also of one that touched no followed table.
    Commit(Commit),
    /// The server is there and has nothing new; every second when idle.
    Heartbeat,
}

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
