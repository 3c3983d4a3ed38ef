//! MySQL's binary JSON, read into a tree and printed to the very text that the server prints.
//!
//! Source: MySQL's `sql-common/json_binary.h` (the format), `json_dom.cc` (`wrapper_to_string`) and `strings/dtoa.cc`
//! (`my_gcvt`, which prints its doubles).

use std::borrow::Cow;
use std::fmt::Write;

use crate::bytes::Bytes;
use crate::decimal::decimal;
use crate::decode_error::DecodeError;
use crate::temporal;

/// The server refuses documents that are deeper.
const DEPTH_MAX: usize = 100;
const MALFORMED: DecodeError = DecodeError::Malformed("a JSON document");

/// A value of a document.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Json<'a> {
    Null,
    Bool(bool),
    Int(i64),
    Uint(u64),
    Double(f64),
    String(Cow<'a, str>),
    /// Of another type of MySQL, by its code.
    Opaque(u8, &'a [u8]),
    Array(Vec<Json<'a>>),
    /// Members in the server's order: by the length of their names, then by their bytes.
    Object(Vec<(Cow<'a, str>, Json<'a>)>),
}

/// Reads one document. An empty one is JSON's null: what the server stores for a column that was added later.
///
/// # Errors
/// When it has a form that no server writes.
pub(crate) fn parse(document: &[u8]) -> Result<Json<'_>, DecodeError> {
    let Some((type_code, value)) = document.split_first() else {
        return Ok(Json::Null);
    };
    let mut reader = Reader {
        left: document.len(),
    };
    reader.value(*type_code, value, 0)
}

/// What keeps a damaged document, whose offsets lead to the same bytes again and again, from growing without end: no part
/// of a document takes more memory than it has bytes.
struct Reader {
    left: usize,
}

impl Reader {
    fn spend(&mut self, bytes: usize) -> Result<(), DecodeError> {
        self.left = self.left.checked_sub(bytes).ok_or(MALFORMED)?;
        Ok(())
    }

    /// A value whose type stands elsewhere; `bytes` goes on to the end of what it lies in.
    fn value<'a>(
        &mut self,
        type_code: u8,
        bytes: &'a [u8],
        depth: usize,
    ) -> Result<Json<'a>, DecodeError> {
        self.spend(1)?;
        let mut rest = Bytes::new(bytes);
        Ok(match type_code {
            0 => self.object(bytes, 2, depth)?,
            1 => self.object(bytes, 4, depth)?,
            2 => self.array(bytes, 2, depth)?,
            3 => self.array(bytes, 4, depth)?,
            4 => match rest.u8()? {
                0 => Json::Null,
                1 => Json::Bool(true),
                2 => Json::Bool(false),
                _ => return Err(MALFORMED),
            },
            5 => Json::Int(i64::from((rest.uint_le(2)? as u16).cast_signed())),
            6 => Json::Uint(rest.uint_le(2)?),
            7 => Json::Int(i64::from((rest.uint_le(4)? as u32).cast_signed())),
            8 => Json::Uint(rest.uint_le(4)?),
            9 => Json::Int(rest.uint_le(8)?.cast_signed()),
            10 => Json::Uint(rest.uint_le(8)?),
            11 => Json::Double(f64::from_bits(rest.uint_le(8)?)),
            12 => {
                let length = length(&mut rest)?;
                Json::String(self.text(rest.take(length)?)?)
            }
            15 => {
                let type_code = rest.u8()?;
                let length = length(&mut rest)?;
                self.spend(length)?;
                Json::Opaque(type_code, rest.take(length)?)
            }
            _ => return Err(MALFORMED),
        })
    }

    fn text<'a>(&mut self, bytes: &'a [u8]) -> Result<Cow<'a, str>, DecodeError> {
        self.spend(bytes.len())?;
        std::str::from_utf8(bytes)
            .map(Cow::Borrowed)
            .map_err(|_| MALFORMED)
    }

    /// Counts and offsets, all of `width` bytes: how many members, how many bytes, where each name lies and how long it is
    /// (2 bytes), each value's type and where it lies.
    fn object<'a>(
        &mut self,
        bytes: &'a [u8],
        width: usize,
        depth: usize,
    ) -> Result<Json<'a>, DecodeError> {
        let (mut entries, count, bytes) = container(bytes, width, depth)?;
        let mut names = Vec::new();
        for _ in 0..count {
            let offset = entries.size_le(width)?;
            let mut name = Bytes::new(bytes.get(offset..).ok_or(MALFORMED)?);
            names.push(self.text(name.take(entries.size_le(2)?)?)?);
        }
        let mut members = Vec::with_capacity(names.len());
        for name in names {
            members.push((name, self.entry(&mut entries, bytes, width, depth)?));
        }
        Ok(Json::Object(members))
    }

    fn array<'a>(
        &mut self,
        bytes: &'a [u8],
        width: usize,
        depth: usize,
    ) -> Result<Json<'a>, DecodeError> {
        let (mut entries, count, bytes) = container(bytes, width, depth)?;
        let mut values = Vec::new();
        for _ in 0..count {
            values.push(self.entry(&mut entries, bytes, width, depth)?);
        }
        Ok(Json::Array(values))
    }

    /// A value's type and the value itself when it fits into an offset's bytes, else where it lies.
    fn entry<'a>(
        &mut self,
        entries: &mut Bytes<'a>,
        container: &'a [u8],
        width: usize,
        depth: usize,
    ) -> Result<Json<'a>, DecodeError> {
        let type_code = entries.u8()?;
        let place = entries.take(width)?;
        let is_inlined = matches!(type_code, 4..=6) || width == 4 && matches!(type_code, 7 | 8);
        let value = if is_inlined {
            place
        } else {
            let offset = Bytes::new(place).size_le(width)?;
            container.get(offset..).ok_or(MALFORMED)?
        };
        self.value(type_code, value, depth + 1)
    }
}

/// The head of an object or array: its entries, how many there are, and all of its bytes, which offsets count from.
fn container(
    bytes: &[u8],
    width: usize,
    depth: usize,
) -> Result<(Bytes<'_>, usize, &[u8]), DecodeError> {
    if depth >= DEPTH_MAX {
        return Err(MALFORMED);
    }
    let mut head = Bytes::new(bytes);
    let count = head.size_le(width)?;
    let size = head.size_le(width)?;
    let bytes = bytes.get(..size).ok_or(MALFORMED)?;
    let entries = bytes.get(2 * width..).ok_or(MALFORMED)?;
    Ok((Bytes::new(entries), count, bytes))
}

/// Seven bits a byte, the lowest first; the highest bit says that more follow.
fn length(bytes: &mut Bytes<'_>) -> Result<usize, DecodeError> {
    let mut length = 0;
    for shift in (0..35).step_by(7) {
        let byte = bytes.u8()?;
        length |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return usize::try_from(length).map_err(|_| MALFORMED);
        }
    }
    Err(MALFORMED)
}

impl Json<'_> {
    /// The server's text.
    ///
    /// # Errors
    /// When an opaque value is malformed.
    pub(crate) fn print(&self) -> Result<String, DecodeError> {
        let mut text = String::new();
        self.print_to(&mut text)?;
        Ok(text)
    }

    fn print_to(&self, text: &mut String) -> Result<(), DecodeError> {
        match self {
            Self::Null => text.push_str("null"),
            Self::Bool(true) => text.push_str("true"),
            Self::Bool(false) => text.push_str("false"),
            // Writing to a String cannot fail; here and below.
            Self::Int(number) => _ = write!(text, "{number}"),
            Self::Uint(number) => _ = write!(text, "{number}"),
            Self::Double(number) => print_double(text, *number),
            Self::String(string) => print_string(text, string),
            Self::Opaque(type_code, bytes) => print_opaque(text, *type_code, bytes)?,
            Self::Array(values) => {
                text.push('[');
                for (index, value) in values.iter().enumerate() {
                    text.push_str(if index == 0 { "" } else { ", " });
                    value.print_to(text)?;
                }
                text.push(']');
            }
            Self::Object(members) => {
                text.push('{');
                for (index, (name, value)) in members.iter().enumerate() {
                    text.push_str(if index == 0 { "" } else { ", " });
                    print_string(text, name);
                    text.push_str(": ");
                    value.print_to(text)?;
                }
                text.push('}');
            }
        }
        Ok(())
    }
}

fn print_string(text: &mut String, string: &str) {
    text.push('"');
    for character in string.chars() {
        match character {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\u{8}' => text.push_str("\\b"),
            '\u{c}' => text.push_str("\\f"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            '\0'..'\u{20}' => _ = write!(text, "\\u{:04x}", u32::from(character)),
            _ => text.push(character),
        }
    }
    text.push('"');
}

/// The shortest digits that mean this number, with an exponent where the point is too far off.
fn print_double(text: &mut String, number: f64) {
    const POINT_MAX: i32 = 15;
    let scientific = format!("{number:e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let digits = mantissa.chars().filter(char::is_ascii_digit).count() as i32;
    // Digits before the point.
    let point = exponent.parse().unwrap_or(0) + 1;
    if point <= -POINT_MAX || point > POINT_MAX && digits <= point {
        text.push_str(&scientific);
    } else if digits <= point {
        _ = write!(text, "{number:.1}");
    } else {
        _ = write!(text, "{number}");
    }
}

/// A value of one of MySQL's own types.
fn print_opaque(text: &mut String, type_code: u8, bytes: &[u8]) -> Result<(), DecodeError> {
    let mut rest = Bytes::new(bytes);
    match type_code {
        246 => {
            let (precision, scale) = (rest.u8()?, rest.u8()?);
            text.push_str(&decimal(
                &mut rest,
                usize::from(precision),
                usize::from(scale),
            )?);
        }
        10 => _ = write!(text, "\"{}\"", temporal::unpacked(rest.uint_le(8)?).date),
        7 | 12 => {
            let date_time = temporal::unpacked(rest.uint_le(8)?);
            _ = write!(text, "\"{}\"", date_time.to_string().replace('T', " "));
        }
        11 => {
            let time = temporal::unpacked_time(rest.uint_le(8)?);
            _ = write!(text, "\"{time}\"");
        }
        253 => print_string(text, std::str::from_utf8(bytes).map_err(|_| MALFORMED)?),
        _ => print_string(text, &format!("base64:type{type_code}:{}", base64(bytes))),
    }
    Ok(())
}

/// With a line break after every 76 characters but the last, as the server has it even here.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const BYTES_PER_LINE: usize = 57;
    let mut text = String::with_capacity(bytes.len() / 3 * 4 + 4);
    for (index, group) in bytes.chunks(3).enumerate() {
        if index > 0 && index * 3 % BYTES_PER_LINE == 0 {
            text.push('\n');
        }
        let bits = (0..3).fold(0, |bits, index| {
            bits << 8 | u32::from(group.get(index).copied().unwrap_or(0))
        });
        for digit in 0..4 {
            text.push(if digit > group.len() {
                '='
            } else {
                char::from(DIGITS[(bits >> (18 - 6 * digit) & 63) as usize])
            });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn doubles(numbers: &[f64]) -> String {
        let values = numbers.iter().map(|number| Json::Double(*number));
        Json::Array(values.collect()).print().unwrap()
    }

    /// Expected: what MySQL 9.7 prints.
    #[test]
    fn doubles_are_printed_as_the_server_prints_them() {
        assert_eq!(
            doubles(&[
                1.0,
                1e20,
                1e15,
                1e14,
                123_456_789_012_345_678.0,
                0.1,
                -0.0,
                123_456.5
            ]),
            "[1.0, 1e20, 1e15, 100000000000000.0, 1.2345678901234568e17, 0.1, -0.0, 123456.5]"
        );
        assert_eq!(
            doubles(&[1e-15, 1.5e-10, 1.234_567_890_123_456_7e-5, f64::MAX, 5e-324]),
            "[0.000000000000001, 0.00000000015, 0.000012345678901234568, 1.7976931348623157e308, 5e-324]"
        );
        assert_eq!(
            doubles(&[f64::MIN_POSITIVE, 1e-16]),
            "[2.2250738585072014e-308, 1e-16]"
        );
    }

    #[test]
    fn strings_are_escaped() {
        let string = Json::String(Cow::Borrowed("\"\\\u{8}\u{c}\n\r\t\u{1}\u{1f}\u{7f}한/"));
        let text = string.print().unwrap();
        assert_eq!(text, "\"\\\"\\\\\\b\\f\\n\\r\\t\\u0001\\u001f\u{7f}한/\"");
    }

    #[test]
    fn documents_that_lead_back_to_themselves_or_are_cut_are_errors() {
        // An array whose only element is that array.
        let own = [2, 1, 0, 7, 0, 2, 0, 0];
        assert_eq!(parse(&own), Err(MALFORMED));
        // An object {"a": 1}, cut everywhere.
        let whole = [0, 1, 0, 12, 0, 11, 0, 1, 0, 5, 1, 0, b'a'];
        assert_eq!(parse(&whole).unwrap().print().unwrap(), "{\"a\": 1}");
        for end in 1..whole.len() {
            assert!(parse(&whole[..end]).is_err(), "{end}");
        }
        assert_eq!(parse(&[]), Ok(Json::Null));
    }
}
