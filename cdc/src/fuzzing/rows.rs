//! A table map and one event of its rows, without what stands around them in the stream.

use crate::bytes::Bytes;
use crate::charset::Charset;
use crate::column_type::{ColumnType, Hidden, Storage};
use crate::event::{Op, Row, Table, TableName};
use crate::row::{Images, RowsEvent};
use crate::table_map::{TableMap, head};
use crate::value::Value;

use super::{Digest, byte, up_to};

/// Types of row events, of both versions.
const ROW_EVENTS: [u8; 6] = [23, 24, 25, 30, 31, 32];
/// All types that a table map can have; CHAR's code, behind which others hide, several times.
const TYPE_CODES: [u8; 30] = [
    1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 140, 242, 245, 246, 252, 253,
    254, 254, 254, 254, 254, 255,
];
/// Bits of the mode.
const AS_IT_IS: u8 = 0x80;
const HIDDEN: u8 = 0x40;

/// A byte of mode, then a table map and the body of a row event. With the mode's highest bit both are taken as they are,
/// the first after its length of two bytes; else they are made of the input so that most of them are sound.
///
/// # Panics
/// When an image has not as many values as the table has columns, a value is out of its type's range, or there are more
/// rows than bytes.
pub fn rows(input: &[u8]) {
    let mut input = Bytes::new(input);
    let mode = byte(&mut input);
    let type_code = ROW_EVENTS[usize::from(mode & 0x3f) % ROW_EVENTS.len()];
    let (map_body, rows_body) = if mode & AS_IT_IS == 0 {
        let (map_body, count) = sound_map(&mut input);
        (map_body, sound_rows(&mut input, type_code, count))
    } else {
        let length = usize::from(byte(&mut input)) | usize::from(byte(&mut input)) << 8;
        let map_body = up_to(&mut input, length).to_vec();
        (map_body, up_to(&mut input, usize::MAX).to_vec())
    };
    let Ok(mut map) = head(&map_body).and_then(|head| head.columns(&charset)) else {
        return;
    };
    assert_eq!(map.columns.len(), map.table.columns.len());
    if mode & HIDDEN != 0 {
        hide(&mut map);
    }
    let Ok(mut rows) = RowsEvent::parse(type_code, &rows_body) else {
        return;
    };
    let mut digest = Digest::default();
    let mut count = 0;
    while let Ok(Some(Images { before, after, .. })) = rows.next_row(&map) {
        count += 1;
        assert_eq!(before.is_some(), rows.op() != Op::Create);
        assert_eq!(after.is_some(), rows.op() != Op::Delete);
        for row in [before, after].iter().flatten() {
            check(row, &map, &mut digest);
        }
    }
    assert!(count <= rows_body.len());
}

/// Stands for the server's collations: each number is one, whatever it is.
pub(super) fn charset(collation: u64) -> Charset {
    const NAMES: [&str; 9] = [
        "utf8mb4", "binary", "latin1", "euckr", "utf32", "ucs2", "utf16le", "", "geostd8",
    ];
    let nth = (collation % NAMES.len() as u64) as usize;
    Charset::named(NAMES[nth])
}

/// The body of a table map with up to 16 columns.
fn sound_map(input: &mut Bytes<'_>) -> (Vec<u8>, u8) {
    let count = 1 + byte(input) % 16;
    let mut types = Vec::new();
    let mut metadata = Vec::new();
    for _ in 0..count {
        let type_code = TYPE_CODES[usize::from(byte(input)) % TYPE_CODES.len()];
        types.push(type_code);
        sound_metadata(type_code, input, &mut metadata);
    }
    let mut body = vec![1, 0, 0, 0, 0, 0, 1, 0, 1, b'f', 0, 1, b't', 0, count];
    body.extend(types);
    body.push(metadata.len() as u8);
    body.extend(metadata);
    body.extend(up_to(input, usize::from(count).div_ceil(8)));
    let fields = usize::from(byte(input) % 8);
    for _ in 0..fields {
        body.push(byte(input) % 13);
        let length = byte(input) % 64;
        let content = up_to(input, usize::from(length));
        body.push(content.len() as u8);
        body.extend(content);
    }
    (body, count)
}

/// What stands behind a column's type, within the bounds of servers.
fn sound_metadata(type_code: u8, input: &mut Bytes<'_>, metadata: &mut Vec<u8>) {
    match type_code {
        4 | 5 => metadata.push(byte(input)),
        17..=19 => metadata.push(byte(input) % 7),
        242 | 245 | 252 | 255 => metadata.push(1 + byte(input) % 4),
        15 => metadata.extend([byte(input), byte(input) % 4]),
        16 => metadata.extend([byte(input) % 8, byte(input) % 9]),
        246 => {
            let precision = 1 + byte(input) % 65;
            metadata.extend([precision, byte(input) % (precision + 1)]);
        }
        253 | 254 => match byte(input) % 8 {
            0 => metadata.extend([247, 1 + byte(input) % 2]),
            1 => metadata.extend([248, 1 + byte(input) % 8]),
            2 => metadata.extend([254, 16]),
            3 => metadata.extend([254, 4]),
            // Lengths over 255 are in the real type, inverted.
            4 => metadata.extend([254 ^ (byte(input) & 0x30), byte(input)]),
            5 => metadata.extend([byte(input), byte(input)]),
            _ => metadata.extend([254, byte(input)]),
        },
        _ => {}
    }
}

/// The body of a row event for a table with so many columns.
fn sound_rows(input: &mut Bytes<'_>, type_code: u8, count: u8) -> Vec<u8> {
    let mut body = vec![1, 0, 0, 0, 0, 0, 1, 0];
    if type_code >= 30 {
        body.extend([2, 0]);
    }
    body.push(count);
    let bitmaps = if matches!(type_code, 24 | 31) { 2 } else { 1 };
    for _ in 0..bitmaps * usize::from(count).div_ceil(8) {
        // Mostly all columns are there.
        body.push(!byte(input));
    }
    body.extend(up_to(input, usize::MAX));
    body
}

/// Makes of columns like BINARY what only a definition tells that they are.
fn hide(map: &mut TableMap) {
    for (index, column) in map.columns.iter_mut().enumerate() {
        if let Storage::Fixed { bytes, .. } = column.storage {
            column.storage = Storage::Hidden(match bytes {
                4 => Hidden::Inet4,
                _ if index % 2 == 0 => Hidden::Uuid,
                _ => Hidden::Inet6,
            });
        }
    }
}

fn check(row: &Row, map: &TableMap, digest: &mut Digest) {
    const HOUR: i64 = 3_600_000_000;
    assert_eq!(row.len(), map.columns.len());
    for (index, column) in map.columns.iter().enumerate() {
        let Some(value) = row.value(index) else {
            continue;
        };
        match value {
            Value::Int(_) => assert!(!column.is_unsigned),
            Value::Unsigned(_) => assert!(column.is_unsigned),
            Value::Year(year) => assert!(*year == 0 || (1901..=2155).contains(year)),
            Value::Decimal(text) => assert!(text.len() <= 65 + 3 && text.parse::<f64>().is_ok()),
            // Its fields could hold more than the 838 hours that the server lets them have.
            Value::Time { microseconds, .. } => assert!(microseconds.abs() < 1_100 * HOUR),
            Value::Timestamp { microseconds, .. } => {
                assert!(microseconds.unwrap_or_default() >= 0);
            }
            _ => {}
        }
        digest.add(value);
    }
}

/// A JSON column's value as text, when it can be decoded.
pub(super) fn json_text(document: &[u8]) -> Option<String> {
    let name = TableName {
        schema: "f".to_owned(),
        table: "t".to_owned(),
    };
    let map = TableMap {
        table: Table {
            name,
            columns: Vec::new(),
            primary_key: Vec::new(),
        },
        columns: vec![ColumnType::parse(0, 245, &mut Bytes::new(&[4])).ok()?],
    };
    let length = u32::try_from(document.len()).ok()?;
    let head = [1, 0, 0, 0, 0, 0, 1, 0, 1, 1, 0];
    let body = [&head[..], &length.to_le_bytes(), document].concat();
    let mut rows = RowsEvent::parse(23, &body).ok()?;
    let after = rows.next_row(&map).ok()??.after;
    serde_json::to_string(after?.value(0)?).ok()
}
