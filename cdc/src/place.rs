//! Where reading stands inside the binlog files: told by each event's header, which has 32 bits for an offset that may
//! need more, and by the rotate events between two files.

use std::sync::Arc;

use crate::binlog_event::CHECKSUM_BYTES;
use crate::bytes::Bytes;
use crate::decode_error::DecodeError;
use crate::position::Position;

/// The current file and the end of the last event in it.
#[derive(Debug)]
pub(crate) struct Place {
    pub(crate) file: Arc<str>,
    pub(crate) offset: u64,
}

impl Place {
    pub(crate) fn new(position: &Position) -> Self {
        Self {
            file: position.file.as_str().into(),
            offset: position.offset,
        }
    }

    /// Takes the offset of an event's header.
    pub(crate) fn advance(&mut self, log_pos: u32) {
        if log_pos == 0 {
            return;
        }
        let upper = self.offset & !u64::from(u32::MAX);
        let mut offset = upper | u64::from(log_pos);
        if offset < self.offset && self.offset - offset > u64::from(u32::MAX / 2) {
            // What a subscriber stored can be any offset.
            offset = offset.saturating_add(1 << 32);
        }
        self.offset = offset;
    }

    /// Whether the offset is one that a request for the binlog cannot name.
    pub(crate) fn is_past_32_bits(&self) -> bool {
        self.offset > u64::from(u32::MAX)
    }

    /// Moves on to the file that a rotate event names: eight bytes of offset, then the name.
    pub(crate) fn rotate(&mut self, body: &[u8]) -> Result<(), DecodeError> {
        let mut body = Bytes::new(body);
        // A server's offsets are signed numbers.
        let offset = body.uint_le(8)?;
        if offset > i64::MAX as u64 {
            return Err(DecodeError::Malformed("the offset of a rotate event"));
        }
        self.file = String::from_utf8_lossy(body.take(body.len())?).into();
        self.offset = offset;
        Ok(())
    }

    /// The same for the first one of a stream, of which nothing tells whether it has a checksum (MariaDB's has one,
    /// MySQL's has not): `event` is the whole of it.
    pub(crate) fn rotate_first(&mut self, event: &[u8], body: &[u8]) -> Result<(), DecodeError> {
        match event.split_last_chunk::<CHECKSUM_BYTES>() {
            Some((content, checksum))
                if crc32fast::hash(content) == u32::from_le_bytes(*checksum) =>
            {
                let length = body.len().saturating_sub(CHECKSUM_BYTES);
                self.rotate(body.get(..length).unwrap_or_default())
            }
            _ => self.rotate(body),
        }
    }

    /// Writes the place into a position; whether that moves it.
    pub(crate) fn note(&self, position: &mut Position) -> bool {
        let has_moved = *position.file != *self.file || position.offset != self.offset;
        if *position.file != *self.file {
            position.file = self.file.to_string();
        }
        position.offset = self.offset;
        has_moved
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offset_past_4_gib_keeps_its_upper_bits() {
        let mut place = Place::new(&Position::default());
        place.advance(u32::MAX - 10);
        place.advance(100);
        assert_eq!(place.offset, (1 << 32) + 100);
        place.advance(200);
        assert_eq!(place.offset, (1 << 32) + 200);
        place.offset = u64::MAX;
        place.advance(100);
        assert_eq!(place.offset, u64::MAX);
    }
}
