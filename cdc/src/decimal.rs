//! DECIMAL as the server packs it, to the text that it prints.
//!
//! Source: MySQL's `strings/decimal.cc`, `bin2decimal`.

use crate::bytes::Bytes;
use crate::decode_error::DecodeError;

/// Bytes that hold 0 … 9 decimal digits.
const DIGITS_TO_BYTES: [usize; 10] = [0, 1, 1, 2, 2, 3, 3, 4, 4, 4];
const DIGITS_PER_GROUP: usize = 9;
/// `decimal(65, 30)` is the largest.
const PRECISION_MAX: usize = 65;

/// The packed form of DECIMAL: groups of 9 digits in 4 bytes, big-endian, the sign in the highest bit, and all bits
/// inverted when negative.
pub(crate) fn decimal(
    rows: &mut Bytes<'_>,
    precision: usize,
    scale: usize,
) -> Result<String, DecodeError> {
    if precision > PRECISION_MAX || scale > precision {
        return Err(DecodeError::Malformed("the precision of a DECIMAL column"));
    }
    let whole = precision - scale;
    let size =
        |digits: usize| digits / DIGITS_PER_GROUP * 4 + DIGITS_TO_BYTES[digits % DIGITS_PER_GROUP];
    let mut bytes = rows.take(size(whole) + size(scale))?.to_vec();
    let is_negative = bytes.first().is_some_and(|byte| byte & 0x80 == 0);
    if let Some(first) = bytes.first_mut() {
        *first ^= 0x80;
    }
    if is_negative {
        bytes.iter_mut().for_each(|byte| *byte = !*byte);
    }
    let mut packed = Bytes::new(&bytes);
    let mut digits = String::with_capacity(precision + 3);
    let mut group = |packed: &mut Bytes<'_>, count: usize| -> Result<(), DecodeError> {
        let number = packed.uint_be(DIGITS_TO_BYTES[count])?;
        if count > 0 {
            digits.push_str(&format!("{number:0count$}"));
        }
        Ok(())
    };
    group(&mut packed, whole % DIGITS_PER_GROUP)?;
    for _ in 0..whole / DIGITS_PER_GROUP {
        group(&mut packed, DIGITS_PER_GROUP)?;
    }
    for _ in 0..scale / DIGITS_PER_GROUP {
        group(&mut packed, DIGITS_PER_GROUP)?;
    }
    group(&mut packed, scale % DIGITS_PER_GROUP)?;
    if digits.len() != precision {
        return Err(DecodeError::Malformed("a DECIMAL value"));
    }
    let (whole_digits, fraction) = digits.split_at(whole);
    let whole_digits = match whole_digits.trim_start_matches('0') {
        "" => "0",
        trimmed => trimmed,
    };
    let sign = if is_negative { "-" } else { "" };
    let point = if scale > 0 { "." } else { "" };
    Ok(format!("{sign}{whole_digits}{point}{fraction}"))
}
