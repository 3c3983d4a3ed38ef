//! MariaDB's types that look like BINARY in the binlog, as the server prints them.
//!
//! Source: MariaDB's `plugin/type_uuid/sql_type_uuid.h` and `plugin/type_inet/sql_type_inet.cc`.

use std::fmt::Write;
use std::net::Ipv4Addr;

use crate::column_type::Hidden;
use crate::decode_error::DecodeError;
use crate::gtid::uuid_text;

/// The text of such a value; the row image leaves out trailing zeros.
pub(crate) fn text(bytes: &[u8], hidden: Hidden) -> Result<String, DecodeError> {
    const MALFORMED: DecodeError = DecodeError::Malformed("a UUID or an address");
    let mut padded = [0; 16];
    let length = if hidden == Hidden::Inet4 { 4 } else { 16 };
    padded
        .get_mut(..bytes.len())
        .filter(|_| bytes.len() <= length)
        .ok_or(MALFORMED)?
        .copy_from_slice(bytes);
    Ok(match hidden {
        Hidden::Uuid => uuid_text(uuid(padded)),
        Hidden::Inet6 => inet6_text(padded),
        Hidden::Inet4 => {
            let [a, b, c, d, ..] = padded;
            Ipv4Addr::new(a, b, c, d).to_string()
        }
    })
}

/// A UUID of the versions 1 to 5 is stored with its node and clock first, so that those of one machine lie together. Newer
/// servers (10.11.10 among them) write it as it is, older ones as it is stored.
fn uuid(stored: [u8; 16]) -> u128 {
    let [
        n0,
        n1,
        n2,
        n3,
        n4,
        n5,
        c0,
        c1,
        v0,
        v1,
        m0,
        m1,
        t0,
        t1,
        t2,
        t3,
    ] = stored;
    // A swapped one has its variant where others have their version, which is below 8, and its version where others have
    // their variant.
    let is_swapped = c0 & 0x80 != 0 && matches!(v0, 1..0x80);
    u128::from_be_bytes(if is_swapped {
        [
            t0, t1, t2, t3, m0, m1, v0, v1, c0, c1, n0, n1, n2, n3, n4, n5,
        ]
    } else {
        stored
    })
}

/// As RFC 5952 has it, but a single zero is left out too, and addresses that hold an IPv4 address after zeros show it.
fn inet6_text(bytes: [u8; 16]) -> String {
    let address = u128::from_be_bytes(bytes);
    let words: [u16; 8] = std::array::from_fn(|index| (address >> (112 - 16 * index)) as u16);
    let zeros_from = |start: usize| {
        words
            .iter()
            .skip(start)
            .take_while(|word| **word == 0)
            .count()
    };
    let (mut gap, mut gap_length) = (0, 0);
    for start in 0..words.len() {
        if zeros_from(start) > gap_length {
            (gap, gap_length) = (start, zeros_from(start));
        }
    }
    let is_ipv4 = gap == 0 && (gap_length == 6 || gap_length == 5 && words[5] == 0xffff);
    let mut text = String::new();
    let mut index = 0;
    while index < words.len() {
        if index == gap && gap_length > 0 {
            text.push_str(if index == 0 { "::" } else { ":" });
            index += gap_length;
        } else if index == 6 && is_ipv4 {
            // Writing to a String cannot fail; here and below.
            let _ = write!(text, "{}", Ipv4Addr::from_bits(address as u32));
            break;
        } else {
            let _ = write!(text, "{:x}", words[index]);
            index += 1;
            if index < words.len() {
                text.push(':');
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uuids_are_read_as_they_are_and_as_they_are_stored() {
        let text_of = |bytes: [u8; 16]| text(&bytes, Hidden::Uuid).unwrap();
        let plain = 0x6ccd_780c_baba_1026_9564_5b8c_6560_24db_u128.to_be_bytes();
        let stored = 0x5b8c_6560_24db_9564_1026_baba_6ccd_780c_u128.to_be_bytes();
        assert_eq!(text_of(plain), "6ccd780c-baba-1026-9564-5b8c656024db");
        assert_eq!(text_of(stored), "6ccd780c-baba-1026-9564-5b8c656024db");
        let seventh = 0x017f_22e2_79b0_7cc3_98c4_dc0c_0c07_398f_u128.to_be_bytes();
        assert_eq!(text_of(seventh), "017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
    }
}
