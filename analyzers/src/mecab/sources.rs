//! Writes a decoded dictionary as the sources that lindera builds from: a CSV and three `.def` files.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use super::{Characters, Lexicon, Matrix, Word, read};
use crate::Error;

/// ko-dic has eight columns after surface, ids and cost; a row of another width would shift the tags.
const FEATURE_COLUMNS: usize = 8;
/// The category of characters that no range names.
const DEFAULT_CATEGORY: &str = "DEFAULT";

/// Decodes the four compiled files of `source` and writes `ko-dic.csv`, `unk.def`, `matrix.def` and `char.def` into `target`,
/// which must exist. About 200 MB are written for ko-dic.
///
/// # Errors
/// [`Error::Malformed`] when a file is damaged or does not fit the others, [`Error::Io`] when reading or writing fails.
pub fn write_sources(source: &Path, target: &Path) -> Result<(), Error> {
    let bytes = read(source, "matrix.bin")?;
    let matrix = Matrix::decode(&bytes)?;
    write_file(&target.join("matrix.def"), |out| write_matrix(out, &matrix))?;

    let bytes = read(source, "char.bin")?;
    let characters = Characters::decode(&bytes)?;
    write_file(&target.join("char.def"), |out| {
        write_characters(out, &characters)
    })?;

    for (file, written) in [("unk.dic", "unk.def"), ("sys.dic", "ko-dic.csv")] {
        let bytes = read(source, file)?;
        let lexicon = Lexicon::decode(&bytes, file)?;
        let sizes = (u32::from(matrix.left_size), u32::from(matrix.right_size));
        if (lexicon.left_size, lexicon.right_size) != sizes {
            return Err(Error::malformed(
                file,
                format!(
                    "made for another matrix than the one of {} × {}",
                    sizes.0, sizes.1
                ),
            ));
        }
        check_columns(&lexicon.words, file)?;
        if file == "unk.dic" {
            check_categories(&lexicon.words, &characters)?;
        }
        write_file(&target.join(written), |out| {
            write_words(out, &lexicon.words)
        })?;
    }
    Ok(())
}

fn write_file(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
) -> Result<(), Error> {
    let create = || -> io::Result<()> {
        let mut out = BufWriter::new(File::create(path)?);
        write(&mut out)?;
        out.flush()
    };
    create().map_err(Error::io(path))
}

fn check_columns(words: &[Word<'_>], file: &'static str) -> Result<(), Error> {
    let columns = |word: &&Word<'_>| {
        word.feature.split(',').count() != FEATURE_COLUMNS
            || word.feature.contains(['"', '\n', '\r'])
    };
    match words.iter().find(columns) {
        Some(word) => Err(Error::malformed(
            file,
            format!(
                "{} has other columns than ko-dic's {FEATURE_COLUMNS}",
                word.surface
            ),
        )),
        None => Ok(()),
    }
}

fn check_categories(words: &[Word<'_>], characters: &Characters) -> Result<(), Error> {
    let named = |word: &&Word<'_>| {
        !characters
            .categories
            .iter()
            .any(|category| category.name == word.surface)
    };
    match words.iter().find(named) {
        Some(word) => Err(Error::malformed(
            "unk.dic",
            format!("{} is no category of char.bin", word.surface),
        )),
        None => Ok(()),
    }
}

fn write_words(out: &mut impl Write, words: &[Word<'_>]) -> io::Result<()> {
    for Word {
        surface,
        left,
        right,
        cost,
        feature,
    } in words
    {
        if surface.contains([',', '"', '\n', '\r']) {
            writeln!(
                out,
                "\"{}\",{left},{right},{cost},{feature}",
                surface.replace('"', "\"\"")
            )?;
        } else {
            writeln!(out, "{surface},{left},{right},{cost},{feature}")?;
        }
    }
    Ok(())
}

fn write_matrix(out: &mut impl Write, matrix: &Matrix<'_>) -> io::Result<()> {
    writeln!(out, "{} {}", matrix.left_size, matrix.right_size)?;
    for left in 0..matrix.right_size {
        for right in 0..matrix.left_size {
            let cost = matrix.cost(right, left).unwrap_or_default(); // both are within the matrix
            writeln!(out, "{right} {left} {cost}")?;
        }
    }
    Ok(())
}

fn write_characters(out: &mut impl Write, characters: &Characters) -> io::Result<()> {
    for category in &characters.categories {
        let (invoke, group) = (u8::from(category.invoke), u8::from(category.group));
        writeln!(
            out,
            "{} {invoke} {group} {}",
            category.name, category.length
        )?;
    }
    for range in &characters.ranges {
        let names: Vec<&str> = range
            .categories
            .iter()
            .map(|&index| characters.categories[index].name.as_str())
            .collect();
        let ends = (range.first..=range.last)
            .find(|&code| is_writable(code))
            .zip((range.first..=range.last).rfind(|&code| is_writable(code)));
        if let Some((first, last)) = ends.filter(|_| names != [DEFAULT_CATEGORY]) {
            writeln!(out, "0x{first:04X}..0x{last:04X} {}", names.join(" "))?;
        }
    }
    Ok(())
}

/// Whether lindera can read the code point as an end of a range: it decodes it as UTF-16, where surrogates are no characters and the
/// two byte order marks vanish.
fn is_writable(code: u32) -> bool {
    !matches!(code, 0xd800..=0xdfff | 0xfeff | 0xfffe)
}
