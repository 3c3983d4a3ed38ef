//! Rejects: the rows that could not be used, in a CSV that the one who keeps the source can open in Excel and work through.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::Error;

/// A value is shown up to this length: enough to recognise it, not enough to blow up the file.
const VALUE_CHARS_MAX: usize = 80;

/// A row that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reject {
    /// Where the row begins in its file, counted from 1; the header is in line 1.
    pub line: u64,
    /// The column at fault, as the file calls it; empty when the whole row is.
    pub column: String,
    /// The value at fault.
    pub value: String,
    /// What is wrong, in Korean.
    pub reason: String,
}

/// The file of rejects: UTF-8 with byte order mark, columns `파일, 행, 열, 값, 이유`. Several imports may write into one.
#[derive(Debug)]
pub struct Rejects {
    path: PathBuf,
    writer: csv::Writer<BufWriter<File>>,
}

impl Rejects {
    /// Creates the file, or empties it: what stands in it afterwards is of this run.
    ///
    /// # Errors
    /// [`Error::File`].
    pub fn create(path: &Path) -> Result<Self, Error> {
        let file_error = |source| Error::File {
            path: path.to_owned(),
            source,
        };
        let mut file = BufWriter::new(File::create(path).map_err(file_error)?);
        file.write_all("\u{feff}".as_bytes()).map_err(file_error)?;
        let mut rejects = Self {
            path: path.to_owned(),
            writer: csv::Writer::from_writer(file),
        };
        rejects.write(["파일", "행", "열", "값", "이유"])?;
        rejects.flush()?;
        Ok(rejects)
    }

    /// Writes one reject of the file called `source`.
    pub(crate) fn add(&mut self, source: &str, reject: &Reject) -> Result<(), Error> {
        self.write([
            &shown(source),
            &reject.line.to_string(),
            &shown(&reject.column),
            &shown(&reject.value),
            &reject.reason,
        ])
    }

    /// Sees to it that everything written is in the file.
    ///
    /// # Errors
    /// [`Error::File`].
    pub fn flush(&mut self) -> Result<(), Error> {
        self.writer.flush().map_err(|source| Error::File {
            path: self.path.clone(),
            source,
        })
    }

    fn write(&mut self, row: [&str; 5]) -> Result<(), Error> {
        self.writer.write_record(row).map_err(|err| Error::File {
            path: self.path.clone(),
            source: err.into(),
        })
    }
}

/// A foreign value, shortened, without control characters, and so that a spreadsheet takes it for text and never for a formula.
fn shown(value: &str) -> String {
    let mut shown: String = value
        .chars()
        .take(VALUE_CHARS_MAX)
        .map(|character| {
            if character.is_control() {
                '\u{fffd}'
            } else {
                character
            }
        })
        .collect();
    if value.chars().nth(VALUE_CHARS_MAX).is_some() {
        shown.push('…');
    }
    if shown.starts_with(['=', '+', '-', '@']) {
        shown.insert(0, '\'');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn foreign_values_are_short_and_harmless() {
        assert_eq!(
            shown("=HYPERLINK(\"http://x\")"),
            "'=HYPERLINK(\"http://x\")"
        );
        assert_eq!(shown("a\0b\n"), "a\u{fffd}b\u{fffd}");
        assert_eq!(shown(&"가".repeat(1000)).chars().count(), 81);
    }
}
