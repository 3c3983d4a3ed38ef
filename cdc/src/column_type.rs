//! How a column is stored in a row image: MySQL's type code and its metadata, parsed once per table map.

use crate::bytes::Bytes;
use crate::charset::Charset;
use crate::decode_error::DecodeError;

/// A column as the row decoder needs it.
#[derive(Clone, Debug)]
pub(crate) struct ColumnType {
    pub(crate) storage: Storage,
    pub(crate) is_unsigned: bool,
    /// Unknown when the table map does not tell.
    pub(crate) charset: Charset,
    /// The labels of ENUM and SET; empty when the table map does not tell.
    pub(crate) labels: Vec<String>,
}

/// The layout of the value's bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Storage {
    /// An integer of 1, 2, 3, 4 or 8 bytes, little-endian.
    Int(usize),
    Float,
    Double,
    Year,
    Decimal {
        precision: usize,
        scale: usize,
    },
    Bit {
        bits: usize,
    },
    Date,
    /// The fraction's digits, as for the next two.
    Time(u8),
    DateTime(u8),
    Timestamp(u8),
    /// The layouts from before MySQL 5.6, which MariaDB still writes for old tables.
    OldTime,
    OldDateTime,
    OldTimestamp,
    /// A length of so many bytes, then the bytes of a text or a binary string.
    Text(usize),
    /// The same for CHAR and BINARY, which have so many bytes at most; the server leaves out what pads them.
    Fixed {
        length_bytes: usize,
        bytes: usize,
    },
    /// A length of so many bytes, then what MariaDB makes of a text or binary string of a COMPRESSED column.
    Compressed(usize),
    /// MariaDB's types that look like BINARY: a length of one byte, then so many bytes, less trailing zeros.
    Hidden(Hidden),
    /// A length of so many bytes, then bytes with no character set: GEOMETRY, VECTOR.
    Blob(usize),
    /// A length of so many bytes, then MySQL's binary JSON.
    Json(usize),
    /// An index into the labels, of 1 or 2 bytes.
    Enum(usize),
    /// A bitmap over the labels.
    Set(usize),
}

/// A type that no table map tells from BINARY.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hidden {
    Uuid,
    Inet6,
    Inet4,
}

impl Storage {
    /// Whether it has a character set, which may be `binary`.
    pub(crate) fn is_text(self) -> bool {
        matches!(
            self,
            Self::Text(_) | Self::Fixed { .. } | Self::Compressed(_)
        )
    }

    /// Whether the column has a bit in the table map's signedness; YEAR counts there too.
    pub(crate) fn is_numeric(self) -> bool {
        matches!(
            self,
            Self::Int(_) | Self::Float | Self::Double | Self::Decimal { .. } | Self::Year
        )
    }
}

impl ColumnType {
    pub(crate) fn is_json(&self) -> bool {
        matches!(self.storage, Storage::Json(_))
    }

    /// Reads the metadata of the column's type; the codes are MySQL's `enum_field_types`.
    pub(crate) fn parse(
        column: usize,
        type_code: u8,
        metadata: &mut Bytes<'_>,
    ) -> Result<Self, DecodeError> {
        let storage = match type_code {
            1 => Storage::Int(1),
            2 => Storage::Int(2),
            9 => Storage::Int(3),
            3 => Storage::Int(4),
            8 => Storage::Int(8),
            4 => skip(metadata, Storage::Float)?,
            5 => skip(metadata, Storage::Double)?,
            13 => Storage::Year,
            10 | 14 => Storage::Date,
            7 => Storage::OldTimestamp,
            11 => Storage::OldTime,
            12 => Storage::OldDateTime,
            17 => Storage::Timestamp(decimals(metadata)?),
            18 => Storage::DateTime(decimals(metadata)?),
            19 => Storage::Time(decimals(metadata)?),
            15 => Storage::Text(length_bytes(metadata.size_le(2)?)),
            16 => bit_storage(metadata)?,
            246 => Storage::Decimal {
                precision: usize::from(metadata.u8()?),
                scale: usize::from(metadata.u8()?),
            },
            249..=252 => Storage::Text(blob_length(metadata)?),
            242 | 255 => Storage::Blob(blob_length(metadata)?),
            245 => Storage::Json(blob_length(metadata)?),
            247 | 248 | 253 | 254 => string_storage(column, metadata)?,
            140 => Storage::Compressed(blob_length(metadata)?),
            141 => Storage::Compressed(length_bytes(metadata.size_le(2)?)),
            _ => return Err(DecodeError::UnknownType { column, type_code }),
        };
        Ok(Self {
            storage,
            is_unsigned: false,
            charset: Charset::Unknown,
            labels: Vec::new(),
        })
    }
}

fn skip(metadata: &mut Bytes<'_>, storage: Storage) -> Result<Storage, DecodeError> {
    metadata.u8()?;
    Ok(storage)
}

fn decimals(metadata: &mut Bytes<'_>) -> Result<u8, DecodeError> {
    match metadata.u8()? {
        decimals @ 0..=6 => Ok(decimals),
        _ => Err(DecodeError::Malformed("the precision of a time")),
    }
}

fn blob_length(metadata: &mut Bytes<'_>) -> Result<usize, DecodeError> {
    match metadata.u8()? {
        bytes @ 1..=4 => Ok(usize::from(bytes)),
        _ => Err(DecodeError::Malformed("the length of a blob's length")),
    }
}

fn bit_storage(metadata: &mut Bytes<'_>) -> Result<Storage, DecodeError> {
    let bits = usize::from(metadata.u8()?) + usize::from(metadata.u8()?) * 8;
    if bits > 64 {
        return Err(DecodeError::Malformed("the length of a BIT column"));
    }
    Ok(Storage::Bit { bits })
}

/// CHAR and BINARY, and ENUM and SET, which hide behind the code of CHAR. The two bytes are the real type and the length;
/// of a length over 255 two bits hide in the type, inverted.
fn string_storage(column: usize, metadata: &mut Bytes<'_>) -> Result<Storage, DecodeError> {
    let (high, low) = (metadata.u8()?, metadata.u8()?);
    let real_type = if high & 0x30 == 0x30 {
        high
    } else {
        high | 0x30
    };
    match real_type {
        253 => Ok(Storage::Text(length_bytes(usize::from(low)))),
        247 => Ok(Storage::Enum(usize::from(low))),
        248 => Ok(Storage::Set(usize::from(low))),
        254 => {
            let length_high = usize::from((high & 0x30) ^ 0x30) << 4;
            let bytes = length_high | usize::from(low);
            Ok(Storage::Fixed {
                length_bytes: length_bytes(bytes),
                bytes,
            })
        }
        _ => Err(DecodeError::UnknownType {
            column,
            type_code: high,
        }),
    }
}

fn length_bytes(length_max: usize) -> usize {
    if length_max > 255 { 2 } else { 1 }
}
