//! Debezium's message key: the columns of the primary key with their values, as JSON (`{"id":1}`).

use cdc::{ChangeEvent, Row, Table};
use serde::ser::{Serialize, SerializeMap, Serializer};

/// The key of a row, in the primary key's order.
pub(super) struct Key<'a> {
    table: &'a Table,
    row: &'a Row,
    /// Where to look for what the row image leaves out (`binlog_row_image=MINIMAL`).
    other: Option<&'a Row>,
}

impl<'a> Key<'a> {
    /// The row's key after the change, or that of the row that is gone; `None` without a primary key.
    pub(super) fn of(change: &'a ChangeEvent) -> Option<Self> {
        let row = change.after.as_ref().or(change.before.as_ref())?;
        Self::of_row(&change.table, row, change.before.as_ref())
    }

    /// The row's key before a change that gave it another one.
    pub(super) fn old(change: &'a ChangeEvent) -> Option<Self> {
        let (before, after) = (change.before.as_ref()?, change.after.as_ref()?);
        let has_changed = |&column: &usize| match (before.value(column), after.value(column)) {
            (Some(before), Some(after)) => before != after,
            _ => false,
        };
        let has_another = change.table.primary_key.iter().any(has_changed);
        Self::of_row(&change.table, before, None).filter(|_| has_another)
    }

    fn of_row(table: &'a Table, row: &'a Row, other: Option<&'a Row>) -> Option<Self> {
        (!table.primary_key.is_empty()).then_some(Self { table, row, other })
    }

    /// As a header, which may hold ASCII only: everything else is written as JSON's `\u…`.
    pub(super) fn to_header(&self) -> serde_json::Result<String> {
        Ok(ascii(&serde_json::to_string(self)?))
    }
}

impl Serialize for Key<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for &index in &self.table.primary_key {
            let value = self.row.value(index);
            let value = value.or_else(|| self.other?.value(index));
            if let (Some(column), Some(value)) = (self.table.columns.get(index), value) {
                map.serialize_entry(&column.name, value)?;
            }
        }
        map.end()
    }
}

/// In JSON anything but ASCII stands within texts only, where it may be written like this.
fn ascii(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for character in json.chars() {
        // DEL is the one control character that JSON leaves as it is.
        if character.is_ascii() && character != '\u{7f}' {
            text.push(character);
        } else {
            for unit in character.encode_utf16(&mut [0; 2]) {
                text.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_holds_ascii_only_and_reads_back_as_the_same_json() {
        for text in ["{\"id\":1}", "{\"이름\":\"홍 \\\"길동\\\"\\n🏥\u{7f}\"}"] {
            let header = ascii(text);
            assert!(header.bytes().all(|byte| matches!(byte, b' '..=b'~')));
            let read = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
            assert_eq!(read(&header), read(text));
        }
    }
}
