//! Packets out of a byte stream, each one as a slice of the buffer that the socket filled.
//!
//! A packet has a header of 4 bytes: the length (3, little-endian) and a sequence number. One of 16 MiB − 1 is continued by
//! the next. Source: "MySQL Packets" of MySQL's and MariaDB's protocol documentation.

use std::fmt;
use std::io;
use std::ops::Range;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::time::{Instant, timeout_at};

use crate::error::Error;
use crate::target::PACKET_BYTES_MAX;

/// A packet that long is continued by the next.
pub(super) const CHUNK_BYTES_MAX: usize = 0xff_ffff;
/// One read of the socket takes up to this much: more is no faster. A larger packet has a buffer of its own size for as
/// long as it is there.
const BUFFER_BYTES: usize = 1 << 18;
const HEADER_BYTES: usize = 4;
/// A line that brings less than this of a packet in the time that silence may last is as good as dead. So heartbeats alone
/// do not keep a connection alive on which a length was damaged.
pub(super) const PROGRESS_BYTES: usize = 1024;

/// The receiving side of a connection.
pub(super) struct Packets {
    /// What has arrived: perhaps packets that are done with, then the one that is being put together.
    buffer: Vec<u8>,
    /// Where the payload begins that is being put together, and how long it is as far as the headers have told.
    start: usize,
    length: usize,
    state: State,
    /// What the next header must have.
    pub(super) sequence: u8,
    /// When the silence began, and the bytes since, too few to end it.
    silent_since: Instant,
    progress: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// A header comes next, behind the payload so far.
    Header,
    /// The rest of a chunk comes next.
    Chunk { is_last: bool },
    /// The payload has been handed out; its bytes are free at the next call.
    Done,
}

/// Without the data, which is neither short nor for everybody's eyes.
impl fmt::Debug for Packets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Packets")
            .field("arrived", &self.buffer.len())
            .field("start", &self.start)
            .field("length", &self.length)
            .field("state", &self.state)
            .field("sequence", &self.sequence)
            .finish()
    }
}

impl Packets {
    pub(super) fn new() -> Self {
        Self {
            buffer: Vec::with_capacity(BUFFER_BYTES),
            start: 0,
            length: 0,
            state: State::Header,
            sequence: 0,
            silent_since: Instant::now(),
            progress: 0,
        }
    }

    /// A command is sent, and the silence before its answer begins.
    pub(super) fn begin_exchange(&mut self) {
        self.sequence = 0;
        self.silent_since = Instant::now();
    }

    /// The next payload. Cancel-safe: what has arrived stays here, and the next call goes on with it; how long it has been
    /// silent is remembered too, so that a caller who gives up again and again hears of it.
    pub(super) async fn next<S: AsyncRead + Unpin>(
        &mut self,
        stream: &mut S,
        silence_max: Duration,
    ) -> Result<&[u8], Error> {
        if self.state == State::Done {
            self.release();
        }
        loop {
            let end = self.start + self.length;
            match self.state {
                State::Chunk { is_last: true } if self.buffer.len() >= end => {
                    self.state = State::Done;
                    let payload = self.buffer.get(self.start..end);
                    return payload.ok_or(Error::Protocol("a packet beyond the buffer"));
                }
                State::Chunk { is_last: false } if self.buffer.len() >= end => {
                    self.state = State::Header;
                }
                State::Chunk { .. } => self.fill(stream, end, silence_max).await?,
                State::Header | State::Done => {
                    let header = end..end + HEADER_BYTES;
                    match self.buffer.get(header.clone()) {
                        Some(&[a, b, c, sequence]) => {
                            let chunk = u32::from_le_bytes([a, b, c, 0]) as usize;
                            self.begin_chunk(header, chunk, sequence)?;
                        }
                        _ => self.fill(stream, header.end, silence_max).await?,
                    }
                }
            }
        }
    }

    /// Whether bytes have arrived behind the packet that was handed out.
    pub(super) fn has_more(&self) -> bool {
        self.buffer.len() > self.start + self.length
    }

    #[cfg(test)]
    pub(super) fn capacity(&self) -> usize {
        self.buffer.capacity()
    }

    fn begin_chunk(
        &mut self,
        header: Range<usize>,
        chunk: usize,
        sequence: u8,
    ) -> Result<(), Error> {
        if sequence != self.sequence {
            return Err(Error::Protocol("a packet is missing"));
        }
        self.sequence = sequence.wrapping_add(1);
        if self.length == 0 {
            self.start = header.end;
        } else {
            // At the end of what has arrived, as `fill` reads no further into a packet of several chunks.
            self.buffer.drain(header);
        }
        self.length += chunk;
        if self.length > PACKET_BYTES_MAX {
            return Err(Error::Protocol("a packet is larger than 1 GiB"));
        }
        self.state = State::Chunk {
            is_last: chunk < CHUNK_BYTES_MAX,
        };
        Ok(())
    }

    /// Frees the bytes of the packet that was handed out.
    fn release(&mut self) {
        self.start += self.length;
        self.length = 0;
        self.state = State::Header;
        if self.start == self.buffer.len() {
            self.start = 0;
            self.buffer.clear();
            if self.buffer.capacity() > BUFFER_BYTES {
                self.buffer = Vec::with_capacity(BUFFER_BYTES);
            }
        }
    }

    /// Reads once; `end` is how far the buffer must be filled for the next step.
    async fn fill<S: AsyncRead + Unpin>(
        &mut self,
        stream: &mut S,
        end: usize,
        silence_max: Duration,
    ) -> Result<(), Error> {
        let wanted = end - self.buffer.len();
        let mut missing = wanted;
        if missing > self.buffer.capacity() - self.buffer.len() {
            self.buffer.drain(..self.start);
            self.start = 0;
        }
        let free = self.buffer.capacity() - self.buffer.len();
        if self.buffer.len() + missing > BUFFER_BYTES {
            // A length that is wrong must not cost more memory than what has come.
            missing = missing.min(self.buffer.len().max(BUFFER_BYTES));
            if missing > free {
                self.buffer.reserve_exact(missing);
            }
        } else {
            missing = free;
        }
        let mut limited = stream.take(missing as u64);
        let deadline = self.silent_since + silence_max;
        match timeout_at(deadline, limited.read_buf(&mut self.buffer)).await {
            Err(_) => Err(Error::Silence {
                seconds: silence_max.as_secs(),
            }),
            Ok(Ok(0)) => Err(Error::Ended),
            // TLS whose end was cut off.
            Ok(Err(error)) if error.kind() == io::ErrorKind::UnexpectedEof => Err(Error::Ended),
            Ok(Err(error)) => Err(Error::Io(error)),
            Ok(Ok(read)) => {
                self.progress += read;
                if read >= wanted || self.progress >= PROGRESS_BYTES {
                    self.silent_since = Instant::now();
                    self.progress = 0;
                }
                Ok(())
            }
        }
    }
}
