//! What one asks for, and what subscribers see of it: the request, its scope, its keys, and the marks around its rows.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::event::{ChangeEvent, TableName};
use crate::value::{Value, time_text, timestamp_text};

/// Rows of a table to read again while the stream goes on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// The table.
    pub table: TableName,
    /// Which of its rows.
    pub scope: Scope,
}

/// Which rows of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// All of them.
    Table,
    /// Those from one key to another in the primary key's order, both included; without an end, to the table's end. A key
    /// may be shorter than the primary key: then it stands for all rows that begin with it.
    Range {
        /// The first key.
        from: Option<Key>,
        /// The last key.
        to: Option<Key>,
    },
    /// Those with these primary keys, as many as there are.
    Keys(Vec<Key>),
    /// Those for which an SQL condition holds. It is put into the statement as it is, so it must come from an operator and
    /// never from a visitor; the account that reads should have no privilege but `select`.
    Condition(String),
}

impl Scope {
    /// About how much memory it takes beside itself, bytes.
    pub(crate) fn bytes(&self) -> usize {
        const PART: usize = 64;
        match self {
            Self::Keys(keys) => keys.iter().map(|key| key.0.len() * PART).sum(),
            Self::Table | Self::Range { .. } => 0,
            Self::Condition(text) => text.len(),
        }
    }
}

/// A primary key: a value for each of its columns, in the key's order.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Key(pub Vec<KeyPart>);

/// The value of one column of a primary key. In JSON: a number, a text, or `{"hex": "c7d1"}`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(untagged)]
pub enum KeyPart {
    /// A whole number; for ENUM the index, for SET and BIT the bits.
    Int(i64),
    /// A whole number beyond `i64`.
    Unsigned(u64),
    /// A text, an ENUM's label, or what the server prints for the value: `-1.50`, `2026-11-21 09:30:00` (TIMESTAMP in UTC),
    /// `123e4567-e89b-12d3-a456-426655440000`.
    Text(String),
    /// The bytes as they are stored: of a binary column, or of a text in its column's character set.
    Bytes {
        /// Two hexadecimal digits a byte.
        hex: Hex,
    },
}

impl Key {
    /// The key of a changed row, as it is after the change; `None` without a primary key, or when it holds a value that can't
    /// be written as one.
    pub(crate) fn of(change: &ChangeEvent) -> Option<Self> {
        let images = || [&change.after, &change.before].into_iter().flatten();
        let part = |column: &usize| KeyPart::of(images().find_map(|row| row.value(*column))?);
        let columns = &change.table.primary_key;
        let parts: Option<Vec<_>> = columns.iter().map(part).collect();
        parts.filter(|parts| !parts.is_empty()).map(Self)
    }
}

impl KeyPart {
    fn of(value: &Value) -> Option<Self> {
        Some(match value {
            Value::Int(number) => Self::Int(*number),
            Value::Unsigned(number) | Value::Bit(number) => Self::Unsigned(*number),
            Value::Year(year) => Self::Unsigned(u64::from(*year)),
            Value::Float(number) => Self::Text(format!("{:e}", f64::from(*number))),
            Value::Double(number) => Self::Text(format!("{number:e}")),
            Value::Bytes(bytes) => Self::from(bytes.as_slice()),
            // The mark of a value that was no label has none.
            Value::Enum(label) if label.is_empty() => return None,
            Value::Decimal(text) | Value::Text(text) | Value::Enum(text) => {
                Self::Text(text.clone())
            }
            Value::Date(date) => Self::Text(date.to_string()),
            Value::DateTime(date_time) => Self::Text(date_time.to_string().replace('T', " ")),
            Value::Timestamp {
                microseconds,
                decimals,
            } => {
                let text = timestamp_text((*microseconds)?, *decimals);
                Self::Text(text.replace('T', " ").replace('Z', ""))
            }
            Value::Time {
                microseconds,
                decimals,
            } => Self::Text(time_text(*microseconds, *decimals)),
            Value::Set(_) | Value::Json(_) | Value::Null => return None,
        })
    }
}

/// Bytes that are written as hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Hex(String);

impl Hex {
    /// The digits, an even number of them.
    pub(super) fn digits(&self) -> &str {
        &self.0
    }
}

impl From<&[u8]> for Hex {
    fn from(bytes: &[u8]) -> Self {
        Self(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
    }
}

impl TryFrom<String> for Hex {
    type Error = String;

    fn try_from(digits: String) -> Result<Self, Self::Error> {
        let is_hex =
            digits.len().is_multiple_of(2) && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_hex
            .then(|| Self(digits.to_ascii_lowercase()))
            .ok_or_else(|| "expected two hexadecimal digits a byte".to_owned())
    }
}

impl From<Hex> for String {
    fn from(hex: Hex) -> Self {
        hex.0
    }
}

impl From<i64> for KeyPart {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<i32> for KeyPart {
    fn from(number: i32) -> Self {
        Self::Int(number.into())
    }
}

impl From<u64> for KeyPart {
    fn from(number: u64) -> Self {
        Self::Unsigned(number)
    }
}

impl From<&str> for KeyPart {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<&[u8]> for KeyPart {
    fn from(bytes: &[u8]) -> Self {
        Self::Bytes { hex: bytes.into() }
    }
}

/// Tells one request from all others of the same [`crate::Snapshots`], also after a restart; from 1, rising.
pub type SnapshotId = u64;

/// Where the rows of a request begin and end in the stream. Never inside a transaction, and with a commit after it.
#[derive(Clone, Debug, PartialEq)]
pub enum SnapshotMark {
    /// Its rows come from here on. After a crash it comes again, with the same id, if its commit was not stored.
    Begin {
        /// The request's number.
        id: SnapshotId,
        /// What was asked for.
        request: Arc<Request>,
    },
    /// It has come to its end.
    End {
        /// The request's number.
        id: SnapshotId,
        /// What was asked for.
        request: Arc<Request>,
        /// Whether all rows have come.
        outcome: Outcome,
    },
}

/// How a request ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// All rows of the scope have come.
    Done,
    /// It was cancelled: some rows have come.
    Cancelled,
    /// It can't be done: some rows may have come.
    Refused {
        /// What stands in the way.
        problem: String,
        /// What the operator must do.
        remedy: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_plain_json() {
        let key = Key(vec![
            KeyPart::Int(-1),
            KeyPart::Unsigned(u64::MAX),
            "하나".into(),
            b"\xc7\xd1"[..].into(),
        ]);
        let request = Request {
            table: TableName {
                schema: "s".to_owned(),
                table: "t".to_owned(),
            },
            scope: Scope::Keys(vec![key]),
        };
        let json = serde_json::to_string(&request).unwrap();
        assert_eq!(
            json,
            r#"{"table":{"schema":"s","table":"t"},"scope":{"keys":[[-1,18446744073709551615,"하나",{"hex":"c7d1"}]]}}"#
        );
        assert_eq!(serde_json::from_str::<Request>(&json).unwrap(), request);
        assert!(serde_json::from_str::<KeyPart>(r#"{"hex":"c7d"}"#).is_err());
        assert!(serde_json::from_str::<KeyPart>(r#"{"hex":"c'"}"#).is_err());
    }
}
