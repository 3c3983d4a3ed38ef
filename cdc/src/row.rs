//! `WRITE_ROWS`, `UPDATE_ROWS` and `DELETE_ROWS` events: row images to canonical values.
//!
//! Formats: MySQL's `libbinlogevents/include/rows_event.h` and `sql-common/my_time.cc`. Both versions of the events are read; MariaDB writes only the first.

use crate::binlog_event::code;
use crate::bytes::{Bytes, bit};
use crate::charset::Charset;
use crate::column_type::{ColumnType, Storage};
use crate::compressed::inflate_column;
use crate::decimal::decimal;
use crate::decode_error::DecodeError;
use crate::event::{Op, Row};
use crate::hidden;
use crate::json;
use crate::json_diff;
use crate::table_map::TableMap;
use crate::temporal;
use crate::value::Value;

/// The last rows of a statement.
const STATEMENT_END: u64 = 1;
/// The rows that foreign keys cascade to are in the binlog too (MySQL 9.6 and later).
const HAS_CASCADES: u64 = 16;

/// Some JSON columns come as differences, says `PARTIAL_UPDATE_ROWS` of an image after.
const PARTIAL_JSON: u64 = 1;

/// What a row event says before its rows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RowsEvent<'a> {
    pub(crate) table_id: u64,
    op: Op,
    /// Whether images after say which JSON columns come as differences.
    is_partial: bool,
    flags: u64,
    columns_before: &'a [u8],
    columns_after: &'a [u8],
    column_count: usize,
    rows: Bytes<'a>,
}

/// One changed row: its image before (update, delete) and after (insert, update).
#[derive(Debug)]
pub(crate) struct Images {
    pub(crate) before: Option<Row>,
    pub(crate) after: Option<Row>,
    /// A document of the image after came as its differences from one that did not come: its value is left out.
    pub(crate) lacks_document: bool,
}

impl<'a> RowsEvent<'a> {
    /// Reads the event's head. `type_code` is one of 23, 24, 25 (first version), 30, 31, 32 (second version) and 39
    /// (`PARTIAL_UPDATE_ROWS`).
    pub(crate) fn parse(type_code: u8, body: &'a [u8]) -> Result<Self, DecodeError> {
        let (op, has_extra) = match type_code {
            23 => (Op::Create, false),
            24 => (Op::Update, false),
            25 => (Op::Delete, false),
            30 => (Op::Create, true),
            31 => (Op::Update, true),
            32 => (Op::Delete, true),
            code::PARTIAL_UPDATE_ROWS => (Op::Update, true),
            _ => return Err(DecodeError::Malformed("the type of a row event")),
        };
        let mut body = Bytes::new(body);
        let table_id = body.uint_le(6)?;
        let flags = body.uint_le(2)?;
        if has_extra {
            let length = body.size_le(2)?;
            body.take(length.saturating_sub(2))?;
        }
        let column_count = body.lenenc_size()?;
        let bitmap_length = column_count.div_ceil(8);
        let first = body.take(bitmap_length)?;
        let second = if op == Op::Update {
            body.take(bitmap_length)?
        } else {
            first
        };
        Ok(Self {
            table_id,
            op,
            is_partial: type_code == code::PARTIAL_UPDATE_ROWS,
            flags,
            columns_before: first,
            columns_after: second,
            column_count,
            rows: body,
        })
    }

    pub(crate) fn op(&self) -> Op {
        self.op
    }

    /// Whether the table ids seen so far mean nothing any more.
    pub(crate) fn ends_statement(&self) -> bool {
        self.flags & STATEMENT_END != 0
    }

    /// Whether the rows that foreign keys cascade to come as well.
    pub(crate) fn has_cascades(&self) -> bool {
        self.flags & HAS_CASCADES != 0
    }

    /// Bytes before the rows.
    pub(crate) fn head_bytes(type_code: u8, body: &'a [u8]) -> Result<usize, DecodeError> {
        Ok(body.len() - Self::parse(type_code, body)?.rows.len())
    }

    /// The next row, or `None` after the last. After an error nothing more can be read.
    pub(crate) fn next_row(&mut self, map: &TableMap) -> Result<Option<Images>, DecodeError> {
        if self.rows.is_empty() {
            return Ok(None);
        }
        if self.column_count != map.columns.len() {
            return Err(DecodeError::Malformed("the number of columns of a row"));
        }
        let left = self.rows.len();
        let mut documents = Documents {
            is_partial: self.is_partial,
            ..Documents::default()
        };
        let before = match self.op {
            Op::Update | Op::Delete => {
                let present = self.columns_before;
                Some(image(&mut self.rows, present, map, &mut documents)?)
            }
            Op::Create | Op::Read => None,
        };
        if self.is_partial {
            documents.read_differing(&mut self.rows, map)?;
        }
        let after = match self.op {
            Op::Update | Op::Create => {
                let present = self.columns_after;
                Some(image(&mut self.rows, present, map, &mut documents)?)
            }
            Op::Delete | Op::Read => None,
        };
        // Images without a single byte would go on for ever.
        if self.rows.len() == left {
            return Err(DecodeError::Malformed("a row without columns"));
        }
        Ok(Some(Images {
            before,
            after,
            lacks_document: documents.is_lacking,
        }))
    }
}

/// The JSON documents of a row, of which the image after may hold only what differs from the image before.
#[derive(Default)]
struct Documents<'a> {
    /// By the index of their column; only where differences may follow.
    before: Vec<(usize, &'a [u8])>,
    is_partial: bool,
    /// A bit for each JSON column of the table, whether it is in the image or not.
    differing: &'a [u8],
    /// Differences came from a document that did not.
    is_lacking: bool,
}

impl<'a> Documents<'a> {
    fn read_differing(&mut self, rows: &mut Bytes<'a>, map: &TableMap) -> Result<(), DecodeError> {
        if rows.lenenc()? & PARTIAL_JSON != 0 {
            let count = map.columns.iter().filter(|column| column.is_json()).count();
            self.differing = rows.take(count.div_ceil(8))?;
        }
        Ok(())
    }

    /// The value of a JSON column; `None` when it differs from a document that is not there.
    fn value(
        &mut self,
        column: usize,
        bytes: &'a [u8],
        is_differing: bool,
    ) -> Result<Option<Value>, DecodeError> {
        let document = if is_differing {
            let mut before = self.before.iter();
            let Some((_, document)) = before.find(|(known, _)| *known == column) else {
                self.is_lacking = true;
                return Ok(None);
            };
            json_diff::apply(document, bytes)?
        } else {
            if self.is_partial {
                self.before.push((column, bytes));
            }
            json::parse(bytes)?.print()?
        };
        Ok(Some(Value::Json(document)))
    }
}

/// One image: a null bitmap over the columns that are present, then their values. Absent columns (row image MINIMAL) are
/// `None`.
fn image<'a>(
    rows: &mut Bytes<'a>,
    present: &[u8],
    map: &TableMap,
    documents: &mut Documents<'a>,
) -> Result<Row, DecodeError> {
    let present_count = (0..map.columns.len())
        .filter(|index| bit(present, *index))
        .count();
    let nulls = rows.take(present_count.div_ceil(8))?;
    let mut values = Vec::with_capacity(map.columns.len());
    let (mut nth, mut nth_json) = (0, 0);
    for (index, column) in map.columns.iter().enumerate() {
        let is_differing = column.is_json() && bit(documents.differing, nth_json);
        nth_json += usize::from(column.is_json());
        if !bit(present, index) {
            values.push(None);
            continue;
        }
        values.push(if bit(nulls, nth) {
            Some(Value::Null)
        } else {
            value(rows, column, |json| {
                documents.value(index, json, is_differing)
            })?
        });
        nth += 1;
    }
    Ok(Row::new(values))
}

fn value<'a>(
    rows: &mut Bytes<'a>,
    column: &ColumnType,
    json: impl FnOnce(&'a [u8]) -> Result<Option<Value>, DecodeError>,
) -> Result<Option<Value>, DecodeError> {
    Ok(Some(match column.storage {
        Storage::Int(bytes) => integer(rows.uint_le(bytes)?, bytes, column.is_unsigned),
        Storage::Float => Value::Float(f32::from_bits(rows.uint_le(4)? as u32)),
        Storage::Double => Value::Double(f64::from_bits(rows.uint_le(8)?)),
        Storage::Year => Value::Year(match rows.u8()? {
            0 => 0,
            year => 1900 + u16::from(year),
        }),
        Storage::Decimal { precision, scale } => Value::Decimal(decimal(rows, precision, scale)?),
        Storage::Bit { bits } => Value::Bit(rows.uint_be(bits.div_ceil(8))?),
        Storage::Date => temporal::date(rows.uint_le(3)?),
        Storage::Time(decimals) => temporal::time(rows, decimals)?,
        Storage::DateTime(decimals) => temporal::date_time(rows, decimals)?,
        Storage::Timestamp(decimals) => temporal::timestamp(rows, decimals)?,
        Storage::OldTime => temporal::old_time(rows.uint_le(3)?),
        Storage::OldDateTime => temporal::old_date_time(rows.uint_le(8)?),
        Storage::OldTimestamp => temporal::old_timestamp(rows.uint_le(4)?),
        Storage::Text(length_bytes) => {
            let length = rows.size_le(length_bytes)?;
            column.charset.decode(rows.take(length)?)
        }
        Storage::Fixed {
            length_bytes,
            bytes,
        } => {
            let length = rows.size_le(length_bytes)?;
            fixed(rows.take(length)?, bytes, column.charset)
        }
        Storage::Compressed(length_bytes) => {
            let length = rows.size_le(length_bytes)?;
            column.charset.decode(&inflate_column(rows.take(length)?)?)
        }
        Storage::Hidden(hidden) => {
            let length = usize::from(rows.u8()?);
            Value::Text(hidden::text(rows.take(length)?, hidden)?)
        }
        Storage::Blob(length_bytes) => {
            let length = rows.size_le(length_bytes)?;
            Value::Bytes(rows.take(length)?.to_vec())
        }
        Storage::Json(length_bytes) => {
            let length = rows.size_le(length_bytes)?;
            return json(rows.take(length)?);
        }
        Storage::Enum(bytes) => Value::Enum(enum_label(rows.size_le(bytes)?, column)),
        Storage::Set(bytes) => Value::Set(set_labels(rows.uint_le(bytes)?, column)),
    }))
}

fn integer(raw: u64, bytes: usize, is_unsigned: bool) -> Value {
    if is_unsigned {
        return Value::Unsigned(raw);
    }
    let unused_bits = 64 - 8 * bytes as u32;
    Value::Int((raw << unused_bits).cast_signed() >> unused_bits)
}

fn label(column: &ColumnType, index: usize) -> String {
    match column.labels.get(index) {
        Some(label) => label.clone(),
        // A number that no label has is all there is of it.
        None => (index + 1).to_string(),
    }
}

/// The bytes of CHAR and BINARY. The server leaves out trailing zeros of BINARY, which are part of its value.
fn fixed(bytes: &[u8], length: usize, charset: Charset) -> Value {
    if charset == Charset::Binary {
        let mut padded = bytes.to_vec();
        padded.resize(length.max(bytes.len()), 0);
        return Value::Bytes(padded);
    }
    charset.decode(bytes)
}

fn enum_label(index: usize, column: &ColumnType) -> String {
    match index.checked_sub(1) {
        Some(index) => label(column, index),
        None => String::new(),
    }
}

fn set_labels(bits: u64, column: &ColumnType) -> Vec<String> {
    (0..64)
        .filter(|index| bits >> index & 1 == 1)
        .map(|index| label(column, index))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Table, TableName};

    #[test]
    fn rows_of_a_damaged_event_end() {
        let name = TableName {
            schema: "s".to_owned(),
            table: "t".to_owned(),
        };
        let map = TableMap {
            table: Table {
                name,
                columns: Vec::new(),
                primary_key: Vec::new(),
            },
            columns: Vec::new(),
        };
        // Table id, flags, no columns, and then bytes that belong to nothing.
        let body = [1, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff];
        let mut rows = RowsEvent::parse(23, &body).unwrap();
        let error = rows.next_row(&map).unwrap_err();
        assert_eq!(error, DecodeError::Malformed("a row without columns"));
    }
}
