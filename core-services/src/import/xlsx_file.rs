//! The first sheet of an xlsx workbook, cell by cell, after a look at what it will unpack to.

use std::io::{BufReader, Read, Seek};

use calamine::{DataRef, ExcelDateTime, Reader, Xlsx};
use zip::ZipArchive;

use super::rows::{COLUMNS_MAX, Cell, Row, Stop, bounded};
use crate::Unreadable;

/// The most bytes that a workbook may unpack to. HIRA's whole country unpacks to about 150 MB; a "zip bomb" to thousands of times its size.
const UNPACKED_BYTES_MAX: u64 = 512 * 1024 * 1024;

/// What is unpacked at once.
const BUFFER_BYTES: usize = 64 * 1024;

/// The most files in a workbook: real ones have about ten.
const ENTRIES_MAX: usize = 1_000;

/// The most texts that a workbook may announce: calamine reserves memory for as many as the file says it has.
const SHARED_TEXTS_MAX: u64 = 10_000_000;

/// Reads the first sheet row by row.
pub(super) fn read<F: Read + Seek>(
    mut file: BufReader<F>,
    mut take: impl FnMut(Row) -> Result<(), Stop>,
) -> Result<(), Stop> {
    inspect(&mut file, UNPACKED_BYTES_MAX)?;
    file.rewind()?;
    let mut workbook = Xlsx::new(file).map_err(broken)?;
    let sheet = workbook
        .sheet_names()
        .into_iter()
        .next()
        .ok_or(Unreadable::Empty)?;
    let mut reader = workbook.worksheet_cells_reader(&sheet).map_err(broken)?;
    let mut row: Option<(u32, Vec<Cell>)> = None;
    let mut header_len = 0;
    let mut hand_over = |row: Option<(u32, Vec<Cell>)>| {
        let Some((number, mut cells)) = row else {
            return Ok(());
        };
        // Sheets leave out the blank cells at the end of a row.
        header_len = if header_len == 0 {
            cells.len()
        } else {
            header_len
        };
        if cells.len() < header_len {
            cells.resize(header_len, Ok(String::new()));
        }
        take(Row {
            line: u64::from(number) + 1,
            cells,
            bytes_read: None,
        })
    };
    while let Some(cell) = reader.next_cell().map_err(broken)? {
        let (at_row, at_column) = cell.get_position();
        let column = at_column as usize;
        if column > COLUMNS_MAX || matches!(cell.get_value(), DataRef::Empty) {
            continue;
        }
        if row.as_ref().is_some_and(|(number, _)| *number != at_row) {
            hand_over(row.take())?;
        }
        let (_, cells) = row.get_or_insert_with(|| (at_row, Vec::new()));
        if cells.len() <= column {
            cells.resize(column + 1, Ok(String::new()));
        }
        cells[column] = text(cell.get_value());
    }
    hand_over(row)
}

/// What a cell shows. Formulas have the value that Excel computed last.
fn text(value: &DataRef<'_>) -> Cell {
    match value {
        DataRef::Empty => Ok(String::new()),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
            bounded(text)
        }
        DataRef::SharedString(text) => bounded(text),
        DataRef::Int(number) => Ok(number.to_string()),
        // Rust writes whole floats without a point, and others so that they read back as the same number.
        DataRef::Float(number) => Ok(number.to_string()),
        DataRef::Bool(truth) => Ok(if *truth { "1" } else { "0" }.to_owned()),
        DataRef::DateTime(moment) => Ok(moment_text(moment)),
        DataRef::Error(_) => Err("셀에 수식 오류(#N/A 등)가 있음"),
    }
}

/// A date, a time of day (`HH:MM`), or both.
fn moment_text(moment: &ExcelDateTime) -> String {
    let days = moment.as_f64();
    // Beyond the year 9999 Excel itself shows no date; below a day it is a time.
    if !(0.0..2_958_466.0).contains(&days) {
        return days.to_string();
    }
    let (year, month, day, hour, minute, second, _) = moment.to_ymd_hms_milli();
    if days < 1.0 {
        format!("{hour:02}:{minute:02}")
    } else if (hour, minute, second) == (0, 0, 0) {
        format!("{year:04}-{month:02}-{day:02}")
    } else {
        format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
    }
}

/// Unpacks everything once into nothing, because calamine trusts what the file says about itself.
fn inspect(file: impl Read + Seek, unpacked_bytes_max: u64) -> Result<(), Stop> {
    let mut archive = ZipArchive::new(file).map_err(broken)?;
    if archive.len() > ENTRIES_MAX {
        return Err(Unreadable::Workbook(format!("파일이 {ENTRIES_MAX}개를 넘습니다")).into());
    }
    let mut bytes_left = unpacked_bytes_max;
    let mut buffer = vec![0; BUFFER_BYTES];
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).map_err(broken)?;
        let has_texts = entry
            .name()
            .map_err(broken)?
            .to_lowercase()
            .contains("sharedstrings");
        let mut scan = AnnouncedTexts::default();
        loop {
            let count = entry.read(&mut buffer).map_err(broken)?;
            if count == 0 {
                break;
            }
            bytes_left = bytes_left.checked_sub(count as u64).ok_or_else(|| {
                let limit = unpacked_bytes_max / 1024 / 1024;
                Unreadable::Workbook(format!("압축을 풀면 {limit} MiB를 넘습니다"))
            })?;
            if has_texts && buffer[..count].iter().any(|&byte| scan.exceeds(byte)) {
                return Err(
                    Unreadable::Workbook(String::from("공유 문자열이 너무 많습니다")).into(),
                );
            }
        }
    }
    Ok(())
}

fn broken(error: impl std::fmt::Display) -> Stop {
    Unreadable::Workbook(error.to_string()).into()
}

/// Finds `uniqueCount="…"` in a stream of XML, in whatever bytes it is written.
#[derive(Default)]
struct AnnouncedTexts {
    matched: usize,
    count: u64,
}

impl AnnouncedTexts {
    const NAME: &[u8] = b"uniqueCount";

    /// Whether, after this byte, a number is announced that no real workbook reaches.
    fn exceeds(&mut self, byte: u8) -> bool {
        if self.matched == Self::NAME.len() {
            match byte {
                b'0'..=b'9' => {
                    self.count = self
                        .count
                        .saturating_mul(10)
                        .saturating_add(u64::from(byte - b'0'));
                }
                // UTF-16 puts NULs between; XML allows spaces, a sign and leading quotes before the figures.
                0 | b' ' | b'\t' | b'\r' | b'\n' | b'=' | b'"' | b'\'' | b'+'
                    if self.count == 0 => {}
                0 => {}
                _ => *self = Self::default(),
            }
            return self.count > SHARED_TEXTS_MAX;
        }
        if byte == Self::NAME[self.matched] {
            self.matched += 1;
        } else if byte != 0 {
            self.matched = usize::from(byte == Self::NAME[0]);
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write};

    use super::*;

    #[test]
    fn a_workbook_that_unpacks_to_more_than_the_limit_is_refused() {
        let mut bomb = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for name in ["xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml"] {
            let options = zip::write::SimpleFileOptions::default();
            bomb.start_file(name, options).unwrap();
            bomb.write_all(&vec![0; 700_000]).unwrap();
        }
        let bomb = bomb.finish().unwrap().into_inner();
        assert!(bomb.len() < 10_000);
        let problem = Unreadable::Workbook("압축을 풀면 1 MiB를 넘습니다".into());
        assert!(
            matches!(inspect(Cursor::new(&bomb), 1024 * 1024), Err(Stop::Unreadable(refused)) if refused == problem)
        );
        assert!(inspect(Cursor::new(&bomb), 2 * 1024 * 1024).is_ok());
    }

    #[test]
    fn announced_texts_are_found_in_every_spelling() {
        let exceeds = |xml: &[u8]| {
            let mut scan = AnnouncedTexts::default();
            xml.iter().any(|&byte| scan.exceeds(byte))
        };
        assert!(exceeds(
            br#"<sst count="1" uniqueCount="1000000000000000">"#
        ));
        assert!(exceeds(b"<sst uuniqueCount = '99999999'>"));
        let utf16: Vec<u8> = "<sst uniqueCount=\"99999999\">"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        assert!(exceeds(&utf16));
        assert!(!exceeds(
            br#"<sst count="99999999" uniqueCount="12"><si>uniqueCount</si> 99999999"#
        ));
    }
}
