//! One canonical value per column: what a row image holds, decoded by us, and how it is written as JSON.
//!
//! The decoding is our own because `mysql_common` 0.37 loses information on the way: the sign of MEDIUMINT, negative TIME
//! with fractions, YEAR 0000, TIMESTAMP after 2038.

use std::fmt;

use serde::ser::{Serialize, Serializer};

/// A column's value, the same on MariaDB and MySQL.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// SQL NULL.
    Null,
    /// A signed integer of any width.
    Int(i64),
    /// An unsigned integer of any width.
    Unsigned(u64),
    /// FLOAT.
    Float(f32),
    /// DOUBLE.
    Double(f64),
    /// DECIMAL, exact, as the server prints it.
    Decimal(String),
    /// BIT(n): the bits as a number, n ≤ 64.
    Bit(u64),
    /// YEAR: 0 or 1901 … 2155.
    Year(u16),
    /// DATE; zero and partial dates (`0000-00-00`, `2024-00-00`) are what they are.
    Date(Date),
    /// DATETIME: wall clock, no zone.
    DateTime(DateTime),
    /// TIMESTAMP: microseconds since 1970-01-01T00:00:00Z; `None` is the zero timestamp.
    Timestamp {
        /// Microseconds since the epoch, or `None` for `0000-00-00 00:00:00`.
        microseconds: Option<i64>,
        /// Digits after the second, 0 … 6.
        decimals: u8,
    },
    /// TIME: a signed duration.
    Time {
        /// Microseconds, −838:59:59 … 838:59:59.
        microseconds: i64,
        /// Digits after the second, 0 … 6.
        decimals: u8,
    },
    /// CHAR, VARCHAR, TEXT, decoded from the column's character set.
    Text(String),
    /// BINARY, VARBINARY, BLOB, GEOMETRY, VECTOR, or a text that is invalid in its character set.
    Bytes(Vec<u8>),
    /// ENUM: the label; `""` is MySQL's error value, index 0.
    Enum(String),
    /// SET: the labels that are in it.
    Set(Vec<String>),
    /// MySQL's JSON, as the server prints it. MariaDB's JSON is LONGTEXT and comes as [`Value::Text`].
    Json(String),
}

/// A calendar date as the server stores it; month and day may be zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    /// 0 … 9999.
    pub year: u16,
    /// 0 … 12.
    pub month: u8,
    /// 0 … 31.
    pub day: u8,
}

/// A DATETIME as the server stores it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct DateTime {
    /// The date, which may be zero or partial.
    pub date: Date,
    /// 0 … 23.
    pub hour: u8,
    /// 0 … 59.
    pub minute: u8,
    /// 0 … 59.
    pub second: u8,
    /// 0 … 999,999.
    pub microsecond: u32,
    /// Digits after the second, 0 … 6.
    pub decimals: u8,
}

impl Value {
    /// Memory beside the value itself, bytes.
    pub(crate) fn heap_bytes(&self) -> usize {
        match self {
            Self::Decimal(text) | Self::Text(text) | Self::Enum(text) | Self::Json(text) => {
                text.len()
            }
            Self::Bytes(bytes) => bytes.len(),
            Self::Set(labels) => labels
                .iter()
                .map(|label| size_of::<String>() + label.len())
                .sum(),
            _ => 0,
        }
    }

    /// The value as an unsigned number, when it is a whole number that fits: what an id column holds.
    #[must_use]
    pub fn as_u64(&self) -> Option<u64> {
        match self {
            Self::Unsigned(number) => Some(*number),
            Self::Int(number) => u64::try_from(*number).ok(),
            _ => None,
        }
    }

    /// The value as text, when it is text.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Text(text) | Self::Enum(text) => Some(text),
            _ => None,
        }
    }
}

impl DateTime {
    /// Microseconds since the epoch when the zone is universal time; `None` for the zero date.
    pub(crate) fn as_universal_time(self) -> Option<i64> {
        if self.date == Date::default() {
            return None;
        }
        let [hours, minutes, seconds] = [self.hour, self.minute, self.second].map(i64::from);
        let second_of_day = (hours * 60 + minutes) * 60 + seconds;
        let seconds = days_from_civil(self.date) * 86_400 + second_of_day;
        Some(seconds * 1_000_000 + i64::from(self.microsecond))
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl fmt::Display for DateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}T{:02}:{:02}:{:02}",
            self.date, self.hour, self.minute, self.second
        )?;
        write_fraction(f, self.microsecond, self.decimals)
    }
}

fn write_fraction(f: &mut impl fmt::Write, microsecond: u32, decimals: u8) -> fmt::Result {
    if decimals == 0 {
        return Ok(());
    }
    let digits = format!("{microsecond:06}");
    write!(f, ".{}", &digits[..usize::from(decimals.min(6))])
}

/// `2026-11-20T03:04:05.678Z`.
pub(crate) fn timestamp_text(microseconds: i64, decimals: u8) -> String {
    let seconds = microseconds.div_euclid(1_000_000);
    let (days, second_of_day) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let date_time = DateTime {
        date: civil_from_days(days),
        hour: (second_of_day / 3600) as u8,
        minute: (second_of_day / 60 % 60) as u8,
        second: (second_of_day % 60) as u8,
        microsecond: microseconds.rem_euclid(1_000_000) as u32,
        decimals,
    };
    format!("{date_time}Z")
}

/// Days since 1970-01-01 to a date: Howard Hinnant's `civil_from_days` (“chrono-Compatible Low-Level Date Algorithms”).
fn civil_from_days(days: i64) -> Date {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    Date {
        year: (year_of_era + era * 400 + i64::from(month <= 2)) as u16,
        month: month as u8,
        day: (day_of_year - (153 * month_from_march + 2) / 5 + 1) as u8,
    }
}

/// The other way round: the same author's `days_from_civil`.
fn days_from_civil(date: Date) -> i64 {
    let month = i64::from(date.month);
    let year = i64::from(date.year) - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let month_from_march = (month + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + i64::from(date.day) - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// `-01:02:03.5`.
pub(crate) fn time_text(microseconds: i64, decimals: u8) -> String {
    let sign = if microseconds < 0 { "-" } else { "" };
    let magnitude = microseconds.unsigned_abs();
    let seconds = magnitude / 1_000_000;
    let mut text = format!(
        "{sign}{:02}:{:02}:{:02}",
        seconds / 3600,
        seconds / 60 % 60,
        seconds % 60
    );
    let microsecond = (magnitude % 1_000_000) as u32;
    // Writing to a String cannot fail.
    let _ = write_fraction(&mut text, microsecond, decimals);
    text
}

/// As Debezium writes values with `time.precision.mode=isostring`, `decimal.handling.mode=string` and
/// `binary.handling.mode=hex`: nothing loses precision, everything can be read by a person.
impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null
            | Self::Timestamp {
                microseconds: None, ..
            } => serializer.serialize_none(),
            Self::Int(number) => serializer.serialize_i64(*number),
            Self::Unsigned(number) | Self::Bit(number) => serializer.serialize_u64(*number),
            Self::Float(number) => serializer.serialize_f32(*number),
            Self::Double(number) => serializer.serialize_f64(*number),
            Self::Decimal(text) | Self::Text(text) | Self::Enum(text) | Self::Json(text) => {
                serializer.serialize_str(text)
            }
            Self::Year(year) => serializer.serialize_u16(*year),
            Self::Date(date) => serializer.collect_str(date),
            Self::DateTime(date_time) => serializer.collect_str(date_time),
            Self::Timestamp {
                microseconds: Some(microseconds),
                decimals,
            } => serializer.serialize_str(&timestamp_text(*microseconds, *decimals)),
            Self::Time {
                microseconds,
                decimals,
            } => serializer.serialize_str(&time_text(*microseconds, *decimals)),
            Self::Bytes(bytes) => serializer.serialize_str(&hex(bytes)),
            Self::Set(labels) => serializer.serialize_str(&labels.join(",")),
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps_before_the_epoch_and_after_2038_keep_their_date() {
        assert_eq!(timestamp_text(0, 0), "1970-01-01T00:00:00Z");
        assert_eq!(timestamp_text(-1, 6), "1969-12-31T23:59:59.999999Z");
        assert_eq!(
            timestamp_text(4_294_967_295_000_000, 3),
            "2106-02-07T06:28:15.000Z"
        );
        assert_eq!(
            timestamp_text(1_709_164_800_500_000, 1),
            "2024-02-29T00:00:00.5Z"
        );
    }

    #[test]
    fn days_and_dates_are_the_same_both_ways() {
        for days in (-700_000..100_000).step_by(997) {
            assert_eq!(days_from_civil(civil_from_days(days)), days);
        }
    }

    #[test]
    fn times_are_signed() {
        assert_eq!(time_text(-3_723_500_000, 1), "-01:02:03.5");
        assert_eq!(time_text(838 * 3_600_000_000, 0), "838:00:00");
    }
}
