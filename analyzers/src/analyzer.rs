//! The chain: normalise, segment, split, stop.
//!
//! **Every space-separated word is cut on its own.** lindera keeps a space as a word of the lattice, and from a space everything is
//! equally near (`spaces.rs`), so nothing crosses one; a text is therefore given a space at both ends, and its first word is cut
//! like any other. What an index holds of `속초 세브란스치과의원` is exactly what a query `세브란스치과의원` asks for.

use std::borrow::Cow;
use std::cell::RefCell;
use std::path::Path;
use std::sync::Arc;

use lindera::dictionary::{Dictionary, Lattice, WordId};
use lindera::mode::Mode;
use lindera::segmenter::Segmenter;
use sha2::{Digest, Sha256};

use crate::Error;
use crate::collector::{Collector, Keep, Run, Span};
use crate::kinds::{Kind, Kinds};
use crate::normalise::Normalised;
use crate::words::{self, UserWords};
use crate::{dictionary, expression, tags};

/// To be raised when the chain gives other terms for the same text: [`Analyzer::version`] changes and indexes are built anew.
const CHAIN_VERSION: u32 = 2;
/// Longest piece of text in one lattice, in bytes; it bounds the memory of a lattice, which each thread keeps.
const CHUNK_BYTES_MAX: usize = 4096;

/// Columns of a word of ko-dic, counted from its tag.
const READING: usize = 3;
const EXPRESSION: usize = 7;

thread_local! {
    /// Growing a lattice costs more than a short text; one per thread needs no lock.
    static LATTICE: RefCell<Lattice> = RefCell::default();
}

/// A term of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// The term: normalised, and for verbs and adjectives the stem.
    pub text: String,
    /// First byte in the original text.
    pub start: usize,
    /// Byte after the last in the original text.
    pub end: usize,
    /// Which term of the text this is, from 0. Dropped particles leave no gap: `병원의 위치` and `병원 위치` are the same phrase.
    pub position: u32,
}

/// Turns texts into terms. Cheap to clone; threads can share one.
#[derive(Clone)]
pub struct Analyzer {
    inner: Arc<Inner>,
}

struct Inner {
    segmenter: Segmenter,
    words: UserWords,
    kinds: Kinds,
    version: String,
}

impl std::fmt::Debug for Analyzer {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Analyzer")
            .field("version", &self.inner.version)
            .finish_non_exhaustive()
    }
}

impl Analyzer {
    /// Opens the dictionary that [`crate::build_dictionary`] put into `directory`, and adds the user words.
    ///
    /// # Errors
    /// [`Error::NotBuilt`] and [`Error::OtherVersion`] say how to get one; [`Error::UserWord`] names a wrong line of the word lists.
    pub fn load(directory: &Path) -> Result<Self, Error> {
        let (dictionary, stamp) = dictionary::open(directory)?;
        Self::of(dictionary, words::parse(&words::LISTS)?, version(&stamp))
    }

    /// The same with words of operators, each with its parts separated by spaces (`None` keeps it whole). They win over those of
    /// the lists. What is of no use is left out; the second value says which, and why. Without words, the version is the same.
    ///
    /// # Errors
    /// None that can happen: the words are checked before lindera gets them.
    pub fn with_words<'a>(
        &self,
        own: impl IntoIterator<Item = (&'a str, Option<&'a str>)> + Clone,
    ) -> Result<(Self, Vec<String>), Error> {
        if own.clone().into_iter().next().is_none() {
            return Ok((self.clone(), Vec::new()));
        }
        let mut digest = Sha256::new();
        digest.update(self.version());
        for (word, parts) in own.clone() {
            digest.update(format!("{word}\t{}\n", parts.unwrap_or("-")));
        }
        let version = dictionary::hexadecimal(&digest.finalize()[..8]);
        let mut words = words::parse(&words::LISTS)?;
        let left_out = words::add(&mut words, own);
        let dictionary = self.inner.segmenter.dictionary.clone();
        Ok((Self::of(dictionary, words, version)?, left_out))
    }

    fn of(dictionary: Dictionary, words: words::Parts, version: String) -> Result<Self, Error> {
        let (user_dictionary, words) = words::build(&dictionary, words)?;
        let segmenter = Segmenter::new(Mode::Normal, dictionary, Some(user_dictionary));
        if segmenter.space_penalty_config().is_none() {
            return Err(Error::NotKoDic {
                reason: "it has no space penalty".into(),
            });
        }
        let kinds = Kinds::new(segmenter.dictionary.prefix_dictionary.word_count());
        Ok(Self {
            inner: Arc::new(Inner {
                segmenter,
                words,
                kinds,
                version,
            }),
        })
    }

    /// A digest (16 hexadecimal digits) over the dictionary, the user words and the chain: two analyzers of the same version give the
    /// same terms, so an index that remembers it knows whether it still matches the queries.
    pub fn version(&self) -> &str {
        &self.inner.version
    }

    /// The user words: what the dictionary is extended by.
    pub fn user_words(&self) -> impl Iterator<Item = String> {
        self.inner.words.all()
    }

    /// The terms of a text, in order. If nothing but particles, endings and the like is left of it (`까지`), these are the terms: only
    /// a text without letters and digits has none.
    pub fn analyze(&self, text: &str) -> Vec<Token> {
        let normalised = Normalised::new(text);
        let mut tokens = self.tokens(&normalised, Keep::Meaning);
        if tokens.is_empty() {
            tokens = self.tokens(&normalised, Keep::Words);
        }
        tokens
    }

    fn tokens(&self, normalised: &Normalised, keep: Keep) -> Vec<Token> {
        let mut collector = Collector::new(normalised);
        for (base, chunk) in chunks(&normalised.text) {
            LATTICE.with_borrow_mut(|lattice| {
                // Segmenting has an error type for its token filters' sake; a borrowed text in normal mode has no way to fail.
                let words = self
                    .inner
                    .segmenter
                    .segment_with_lattice(Cow::Borrowed(chunk), lattice)
                    .unwrap_or_default();
                for word in &words {
                    let (start, end) = (base + word.byte_start, base + word.byte_end);
                    let surface = &normalised.text[start..end];
                    self.split(
                        word.word_id,
                        Span {
                            text: surface,
                            start,
                            end,
                        },
                        keep,
                        &mut collector,
                    );
                }
            });
        }
        collector.finish()
    }

    /// Hands the morphemes of one word that are kept to the collector.
    fn split<'a>(&'a self, id: WordId, word: Span<'a>, keep: Keep, collector: &mut Collector<'a>) {
        // After normalising, these are left within numbers only; ko-dic knows them as symbols.
        if matches!(word.text, "." | ",") {
            return collector.push(word, Run::Number);
        }
        let (dictionary, index) = (&self.inner.segmenter.dictionary, id.id() as usize);
        if id.is_unknown() {
            let kind = Kind::of(dictionary.unknown_word_details_iter(index), word.text);
            return collector.push_as(word, kind, keep);
        }
        if !id.is_system() {
            let parts = self
                .inner
                .words
                .parts(id.id())
                .iter()
                .map(|part| (part.as_str(), true));
            return collector.push_parts(word, parts, true);
        }
        let columns = || dictionary.word_details_iter(index);
        match self
            .inner
            .kinds
            .get(id.id(), || Kind::of(columns(), word.text))
        {
            Kind::Hanja => collector.push(
                Span {
                    text: columns().nth(READING).unwrap_or(word.text),
                    ..word
                },
                Run::None,
            ),
            Kind::Made if keep == Keep::Meaning => {
                let expression = columns().nth(EXPRESSION).unwrap_or_default();
                let morphemes = expression::morphemes(expression)
                    .map(|(text, tag)| (text, tags::is_kept(tag, text)));
                collector.push_parts(word, morphemes, expression::spells(expression, word.text));
            }
            kind => collector.push_as(word, kind, keep),
        }
    }
}

fn version(stamp: &str) -> String {
    let mut digest = Sha256::new();
    digest.update(format!("chain {CHAIN_VERSION}\n{stamp}"));
    for (file, list) in words::LISTS {
        digest.update(format!("{file}\n{list}"));
    }
    dictionary::hexadecimal(&digest.finalize()[..8])
}

/// Cuts a text into chunks of at most [`CHUNK_BYTES_MAX`], at spaces, each with where it begins. A chunk begins with the space that
/// ended the one before, so that all its words have a space on both sides. Only a longer word is cut itself.
fn chunks(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut start = 0;
    std::iter::from_fn(move || {
        let rest = &text[start..];
        if rest.len() <= 1 {
            return None; // the last space, or nothing
        }
        let base = start;
        if rest.len() <= CHUNK_BYTES_MAX {
            start = text.len();
            return Some((base, rest));
        }
        let window = rest.floor_char_boundary(CHUNK_BYTES_MAX);
        let end = match rest.as_bytes()[1..window]
            .iter()
            .rposition(|&byte| byte == b' ')
        {
            Some(space) => {
                start = base + 1 + space;
                start + 1
            }
            None => {
                start = base + window;
                start
            }
        };
        Some((base, &text[base..end]))
    })
}
