//! `char.bin`: which category each character has, and how unknown words of each category are cut.

use super::bytes::{u32_at, until_nul};
use crate::Error;

const FILE: &str = "char.bin";
const NAME_BYTES: usize = 32;
/// Characters U+0000 to U+FFFE each have four bytes: type 18 bits, default 8, length 4, group 1, invoke 1.
const CHARACTER_COUNT: usize = 0xffff;
/// The type is a set of 18 bits.
const CATEGORIES_MAX: usize = 18;

/// How unknown words of one category are made: a line of `char.def`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Category {
    /// Such as `HANGUL`.
    pub name: String,
    /// Whether unknown words are tried where the dictionary has a word too.
    pub invoke: bool,
    /// Whether a run of the category makes one word.
    pub group: bool,
    /// Unknown words of 1 to this many characters are tried too.
    pub length: u8,
}

/// A run of characters of the same categories.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CharacterRange {
    /// First code point.
    pub first: u32,
    /// Last code point, included.
    pub last: u32,
    /// Indexes into [`Characters::categories`]: the default one first, then the others.
    pub categories: Vec<usize>,
}

/// A decoded `char.bin`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Characters {
    /// All categories, in the order of the file.
    pub categories: Vec<Category>,
    /// All of U+0000 to U+FFFE, in order.
    pub ranges: Vec<CharacterRange>,
}

impl Characters {
    /// Decodes a whole file.
    ///
    /// # Errors
    /// [`Error::Malformed`] when lengths, names or category numbers are wrong.
    pub fn decode(bytes: &[u8]) -> Result<Self, Error> {
        let count = u32_at(bytes, 0)
            .ok_or_else(|| Error::malformed(FILE, "shorter than its header"))?
            as usize;
        if count == 0 || count > CATEGORIES_MAX {
            return Err(Error::malformed(
                FILE,
                format!("{count} categories, not 1 to {CATEGORIES_MAX}"),
            ));
        }
        let table = 4 + count * NAME_BYTES;
        if bytes.len() != table + CHARACTER_COUNT * 4 {
            return Err(Error::malformed(
                FILE,
                format!("{} bytes, not {}", bytes.len(), table + CHARACTER_COUNT * 4),
            ));
        }
        let mut categories = Vec::with_capacity(count);
        for name in bytes[4..table].chunks_exact(NAME_BYTES) {
            categories.push(Category {
                name: category_name(name)?,
                invoke: false,
                group: true,
                length: 0,
            });
        }
        let mut ranges: Vec<CharacterRange> = Vec::new();
        let mut last_bits = None;
        for (code, bits) in bytes[table..].chunks_exact(4).enumerate() {
            let bits = u32_at(bits, 0).unwrap_or_default(); // chunks of exactly four
            let code = code as u32;
            match ranges.last_mut() {
                Some(range) if last_bits == Some(bits) => range.last = code,
                _ => ranges.push(CharacterRange {
                    first: code,
                    last: code,
                    categories: member_of(bits, code, &mut categories)?,
                }),
            }
            last_bits = Some(bits);
        }
        Ok(Self { categories, ranges })
    }
}

fn category_name(bytes: &[u8]) -> Result<String, Error> {
    let name = until_nul(bytes);
    let plain = !name.is_empty()
        && name
            .iter()
            .all(|byte| byte.is_ascii_graphic() && !matches!(byte, b',' | b'#' | b'"'));
    match std::str::from_utf8(name) {
        Ok(name) if plain && !name.starts_with("0x") => Ok(name.to_owned()),
        _ => Err(Error::malformed(
            FILE,
            format!("a category is named {:?}", String::from_utf8_lossy(name)),
        )),
    }
}

/// The categories of one character. The file repeats the rules of its default category at each character: they are taken from there.
fn member_of(bits: u32, code: u32, categories: &mut [Category]) -> Result<Vec<usize>, Error> {
    let default = (bits >> 18 & 0xff) as usize;
    let set = bits & 0x3_ffff;
    let category_count = categories.len();
    let Some(category) = categories
        .get_mut(default)
        .filter(|_| set >> category_count == 0)
    else {
        return Err(Error::malformed(
            FILE,
            format!("U+{code:04X} has a category past the {category_count} there are"),
        ));
    };
    category.length = (bits >> 26 & 0xf) as u8;
    category.group = bits >> 30 & 1 == 1;
    category.invoke = bits >> 31 == 1;
    let others = (0..category_count).filter(|&index| index != default && set >> index & 1 == 1);
    Ok(std::iter::once(default).chain(others).collect())
}
