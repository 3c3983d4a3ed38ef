//! Rows read with SELECT, as the same canonical values that the binlog's row images give.
//!
//! Everything comes by the binary protocol, since its texts are not exact: FLOAT is rounded to six digits there. Texts come
//! in the column's own character set (`character_set_results` is NULL), so that the same decoder reads both ways.

use std::sync::Arc;

use mysql_async::Value as Wire;
use mysql_async::prelude::{Queryable, WithParams};

use crate::ask;
use crate::charset::Charset;
use crate::decode_error::DecodeError;
use crate::definition::{DefinedColumn, Definition, definitions};
use crate::error::Error;
use crate::event::{Column, Row, Table, TableName};
use crate::server::Server;
use crate::value::{Date, DateTime, Value};

/// What a session needs so that [`Selection::row`] understands its rows: universal time, no padding of CHAR, no
/// conversion of texts, the present of system-versioned tables.
///
/// # Errors
/// When the connection fails.
pub(crate) async fn prepare_session(server: &mut Server) -> Result<(), Error> {
    server
        .connection
        .query_drop(
            "set names utf8mb4, character_set_results = null, time_zone = '+00:00', sql_mode = ''",
        )
        .await
        .map_err(Error::Connection)
}

/// How a table is selected.
#[derive(Clone, Debug)]
pub(crate) struct Selection {
    table: Arc<Table>,
    list: String,
    columns: Vec<SelectedColumn>,
}

#[derive(Clone, Copy, Debug)]
struct SelectedColumn {
    kind: Kind,
    charset: Charset,
    decimals: u8,
}

/// What a value is made of; where it depends on more than what the protocol tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Int,
    Unsigned,
    Float,
    Double,
    Decimal,
    Bit,
    Year,
    Date,
    DateTime,
    Timestamp,
    Time,
    Enum,
    Set,
    Json,
    Text,
}

impl Selection {
    pub(crate) fn new(name: TableName, definition: &Definition) -> Self {
        let columns = &definition.columns;
        let list: Vec<_> = columns.iter().map(|column| quoted(&column.name)).collect();
        let table = Table {
            name,
            columns: columns
                .iter()
                .map(|column| Column {
                    name: column.name.clone(),
                    is_nullable: column.is_nullable,
                })
                .collect(),
            primary_key: definition.primary_key.clone(),
        };
        Self {
            table: Arc::new(table),
            list: list.join(", "),
            columns: columns.iter().map(SelectedColumn::new).collect(),
        }
    }

    /// The table, as a table map with `binlog_row_metadata=FULL` tells it.
    pub(crate) fn table(&self) -> &Arc<Table> {
        &self.table
    }

    /// The columns to select: each by its name, since `*` leaves out invisible ones.
    pub(crate) fn list(&self) -> &str {
        &self.list
    }

    /// The row that the binary protocol brought; `wires` are the values of [`Self::list`], in order.
    ///
    /// # Errors
    /// When the values are not those of the columns, which have changed then.
    pub(crate) fn row(&self, wires: Vec<Wire>) -> Result<Row, DecodeError> {
        if wires.len() != self.columns.len() {
            return Err(DecodeError::Definition("their number differs"));
        }
        let values = self.columns.iter().zip(wires);
        let values: Result<Vec<_>, _> = values
            .map(|(column, wire)| column.value(wire).map(Some))
            .collect();
        Ok(Row::new(values?))
    }
}

/// The name as SQL wants it.
pub(crate) fn quoted(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}

impl SelectedColumn {
    fn new(column: &DefinedColumn) -> Self {
        let kind = match column.data_type.as_str() {
            "tinyint" | "smallint" | "mediumint" | "int" | "bigint" => {
                if column.is_unsigned {
                    Kind::Unsigned
                } else {
                    Kind::Int
                }
            }
            "float" => Kind::Float,
            "double" => Kind::Double,
            "decimal" => Kind::Decimal,
            "bit" => Kind::Bit,
            "year" => Kind::Year,
            "date" => Kind::Date,
            "datetime" => Kind::DateTime,
            "timestamp" => Kind::Timestamp,
            "time" => Kind::Time,
            "enum" => Kind::Enum,
            "set" => Kind::Set,
            // MariaDB's JSON is a LONGTEXT and says so.
            "json" => Kind::Json,
            _ => Kind::Text,
        };
        let charset = match column.charset.as_str() {
            // The server prints them.
            _ if column.hidden().is_some() => Charset::Utf8,
            "" => Charset::Binary,
            name => Charset::named(name),
        };
        Self {
            kind,
            charset,
            decimals: column.decimals,
        }
    }

    fn value(self, wire: Wire) -> Result<Value, DecodeError> {
        Ok(match (self.kind, wire) {
            (_, Wire::NULL) => Value::Null,
            (Kind::Int, Wire::Int(number)) => Value::Int(number),
            // What fits comes as a signed number all the same.
            (Kind::Unsigned, Wire::Int(number)) => Value::Unsigned(number.cast_unsigned()),
            (Kind::Unsigned, Wire::UInt(number)) => Value::Unsigned(number),
            (Kind::Float, Wire::Float(number)) => Value::Float(number),
            (Kind::Double, Wire::Double(number)) => Value::Double(number),
            (Kind::Year, Wire::Int(year)) => Value::Year(year as u16),
            (Kind::Year, Wire::UInt(year)) => Value::Year(year as u16),
            (Kind::Bit, Wire::Bytes(bytes)) => Value::Bit(
                bytes
                    .iter()
                    .fold(0, |bits, byte| bits << 8 | u64::from(*byte)),
            ),
            (Kind::Date, Wire::Date(year, month, day, ..)) => {
                Value::Date(Date { year, month, day })
            }
            (Kind::DateTime, wire @ Wire::Date(..)) => Value::DateTime(self.date_time(&wire)),
            (Kind::Timestamp, wire @ Wire::Date(..)) => Value::Timestamp {
                microseconds: self.date_time(&wire).as_universal_time(),
                decimals: self.decimals,
            },
            (Kind::Time, Wire::Time(is_negative, days, hours, minutes, seconds, fraction)) => {
                let hours = i64::from(days) * 24 + i64::from(hours);
                let seconds = (hours * 60 + i64::from(minutes)) * 60 + i64::from(seconds);
                let magnitude = seconds * 1_000_000 + i64::from(fraction);
                Value::Time {
                    microseconds: if is_negative { -magnitude } else { magnitude },
                    decimals: self.decimals,
                }
            }
            (Kind::Decimal, Wire::Bytes(bytes)) => Value::Decimal(without_padding(text(bytes))),
            (Kind::Enum, Wire::Bytes(bytes)) => Value::Enum(self.charset.label(&bytes)),
            (Kind::Set, Wire::Bytes(bytes)) if bytes.is_empty() => Value::Set(Vec::new()),
            (Kind::Set, Wire::Bytes(bytes)) => {
                let labels = self.charset.label(&bytes);
                Value::Set(labels.split(',').map(str::to_owned).collect())
            }
            (Kind::Json, Wire::Bytes(bytes)) => Value::Json(text(bytes)),
            (Kind::Text, Wire::Bytes(bytes)) => self.charset.decode(&bytes),
            _ => return Err(DecodeError::Definition("their types differ")),
        })
    }

    fn date_time(self, wire: &Wire) -> DateTime {
        let Wire::Date(year, month, day, hour, minute, second, microsecond) = *wire else {
            return DateTime::default();
        };
        DateTime {
            date: Date { year, month, day },
            hour,
            minute,
            second,
            microsecond,
            decimals: self.decimals,
        }
    }
}

/// What the server writes itself, in UTF-8.
fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

/// ZEROFILL pads with zeros what is selected, and only that.
fn without_padding(decimal: String) -> String {
    let is_digit = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_digit);
    let bytes = decimal.as_bytes();
    let padding = (0..bytes.len())
        .take_while(|index| bytes.get(*index) == Some(&b'0') && is_digit(bytes.get(index + 1)))
        .count();
    decimal.get(padding..).unwrap_or_default().to_owned()
}

impl Server {
    /// Reads a small table whole, in canonical values: what the rows of a change stream must add up to. `None` when it
    /// is not there. The session's settings are changed for it and stay so.
    ///
    /// # Errors
    /// When the connection fails, or the table changes its columns meanwhile.
    pub async fn rows(
        &mut self,
        table: &TableName,
    ) -> Result<Option<(Arc<Table>, Vec<Row>)>, Error> {
        let mut found = definitions(self, &[table.clone()].into()).await?;
        let Some(definition) = found.remove(table) else {
            return Ok(None);
        };
        prepare_session(self).await?;
        let selection = Selection::new(table.clone(), &definition);
        let statement = format!(
            "select {} from {}.{}",
            selection.list(),
            quoted(&table.schema),
            quoted(&table.table)
        );
        let question = statement.with(());
        let wires: Vec<mysql_async::Row> = ask::all(&mut self.connection, question)
            .await
            .map_err(Error::Connection)?;
        let rows: Result<Vec<_>, _> = wires
            .into_iter()
            // Nothing has been taken out of it, the one thing at which this panics.
            .map(|wire| selection.row(wire.unwrap()))
            .collect();
        let rows = rows.map_err(|_| Error::Protocol("a selected row has not its table's types"))?;
        Ok(Some((Arc::clone(selection.table()), rows)))
    }
}
