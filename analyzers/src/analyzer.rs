//! The chain: normalise, cut each word into terms, and tell where they stood.
//!
//! **Every space-separated word is cut on its own.** What an index holds of `속초 세브란스치과의원` is exactly what a query
//! `세브란스치과의원` asks for; and what became of a word can be remembered (`memory.rs`).

use std::collections::HashMap;
use std::hash::BuildHasher;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use lindera::dictionary::Dictionary;
use sha2::{Digest, Sha256};

use crate::cutter::{Cutter, Keep, Term};
use crate::memory::Memory;
use crate::normalise::Normalised;
use crate::words::{self, List};
use crate::{Error, dictionary};

/// To be raised when the chain gives other terms for the same text: [`Analyzer::version`] changes and indexes are built anew.
const CHAIN_VERSION: u32 = 3;
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
    cutter: Cutter,
    memory: Memory,
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
        Self::load_with(directory, &words::LISTS)
    }

    /// The same with other word lists, each with its file name: to see what a list changes. With none, it is ko-dic alone.
    ///
    /// # Errors
    /// As of [`Analyzer::load`].
    pub fn load_with(directory: &Path, lists: &[(&'static str, &str)]) -> Result<Self, Error> {
        let (dictionary, stamp) = dictionary::open(directory)?;
        Self::of(dictionary, words::parse(lists)?, version(&stamp, lists))
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
        let dictionary = self.inner.cutter.dictionary();
        Ok((Self::of(dictionary, words, version)?, left_out))
    }

    fn of(dictionary: Dictionary, words: words::Parts, version: String) -> Result<Self, Error> {
        Ok(Self {
            inner: Arc::new(Inner {
                cutter: Cutter::new(dictionary, words)?,
                memory: Memory::new(),
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
        self.inner.cutter.user_words()
    }

    /// The terms of a text, in order. If nothing but particles, endings and the like is left of it (`까지`), these are the terms: only
    /// a text without letters and digits has none.
    pub fn analyze(&self, text: &str) -> Vec<Token> {
        let token = |position, term: &str, place: Range<usize>| Token {
            text: term.to_owned(),
            start: place.start,
            end: place.end,
            position: position as u32, // 2^32 terms would need some 300 GB
        };
        self.each(text, token)
    }

    /// Where the terms of a text stand in it, each with what is known of it; without making a string of each.
    pub fn look_up<V: Copy, S: BuildHasher>(
        &self,
        text: &str,
        known: &HashMap<&str, V, S>,
    ) -> Vec<(Option<V>, Range<usize>)> {
        self.each(text, |_, term, place| (known.get(term).copied(), place))
    }

    fn each<T>(&self, text: &str, make: impl Fn(usize, &str, Range<usize>) -> T) -> Vec<T> {
        let normalised = Normalised::new(text);
        let mut made = self.each_kept(&normalised, Keep::Meaning, &make);
        if made.is_empty() {
            made = self.each_kept(&normalised, Keep::Words, &make);
        }
        made
    }

    fn each_kept<T>(
        &self,
        normalised: &Normalised,
        keep: Keep,
        make: impl Fn(usize, &str, Range<usize>) -> T,
    ) -> Vec<T> {
        let text = &normalised.text;
        // Korean has a term for every eight bytes or so.
        let mut made = Vec::with_capacity(text.len() / 8);
        let mut start = 1; // after the first space
        while let Some(length) = text.as_bytes()[start..]
            .iter()
            .position(|&byte| byte == b' ')
        {
            let end = start + length;
            if length > 0 {
                let push = |term: &Term| {
                    let (from, to) = normalised.original(start + term.start, start + term.end);
                    made.push(make(made.len(), &term.text, from..to));
                };
                let spaced = &text[start - 1..=end];
                self.inner
                    .memory
                    .terms(spaced, keep, &self.inner.cutter, push);
            }
            start = end + 1;
        }
        made
    }
}

fn version(stamp: &str, lists: &[List<'_>]) -> String {
    let mut digest = Sha256::new();
    digest.update(format!("chain {CHAIN_VERSION}\n{stamp}"));
    for (file, list) in lists {
        digest.update(format!("{file}\n{list}"));
    }
    dictionary::hexadecimal(&digest.finalize()[..8])
}
