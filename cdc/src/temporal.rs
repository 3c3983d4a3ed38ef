//! Dates and times of row images, old and new layouts.
//!
//! Source: MySQL's `sql-common/my_time.cc` (`my_datetime_packed_from_binary` and its kin).

use crate::bytes::Bytes;
use crate::decode_error::DecodeError;
use crate::value::{Date, DateTime, Value, time_text};

pub(crate) fn date(packed: u64) -> Value {
    Value::Date(Date {
        year: (packed >> 9) as u16,
        month: (packed >> 5 & 15) as u8,
        day: (packed & 31) as u8,
    })
}

/// The fraction's bytes, big-endian, as microseconds: 1 byte holds 2 digits, 2 hold 4, 3 hold 6.
fn microsecond(rows: &mut Bytes<'_>, decimals: u8) -> Result<u32, DecodeError> {
    let bytes = usize::from(decimals).div_ceil(2);
    let fraction = rows.uint_be(bytes)? as u32;
    Ok(fraction * 10_u32.pow(6 - 2 * bytes as u32))
}

/// `TIMESTAMP(n)`: seconds since the epoch, unsigned (MariaDB 11.5 and later uses them up to 2106).
pub(crate) fn timestamp(rows: &mut Bytes<'_>, decimals: u8) -> Result<Value, DecodeError> {
    let seconds = rows.uint_be(4)? as i64;
    let microsecond = microsecond(rows, decimals)?;
    Ok(timestamp_value(seconds, microsecond, decimals))
}

pub(crate) fn old_timestamp(seconds: u64) -> Value {
    timestamp_value(seconds as i64, 0, 0)
}

fn timestamp_value(seconds: i64, microsecond: u32, decimals: u8) -> Value {
    let is_zero = seconds == 0 && microsecond == 0;
    Value::Timestamp {
        microseconds: (!is_zero).then_some(seconds * 1_000_000 + i64::from(microsecond)),
        decimals,
    }
}

/// `DATETIME(n)`: 40 bits: sign 1, year·13 + month 17, day 5, hour 5, minute 6, second 6.
pub(crate) fn date_time(rows: &mut Bytes<'_>, decimals: u8) -> Result<Value, DecodeError> {
    let packed = rows.uint_be(5)?;
    let year_month = packed >> 22 & 0x1_ffff;
    Ok(Value::DateTime(DateTime {
        date: Date {
            year: (year_month / 13) as u16,
            month: (year_month % 13) as u8,
            day: (packed >> 17 & 31) as u8,
        },
        hour: (packed >> 12 & 31) as u8,
        minute: (packed >> 6 & 63) as u8,
        second: (packed & 63) as u8,
        microsecond: microsecond(rows, decimals)?,
        decimals,
    }))
}

/// A date and time as JSON documents hold it: as in `DATETIME(6)`, but with 24 bits of microseconds below and no offset.
pub(crate) fn unpacked(packed: u64) -> DateTime {
    let whole = packed >> 24;
    let year_month = whole >> 22;
    DateTime {
        date: Date {
            year: (year_month / 13) as u16,
            month: (year_month % 13) as u8,
            day: (whole >> 17 & 31) as u8,
        },
        hour: (whole >> 12 & 31) as u8,
        minute: (whole >> 6 & 63) as u8,
        second: (whole & 63) as u8,
        microsecond: (packed & 0xff_ffff) as u32,
        decimals: 6,
    }
}

/// A time as JSON documents hold it, as text: hour, minute and second above 24 bits of microseconds, negative as a whole.
pub(crate) fn unpacked_time(packed: u64) -> String {
    let signed = packed.cast_signed();
    let magnitude = signed.unsigned_abs();
    let whole = magnitude >> 24;
    let seconds = (whole >> 12 & 0x3ff) * 3600 + (whole >> 6 & 63) * 60 + (whole & 63);
    let microseconds = (seconds * 1_000_000 + (magnitude & 0xff_ffff)).cast_signed();
    time_text(microseconds * signed.signum(), 6)
}

/// The digits `YYYYMMDDhhmmss`.
pub(crate) fn old_date_time(digits: u64) -> Value {
    let (date, time) = (digits / 1_000_000, digits % 1_000_000);
    Value::DateTime(DateTime {
        date: Date {
            year: (date / 10_000) as u16,
            month: (date / 100 % 100) as u8,
            day: (date % 100) as u8,
        },
        hour: (time / 10_000) as u8,
        minute: (time / 100 % 100) as u8,
        second: (time % 100) as u8,
        microsecond: 0,
        decimals: 0,
    })
}

/// `TIME(n)`: 24 bits (unused 1 after the sign, hour 10, minute 6, second 6) and the fraction, as one number with an
/// offset, so that a negative time borrows from its whole seconds.
pub(crate) fn time(rows: &mut Bytes<'_>, decimals: u8) -> Result<Value, DecodeError> {
    let fraction_bytes = usize::from(decimals).div_ceil(2);
    let packed = rows.uint_be(3 + fraction_bytes)? as i64;
    let fraction_bits = 8 * fraction_bytes as u32;
    let signed = packed - (0x80_0000 << fraction_bits);
    let magnitude = signed.unsigned_abs();
    let (whole, fraction) = (
        magnitude >> fraction_bits,
        magnitude & ((1 << fraction_bits) - 1),
    );
    let seconds = (whole >> 12 & 0x3ff) * 3600 + (whole >> 6 & 63) * 60 + (whole & 63);
    let microseconds = seconds * 1_000_000 + fraction * 10_u64.pow(6 - 2 * fraction_bytes as u32);
    Ok(Value::Time {
        microseconds: microseconds.cast_signed() * signed.signum(),
        decimals,
    })
}

/// The signed digits `hhmmss`.
pub(crate) fn old_time(raw: u64) -> Value {
    let digits = ((raw << 40).cast_signed()) >> 40;
    let magnitude = digits.unsigned_abs();
    let seconds = magnitude / 10_000 * 3600 + magnitude / 100 % 100 * 60 + magnitude % 100;
    Value::Time {
        microseconds: seconds.cast_signed() * 1_000_000 * digits.signum(),
        decimals: 0,
    }
}
