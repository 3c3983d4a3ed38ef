//! A place in the stream: everything before it has been seen.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::gtid::GtidSet;

/// GTID set first, binlog file and offset as the fallback. Both are kept: the offset serves where GTIDs are off and tells
/// a person where to look.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Position {
    /// The transactions that have been seen.
    pub gtids: GtidSet,
    /// Binlog file; empty when it is not known.
    pub file: String,
    /// Bytes into the file; can pass 4 GiB.
    pub offset: u64,
}

/// A text that is no position.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error(
    "`{0}` is no binlog position: expected a GTID set (0-1-42, or uuid:1-42) or file:offset (binlog.000001:4711)"
)]
pub struct ParsePositionError(String);

impl Position {
    /// Whether everything up to `other` has been seen here too: by GTIDs where both have them, by file and offset
    /// otherwise. `None` when the two can't be compared.
    #[must_use]
    pub fn covers(&self, other: &Self) -> Option<bool> {
        if self.gtids != GtidSet::None && other.gtids != GtidSet::None {
            return self.gtids.contains(&other.gtids);
        }
        if self.file.is_empty() || other.file.is_empty() {
            return None;
        }
        Some((file_number(&self.file), self.offset) >= (file_number(&other.file), other.offset))
    }

    /// The same without GTIDs.
    pub(crate) fn place(&self) -> Self {
        Self {
            gtids: GtidSet::None,
            ..self.clone()
        }
    }
}

/// `binlog.000012` → 12; files are numbered upwards and the number may outgrow its six digits.
fn file_number(file: &str) -> u64 {
    let digits = file.rsplit('.').next().unwrap_or_default();
    digits.parse().unwrap_or(0)
}

/// `gtids@file:offset`, without the part that is not known: one token for logs, payloads and `min_position`.
impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.gtids)?;
        if self.file.is_empty() {
            return Ok(());
        }
        let separator = if self.gtids.is_empty() { "" } else { "@" };
        write!(f, "{separator}{}:{}", self.file, self.offset)
    }
}

impl FromStr for Position {
    type Err = ParsePositionError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let error = || ParsePositionError(text.chars().take(200).collect());
        // An empty set would be written as nothing at all, and not be read back.
        let gtids = |text: &str| {
            GtidSet::parse_mariadb(text)
                .or_else(|| GtidSet::parse_mysql(text))
                .filter(|set| !set.is_empty())
        };
        let place = |text: &str| -> Option<(String, u64)> {
            let (file, offset) = text.rsplit_once(':')?;
            // A colon would make it look like a GTID.
            let is_odd = |character: char| character.is_whitespace() || character == ':';
            let is_file = file.contains('.') && !file.contains(is_odd);
            Some((is_file.then(|| file.to_owned())?, offset.parse().ok()?))
        };
        let text = text.trim();
        if text.is_empty() {
            return Err(error());
        }
        if let Some((set, file)) = text.split_once('@') {
            let (file, offset) = place(file).ok_or_else(error)?;
            let gtids = gtids(set).ok_or_else(error)?;
            return Ok(Self {
                gtids,
                file,
                offset,
            });
        }
        if let Some(gtids) = gtids(text) {
            return Ok(Self {
                gtids,
                ..Self::default()
            });
        }
        let (file, offset) = place(text).ok_or_else(error)?;
        Ok(Self {
            gtids: GtidSet::None,
            file,
            offset,
        })
    }
}

impl Serialize for Position {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Position {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_are_written_and_read_back() {
        for text in [
            "0-1-42@binlog.000007:4711",
            "0-1-42",
            "binlog.000007:5000000000",
            "3e11fa47-71ca-11e1-9e33-c80aa9429562:1-42@mysql-bin.000001:4",
            "3e11fa47-71ca-11e1-9e33-c80aa9429562:1-42,4e11fa47-71ca-11e1-9e33-c80aa9429562:red:7",
        ] {
            assert_eq!(text.parse::<Position>().unwrap().to_string(), text);
        }
        for text in [
            "",
            "nonsense",
            "0-1",
            "binlog.1:x",
            "0-1-2@",
            "a b.1:2",
            ",",
            "@a.1:4",
        ] {
            assert!(text.parse::<Position>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_position_covers_what_came_before_it() {
        let covers = |a: &str, b: &str| -> Option<bool> {
            let (a, b): (Position, Position) = (a.parse().unwrap(), b.parse().unwrap());
            a.covers(&b)
        };
        assert_eq!(covers("0-1-42@b.000002:4", "0-1-41"), Some(true));
        assert_eq!(covers("0-1-42@b.000002:4", "0-1-43"), Some(false));
        assert_eq!(covers("0-1-42@b.999999:4", "b.1000000:4"), Some(false));
        assert_eq!(covers("0-1-42@b.000002:4", "b.000001:9"), Some(true));
        assert_eq!(covers("b.000002:9", "0-1-42@b.000002:9"), Some(true));
        assert_eq!(covers("b.000001:9", "0-1-42"), None);
    }
}
