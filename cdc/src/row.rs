//! `WRITE_ROWS`, `UPDATE_ROWS` and `DELETE_ROWS` events: row images to canonical values.
//!
//! Formats: MySQL's `libbinlogevents/include/rows_event.h` and `sql-common/my_time.cc`; decimals as in
//! `strings/decimal.cc`. Both versions of the events are read; MariaDB writes only the first.

use encoding_rs::{EUC_KR, Encoding, UTF_16BE, WINDOWS_1252};
use mysql_common::binlog::jsonb;
use mysql_common::io::ParseBuf;

use crate::bytes::{Bytes, bit};
use crate::column_type::{ColumnType, Storage};
use crate::decode_error::DecodeError;
use crate::event::{Op, Row};
use crate::table_map::TableMap;
use crate::temporal;
use crate::value::Value;

/// What a row event says before its rows.
pub(crate) struct RowsEvent<'a> {
    pub(crate) table_id: u64,
    op: Op,
    columns_before: &'a [u8],
    columns_after: &'a [u8],
    column_count: usize,
    rows: Bytes<'a>,
}

/// One changed row: its image before (update, delete) and after (insert, update).
pub(crate) type Images = (Option<Row>, Option<Row>);

impl<'a> RowsEvent<'a> {
    /// Reads the event's head. `type_code` is one of 23, 24, 25 (first version) and 30, 31, 32 (second version).
    pub(crate) fn parse(type_code: u8, body: &'a [u8]) -> Result<Self, DecodeError> {
        let (op, has_extra) = match type_code {
            23 => (Op::Create, false),
            24 => (Op::Update, false),
            25 => (Op::Delete, false),
            30 => (Op::Create, true),
            31 => (Op::Update, true),
            32 => (Op::Delete, true),
            _ => return Err(DecodeError::Malformed("the type of a row event")),
        };
        let mut body = Bytes::new(body);
        let table_id = body.uint_le(6)?;
        body.take(2)?;
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
            columns_before: first,
            columns_after: second,
            column_count,
            rows: body,
        })
    }

    pub(crate) fn op(&self) -> Op {
        self.op
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
        let before = match self.op {
            Op::Update | Op::Delete => Some(image(&mut self.rows, self.columns_before, map)?),
            Op::Create => None,
        };
        let after = match self.op {
            Op::Update | Op::Create => Some(image(&mut self.rows, self.columns_after, map)?),
            Op::Delete => None,
        };
        // Images without a single byte would go on for ever.
        if self.rows.len() == left {
            return Err(DecodeError::Malformed("a row without columns"));
        }
        Ok(Some((before, after)))
    }
}

/// One image: a null bitmap over the columns that are present, then their values. Absent columns (row image MINIMAL) are
/// `None`.
fn image(rows: &mut Bytes<'_>, present: &[u8], map: &TableMap) -> Result<Row, DecodeError> {
    let present_count = (0..map.columns.len())
        .filter(|index| bit(present, *index))
        .count();
    let nulls = rows.take(present_count.div_ceil(8))?;
    let mut values = Vec::with_capacity(map.columns.len());
    let mut nth = 0;
    for (index, column) in map.columns.iter().enumerate() {
        if !bit(present, index) {
            values.push(None);
            continue;
        }
        values.push(Some(if bit(nulls, nth) {
            Value::Null
        } else {
            value(rows, column)?
        }));
        nth += 1;
    }
    Ok(Row::new(values))
}

fn value(rows: &mut Bytes<'_>, column: &ColumnType) -> Result<Value, DecodeError> {
    Ok(match column.storage {
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
            text(rows.take(length)?, &column.charset)
        }
        Storage::Blob(length_bytes) => {
            let length = rows.size_le(length_bytes)?;
            Value::Bytes(rows.take(length)?.to_vec())
        }
        Storage::Json(length_bytes) => {
            let length = rows.size_le(length_bytes)?;
            json(rows.take(length)?)?
        }
        Storage::Enum(bytes) => Value::Enum(enum_label(rows.size_le(bytes)?, column)),
        Storage::Set(bytes) => Value::Set(set_labels(rows.uint_le(bytes)?, column)),
    })
}

fn integer(raw: u64, bytes: usize, is_unsigned: bool) -> Value {
    if is_unsigned {
        return Value::Unsigned(raw);
    }
    let unused_bits = 64 - 8 * bytes as u32;
    Value::Int((raw << unused_bits).cast_signed() >> unused_bits)
}

/// Bytes of a text in its column's character set, by the server's name of it. A text that is invalid in it stays bytes.
fn text(bytes: &[u8], charset: &str) -> Value {
    let encoding: &'static Encoding = match charset {
        "binary" => return Value::Bytes(bytes.to_vec()),
        // Without a name (row metadata below FULL) UTF-8 is the best guess, and checked.
        "utf8mb4" | "utf8mb3" | "utf8" | "ascii" | "" => {
            return match std::str::from_utf8(bytes) {
                Ok(text) => Value::Text(text.to_owned()),
                Err(_) => Value::Bytes(bytes.to_vec()),
            };
        }
        "utf32" => return utf32(bytes).map_or_else(|| Value::Bytes(bytes.to_vec()), Value::Text),
        "latin1" => WINDOWS_1252,
        "euckr" => EUC_KR,
        "ucs2" | "utf16" => UTF_16BE,
        other => match Encoding::for_label(other.as_bytes()) {
            Some(encoding) => encoding,
            None => return Value::Bytes(bytes.to_vec()),
        },
    };
    match encoding.decode_without_bom_handling_and_without_replacement(bytes) {
        Some(text) => Value::Text(text.into_owned()),
        None => Value::Bytes(bytes.to_vec()),
    }
}

/// Four bytes a character, big-endian.
fn utf32(bytes: &[u8]) -> Option<String> {
    let (characters, rest) = bytes.as_chunks::<4>();
    if !rest.is_empty() {
        return None;
    }
    characters
        .iter()
        .map(|character| char::from_u32(u32::from_be_bytes(*character)))
        .collect()
}

fn label(column: &ColumnType, index: usize) -> String {
    match column
        .labels
        .get(index)
        .map(|bytes| text(bytes, &column.charset))
    {
        Some(Value::Text(label)) => label,
        // Without labels (row metadata below FULL) the number is all there is.
        _ => (index + 1).to_string(),
    }
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

/// MySQL's JSON. An empty value is what MySQL stores for the JSON null of a column added later.
fn json(bytes: &[u8]) -> Result<Value, DecodeError> {
    if bytes.is_empty() {
        return Ok(Value::Json(serde_json::Value::Null));
    }
    let malformed = || DecodeError::Malformed("a JSON value");
    let binary: jsonb::Value<'_> = ParseBuf(bytes).parse(()).map_err(|_| malformed())?;
    let json = binary.try_into().map_err(|_| malformed())?;
    Ok(Value::Json(json))
}

/// Bytes that hold 0 … 9 decimal digits.
const DIGITS_TO_BYTES: [usize; 10] = [0, 1, 1, 2, 2, 3, 3, 4, 4, 4];
const DIGITS_PER_GROUP: usize = 9;
/// `decimal(65, 30)` is the largest.
const PRECISION_MAX: usize = 65;

/// The packed form of DECIMAL: groups of 9 digits in 4 bytes, big-endian, the sign in the highest bit, and all bits
/// inverted when negative.
fn decimal(rows: &mut Bytes<'_>, precision: usize, scale: usize) -> Result<String, DecodeError> {
    if precision > PRECISION_MAX || scale > precision {
        return Err(DecodeError::Malformed("the precision of a DECIMAL column"));
    }
    let whole = precision - scale;
    let size =
        |digits: usize| digits / DIGITS_PER_GROUP * 4 + DIGITS_TO_BYTES[digits % DIGITS_PER_GROUP];
    let mut bytes = rows.take(size(whole) + size(scale))?.to_vec();
    let is_negative = bytes.first().is_some_and(|byte| byte & 0x80 == 0);
    if let Some(first) = bytes.first_mut() {
        *first ^= 0x80;
    }
    if is_negative {
        bytes.iter_mut().for_each(|byte| *byte = !*byte);
    }
    let mut packed = Bytes::new(&bytes);
    let mut digits = String::with_capacity(precision + 3);
    let mut group = |packed: &mut Bytes<'_>, count: usize| -> Result<(), DecodeError> {
        let number = packed.uint_be(DIGITS_TO_BYTES[count])?;
        if count > 0 {
            digits.push_str(&format!("{number:0count$}"));
        }
        Ok(())
    };
    group(&mut packed, whole % DIGITS_PER_GROUP)?;
    for _ in 0..whole / DIGITS_PER_GROUP {
        group(&mut packed, DIGITS_PER_GROUP)?;
    }
    for _ in 0..scale / DIGITS_PER_GROUP {
        group(&mut packed, DIGITS_PER_GROUP)?;
    }
    group(&mut packed, scale % DIGITS_PER_GROUP)?;
    if digits.len() != precision {
        return Err(DecodeError::Malformed("a DECIMAL value"));
    }
    let (whole_digits, fraction) = digits.split_at(whole);
    let whole_digits = match whole_digits.trim_start_matches('0') {
        "" => "0",
        trimmed => trimmed,
    };
    let sign = if is_negative { "-" } else { "" };
    let point = if scale > 0 { "." } else { "" };
    Ok(format!("{sign}{whole_digits}{point}{fraction}"))
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
