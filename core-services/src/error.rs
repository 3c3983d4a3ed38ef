//! What can go wrong in this crate, and what the one who runs it is told.

use std::io;
use std::path::PathBuf;

use crate::db;
use crate::dictionary::Fault;

/// Everything that stops an operation. A single bad row of a file does not: it is a reject.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database refused a row; `constraint` is the name given in the migrations.
    #[error("데이터베이스 제약 위반: {constraint}")]
    Constraint {
        /// Name of the constraint or unique key.
        constraint: String,
        /// What the server said.
        source: sqlx::Error,
    },
    /// The database could not be reached or could not do what was asked.
    #[error("데이터베이스 오류")]
    Database(#[source] sqlx::Error),
    /// A file or directory could not be opened, read or written.
    #[error("{}: 읽거나 쓸 수 없습니다", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file was read, but nothing can be made of it (or of the rest of it).
    #[error("{}: {problem}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: Unreadable,
    },
    /// What an operator wrote into the dictionary can't be stored.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// The sample data built into the program is broken: an error of ours.
    #[error("내장 예시 데이터가 잘못되었습니다: {0}")]
    Sample(String),
}

/// Why a whole file cannot be used.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum Unreadable {
    /// Nothing in it.
    #[error("빈 파일입니다")]
    Empty,
    /// UTF-16, or not text at all.
    #[error(
        "UTF-16이거나 텍스트가 아닌 파일입니다. UTF-8 또는 CP949(Excel의 'CSV') 형식으로 저장해 주세요"
    )]
    NotPlainText,
    /// The header is neither UTF-8 nor CP949.
    #[error("첫 줄이 UTF-8도 CP949도 아닙니다. 둘 중 하나로 저장해 주세요")]
    UnknownEncoding,
    /// A binary workbook of Excel 97–2003 (or a password-protected one, which has the same container).
    #[error("옛 Excel(xls) 또는 암호가 걸린 통합 문서입니다. 암호 없는 xlsx나 CSV로 저장해 주세요")]
    OldExcel,
    /// A workbook that is damaged or hostile.
    #[error("xlsx를 읽을 수 없습니다: {0}")]
    Workbook(String),
    /// The header belongs to no form that we know.
    #[error("알 수 없는 형식입니다(첫 줄: {header}). 아는 형식: {known}", known = crate::import::KNOWN_FORMS)]
    UnknownForm {
        /// The beginning of the header.
        header: String,
    },
    /// The form is known, but columns that it cannot do without are missing.
    #[error("{form} 형식에 꼭 필요한 열이 없습니다: {columns}. 아는 형식: {known}", known = crate::import::KNOWN_FORMS)]
    MissingColumns {
        /// The form that the header resembles.
        form: &'static str,
        /// The columns that are missing, by the names we know them under.
        columns: String,
    },
    /// Two columns with one name: nobody can say which is meant.
    #[error("열 이름이 두 번 나옵니다: {0}")]
    RepeatedColumn(String),
    /// More columns than any form has.
    #[error("열이 {0}개를 넘습니다")]
    TooManyColumns(usize),
    /// More rows than a spreadsheet can hold.
    #[error("{0}행을 넘습니다")]
    TooManyRows(u64),
    /// A row that does not end; most often a quote that is never closed.
    #[error(
        "{line}행이 {limit}바이트를 넘도록 끝나지 않습니다. 닫히지 않은 따옴표가 있는지 보아 주세요"
    )]
    RowTooLong {
        /// Where the row begins.
        line: u64,
        /// The most that a row may have.
        limit: u64,
    },
    /// The reader broke down. The rows before were imported.
    #[error("파일을 읽던 중 해석기가 멈췄습니다: 손상된 파일로 보입니다")]
    ReaderBroke,
}

impl From<sqlx::Error> for Error {
    fn from(source: sqlx::Error) -> Self {
        match db::constraint(&source) {
            Some(constraint) => Self::Constraint { constraint, source },
            None => Self::Database(source),
        }
    }
}

impl Error {
    /// Whether the database cut this transaction short for the sake of another, so that trying again is right.
    pub(crate) fn is_conflict(&self) -> bool {
        matches!(self, Self::Database(source) if db::is_conflict(source))
    }
}
