//! Values as the server prints them, by the text protocol.

use cdc::Value;

/// What SELECT printed, in UTF-8; `None` is NULL.
pub(crate) type Printed = Option<Vec<u8>>;

/// Whether the server printed this value.
pub(super) fn is_printed_as(value: &Value, printed: &Printed) -> bool {
    let Some(bytes) = printed else {
        return *value == Value::Null;
    };
    let text = std::str::from_utf8(bytes);
    let is = |expected: &str| text == Ok(expected);
    let number = || text.ok().and_then(|text| text.parse::<f64>().ok());
    match value {
        Value::Null => false,
        Value::Int(number) => is_number(&number.to_string(), text.unwrap_or_default()),
        Value::Unsigned(number) => is_number(&number.to_string(), text.unwrap_or_default()),
        // FLOAT is printed with six digits.
        Value::Float(float) => {
            let six = |number: f64| format!("{number:.5e}");
            number().is_some_and(|number| six(number) == six(f64::from(*float)))
        }
        // DOUBLE is printed whole, DOUBLE(m, d) with as many digits as it is declared with.
        Value::Double(double) => {
            let decimals = text.unwrap_or_default().rsplit('.').next();
            number() == Some(*double) || is(&format!("{double:.*}", decimals.map_or(0, str::len)))
        }
        Value::Decimal(decimal) => is_number(decimal, text.unwrap_or_default()),
        Value::Bit(bits) => {
            let printed = bytes
                .iter()
                .fold(0, |bits, byte| bits << 8 | u64::from(*byte));
            printed == *bits
        }
        Value::Year(year) => is(&format!("{year:04}")),
        Value::Date(date) => is(&date.to_string()),
        Value::DateTime(date_time) => is(&date_time.to_string().replace('T', " ")),
        Value::Timestamp {
            microseconds: None, ..
        } => text.is_ok_and(|text| text.starts_with("0000-00-00 00:00:00")),
        Value::Timestamp { .. } => {
            let json = serde_json::to_value(value).unwrap();
            is(&json.as_str().unwrap().replace('T', " ").replace('Z', ""))
        }
        Value::Time { .. } => is(serde_json::to_value(value).unwrap().as_str().unwrap()),
        Value::Text(expected) | Value::Enum(expected) | Value::Json(expected) => is(expected),
        Value::Bytes(expected) => bytes == expected,
        Value::Set(labels) => is(&labels.join(",")),
    }
}

/// ZEROFILL pads what is printed.
fn is_number(expected: &str, printed: &str) -> bool {
    let padding = printed.len().saturating_sub(expected.len());
    let (zeros, rest) = printed.split_at(padding);
    rest == expected && zeros.bytes().all(|zero| zero == b'0')
}
