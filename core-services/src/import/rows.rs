//! Rows of a table file, whatever its format: what is told CSV from xlsx by, and what both are turned into.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use super::{Reject, csv_file, xlsx_file};
use crate::{Error, Unreadable};

/// The most rows of a file: what a spreadsheet can hold, far above the 76,000 institutions of the country. It bounds what is kept in
/// memory to recognise repeated codes.
const ROWS_MAX: u64 = 1_048_576;

/// The most columns: HIRA's widest file has about thirty.
pub(super) const COLUMNS_MAX: usize = 256;

/// The longest cell that is looked at: no column of the tables takes more.
const CELL_CHARS_MAX: usize = 4_000;

/// How much of a file is looked at to tell its format.
const HEAD_BYTES: u64 = 8 * 1024;

/// A cell: its text, or why there is none.
pub(super) type Cell = Result<String, &'static str>;

/// A row as read.
#[derive(Debug)]
pub(super) struct Row {
    /// Where it begins, counted from 1.
    pub(super) line: u64,
    pub(super) cells: Vec<Cell>,
    /// Bytes of the file up to this row, if it is read as a stream.
    pub(super) bytes_read: Option<u64>,
}

/// Why reading ended before the end.
#[derive(Debug)]
pub(super) enum Stop {
    /// Nobody wants the rows any more.
    Unwanted,
    /// The system could not read on.
    File(std::io::Error),
    /// Nothing can be made of what follows.
    Unreadable(Unreadable),
}

impl From<Unreadable> for Stop {
    fn from(problem: Unreadable) -> Self {
        Self::Unreadable(problem)
    }
}

impl From<std::io::Error> for Stop {
    fn from(source: std::io::Error) -> Self {
        Self::File(source)
    }
}

/// Reads the table in `path` and hands over its rows, the header first. Rows without any text are left out.
pub(super) fn read(
    path: &Path,
    mut take: impl FnMut(Row) -> Result<(), Stop>,
) -> Result<(), Error> {
    let mut row_count = 0;
    let bounded = |row: Row| {
        if row
            .cells
            .iter()
            .all(|cell| cell.as_ref().is_ok_and(|text| text.trim().is_empty()))
        {
            return Ok(());
        }
        row_count += 1;
        if row_count > ROWS_MAX {
            return Err(Unreadable::TooManyRows(ROWS_MAX).into());
        }
        take(row)
    };
    match read_by_format(path, bounded) {
        Ok(()) if row_count == 0 => Err(unreadable(path, Unreadable::Empty)),
        Ok(()) | Err(Stop::Unwanted) => Ok(()),
        Err(Stop::File(source)) => Err(Error::File {
            path: path.to_owned(),
            source,
        }),
        Err(Stop::Unreadable(problem)) => Err(unreadable(path, problem)),
    }
}

fn read_by_format(path: &Path, take: impl FnMut(Row) -> Result<(), Stop>) -> Result<(), Stop> {
    let mut file = File::open(path)?;
    let mut head = Vec::new();
    Read::by_ref(&mut file)
        .take(HEAD_BYTES)
        .read_to_end(&mut head)?;
    file.seek(SeekFrom::Start(0))?;
    if head.starts_with(b"PK\x03\x04") {
        return xlsx_file::read(BufReader::new(file), take);
    }
    if head.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") {
        return Err(Unreadable::OldExcel.into());
    }
    if head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff") || head.contains(&0) {
        return Err(Unreadable::NotPlainText.into());
    }
    csv_file::read(file, take)
}

pub(super) fn unreadable(path: &Path, problem: Unreadable) -> Error {
    Error::Unreadable {
        path: path.to_owned(),
        problem,
    }
}

/// A cell with `text`, unless it is longer than anything can be.
pub(super) fn bounded(text: &str) -> Cell {
    if text.len() > CELL_CHARS_MAX && text.chars().nth(CELL_CHARS_MAX).is_some() {
        return Err("칸의 글이 4,000자를 넘음");
    }
    Ok(text.to_owned())
}

/// The columns of a file, by name.
#[derive(Debug)]
pub(super) struct Header {
    names: Vec<String>,
}

/// One of the columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Column(usize);

impl Header {
    /// Reads the first row. Spaces in names do not count: `진료시간(월요일) S` is `진료시간(월요일)S`.
    pub(super) fn parse(row: Row) -> Result<Self, Unreadable> {
        if row.cells.len() > COLUMNS_MAX {
            return Err(Unreadable::TooManyColumns(COLUMNS_MAX));
        }
        let name = |cell: Cell| {
            cell.unwrap_or_default()
                .split_whitespace()
                .collect::<String>()
        };
        let names: Vec<String> = row.cells.into_iter().map(name).collect();
        for (at, name) in names.iter().enumerate() {
            if !name.is_empty() && names[..at].contains(name) {
                return Err(Unreadable::RepeatedColumn(name.chars().take(40).collect()));
            }
        }
        Ok(Self { names })
    }

    /// The column that has one of `names`.
    pub(super) fn find(&self, names: &[&str]) -> Option<Column> {
        names
            .iter()
            .find_map(|name| self.names.iter().position(|known| known == name))
            .map(Column)
    }

    /// What the file calls a column, spaces left out.
    pub(super) fn name(&self, column: Column) -> &str {
        &self.names[column.0]
    }

    /// The beginning of the header, for messages.
    pub(super) fn excerpt(&self) -> String {
        self.names.join(",").chars().take(80).collect()
    }
}

/// A row under its header: gives values, or the reject that a bad one leads to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Values<'a> {
    header: &'a Header,
    row: &'a Row,
}

impl<'a> Values<'a> {
    /// Rows must have as many cells as the header: one with fewer may be the end of a file that was cut off, and what it lacks must not
    /// be taken for blank.
    pub(super) fn new(header: &'a Header, row: &'a Row) -> Result<Self, Reject> {
        let (expected, found) = (header.names.len(), row.cells.len());
        if found != expected {
            return Err(Reject {
                line: row.line,
                column: String::new(),
                value: row
                    .cells
                    .iter()
                    .flatten()
                    .next()
                    .cloned()
                    .unwrap_or_default(),
                reason: format!("칸의 수가 다름: {expected}칸이어야 하는데 {found}칸"),
            });
        }
        Ok(Self { header, row })
    }

    /// The trimmed text of a column; blank if the file has no such column.
    pub(super) fn text(&self, column: Option<Column>) -> Result<&'a str, Reject> {
        let Some(column) = column else {
            return Ok("");
        };
        match self.row.cells.get(column.0) {
            Some(Ok(text)) => Ok(text.trim()),
            Some(Err(reason)) => Err(self.reject(Some(column), reason)),
            None => Ok(""),
        }
    }

    /// The text of a column as `parse` understands it.
    pub(super) fn parsed<T, E: std::error::Error>(
        &self,
        column: Option<Column>,
        parse: impl FnOnce(&'a str) -> Result<T, E>,
    ) -> Result<T, Reject> {
        parse(self.text(column)?).map_err(|err| self.reject(column, &err.to_string()))
    }

    /// A reject of this row for the value in `column`.
    pub(super) fn reject(&self, column: Option<Column>, reason: &str) -> Reject {
        let value = column
            .and_then(|column| self.row.cells.get(column.0))
            .and_then(|cell| cell.as_ref().ok());
        Reject {
            line: self.row.line,
            column: column
                .map(|column| self.header.name(column).to_owned())
                .unwrap_or_default(),
            value: value.cloned().unwrap_or_default(),
            reason: reason.to_owned(),
        }
    }
}
