//! CSV as a stream: never more than one row in memory, UTF-8 or CP949.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use encoding_rs::EUC_KR;

use super::rows::{COLUMNS_MAX, Cell, Row, Stop, bounded};
use crate::Unreadable;

/// The most bytes of a row. Real rows have below 2 KiB; a quote that is never closed would otherwise swallow the rest of the file.
const ROW_BYTES_MAX: u64 = 1024 * 1024;

/// What the CSV reader takes from the file at once.
const BUFFER_BYTES: usize = 64 * 1024;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// How the bytes of a cell are text. CP949 never uses the bytes of comma, quote and line end inside a character, so rows can be cut
/// before they are decoded, and a broken character spoils its own cell only.
#[derive(Debug, Clone, Copy)]
enum Encoding {
    Utf8,
    Cp949,
}

impl Encoding {
    /// Told by the header: it is Korean in every form that we know, and Korean in CP949 is not UTF-8.
    fn of(header: &csv::ByteRecord) -> Result<Self, Unreadable> {
        [Self::Utf8, Self::Cp949]
            .into_iter()
            .find(|encoding| header.iter().all(|cell| encoding.decode(cell).is_some()))
            .ok_or(Unreadable::UnknownEncoding)
    }

    fn decode(self, bytes: &[u8]) -> Option<Cow<'_, str>> {
        match self {
            Self::Utf8 => std::str::from_utf8(bytes).ok().map(Cow::Borrowed),
            // What WHATWG calls EUC-KR is the whole of CP949.
            Self::Cp949 => EUC_KR.decode_without_bom_handling_and_without_replacement(bytes),
        }
    }

    fn cell(self, bytes: &[u8]) -> Cell {
        let text = self.decode(bytes).ok_or(match self {
            Self::Utf8 => "UTF-8로 읽을 수 없는 글자가 있음",
            Self::Cp949 => "CP949로 읽을 수 없는 글자가 있음",
        })?;
        bounded(&text)
    }
}

/// Reads a CSV file row by row.
pub(super) fn read(
    mut file: File,
    mut take: impl FnMut(Row) -> Result<(), Stop>,
) -> Result<(), Stop> {
    let mut start = [0; BYTE_ORDER_MARK.len()];
    let has_mark = file.read_exact(&mut start).is_ok() && start == BYTE_ORDER_MARK;
    file.seek(SeekFrom::Start(if has_mark {
        start.len() as u64
    } else {
        0
    }))?;
    let metered = Metered::new(file);
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .buffer_capacity(BUFFER_BYTES)
        .from_reader(metered);
    let mut record = csv::ByteRecord::new();
    let mut encoding = None;
    loop {
        reader.get_mut().bytes_left = ROW_BYTES_MAX;
        let line_next = reader.get_ref().lines_done + 1;
        if !reader
            .read_byte_record(&mut record)
            .map_err(|err| stop(err, line_next))?
        {
            return Ok(());
        }
        let bytes_read = reader.position().byte();
        let line = reader.get_mut().line_of(&record, bytes_read);
        if record.len() > COLUMNS_MAX && encoding.is_none() {
            return Err(Unreadable::TooManyColumns(COLUMNS_MAX).into());
        }
        let encoding = match encoding {
            Some(encoding) => encoding,
            None => *encoding.insert(Encoding::of(&record)?),
        };
        take(Row {
            line,
            // One more than a header can have is enough to see that a row has too many.
            cells: record
                .iter()
                .take(COLUMNS_MAX + 1)
                .map(|bytes| encoding.cell(bytes))
                .collect(),
            bytes_read: Some(bytes_read),
        })?;
    }
}

fn stop(error: csv::Error, line: u64) -> Stop {
    match error.into_kind() {
        csv::ErrorKind::Io(err) if err.kind() == io::ErrorKind::FileTooLarge => {
            Unreadable::RowTooLong {
                line,
                limit: ROW_BYTES_MAX,
            }
            .into()
        }
        csv::ErrorKind::Io(err) => Stop::File(err),
        other => Stop::File(io::Error::new(
            io::ErrorKind::InvalidData,
            format!("{other:?}"),
        )),
    }
}

/// A file that gives only so many bytes until it is asked to go on, and that knows where its lines end.
struct Metered {
    file: File,
    bytes_left: u64,
    bytes_given: u64,
    /// Offsets of the line feeds that were given and do not belong to finished rows.
    line_feeds: VecDeque<u64>,
    /// Line feeds of finished rows.
    lines_done: u64,
}

impl Metered {
    fn new(file: File) -> Self {
        Self {
            file,
            bytes_left: 0,
            bytes_given: 0,
            line_feeds: VecDeque::new(),
            lines_done: 0,
        }
    }

    /// The line in which `record` begins that ended before `end_byte`. The CSV reader itself counts blank lines before a row to it.
    fn line_of(&mut self, record: &csv::ByteRecord, end_byte: u64) -> u64 {
        let mut consumed: u64 = 0;
        let mut last = None;
        while let Some(&offset) = self.line_feeds.front().filter(|&&offset| offset < end_byte) {
            last = Some(offset);
            consumed += 1;
            self.line_feeds.pop_front();
        }
        let ending = u64::from(last.is_some_and(|offset| offset + 1 == end_byte));
        let within = record
            .iter()
            .flatten()
            .filter(|&&byte| byte == b'\n')
            .count() as u64;
        let line = self.lines_done + 1 + consumed.saturating_sub(ending + within);
        self.lines_done += consumed;
        line
    }
}

impl Read for Metered {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.bytes_left == 0 {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let count = self.file.read(buffer)?;
        for (offset, byte) in (self.bytes_given..).zip(&buffer[..count]) {
            if *byte == b'\n' {
                self.line_feeds.push_back(offset);
            }
        }
        self.bytes_given += count as u64;
        self.bytes_left = self.bytes_left.saturating_sub(count as u64);
        Ok(count)
    }
}
