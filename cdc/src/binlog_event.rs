//! One event of the binlog: its header, its body, and whether its checksum is right.
//!
//! Format: MySQL's `libbinlogevents/include/binlog_event.h`, class `Log_event_header`; MariaDB's is the same.

use crate::bytes::Bytes;
use crate::decode_error::DecodeError;

/// Codes of event types: MySQL's `Log_event_type` and MariaDB's from 160 on.
pub(crate) mod code {
    pub(crate) const QUERY: u8 = 2;
    pub(crate) const ROTATE: u8 = 4;
    pub(crate) const FORMAT_DESCRIPTION: u8 = 15;
    pub(crate) const XID: u8 = 16;
    pub(crate) const TABLE_MAP: u8 = 19;
    pub(crate) const INCIDENT: u8 = 26;
    pub(crate) const HEARTBEAT: u8 = 27;
    pub(crate) const ROWS_QUERY: u8 = 29;
    pub(crate) const GTID: u8 = 33;
    pub(crate) const ANONYMOUS_GTID: u8 = 34;
    pub(crate) const XA_PREPARE: u8 = 38;
    pub(crate) const PARTIAL_UPDATE_ROWS: u8 = 39;
    pub(crate) const TRANSACTION_PAYLOAD: u8 = 40;
    pub(crate) const HEARTBEAT_V2: u8 = 41;
    pub(crate) const GTID_TAGGED: u8 = 42;
    pub(crate) const MARIADB_ANNOTATE_ROWS: u8 = 160;
    pub(crate) const MARIADB_GTID: u8 = 162;
    pub(crate) const MARIADB_QUERY_COMPRESSED: u8 = 165;
    /// `WRITE`, `UPDATE` and `DELETE_ROWS_COMPRESSED_EVENT_V1`.
    pub(crate) const MARIADB_ROWS_COMPRESSED: [u8; 3] = [166, 167, 168];
    /// Events that say nothing about rows or positions: stop, intvar, rand, user var, ignorable, previous GTIDs,
    /// transaction context, view change; MariaDB's checkpoint, GTID list, start encryption.
    pub(crate) const WITHOUT_NEWS: [u8; 11] = [3, 5, 13, 14, 28, 35, 36, 37, 161, 163, 164];
}

/// A reader may skip an event of an unknown type that carries this flag (`LOG_EVENT_IGNORABLE_F`).
const IGNORABLE: u16 = 0x80;
/// A CRC-32 at the end of an event.
pub(crate) const CHECKSUM_BYTES: usize = 4;
/// Where an event's type is.
pub(crate) const TYPE_AT: usize = 4;
/// Bytes of the header.
pub(crate) const HEADER_BYTES: usize = 19;

/// What stands before every event's body.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Header {
    /// Seconds since the epoch by the server's clock; 0 for events that the server made up for us.
    pub(crate) timestamp: u32,
    pub(crate) type_code: u8,
    /// The server that first wrote it.
    pub(crate) server_id: u32,
    /// Header, body and checksum, bytes.
    pub(crate) size: usize,
    /// End of the event in its file, the lower 32 bits; 0 for an event that is in no file.
    pub(crate) log_pos: u32,
    flags: u16,
}

impl Header {
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut bytes = Bytes::new(bytes);
        Ok(Self {
            timestamp: bytes.uint_le(4)? as u32,
            type_code: bytes.u8()?,
            server_id: bytes.uint_le(4)? as u32,
            size: bytes.size_le(4)?,
            log_pos: bytes.uint_le(4)? as u32,
            flags: bytes.uint_le(2)? as u16,
        })
    }

    pub(crate) fn is_ignorable(&self) -> bool {
        self.flags & IGNORABLE != 0
    }
}

/// An event, its body without the checksum.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BinlogEvent<'a> {
    pub(crate) header: Header,
    pub(crate) body: &'a [u8],
}

impl<'a> BinlogEvent<'a> {
    /// Reads an event of which `bytes` hold exactly one. With `has_checksum` its last four bytes are the CRC-32 of the
    /// others, and are verified.
    pub(crate) fn parse(bytes: &'a [u8], has_checksum: bool) -> Result<Self, DecodeError> {
        let mut content = bytes;
        // First of all: in a damaged event every byte may be the wrong one.
        if has_checksum {
            let (before, checksum) = bytes
                .split_last_chunk::<CHECKSUM_BYTES>()
                .ok_or(DecodeError::Checksum)?;
            if crc32fast::hash(before) != u32::from_le_bytes(*checksum) {
                return Err(DecodeError::Checksum);
            }
            content = before;
        }
        let header = Header::parse(content)?;
        if header.size != bytes.len() {
            return Err(DecodeError::Malformed("the size of an event"));
        }
        let body = content.get(HEADER_BYTES..).unwrap_or_default();
        Ok(Self { header, body })
    }
}

/// Whether the events after a format description carry checksums, and it itself: its last byte before the place of its own
/// checksum says so. Where it says no, a server that changes the event on sending it leaves that place as it was; so it can't
/// be verified, but for that byte itself.
pub(crate) fn checksums_follow(format_description: &[u8]) -> Result<bool, DecodeError> {
    const NONE: u8 = 0;
    const CRC32: u8 = 1;
    const UNDEFINED: u8 = 255;
    match format_description.split_last_chunk::<5>() {
        Some((_, [CRC32, ..])) => Ok(true),
        Some((content, [NONE | UNDEFINED, checksum @ ..])) => {
            let mut crc = crc32fast::Hasher::new();
            crc.update(content);
            crc.update(&[CRC32]);
            match crc.finalize() == u32::from_le_bytes(*checksum) {
                true => Err(DecodeError::Checksum),
                false => Ok(false),
            }
        }
        _ => Err(DecodeError::Malformed("the checksum algorithm")),
    }
}
