//! Cuts one word into its terms: segment, split, stop, join.
//!
//! lindera keeps a space as a word of the lattice, and from a space everything is equally near (`spaces.rs`), so nothing crosses
//! one: a word is given to it with a space on both sides, and is cut as it would be in any text.

use std::borrow::Cow;

use lindera::dictionary::{Dictionary, Lattice, WordId};
use lindera::mode::Mode;
use lindera::segmenter::Segmenter;

use crate::kinds::{Kind, Kinds};
use crate::words::{self, Parts, UserWords};
use crate::{Error, expression, numbers, particles, tags};

/// Longest piece of a word in one lattice, in bytes; it bounds the memory of a lattice, which each thread keeps.
const PIECE_BYTES_MAX: usize = 4096;

/// Columns of a word of ko-dic, counted from its tag.
const READING: usize = 3;
const EXPRESSION: usize = 7;

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Keep {
    /// What has a meaning of its own.
    Meaning,
    /// All words, uncut.
    Words,
}

/// A term of a word, and the bytes of the word that it stands for.
#[derive(Debug)]
pub(crate) struct Term {
    pub(crate) text: String,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// A piece of a word as the dictionary cuts it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Morpheme<'a> {
    pub(crate) text: &'a str,
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) kind: Kind,
}

/// lindera with ko-dic and the user words.
pub(crate) struct Cutter {
    segmenter: Segmenter,
    words: UserWords,
    kinds: Kinds,
}

impl Cutter {
    /// # Errors
    /// [`Error::NotKoDic`] says what the dictionary lacks.
    pub(crate) fn new(dictionary: Dictionary, words: Parts) -> Result<Self, Error> {
        let (user_dictionary, words) = words::build(&dictionary, words)?;
        let segmenter = Segmenter::new(Mode::Normal, dictionary, user_dictionary);
        if segmenter.space_penalty_config().is_none() {
            return Err(Error::NotKoDic {
                reason: "it has no space penalty".into(),
            });
        }
        let kinds = Kinds::new(segmenter.dictionary.prefix_dictionary.word_count());
        Ok(Self {
            segmenter,
            words,
            kinds,
        })
    }

    /// ko-dic itself.
    pub(crate) fn dictionary(&self) -> Dictionary {
        self.segmenter.dictionary.clone()
    }

    pub(crate) fn user_words(&self) -> impl Iterator<Item = String> {
        self.words.all()
    }

    /// The terms of a word that is given with a space on both sides.
    pub(crate) fn cut(&self, spaced: &str, keep: Keep, lattice: &mut Lattice) -> Vec<Term> {
        let word = &spaced[1..spaced.len() - 1];
        let mut morphemes = Vec::with_capacity(8);
        let mut at = 0;
        while at < spaced.len() {
            let end = spaced.floor_char_boundary(at + PIECE_BYTES_MAX);
            // Segmenting has an error type for its token filters' sake; a borrowed text in normal mode has no way to fail.
            let tokens = self
                .segmenter
                .segment_with_lattice(Cow::Borrowed(&spaced[at..end]), lattice)
                .unwrap_or_default();
            for token in &tokens {
                let (start, end) = (at + token.byte_start - 1, at + token.byte_end - 1);
                let whole = Morpheme {
                    text: &word[start..end],
                    start,
                    end,
                    kind: Kind::Plain,
                };
                self.split(token.word_id, whole, keep, &mut morphemes);
            }
            at = end;
        }
        terms(word, &morphemes, keep)
    }

    /// Adds the morphemes of what lindera took for one word.
    fn split<'a>(
        &'a self,
        id: WordId,
        whole: Morpheme<'a>,
        keep: Keep,
        morphemes: &mut Vec<Morpheme<'a>>,
    ) {
        // After normalising, these are left within numbers only; ko-dic knows them as symbols.
        if matches!(whole.text, "." | ",") {
            return morphemes.push(Morpheme {
                kind: Kind::Number,
                ..whole
            });
        }
        if let Some(both) = numbers::numeral_and_unit(morphemes.last(), whole) {
            return morphemes.extend(both);
        }
        let (dictionary, index) = (&self.segmenter.dictionary, id.id() as usize);
        if id.is_unknown() {
            let kind = Kind::of(dictionary.unknown_word_details_iter(index), whole.text);
            let text = match keep {
                Keep::Meaning if kind == Kind::Plain => particles::without_particle(whole.text),
                _ => whole.text,
            };
            let end = whole.start + text.len();
            return morphemes.push(Morpheme {
                text,
                end,
                kind,
                ..whole
            });
        }
        if !id.is_system() {
            let parts = self.words.parts(id.id()).iter();
            return push_parts(
                whole,
                parts.map(|part| (part.as_str(), true)),
                true,
                morphemes,
            );
        }
        let columns = || dictionary.word_details_iter(index);
        match self.kinds.get(id.id(), || Kind::of(columns(), whole.text)) {
            Kind::Hanja => morphemes.push(Morpheme {
                text: columns().nth(READING).unwrap_or(whole.text),
                ..whole
            }),
            Kind::Made if keep == Keep::Meaning => {
                let expression = columns().nth(EXPRESSION).unwrap_or_default();
                let parts = expression::morphemes(expression)
                    .map(|(text, tag)| (text, tags::is_kept(tag, text)));
                let is_spelled = expression::spells(expression, whole.text);
                push_parts(whole, parts, is_spelled, morphemes);
            }
            kind => morphemes.push(Morpheme { kind, ..whole }),
        }
    }
}

/// Adds parts with whether each is kept. If they spell the word, each has its own place in it; else all have the word's.
fn push_parts<'a>(
    whole: Morpheme<'a>,
    parts: impl Iterator<Item = (&'a str, bool)>,
    is_spelled: bool,
    morphemes: &mut Vec<Morpheme<'a>>,
) {
    let mut start = whole.start;
    for (text, is_kept) in parts {
        let part = Morpheme {
            text,
            kind: if is_kept { Kind::Plain } else { Kind::Dropped },
            ..whole
        };
        let end = start + text.len();
        morphemes.push(if is_spelled {
            Morpheme { start, end, ..part }
        } else {
            part
        });
        start = end;
    }
}

/// The terms of a word's morphemes: numbers are read, foreign letters joined (ko-dic may cut `covid`), the rest kept or dropped.
fn terms(word: &str, morphemes: &[Morpheme<'_>], keep: Keep) -> Vec<Term> {
    let mut terms = Vec::with_capacity(morphemes.len());
    let mut at = 0;
    while let Some(first) = morphemes.get(at) {
        let (count, text) = if let Some(number) = numbers::read(morphemes, at) {
            number
        } else if first.kind == Kind::Foreign {
            let letters = morphemes[at..].iter();
            let count = letters
                .take_while(|next| next.kind == Kind::Foreign)
                .count();
            let end = morphemes[at + count - 1].end;
            (count, word[first.start..end].to_owned())
        } else {
            (1, first.text.to_owned())
        };
        if first.kind != Kind::Dropped || keep == Keep::Words {
            terms.push(Term {
                text,
                start: first.start,
                end: morphemes[at + count - 1].end,
            });
        }
        at += count;
    }
    terms
}
