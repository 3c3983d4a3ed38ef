//! MeCab's compiled dictionary, decoded: what `mecab-dict-index` wrote, read back without MeCab.
//!
//! ko-dic is published compiled only (`sys.dic`, `unk.dic`, `matrix.bin`, `char.bin`), while lindera builds from the sources, so
//! the sources are written again ([`write_sources`]). The formats are those of MeCab 0.996 (`dictionary.cpp`, `connector.cpp`,
//! `char_property.cpp`, `darts.h`); all numbers are little-endian. The files come from outside: each length and each index is
//! checked, nothing is allocated that the file's own size does not justify, and a wrong byte ends in [`Error::Malformed`].

mod bytes;
mod characters;
mod lexicon;
mod matrix;
mod sources;

pub use characters::{Category, CharacterRange, Characters};
pub use lexicon::{Lexicon, Word};
pub use matrix::Matrix;
pub use sources::write_sources;

use crate::Error;
use std::path::Path;

/// The four compiled files, in the order in which [`crate::checksum`] reads them.
pub const COMPILED_FILES: [&str; 4] = ["sys.dic", "unk.dic", "matrix.bin", "char.bin"];

/// Largest file that is read, in bytes. ko-dic's largest is 81 MB; a dictionary of ten times that is a mistake.
pub const FILE_BYTES_MAX: u64 = 1 << 30;

/// Reads one compiled file whole.
pub(crate) fn read(directory: &Path, file: &'static str) -> Result<Vec<u8>, Error> {
    let path = directory.join(file);
    let size = std::fs::metadata(&path).map_err(Error::io(&path))?.len();
    if size > FILE_BYTES_MAX {
        return Err(Error::malformed(
            file,
            format!("{size} bytes, more than the {FILE_BYTES_MAX} that a dictionary may have"),
        ));
    }
    std::fs::read(&path).map_err(Error::io(&path))
}
