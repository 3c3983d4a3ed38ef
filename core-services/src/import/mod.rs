//! Import: registries' files and directories of articles become rows of the tables, as often as one likes.
//!
//! Each source is read as a stream and written in batches, one transaction each. Equal rows are not touched; a row that cannot be used
//! goes to the [`Rejects`] with its reason, and the rest goes on; so `read == inserted + changed + unchanged + rejected` always. If an
//! import is cut short, whole batches are in and the others are not: run it again and it completes.
//!
//! Institutions come in two forms, told apart by the header:
//!
//! - **E-Gen / Seoul open data** (`약국ID` or `기관ID` …, `진료시간(월요일)S` …): pharmacies, or hospitals with `병원분류명`.
//! - **HIRA 병원정보서비스** (`암호화요양기호`, `요양기관명` …): only these two columns must be there.
//!
//! A column that a file lacks says nothing: what is stored stays. A column that is there and blank says "none". Files are CSV (UTF-8
//! with or without byte order mark, or CP949) or xlsx (its first sheet), told by their content and never by their name.

mod articles;
mod csv_file;
mod forms;
mod institutions;
pub mod progress;
mod rejects;
mod rows;
mod summary;
mod xlsx_file;

pub use articles::articles;
pub use institutions::institutions;
pub use progress::Progress;
pub use rejects::{Reject, Rejects};
pub use summary::Summary;

/// The forms that we know, for error messages.
pub(crate) const KNOWN_FORMS: &str = "E-Gen·서울 열린데이터광장(약국ID/기관ID, 약국명/기관명, 진료시간(월요일)S …), \
     심평원 병원정보서비스(암호화요양기호, 요양기관명 …)";
