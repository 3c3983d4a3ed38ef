//! Where reading stands inside the binlog files: told by each event's header, which has 32 bits for an offset that may
//! need more, and by the rotate events between two files.

use std::sync::Arc;

use mysql_async::binlog::events::{Event, RotateEvent};
use mysql_common::proto::MySerialize;

use crate::decode_error::DecodeError;
use crate::position::Position;

/// A CRC-32 at the end of an event.
const CHECKSUM_BYTES: usize = 4;

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
            offset += 1 << 32;
        }
        self.offset = offset;
    }

    /// Moves on to the file that a rotate event names.
    pub(crate) fn rotate(&mut self, event: &Event) -> Result<(), DecodeError> {
        const MALFORMED: DecodeError = DecodeError::Malformed("a rotate event");
        let rotate: RotateEvent<'_> = event.read_event().map_err(|_| MALFORMED)?;
        let name = rotate.name_raw();
        // The first one of a stream comes before the format description, so the reader could not tell whether a checksum
        // is behind it (MariaDB puts one there, MySQL does not).
        let name = match name.len().checked_sub(CHECKSUM_BYTES) {
            Some(length) if ends_with_checksum(event) => name.get(..length).ok_or(MALFORMED)?,
            _ => name,
        };
        self.file = String::from_utf8_lossy(name).into();
        self.offset = rotate.position();
        Ok(())
    }

    /// Writes the place into a position.
    pub(crate) fn note(&self, position: &mut Position) {
        if *position.file != *self.file {
            position.file = self.file.to_string();
        }
        position.offset = self.offset;
    }
}

/// Whether the last four bytes of what the reader takes for content are the CRC-32 of everything before them.
fn ends_with_checksum(event: &Event) -> bool {
    let Some((content, checksum)) = event.data().split_last_chunk::<CHECKSUM_BYTES>() else {
        return false;
    };
    let mut bytes = Vec::new();
    event.header().serialize(&mut bytes);
    bytes.extend_from_slice(content);
    crc32fast::hash(&bytes) == u32::from_le_bytes(*checksum)
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
    }
}
