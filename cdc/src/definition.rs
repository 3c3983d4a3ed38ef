//! What a server's `information_schema` says of tables now: names, signs, character sets and labels of their columns, the
//! primary key, and what no table map tells.

use std::collections::{HashMap, HashSet};

use mysql_async::prelude::{FromRow, WithParams};
use serde::{Deserialize, Serialize};

use crate::ask;
use crate::column_type::{Hidden, Storage};
use crate::error::Error;
use crate::event::TableName;
use crate::server::{Flavour, Server};

/// A table as it is defined.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Definition {
    /// In order; generated and invisible ones too, and those that MariaDB adds to a system-versioned table.
    pub(crate) columns: Vec<DefinedColumn>,
    /// Indexes of the primary key's columns, in the key's order.
    pub(crate) primary_key: Vec<usize>,
    /// Index of the column that ends a row's life, in a system-versioned table.
    pub(crate) row_end: Option<usize>,
}

/// A column as it is defined.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DefinedColumn {
    pub(crate) name: String,
    /// `int`, `varchar`, … in lower case, without length.
    pub(crate) data_type: String,
    pub(crate) is_nullable: bool,
    pub(crate) is_unsigned: bool,
    /// Name of the character set; empty for types without one.
    pub(crate) charset: String,
    /// Of ENUM and SET.
    pub(crate) labels: Vec<String>,
    /// Of DECIMAL: all digits and those of the fraction.
    pub(crate) precision: u8,
    pub(crate) scale: u8,
    /// Digits after the second.
    pub(crate) decimals: u8,
}

impl DefinedColumn {
    /// The type, when it is one that no table map tells from BINARY.
    pub(crate) fn hidden(&self) -> Option<Hidden> {
        match self.data_type.as_str() {
            "uuid" => Some(Hidden::Uuid),
            "inet6" => Some(Hidden::Inet6),
            "inet4" => Some(Hidden::Inet4),
            _ => None,
        }
    }

    /// Whether values of this type are stored so.
    pub(crate) fn fits(&self, storage: Storage) -> bool {
        match self.data_type.as_str() {
            "tinyint" => storage == Storage::Int(1),
            "smallint" => storage == Storage::Int(2),
            "mediumint" => storage == Storage::Int(3),
            "int" => storage == Storage::Int(4),
            "bigint" => storage == Storage::Int(8),
            "float" => storage == Storage::Float,
            "double" => storage == Storage::Double,
            "year" => storage == Storage::Year,
            "date" => storage == Storage::Date,
            "decimal" => {
                storage
                    == Storage::Decimal {
                        precision: usize::from(self.precision),
                        scale: usize::from(self.scale),
                    }
            }
            "time" => {
                matches!(storage, Storage::Time(decimals) if decimals == self.decimals)
                    || storage == Storage::OldTime
            }
            "datetime" => {
                matches!(storage, Storage::DateTime(decimals) if decimals == self.decimals)
                    || storage == Storage::OldDateTime
            }
            "timestamp" => {
                matches!(storage, Storage::Timestamp(decimals) if decimals == self.decimals)
                    || storage == Storage::OldTimestamp
            }
            "bit" => matches!(storage, Storage::Bit { .. }),
            "enum" => matches!(storage, Storage::Enum(_)),
            "set" => matches!(storage, Storage::Set(_)),
            "char" | "binary" | "uuid" | "inet6" | "inet4" => {
                matches!(storage, Storage::Fixed { .. })
            }
            "json" => matches!(storage, Storage::Json(_)),
            "varchar" | "varbinary" | "tinytext" | "text" | "mediumtext" | "longtext"
            | "tinyblob" | "blob" | "mediumblob" | "longblob" => {
                matches!(storage, Storage::Text(_) | Storage::Compressed(_))
            }
            // MySQL's is a BLOB, MariaDB's a VARBINARY.
            "vector" => matches!(storage, Storage::Blob(_) | Storage::Text(_)),
            // GEOMETRY and its kinds.
            _ => matches!(storage, Storage::Blob(_)),
        }
    }
}

impl Definition {
    /// Whether rows can't be read without it even if the table map names their columns.
    pub(crate) fn is_needed(&self) -> bool {
        let may_hide = |column: &DefinedColumn| {
            // Only the definition tells BINARY(16) and BINARY(4) from what looks like them.
            column.hidden().is_some() || column.data_type == "binary"
        };
        self.row_end.is_some() || self.columns.iter().any(may_hide)
    }
}

/// What `information_schema.columns` says of a column.
struct ColumnRow {
    table: String,
    column: DefinedColumn,
    generated_as: String,
}

/// Reads the definitions of these tables. One that is not there is not in the answer.
///
/// # Errors
/// When the connection fails.
pub(crate) async fn definitions(
    server: &mut Server,
    tables: &HashSet<TableName>,
) -> Result<HashMap<TableName, Definition>, Error> {
    let mut found = HashMap::new();
    let schemas: HashSet<&str> = tables.iter().map(|table| table.schema.as_str()).collect();
    for schema in schemas {
        let definitions = within(server, schema, None).await?;
        found.extend(definitions.into_iter().filter_map(|(table, definition)| {
            let name = TableName {
                schema: schema.to_owned(),
                table,
            };
            tables.contains(&name).then_some((name, definition))
        }));
    }
    Ok(found)
}

/// Reads the definition of one table, for which the server need not look at the others; `None` if it is not there.
///
/// # Errors
/// When the connection fails.
pub(crate) async fn definition(
    server: &mut Server,
    table: &TableName,
) -> Result<Option<Definition>, Error> {
    let mut found = within(server, &table.schema, Some(&table.table)).await?;
    Ok(found.remove(&table.table))
}

/// Reads the definitions of a schema's tables, or of one of them.
async fn within(
    server: &mut Server,
    schema: &str,
    table: Option<&str>,
) -> Result<HashMap<String, Definition>, Error> {
    let mut definitions: HashMap<String, Definition> = HashMap::new();
    for row in columns(server, schema, table).await? {
        let definition = definitions.entry(row.table).or_insert_with(|| Definition {
            columns: Vec::new(),
            primary_key: Vec::new(),
            row_end: None,
        });
        if row.generated_as.eq_ignore_ascii_case("ROW END") {
            definition.row_end = Some(definition.columns.len());
        }
        definition.columns.push(row.column);
    }
    for table in versioned(server, schema, table).await? {
        if let Some(definition) = definitions.get_mut(&table)
            && definition.row_end.is_none()
        {
            definition.columns.push(implicit_column("row_start"));
            definition.row_end = Some(definition.columns.len());
            definition.columns.push(implicit_column("row_end"));
        }
    }
    for (table, column) in primary_keys(server, schema, table).await? {
        if let Some(definition) = definitions.get_mut(&table) {
            let index = definition
                .columns
                .iter()
                .position(|known| known.name == column);
            definition.primary_key.extend(index);
        }
    }
    Ok(definitions)
}

/// The rows of a statement on `information_schema` about a schema's tables, or one of them; `order` ends it.
async fn told<T: FromRow + Send + 'static>(
    server: &mut Server,
    statement: &str,
    order: &str,
    schema: &str,
    table: Option<&str>,
) -> Result<Vec<T>, Error> {
    let connection = &mut server.connection;
    match table {
        Some(table) => {
            let statement = format!("{statement} and table_name = ? {order}");
            ask::all(connection, statement.with((schema, table))).await
        }
        None => {
            let statement = format!("{statement} {order}");
            ask::all(connection, statement.with((schema,))).await
        }
    }
    .map_err(Error::Connection)
}

async fn columns(
    server: &mut Server,
    schema: &str,
    table: Option<&str>,
) -> Result<Vec<ColumnRow>, Error> {
    const STATEMENT: &str = "select table_name, column_name, lower(data_type), column_type, is_nullable, \
         character_set_name, numeric_precision, numeric_scale, datetime_precision, \
         coalesce(generation_expression, '') \
         from information_schema.columns where table_schema = ?";
    const ORDER: &str = "order by table_name, ordinal_position";
    let rows: Vec<mysql_async::Row> = told(server, STATEMENT, ORDER, schema, table).await?;
    let text = |row: &mysql_async::Row, index: usize| -> String {
        row.get_opt::<String, _>(index)
            .and_then(Result::ok)
            .unwrap_or_default()
    };
    let number = |row: &mysql_async::Row, index: usize| -> u8 {
        row.get_opt::<u64, _>(index)
            .and_then(Result::ok)
            .and_then(|number| u8::try_from(number).ok())
            .unwrap_or_default()
    };
    let column = |row: &mysql_async::Row| {
        let full_type = text(row, 3);
        let data_type = text(row, 2);
        ColumnRow {
            table: text(row, 0),
            generated_as: text(row, 9),
            column: DefinedColumn {
                name: text(row, 1),
                is_nullable: text(row, 4).eq_ignore_ascii_case("YES"),
                is_unsigned: full_type.contains(" unsigned"),
                charset: text(row, 5),
                labels: match data_type.as_str() {
                    "enum" | "set" => labels(&full_type),
                    _ => Vec::new(),
                },
                precision: number(row, 6),
                scale: number(row, 7),
                decimals: number(row, 8),
                data_type,
            },
        }
    };
    Ok(rows.iter().map(column).collect())
}

/// MariaDB's system-versioned tables.
async fn versioned(
    server: &mut Server,
    schema: &str,
    table: Option<&str>,
) -> Result<Vec<String>, Error> {
    if server.flavour() != Flavour::MariaDb {
        return Ok(Vec::new());
    }
    let statement = "select table_name from information_schema.tables \
         where table_schema = ? and table_type = 'SYSTEM VERSIONED'";
    told(server, statement, "", schema, table).await
}

async fn primary_keys(
    server: &mut Server,
    schema: &str,
    table: Option<&str>,
) -> Result<Vec<(String, String)>, Error> {
    let statement = "select table_name, column_name from information_schema.statistics \
         where table_schema = ? and index_name = 'PRIMARY'";
    told(
        server,
        statement,
        "order by table_name, seq_in_index",
        schema,
        table,
    )
    .await
}

fn implicit_column(name: &str) -> DefinedColumn {
    DefinedColumn {
        name: name.to_owned(),
        data_type: "timestamp".to_owned(),
        is_unsigned: true,
        decimals: 6,
        ..DefinedColumn::default()
    }
}

/// `enum('a','b''c')` → a, b'c.
fn labels(full_type: &str) -> Vec<String> {
    let Some((_, list)) = full_type.split_once('(') else {
        return Vec::new();
    };
    let mut labels = Vec::new();
    let mut label = None;
    let mut characters = list.chars().peekable();
    while let Some(character) = characters.next() {
        match (character, &mut label) {
            ('\'', None) => label = Some(String::new()),
            ('\'', Some(text)) if characters.peek() == Some(&'\'') => {
                characters.next();
                text.push('\'');
            }
            ('\'', Some(_)) => labels.extend(label.take()),
            (character, Some(text)) => text.push(character),
            (_, None) => {}
        }
    }
    labels
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_read_with_their_quotes_and_commas() {
        assert_eq!(labels("enum('a','b''c',',(','')"), ["a", "b'c", ",(", ""]);
        assert_eq!(labels("set('병원','약국')"), ["병원", "약국"]);
        assert!(labels("int(11)").is_empty());
    }
}
