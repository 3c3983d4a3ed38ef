//! Why bytes of the binlog could not be decoded.

use thiserror::Error;

/// An event that can't be decoded is never skipped: what it holds would be lost.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum DecodeError {
    /// The event ended early.
    #[error("the event is cut: {wanted} bytes wanted, {left} left")]
    Truncated {
        /// Bytes wanted.
        wanted: usize,
        /// Bytes left.
        left: usize,
    },
    /// A part of the event has a form that MySQL never writes.
    #[error("{0} is malformed")]
    Malformed(&'static str),
    /// A column type that is not known.
    #[error("column {column} has the unknown type {type_code}")]
    UnknownType {
        /// Index of the column from 0.
        column: usize,
        /// MySQL's code of the type.
        type_code: u8,
    },
    /// Rows of a table whose table map has not been seen.
    #[error("rows of table id {0} came without their table map")]
    NoTableMap(u64),
    /// A table map and what the server says of the table do not fit together.
    #[error("the rows do not fit the table's known columns: {0}")]
    Definition(&'static str),
    /// A compressed event or transaction can't be decompressed.
    #[error("a compressed part can't be decompressed")]
    Compression,
    /// The event's checksum is wrong: it was damaged on the way or on the server's disk.
    #[error("the event's checksum is wrong")]
    Checksum,
}

impl DecodeError {
    /// What the operator can do about it.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::UnknownType { .. } => {
                "change the column's type, or report it: this server has a type that is not known here"
            }
            Self::Definition(_) => {
                "set global binlog_row_metadata = FULL, so that rows tell their columns"
            }
            Self::Checksum => "look for damage on the server's disk and in the network",
            Self::Truncated { .. }
            | Self::Malformed(_)
            | Self::NoTableMap(_)
            | Self::Compression => "report it, with the server's version",
        }
    }
}
