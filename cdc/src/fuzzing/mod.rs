//! What fuzz targets call: bytes of any kind go into a decoder, and what must always hold is asserted. `cdc/fuzz` runs these
//! functions under libFuzzer; the tests run them over the corpus that it found.

use std::io;

use serde::Serialize;

use crate::binlog_event::{HEADER_BYTES, Header};
use crate::bytes::Bytes;
use crate::compressed::{PayloadReader, inflate};

mod events;
mod frames;
mod known;
mod rows;
mod texts;

pub use events::events;
pub use frames::frame;
pub use rows::rows;
pub use texts::{position, statement};

/// A compressed transaction (first byte even) or a compressed event (odd).
///
/// # Panics
/// When what is read is not what its own length says.
pub fn payload(input: &[u8]) {
    let Some((mode, compressed)) = input.split_first() else {
        return;
    };
    if mode & 1 == 1 {
        _ = inflate(compressed);
        return;
    }
    let Ok(mut payload) = PayloadReader::open(compressed) else {
        return;
    };
    while let Ok(Some(event)) = payload.next() {
        assert!(event.len() >= HEADER_BYTES);
        let header = Header::parse(event).map(|header| header.size);
        assert_eq!(header, Ok(event.len()));
    }
}

/// A value of a JSON column.
///
/// # Panics
/// When it is decoded to something that is no JSON.
pub fn json(input: &[u8]) {
    if let Some(text) = rows::json_text(input) {
        let parsed: Result<serde::de::IgnoredAny, _> = serde_json::from_str(&text);
        assert!(parsed.is_ok(), "{text}");
    }
}

/// The CRC-32 of what is written as JSON: everything is rendered, and two runs can be compared, without keeping any of it.
#[derive(Default)]
struct Digest(crc32fast::Hasher);

impl Digest {
    fn add(&mut self, value: &impl Serialize) {
        let written = serde_json::to_writer(&mut *self, value);
        assert!(written.is_ok(), "{written:?}");
    }
}

impl io::Write for Digest {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The next byte of the input, 0 after its end.
fn byte(input: &mut Bytes<'_>) -> u8 {
    input.u8().unwrap_or_default()
}

/// So many bytes of the input, or as many as are left.
fn up_to<'a>(input: &mut Bytes<'a>, count: usize) -> &'a [u8] {
    input.take(count.min(input.len())).unwrap_or_default()
}
