//! `TABLE_MAP_EVENT`: the names and types of the columns, as they were when the rows were written.
//!
//! Format: MySQL's `libbinlogevents/include/rows_event.h`, class `Table_map_event`. With
//! `binlog_row_metadata=FULL` it names everything, so no schema history is needed to read the rows.

use crate::bytes::{Bytes, bit};
use crate::charset::Charset;
use crate::column_type::{ColumnType, Storage};
use crate::decode_error::DecodeError;
use crate::definition::Definition;
use crate::event::{Column, Table, TableName};

/// A table of MySQL has 4,096 columns at most.
const COLUMNS_MAX: usize = 4096;

/// A table map: the table as subscribers see it, and how its columns are stored in row images.
#[derive(Clone, Debug)]
pub(crate) struct TableMap {
    pub(crate) table: Table,
    pub(crate) columns: Vec<ColumnType>,
}

/// The head of the event, enough to know whether the table is wanted.
pub(crate) struct Head<'a> {
    pub(crate) table_id: u64,
    pub(crate) name: TableName,
    body: Bytes<'a>,
}

/// Reads the table's id and name.
pub(crate) fn head(body: &[u8]) -> Result<Head<'_>, DecodeError> {
    let mut body = Bytes::new(body);
    let table_id = body.uint_le(6)?;
    body.take(2)?;
    let schema = name(&mut body)?;
    let table = name(&mut body)?;
    Ok(Head {
        table_id,
        name: TableName { schema, table },
        body,
    })
}

fn name(body: &mut Bytes<'_>) -> Result<String, DecodeError> {
    let length = usize::from(body.u8()?);
    let name = String::from_utf8_lossy(body.take(length)?).into_owned();
    body.take(1)?;
    Ok(name)
}

impl TableMap {
    /// Whether the columns have their names.
    pub(crate) fn is_named(&self) -> bool {
        self.table
            .columns
            .iter()
            .all(|column| !column.name.is_empty())
    }

    /// Whether a column looks like those of which no table map tells the type.
    pub(crate) fn may_hide_types(&self) -> bool {
        self.columns.iter().any(|column| {
            matches!(column.storage, Storage::Fixed { bytes: 16 | 4, .. })
                && matches!(column.charset, Charset::Binary | Charset::Unknown)
        })
    }

    /// Adds what the definition tells and the map does not.
    ///
    /// # Errors
    /// [`DecodeError::Definition`] when the two are not of the same table.
    pub(crate) fn complete(&mut self, definition: &Definition) -> Result<(), DecodeError> {
        if definition.columns.len() != self.columns.len() {
            return Err(DecodeError::Definition("their number differs"));
        }
        let is_named = self.is_named();
        let columns = self.columns.iter_mut().zip(&mut self.table.columns);
        for ((column, named), defined) in columns.zip(&definition.columns) {
            if !defined.fits(column.storage) {
                return Err(DecodeError::Definition("their types differ"));
            }
            if !is_named {
                named.name.clone_from(&defined.name);
                column.is_unsigned = defined.is_unsigned;
                column.charset = match column.storage {
                    storage if storage.is_text() && defined.charset.is_empty() => Charset::Binary,
                    _ => Charset::named(&defined.charset),
                };
                column.labels.clone_from(&defined.labels);
            }
            if let Some(hidden) = defined.hidden() {
                column.storage = Storage::Hidden(hidden);
            }
        }
        // The map of a system-versioned table has the end of a row's life in its key.
        if !is_named || definition.row_end.is_some() {
            self.table.primary_key.clone_from(&definition.primary_key);
        }
        Ok(())
    }
}

impl Head<'_> {
    /// Reads the columns. `charset_of` tells a collation's character set.
    pub(crate) fn columns(
        self,
        charset_of: &dyn Fn(u64) -> Charset,
    ) -> Result<TableMap, DecodeError> {
        let mut body = self.body;
        let count = body.lenenc_size()?;
        if count > COLUMNS_MAX {
            return Err(DecodeError::Malformed("the number of columns"));
        }
        let type_codes = body.take(count)?;
        let mut type_metadata = Bytes::new(body.lenenc_bytes()?);
        let nullable = body.take(count.div_ceil(8))?;
        let mut columns = Vec::with_capacity(count);
        for (index, type_code) in type_codes.iter().enumerate() {
            columns.push(ColumnType::parse(index, *type_code, &mut type_metadata)?);
        }
        let mut names = vec![None; count];
        let mut primary_key = Vec::new();
        let mut labels = vec![Vec::new(); count];
        while !body.is_empty() {
            let field = body.u8()?;
            let content = Bytes::new(body.lenenc_bytes()?);
            metadata_field(
                field,
                content,
                &mut columns,
                &mut Told {
                    names: &mut names,
                    primary_key: &mut primary_key,
                    labels: &mut labels,
                },
                charset_of,
            )?;
        }
        decode_labels(&mut columns, &labels);
        if primary_key.iter().any(|index| *index >= count) {
            return Err(DecodeError::Malformed("the primary key"));
        }
        let table = Table {
            name: self.name,
            columns: names
                .into_iter()
                .enumerate()
                .map(|(index, name)| Column {
                    name: name.unwrap_or_default(),
                    is_nullable: bit(nullable, index),
                })
                .collect(),
            primary_key,
        };
        Ok(TableMap { table, columns })
    }
}

/// What the optional metadata tells beside the columns' types.
struct Told<'a> {
    names: &'a mut [Option<String>],
    primary_key: &'a mut Vec<usize>,
    labels: &'a mut [Vec<Vec<u8>>],
}

/// One field of the optional metadata, by its number in `Table_map_event::Optional_metadata_field_type`.
fn metadata_field(
    field: u8,
    mut content: Bytes<'_>,
    columns: &mut [ColumnType],
    told: &mut Told<'_>,
    charset_of: &dyn Fn(u64) -> Charset,
) -> Result<(), DecodeError> {
    match field {
        1 => signedness(content, columns),
        2 => default_charset(content, columns, |storage| storage.is_text(), charset_of),
        3 => column_charsets(content, columns, |storage| storage.is_text(), charset_of),
        4 => {
            for name in &mut *told.names {
                *name = Some(String::from_utf8_lossy(content.lenenc_bytes()?).into_owned());
            }
            Ok(())
        }
        5 => read_labels(content, columns, told.labels, |storage| {
            matches!(storage, Storage::Set(_))
        }),
        6 => read_labels(content, columns, told.labels, |storage| {
            matches!(storage, Storage::Enum(_))
        }),
        8 => {
            while !content.is_empty() {
                told.primary_key.push(content.lenenc_size()?);
            }
            Ok(())
        }
        9 => {
            while !content.is_empty() {
                told.primary_key.push(content.lenenc_size()?);
                content.lenenc()?;
            }
            Ok(())
        }
        10 => default_charset(content, columns, is_labelled, charset_of),
        11 => column_charsets(content, columns, is_labelled, charset_of),
        // Geometry types (7), visibility (12) and what newer servers add do not change how a value is read.
        _ => Ok(()),
    }
}

fn is_labelled(storage: &Storage) -> bool {
    matches!(storage, Storage::Enum(_) | Storage::Set(_))
}

/// One bit per numeric column, the highest bit of a byte first.
fn signedness(content: Bytes<'_>, columns: &mut [ColumnType]) -> Result<(), DecodeError> {
    let mut content = content;
    let bits = content.take(content.len())?;
    let numeric = columns
        .iter_mut()
        .filter(|column| column.storage.is_numeric());
    for (index, column) in numeric.enumerate() {
        let byte = bits.get(index / 8).copied().unwrap_or(0);
        column.is_unsigned = byte >> (7 - index % 8) & 1 == 1;
    }
    Ok(())
}

/// A collation for all, then pairs (index among these columns, collation) for the others.
fn default_charset(
    mut content: Bytes<'_>,
    columns: &mut [ColumnType],
    of: fn(&Storage) -> bool,
    charset_of: &dyn Fn(u64) -> Charset,
) -> Result<(), DecodeError> {
    let default = charset_of(content.lenenc()?);
    let mut among: Vec<_> = columns
        .iter_mut()
        .filter(|column| of(&column.storage))
        .collect();
    for column in &mut among {
        column.charset = default;
    }
    while !content.is_empty() {
        let index = content.lenenc_size()?;
        let charset = charset_of(content.lenenc()?);
        let column = among
            .get_mut(index)
            .ok_or(DecodeError::Malformed("a column's character set"))?;
        column.charset = charset;
    }
    Ok(())
}

/// A collation for each of these columns.
fn column_charsets(
    mut content: Bytes<'_>,
    columns: &mut [ColumnType],
    of: fn(&Storage) -> bool,
    charset_of: &dyn Fn(u64) -> Charset,
) -> Result<(), DecodeError> {
    for column in columns.iter_mut().filter(|column| of(&column.storage)) {
        column.charset = charset_of(content.lenenc()?);
    }
    Ok(())
}

/// For each SET or ENUM column, its labels in order. They are in the column's character set, which comes later in the
/// event, so they are kept as bytes.
fn read_labels(
    mut content: Bytes<'_>,
    columns: &[ColumnType],
    labels: &mut [Vec<Vec<u8>>],
    of: fn(&Storage) -> bool,
) -> Result<(), DecodeError> {
    let labelled = columns.iter().zip(labels);
    for (_, labels) in labelled.filter(|(column, _)| of(&column.storage)) {
        let count = content.lenenc_size()?;
        for _ in 0..count {
            labels.push(content.lenenc_bytes()?.to_vec());
        }
    }
    Ok(())
}

fn decode_labels(columns: &mut [ColumnType], labels: &[Vec<Vec<u8>>]) {
    for (column, labels) in columns.iter_mut().zip(labels) {
        let charset = column.charset;
        column.labels = labels.iter().map(|label| charset.label(label)).collect();
    }
}
