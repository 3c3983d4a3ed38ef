//! Where reading stands inside the binlog files: told by each event's header, which has 32 bits for an offset that may
//! need more, and by the rotate events between two files.

use std::sync::Arc;

use mysql_async::binlog::events::{Event, RotateEvent};

use crate::decode_error::DecodeError;
use crate::position::Position;

/// A CRC-32 at the end of an event.
const CHECKSUM_BYTES: usize = 4;

/// The current file and the end of the last event in it.
#[derive(Debug)]
pub(crate) struct Place {
    pub(crate) file: Arc<str>,
    pub(crate) offset: u64,
    /// Whether the server puts checksums behind its events.
    has_checksums: bool,
    /// Whether this connection's format description has come; before it the reader can't tell a checksum from content.
    is_described: bool,
}

impl Place {
    pub(crate) fn new(position: &Position, has_checksums: bool) -> Self {
        Self {
            file: position.file.as_str().into(),
            offset: position.offset,
            has_checksums,
            is_described: false,
        }
    }

    pub(crate) fn described(&mut self) {
        self.is_described = true;
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
        let mut name = rotate.name_raw();
        if self.has_checksums && !self.is_described {
            name = name
                .len()
                .checked_sub(CHECKSUM_BYTES)
                .and_then(|length| name.get(..length))
                .ok_or(MALFORMED)?;
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offset_past_4_gib_keeps_its_upper_bits() {
        let mut place = Place::new(&Position::default(), true);
        place.advance(u32::MAX - 10);
        place.advance(100);
        assert_eq!(place.offset, (1 << 32) + 100);
        place.advance(200);
        assert_eq!(place.offset, (1 << 32) + 200);
    }
}
