//! Makes a space cost what a word after it would cost, in the matrix that lindera built.
//!
//! MeCab steps over spaces: its words connect to the words beyond. lindera keeps the space as a word in between, for which ko-dic has
//! nothing but zeros, so nothing told a noun from a verb form that wants something after it, and `검진` alone came out as `검` + `진`. Here
//! the way from any word to a space costs the mean of the ways to a common noun and to a verb, with which most words begin. Out of a space
//! everything stays free (the space penalty guards it), so that still nothing crosses one: the cut of a word depends on itself.
//!
//! Measured by BM25 on KorQuAD 1.0 dev (nDCG@10): zeros 0.9631, this 0.9634 and the better cut of the golden file; a noun alone 0.9635,
//! but `가려워요` became `가렵` + `요`; the end of the sentence 0.9541; its beginning for what follows, too, 0.9632.

use std::fs;
use std::path::Path;

use lindera::dictionary::Dictionary;

use crate::Error;
use crate::context_ids::ids_of;

const FILE: &str = "matrix.mtx";
/// lindera's matrix: `-1: i16, right ids: i16, left ids: i16`, then for each left id a row of costs (i16), one per right id.
const HEADER_BYTES: usize = 6;

/// Overwrites the spaces' row of the matrix with the mean of a noun's and a verb's, in the built dictionary in `directory`.
///
/// # Errors
/// [`Error::NotKoDic`] when the dictionary lacks them or its matrix another form, [`Error::Lindera`], [`Error::Io`].
pub(crate) fn weigh(directory: &Path) -> Result<(), Error> {
    let dictionary = Dictionary::load_from_path(directory)
        .map_err(Error::lindera("opening the built dictionary"))?;
    let noun = ids_of(&dictionary, "병원", "NNG")?.0 as usize;
    let verb = ids_of(&dictionary, "먹", "VV")?.0 as usize;
    let spaces = space_ids(&dictionary);
    let row_bytes = dictionary.connection_cost_matrix.forward_size as usize * 2;
    drop(dictionary); // the file must not change under its memory map

    let path = directory.join(FILE);
    let mut bytes = fs::read(&path).map_err(Error::io(&path))?;
    let row = |id: usize| HEADER_BYTES + id * row_bytes..HEADER_BYTES + (id + 1) * row_bytes;
    if !bytes.starts_with(&(-1_i16).to_le_bytes())
        || spaces
            .iter()
            .chain([&noun, &verb])
            .any(|&id| row(id).end > bytes.len())
    {
        return Err(Error::NotKoDic {
            reason: "its connection matrix does not have the form that lindera writes".into(),
        });
    }
    let mean = |(noun, verb): (i16, i16)| i32::midpoint(noun.into(), verb.into()) as i16; // between two i16
    let means: Vec<i16> = costs(&bytes[row(noun)])
        .zip(costs(&bytes[row(verb)]))
        .map(mean)
        .collect();
    for space in spaces {
        let row = &mut bytes[row(space)];
        row.copy_from_slice(
            &means
                .iter()
                .flat_map(|cost| cost.to_le_bytes())
                .collect::<Vec<u8>>(),
        );
    }
    fs::write(&path, bytes).map_err(Error::io(&path))
}

fn costs(row: &[u8]) -> impl Iterator<Item = i16> {
    row.as_chunks()
        .0
        .iter()
        .map(|&bytes| i16::from_le_bytes(bytes))
}

/// The left ids of spaces; a dictionary without the category has none.
fn space_ids(dictionary: &Dictionary) -> Vec<usize> {
    let unknown = &dictionary.unknown_dictionary;
    let category = dictionary.character_definition.category_id_by_name("SPACE");
    let words = category.map_or(&[][..], |category| unknown.lookup_word_ids(category));
    words
        .iter()
        .map(|&word| unknown.word_entry(word).left_id() as usize)
        .collect()
}
