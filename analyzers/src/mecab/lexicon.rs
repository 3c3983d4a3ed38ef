//! `sys.dic` and `unk.dic`: words in a double array (Darts), their costs and their features.

use super::bytes::{u16_at, u32_at, until_nul};
use crate::Error;

/// MeCab's `DictionaryMagicID`: the first number of the file is its size, xor this.
const MAGIC: u32 = 0xef71_8f77;
/// MeCab's `DIC_VERSION`.
const VERSION: u32 = 102;
/// Ten numbers and the name of the character set.
const HEADER_BYTES: usize = 10 * 4 + 32;
/// One unit of the double array: `base: i32, check: u32`.
const UNIT_BYTES: usize = 8;
/// One token: `left: u16, right: u16, pos: u16, cost: i16, feature: u32, compound: u32`.
const TOKEN_BYTES: usize = 16;
/// Longest word, in bytes of UTF-8. ko-dic's longest is under 100; the bound ends a walk in a damaged double array.
const SURFACE_BYTES_MAX: usize = 1024;
const NONE: u32 = u32::MAX;

/// One word of a dictionary: a row of MeCab's CSV.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word<'a> {
    /// The word as written.
    pub surface: String,
    /// Context id towards the word before it (MeCab's `lcAttr`).
    pub left: u16,
    /// Context id towards the word after it (MeCab's `rcAttr`).
    pub right: u16,
    /// Cost of the word itself; the lower, the likelier.
    pub cost: i16,
    /// The remaining columns, still comma-separated.
    pub feature: &'a str,
}

/// A decoded `sys.dic` or `unk.dic`.
#[derive(Debug)]
pub struct Lexicon<'a> {
    /// All words, by surface, then in the order of the file.
    pub words: Vec<Word<'a>>,
    /// How many right context ids there are: `matrix.bin` must agree.
    pub left_size: u32,
    /// How many left context ids there are: `matrix.bin` must agree.
    pub right_size: u32,
}

impl<'a> Lexicon<'a> {
    /// Decodes a whole file; `file` names it in errors.
    ///
    /// # Errors
    /// [`Error::Malformed`] when the bytes are not a dictionary of MeCab version 102 in UTF-8.
    pub fn decode(bytes: &'a [u8], file: &'static str) -> Result<Self, Error> {
        let sections = Sections::split(bytes, file)?;
        let mut words = Vec::with_capacity(sections.lexicon_size);
        for (surface, first, count) in sections.surfaces()? {
            for index in first..first + count {
                words.push(sections.word(surface.clone(), index)?);
            }
        }
        if words.len() != sections.lexicon_size {
            let message = format!(
                "the header announces {} words, the double array holds {}",
                sections.lexicon_size,
                words.len()
            );
            return Err(Error::malformed(file, message));
        }
        words.sort_by(|a, b| a.surface.cmp(&b.surface));
        Ok(Self {
            words,
            left_size: sections.left_size,
            right_size: sections.right_size,
        })
    }
}

/// The three sections that follow the header, of the sizes that it announces.
struct Sections<'a> {
    file: &'static str,
    lexicon_size: usize,
    left_size: u32,
    right_size: u32,
    units: &'a [u8],
    tokens: &'a [u8],
    features: &'a [u8],
}

impl<'a> Sections<'a> {
    fn split(bytes: &'a [u8], file: &'static str) -> Result<Self, Error> {
        let wrong = |reason: String| Error::malformed(file, reason);
        if bytes.len() < HEADER_BYTES {
            return Err(wrong(format!(
                "{} bytes, shorter than a header",
                bytes.len()
            )));
        }
        let number = |index: usize| u32_at(bytes, index * 4).unwrap_or_default(); // within the header, checked above
        if u64::from(number(0) ^ MAGIC) != bytes.len() as u64 {
            return Err(wrong(
                "its first number does not match its size: cut short, or not a MeCab dictionary"
                    .into(),
            ));
        }
        if number(1) != VERSION {
            return Err(wrong(format!("version {}, not {VERSION}", number(1))));
        }
        let charset = until_nul(&bytes[40..HEADER_BYTES]);
        if !charset.eq_ignore_ascii_case(b"utf-8") && !charset.eq_ignore_ascii_case(b"utf8") {
            return Err(wrong(format!(
                "character set {:?}, not UTF-8",
                String::from_utf8_lossy(charset)
            )));
        }
        let [unit_bytes, token_bytes, feature_bytes] =
            [number(6) as usize, number(7) as usize, number(8) as usize];
        let body = &bytes[HEADER_BYTES..];
        let end = unit_bytes
            .checked_add(token_bytes)
            .and_then(|sum| sum.checked_add(feature_bytes));
        if end != Some(body.len()) || unit_bytes % UNIT_BYTES != 0 || token_bytes % TOKEN_BYTES != 0
        {
            return Err(wrong(format!(
                "sections of {unit_bytes}, {token_bytes} and {feature_bytes} bytes in {}",
                body.len()
            )));
        }
        let (units, rest) = body.split_at(unit_bytes);
        let (tokens, features) = rest.split_at(token_bytes);
        let lexicon_size = number(3) as usize;
        if lexicon_size > tokens.len() / TOKEN_BYTES {
            return Err(wrong(format!(
                "{lexicon_size} words announced, {} tokens",
                tokens.len() / TOKEN_BYTES
            )));
        }
        Ok(Self {
            file,
            lexicon_size,
            left_size: number(4),
            right_size: number(5),
            units,
            tokens,
            features,
        })
    }

    fn unit_count(&self) -> usize {
        self.units.len() / UNIT_BYTES
    }

    /// `(base, check)`; the caller keeps `index` below [`Self::unit_count`].
    fn unit(&self, index: usize) -> (i32, u32) {
        let base = u32_at(self.units, index * UNIT_BYTES).unwrap_or_default();
        (
            base.cast_signed(),
            u32_at(self.units, index * UNIT_BYTES + 4).unwrap_or_default(),
        )
    }

    /// Every surface with its first token and its number of tokens, in the order of the array.
    ///
    /// A node with base b has its child by byte c at b + c + 1, checked by b, and its value at b itself, where check is b and base
    /// is −1 − (first token << 8 | number of tokens). Bases are unique, so the array can be read backwards: from each value to the
    /// root. That takes one pass and no recursion, where a walk from the root would try 256 children of each node.
    fn surfaces(&self) -> Result<Vec<(String, usize, usize)>, Error> {
        let owners = self.owners()?;
        let mut found = Vec::new();
        let mut tokens = 0_usize;
        for index in 0..self.unit_count() {
            let (base, check) = self.unit(index);
            if base >= 0 || check as usize != index {
                continue;
            }
            let value = (-(i64::from(base)) - 1) as usize; // 0..=i32::MAX
            let (first, count) = (value >> 8, value & 0xff);
            tokens += count;
            if first + count > self.tokens.len() / TOKEN_BYTES || tokens > self.lexicon_size {
                return Err(Error::malformed(
                    self.file,
                    format!("a word points to tokens {first} to {}", first + count),
                ));
            }
            found.push((self.surface(index, &owners)?, first, count));
        }
        Ok(found)
    }

    /// For each base, the node that has it.
    fn owners(&self) -> Result<Vec<u32>, Error> {
        let mut owners = vec![NONE; self.unit_count()];
        for index in 0..self.unit_count() {
            let (base, _) = self.unit(index);
            let Some(owner) = usize::try_from(base)
                .ok()
                .filter(|&base| base > 0)
                .and_then(|base| owners.get_mut(base))
            else {
                continue;
            };
            if *owner != NONE {
                return Err(Error::malformed(
                    self.file,
                    format!("two nodes of the double array share the base {base}"),
                ));
            }
            *owner = index as u32; // the array has fewer than 2^32 units: its size is a u32
        }
        Ok(owners)
    }

    /// The path from the root to the value at `index`.
    fn surface(&self, index: usize, owners: &[u32]) -> Result<String, Error> {
        let broken = || {
            Error::malformed(
                self.file,
                format!("the double array is broken at unit {index}"),
            )
        };
        let mut reversed = Vec::new();
        let mut node = owners
            .get(index)
            .copied()
            .filter(|&owner| owner != NONE)
            .ok_or_else(broken)?;
        while node != 0 {
            let (_, parent_base) = self.unit(node as usize);
            let byte = node
                .checked_sub(parent_base)
                .and_then(|gap| gap.checked_sub(1))
                .filter(|&gap| gap < 256)
                .ok_or_else(broken)?;
            reversed.push(byte as u8);
            if reversed.len() > SURFACE_BYTES_MAX {
                return Err(broken());
            }
            node = owners
                .get(parent_base as usize)
                .copied()
                .filter(|&owner| owner != NONE)
                .ok_or_else(broken)?;
        }
        reversed.reverse();
        String::from_utf8(reversed).map_err(|_| {
            Error::malformed(self.file, format!("the word at unit {index} is not UTF-8"))
        })
    }

    fn word(&self, surface: String, index: usize) -> Result<Word<'a>, Error> {
        let wrong =
            |what: &str| Error::malformed(self.file, format!("token {index} ({surface}): {what}"));
        let field = |offset: usize| {
            u16_at(self.tokens, index * TOKEN_BYTES + offset).ok_or_else(|| wrong("past the end"))
        };
        let (left, right, cost) = (field(0)?, field(2)?, field(6)?.cast_signed());
        if u32::from(left) >= self.right_size || u32::from(right) >= self.left_size {
            return Err(wrong("a context id past the matrix"));
        }
        let start =
            u32_at(self.tokens, index * TOKEN_BYTES + 8).ok_or_else(|| wrong("past the end"))?;
        let rest = self
            .features
            .get(start as usize..)
            .ok_or_else(|| wrong("its feature is past the end"))?;
        let end = rest
            .iter()
            .position(|&byte| byte == 0)
            .ok_or_else(|| wrong("its feature has no end"))?;
        let feature =
            std::str::from_utf8(&rest[..end]).map_err(|_| wrong("its feature is not UTF-8"))?;
        Ok(Word {
            surface,
            left,
            right,
            cost,
            feature,
        })
    }
}
