//! A table as chunks read it: what is selected, and how the answer becomes a row and a key.

use std::sync::Arc;

use mysql_async::Value as Wire;
use mysql_async::prelude::{Queryable, WithParams};

use super::chunk::ReadError;
use super::key::{KeyColumn, KeyKind};
use super::request::Key;
use super::state::ChunkEnd;
use crate::ask;
use crate::definition::{DefinedColumn, Definition, definition};
use crate::event::{Row, Table, TableName};
use crate::select::{self, Selection, quoted};
use crate::server::Server;

/// The server's number for a table or a database that does not exist.
const NOT_THERE: [u16; 2] = [1146, 1049];

/// The statement's columns, their types, and the primary key.
pub(super) struct Layout {
    definition: Definition,
    selection: Selection,
    key: Vec<KeyColumn>,
    columns: String,
    key_definition: Arc<str>,
}

/// Values must not depend on the server's settings, and nothing may be written.
pub(super) async fn prepare_session(server: &mut Server) -> Result<(), ReadError> {
    select::prepare_session(server)
        .await
        .map_err(ReadError::of_connection)?;
    let read_only = "set session transaction read only";
    let set = server.connection.query_drop(read_only).await;
    set.map_err(ReadError::of_server)
}

/// A column: its name, whole type, and collation.
type Line = (String, String, Option<String>);

impl Layout {
    /// Reads the table's definition; `None` when there is no such table.
    pub(super) async fn fetch(
        server: &mut Server,
        table: &TableName,
    ) -> Result<Option<Self>, ReadError> {
        const KEY: &str = "select column_name, column_type, collation_name \
             from information_schema.columns where table_schema = ? and table_name = ?";
        let definition = definition(server, table)
            .await
            .map_err(ReadError::of_connection)?;
        let Some(definition) = definition else {
            return confirm_absence(server, table).await.map(|()| None);
        };
        let question = KEY.with((&table.schema, &table.table));
        let lines: Vec<Line> = ask::all(&mut server.connection, question)
            .await
            .map_err(ReadError::of_server)?;
        Self::new(table, definition, &lines).map(Some)
    }

    fn new(name: &TableName, definition: Definition, lines: &[Line]) -> Result<Self, ReadError> {
        let columns = definition.primary_key.iter();
        let columns = columns.filter_map(|index| definition.columns.get(*index));
        // Columns that MariaDB adds to a versioned table can't be seen, and its key is one without them.
        let columns: Vec<(&DefinedColumn, &Line)> = columns
            .filter_map(|column| {
                let line = lines.iter().find(|line| line.0 == column.name)?;
                Some((column, line))
            })
            .collect();
        if columns.is_empty() {
            return Err(ReadError::refused(
                format!("{name} has no primary key"),
                "give the table a primary key",
            ));
        }
        let key: Vec<KeyColumn> = columns
            .iter()
            .map(|(column, _)| KeyColumn {
                name: column.name.clone(),
                kind: kind_of(column),
            })
            .collect();
        let key_definition: Vec<_> = columns
            .iter()
            .map(|(_, (name, full_type, collation))| {
                format!("{name} {full_type} {}", collation.as_deref().unwrap_or(""))
            })
            .collect();
        let expressions: Vec<_> = key.iter().map(KeyColumn::expression).collect();
        let selection = Selection::new(name.clone(), &definition);
        Ok(Self {
            columns: format!("{}, {}", selection.list(), expressions.join(", ")),
            selection,
            definition,
            key,
            key_definition: key_definition.join(", ").into(),
        })
    }

    pub(super) fn name(&self) -> &TableName {
        &self.selection.table().name
    }

    pub(super) fn table(&self) -> &Arc<Table> {
        self.selection.table()
    }

    pub(super) fn key(&self) -> &[KeyColumn] {
        &self.key
    }

    /// What is selected: the columns, then the key's expressions.
    pub(super) fn columns(&self) -> &str {
        &self.columns
    }

    /// Changes with everything that changes the key's order.
    pub(super) fn key_definition(&self) -> &Arc<str> {
        &self.key_definition
    }

    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.definition == other.definition && self.key_definition == other.key_definition
    }

    /// Bytes of a row as the server sends it; what is no text or bytes takes 8 at most.
    pub(super) fn size(&self, wire: &mysql_async::Row) -> usize {
        let length = |index| match wire.as_ref(index) {
            Some(Wire::Bytes(bytes)) => bytes.len(),
            _ => 8,
        };
        (0..wire.len()).map(length).sum()
    }

    /// The row, and the answers for its key.
    pub(super) fn read(&self, wire: mysql_async::Row) -> Result<(Row, Vec<Wire>), ReadError> {
        // Nothing has been taken out of it, the one thing at which this panics.
        let mut values = wire.unwrap();
        let key = values.split_off(self.selection.table().columns.len().min(values.len()));
        let row = self.selection.row(values).map_err(|error| {
            ReadError::refused(
                format!("a row of {} can't be read: {error}", self.name()),
                "report it",
            )
        })?;
        Ok((row, key))
    }

    /// Where a chunk ends whose last row has this key.
    pub(super) fn end(&self, key: &[Wire]) -> Result<ChunkEnd, ReadError> {
        let parts = self
            .key
            .iter()
            .zip(key)
            .map(|(column, wire)| column.part(wire));
        match parts.collect::<Option<Vec<_>>>() {
            Some(parts) => Ok(ChunkEnd::Key(Key(parts))),
            None => Err(ReadError::refused(
                format!("a primary key of {} can't be read", self.name()),
                "report it",
            )),
        }
    }
}

/// Without a privilege the server hides a table as if it were not there, and a subscriber would remove all its rows. So it
/// must say itself that there is none.
async fn confirm_absence(server: &mut Server, table: &TableName) -> Result<(), ReadError> {
    let statement = format!(
        "select 1 from {}.{} limit 0",
        quoted(&table.schema),
        quoted(&table.table)
    );
    match server.connection.query_drop(statement).await {
        Err(mysql_async::Error::Server(error)) if NOT_THERE.contains(&error.code) => Ok(()),
        Err(error) => Err(ReadError::of_server(error)),
        Ok(()) => Err(ReadError::Retry(format!("{table} was made just now"))),
    }
}

fn kind_of(column: &DefinedColumn) -> KeyKind {
    match column.data_type.as_str() {
        "enum" => KeyKind::Enum(column.labels.clone()),
        "decimal" => KeyKind::Decimal,
        "float" | "double" => KeyKind::Float,
        "bit" | "set" => KeyKind::Bits,
        "year" => KeyKind::Number,
        name if name.ends_with("int") => KeyKind::Number,
        _ if !column.charset.is_empty() => KeyKind::Text(column.charset.clone()),
        name if name.ends_with("binary") || name.ends_with("blob") => KeyKind::Binary,
        _ => KeyKind::Quoted,
    }
}
