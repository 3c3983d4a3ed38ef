//! Frames of a fuzz input to events of the binlog: headers, checksums and compression are made here, since no search would
//! guess them.

use crate::binlog_event::{HEADER_BYTES, code};
use crate::bytes::Bytes;

use super::{byte, up_to};

/// Bits of a frame's second byte.
const CUT: u8 = 1;
const WRONG_CHECKSUM: u8 = 2;
const MADE_UP: u8 = 4;
const FAR: u8 = 8;
const CHECKSUM_OF_ROTATE: u8 = 16;
const COMPRESS: u8 = 32;
const IGNORABLE: u8 = 128;
/// How far off a far event lies: as far as the largest one before it would reach.
const FAR_BYTES: u32 = 1 << 30;

/// An event of a real binlog as a frame of [`super::events()`]: `event` is its header and body without the checksum.
#[must_use]
pub fn frame(event: &[u8]) -> Vec<u8> {
    let type_code = event.get(4).copied().unwrap_or_default();
    let body = event.get(HEADER_BYTES..).unwrap_or_default();
    let length = u16::try_from(body.len()).unwrap_or(u16::MAX);
    let mut frame = vec![type_code, 0];
    frame.extend(length.to_le_bytes());
    frame.extend(body);
    frame
}

/// One event of the input, before it has a header.
pub(super) struct Frame<'a> {
    pub(super) type_code: u8,
    how: u8,
    body: &'a [u8],
}

impl<'a> Frame<'a> {
    /// The next one of the input.
    pub(super) fn next(input: &mut Bytes<'a>) -> Self {
        let (type_code, how) = (byte(input), byte(input));
        let length = usize::from(byte(input)) | usize::from(byte(input)) << 8;
        Self {
            type_code,
            how,
            body: up_to(input, length),
        }
    }

    /// Writes the event, which begins at `start` in its file, and tells where it ends there.
    pub(super) fn write(&self, event: &mut Vec<u8>, start: u32, has_checksums: bool) -> u32 {
        let has_checksum = match self.type_code {
            code::FORMAT_DESCRIPTION => true,
            code::ROTATE => has_checksums || self.how & CHECKSUM_OF_ROTATE != 0,
            _ => has_checksums,
        };
        let compressed;
        let body = if self.how & COMPRESS != 0 {
            compressed = match self.type_code {
                code::TRANSACTION_PAYLOAD => payload(self.body),
                _ => deflated(self.body),
            };
            &compressed
        } else {
            self.body
        };
        let size = HEADER_BYTES + body.len() + if has_checksum { 4 } else { 0 };
        let is_made_up = self.how & MADE_UP != 0;
        let gap = if self.how & FAR != 0 { FAR_BYTES } else { 0 };
        let end = match is_made_up {
            true => start,
            false => start.wrapping_add(gap + size as u32),
        };
        let log_pos = if is_made_up { 0 } else { end };
        write_event(event, self.type_code, self.how, log_pos, size, body);
        if has_checksum {
            let mut checksum = crc32fast::hash(event);
            if self.how & WRONG_CHECKSUM != 0 {
                checksum = !checksum;
            }
            event.extend(checksum.to_le_bytes());
        }
        if self.how & CUT != 0 {
            event.pop();
        }
        end
    }
}

fn write_event(
    event: &mut Vec<u8>,
    type_code: u8,
    how: u8,
    log_pos: u32,
    size: usize,
    body: &[u8],
) {
    const SECOND: u32 = 1_800_000_000;
    event.clear();
    event.extend(SECOND.to_le_bytes());
    event.push(type_code);
    event.extend(1_u32.to_le_bytes());
    event.extend((size as u32).to_le_bytes());
    event.extend(log_pos.to_le_bytes());
    event.extend(u16::from(how & IGNORABLE).to_le_bytes());
    event.extend(body);
}

/// As MariaDB compresses, but with blocks that are only stored, so that what is inside can be searched. The first byte of
/// `body` says how many bytes stay before the compressed part.
fn deflated(body: &[u8]) -> Vec<u8> {
    let mut body = Bytes::new(body);
    let head = usize::from(byte(&mut body));
    let mut event = up_to(&mut body, head).to_vec();
    let content = up_to(&mut body, usize::from(u16::MAX));
    let length = content.len() as u16;
    event.push(0x82);
    event.extend(length.to_be_bytes());
    event.extend([0x78, 0x01, 1]);
    event.extend(length.to_le_bytes());
    event.extend((!length).to_le_bytes());
    event.extend(content);
    let (a, b) = content.iter().fold((1_u32, 0_u32), |(a, b), byte| {
        let a = (a + u32::from(*byte)) % 65_521;
        (a, (b + a) % 65_521)
    });
    event.extend((b << 16 | a).to_be_bytes());
    event
}

/// A transaction payload that holds the frames of `body`, not compressed (an even first byte) or as one stored block of
/// zstd.
fn payload(body: &[u8]) -> Vec<u8> {
    const BLOCK_BYTES_MAX: usize = 1 << 17;
    let mut frames = Bytes::new(body);
    let is_zstd = byte(&mut frames) & 1 == 1;
    let mut events: Vec<u8> = Vec::new();
    let mut event = Vec::new();
    while !frames.is_empty() {
        let frame = Frame::next(&mut frames);
        let size = HEADER_BYTES + frame.body.len();
        write_event(&mut event, frame.type_code, frame.how, 0, size, frame.body);
        events.extend(&event);
    }
    // Compression: 0 is zstd, 255 none.
    let mut payload = if is_zstd {
        vec![2, 1, 0, 0]
    } else {
        vec![2, 3, 252, 255, 0, 0]
    };
    if is_zstd {
        events.truncate(BLOCK_BYTES_MAX);
        // Magic number, a window of 1 MiB, and the one block: last, raw, its size.
        payload.extend([0x28, 0xb5, 0x2f, 0xfd, 0, 0x50]);
        let block = (events.len() as u32) << 3 | 1;
        payload.extend(&block.to_le_bytes()[..3]);
    }
    payload.extend(events);
    payload
}
