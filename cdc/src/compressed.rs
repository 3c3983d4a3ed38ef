//! Compressed parts of the binlog: MySQL's transaction payloads and MariaDB's compressed events, both read as a stream.
//!
//! Formats: MySQL's `libbinlogevents/include/codecs/binary.h` and `compression/payload_event_buffer_istream.h`; MariaDB's
//! `sql/log_event.cc`, `binlog_buf_uncompress` and its callers.

use std::borrow::Cow;
use std::io::{Cursor, Read};

use flate2::read::{DeflateDecoder, ZlibDecoder};
use zstd::stream::read::Decoder as ZstdDecoder;

use crate::binlog_event::{HEADER_BYTES, Header};
use crate::bytes::Bytes;
use crate::decode_error::DecodeError;

/// Nothing in a binlog is larger: `slave_max_allowed_packet`.
const EVENT_BYTES_MAX: usize = 1 << 30;
/// Memory that zstd may use for its window: 2 to this, bytes. MySQL compresses with windows of 8 MiB at most.
const WINDOW_LOG_MAX: u32 = 27;

/// The events of a compressed transaction, one after the other: only the compressed bytes and one event are held.
pub(crate) struct PayloadReader {
    events: Box<dyn Read + Send + Sync>,
    event: Vec<u8>,
}

impl PayloadReader {
    /// Opens the body of a `TRANSACTION_PAYLOAD_EVENT`: fields (type, length, value) up to an end mark, then the payload.
    pub(crate) fn open(body: &[u8]) -> Result<Self, DecodeError> {
        const END_MARK: u64 = 0;
        const COMPRESSION: u64 = 2;
        const ZSTD: u64 = 0;
        const NONE: u64 = 255;
        let mut body = Bytes::new(body);
        let mut compression = NONE;
        loop {
            match body.lenenc()? {
                END_MARK => break,
                field => {
                    let mut value = Bytes::new(body.lenenc_bytes()?);
                    if field == COMPRESSION {
                        compression = value.lenenc()?;
                    }
                }
            }
        }
        let payload = Cursor::new(body.take(body.len())?.to_vec());
        let events: Box<dyn Read + Send + Sync> = match compression {
            ZSTD => {
                let mut decoder =
                    ZstdDecoder::with_buffer(payload).map_err(|_| DecodeError::Compression)?;
                decoder
                    .window_log_max(WINDOW_LOG_MAX)
                    .map_err(|_| DecodeError::Compression)?;
                Box::new(decoder)
            }
            NONE => Box::new(payload),
            _ => return Err(DecodeError::Compression),
        };
        Ok(Self {
            events,
            event: Vec::new(),
        })
    }

    /// The bytes of the next event, which has no checksum; `None` after the last.
    pub(crate) fn next(&mut self) -> Result<Option<&[u8]>, DecodeError> {
        let mut header = [0; HEADER_BYTES];
        let mut have = 0;
        while have < HEADER_BYTES {
            match self.events.read(&mut header[have..]) {
                Ok(0) if have == 0 => return Ok(None),
                Ok(0) | Err(_) => return Err(DecodeError::Compression),
                Ok(read) => have += read,
            }
        }
        let size = Header::parse(&header)?.size;
        let rest = size
            .checked_sub(HEADER_BYTES)
            .filter(|rest| *rest <= EVENT_BYTES_MAX)
            .ok_or(DecodeError::Malformed("the size of an event"))?;
        self.event.clear();
        self.event.extend_from_slice(&header);
        // Grows with what really comes, not with what a damaged header claims.
        let read = (&mut self.events)
            .take(rest as u64)
            .read_to_end(&mut self.event)
            .map_err(|_| DecodeError::Compression)?;
        if read != rest {
            return Err(DecodeError::Compression);
        }
        Ok(Some(&self.event))
    }
}

impl std::fmt::Debug for PayloadReader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PayloadReader").finish_non_exhaustive()
    }
}

/// What MariaDB compressed: a byte with the algorithm and the length of the next number, the uncompressed length
/// (big-endian), then zlib.
pub(crate) fn inflate(compressed: &[u8]) -> Result<Vec<u8>, DecodeError> {
    const ZLIB: u8 = 0;
    let mut compressed = Bytes::new(compressed);
    let head = compressed.u8()?;
    if head & 0x80 == 0 || head >> 4 & 7 != ZLIB {
        return Err(DecodeError::Compression);
    }
    let length = bounded(compressed.uint_be(usize::from(head & 7))?)?;
    read_exactly(ZlibDecoder::new(compressed.take(compressed.len())?), length)
}

/// The value of a COMPRESSED column, as MariaDB's `sql/field.cc` (`Field_longstr::uncompress`) has it: a byte with the
/// method, for zlib the length as above, then the bytes. Nothing at all is the empty value.
pub(crate) fn inflate_column(stored: &[u8]) -> Result<Cow<'_, [u8]>, DecodeError> {
    const PLAIN: u8 = 0;
    const ZLIB: u8 = 8;
    /// No head and no checksum around what zlib wrote.
    const RAW: u8 = 8;
    let Some((head, rest)) = stored.split_first() else {
        return Ok(Cow::Borrowed(&[]));
    };
    let mut rest = Bytes::new(rest);
    match head >> 4 {
        PLAIN => return Ok(Cow::Borrowed(rest.take(rest.len())?)),
        ZLIB => {}
        _ => return Err(DecodeError::Compression),
    }
    let length = bounded(rest.uint_be(usize::from(head & 7))?)?;
    let deflated = rest.take(rest.len())?;
    if head & RAW == 0 {
        read_exactly(ZlibDecoder::new(deflated), length).map(Cow::Owned)
    } else {
        read_exactly(DeflateDecoder::new(deflated), length).map(Cow::Owned)
    }
}

fn bounded(length: u64) -> Result<usize, DecodeError> {
    usize::try_from(length)
        .ok()
        .filter(|length| *length <= EVENT_BYTES_MAX)
        .ok_or(DecodeError::Malformed("the length of what is compressed"))
}

fn read_exactly(decoder: impl Read, length: usize) -> Result<Vec<u8>, DecodeError> {
    let mut bytes = Vec::new();
    // One byte more than promised, to notice when there is more.
    decoder
        .take(length as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(|_| DecodeError::Compression)?;
    if bytes.len() != length {
        return Err(DecodeError::Compression);
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_damaged_is_an_error_and_no_panic() {
        for bytes in [
            &[][..],
            &[0x80],
            &[0x84, 0xff, 0xff, 0xff, 0xff],
            &[0x81, 5, 1, 2],
        ] {
            assert!(inflate(bytes).is_err(), "{bytes:?}");
            assert!(
                bytes.is_empty() || inflate_column(bytes).is_err(),
                "{bytes:?}"
            );
        }
        // Compression zstd, end mark, and bytes that are no zstd.
        let mut reader = PayloadReader::open(&[2, 1, 0, 0, 9, 9, 9, 9]).unwrap();
        assert_eq!(reader.next().unwrap_err(), DecodeError::Compression);
    }
}
