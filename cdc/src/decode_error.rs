//! Why bytes of the binlog could not be decoded.

use thiserror::Error;

/// An event that can't be decoded is never skipped: what it holds would be lost.
#[derive(Debug, Error, PartialEq, Eq)]
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
    /// A MariaDB COMPRESSED column.
    #[error(
        "column {column} is COMPRESSED, which cannot be decoded from the binlog; change it with `alter table … modify`"
    )]
    CompressedColumn {
        /// Index of the column from 0.
        column: usize,
    },
    /// Rows of a table whose table map has not been seen.
    #[error("rows of table id {0} came without their table map")]
    NoTableMap(u64),
    /// The event's checksum is wrong: it was damaged on the way or on the server's disk.
    #[error("the event's checksum is wrong")]
    Checksum,
}
