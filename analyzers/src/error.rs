//! What can go wrong while a dictionary is built or loaded; analysing a text cannot fail.

use std::io;
use std::path::{Path, PathBuf};

use lindera::error::LinderaError;

/// Every error of this crate.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no built dictionary where one was looked for.
    #[error("no Korean dictionary in {}: run `make ko-dic`", path.display())]
    NotBuilt {
        /// The directory that was looked into.
        path: PathBuf,
    },
    /// The built dictionary is of another version of this crate or of lindera.
    #[error("the Korean dictionary in {} was built by another version ({found}): run `make ko-dic`", path.display())]
    OtherVersion {
        /// The dictionary's directory.
        path: PathBuf,
        /// What its stamp says instead.
        found: String,
    },
    /// The dictionary loads, but lacks what every ko-dic has.
    #[error("the dictionary is not a ko-dic: {reason}")]
    NotKoDic {
        /// What is missing.
        reason: String,
    },
    /// The source directory holds neither MeCab's compiled files nor its CSV sources.
    #[error("{} holds neither sys.dic, unk.dic, matrix.bin and char.bin nor *.csv, matrix.def, char.def and unk.def", path.display())]
    NoSource {
        /// The source directory.
        path: PathBuf,
    },
    /// A compiled MeCab file does not follow its format.
    #[error("{file}: {reason}")]
    Malformed {
        /// File name, such as `sys.dic`.
        file: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// A line of `analyzers/dict/*.tsv` is wrong.
    #[error("dict/{file}, line {line}: {reason}")]
    UserWord {
        /// File name, such as `brands.tsv`.
        file: &'static str,
        /// Line number, from 1.
        line: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// A file could not be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// lindera refused a dictionary.
    #[error("{doing}: {source}")]
    Lindera {
        /// What we asked of it.
        doing: &'static str,
        /// What it said.
        source: LinderaError,
    },
}

impl Error {
    /// For `map_err`: an I/O error together with its path.
    pub(crate) fn io(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { path, source }
    }

    /// For `map_err`: a lindera error together with what was being done.
    pub(crate) fn lindera(doing: &'static str) -> impl FnOnce(LinderaError) -> Self {
        move |source| Self::Lindera { doing, source }
    }

    /// A malformed MeCab file.
    pub(crate) fn malformed(file: &'static str, reason: impl Into<String>) -> Self {
        Self::Malformed {
            file,
            reason: reason.into(),
        }
    }
}
