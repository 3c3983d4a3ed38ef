//! Words and phrases that are recognised in a text as whole words: what synonyms, places and complaints are looked up by.

use std::collections::HashMap;
use std::ops::Range;

use crate::{Analyzer, Token};

/// Phrases with what each stands for. A phrase is met where its terms stand in a row, from the beginning of a word to the end of one,
/// particles and endings off: `생리` is in `생리가 늦어요`, not in `생리식염수`.
#[derive(Debug)]
pub struct Phrases<T> {
    by_first: HashMap<String, Vec<(Vec<String>, T)>>,
}

impl<T> Default for Phrases<T> {
    fn default() -> Self {
        Self {
            by_first: HashMap::new(),
        }
    }
}

impl<T: Default> Phrases<T> {
    /// What a phrase of these terms stands for, to be filled; `None` for one without any.
    pub fn entry(&mut self, terms: Vec<String>) -> Option<&mut T> {
        let phrases = self.by_first.entry(terms.first()?.clone()).or_default();
        let place = match phrases.binary_search_by(|(known, _)| known[..].cmp(&terms)) {
            Ok(place) => place,
            Err(place) => {
                phrases.insert(place, (terms, T::default()));
                place
            }
        };
        Some(&mut phrases[place].1)
    }
}

impl<T> Phrases<T> {
    /// What a phrase of exactly these terms stands for.
    pub fn get(&self, terms: &[String]) -> Option<&T> {
        let phrases = self.by_first.get(terms.first()?)?;
        let place = phrases.binary_search_by(|(known, _)| known[..].cmp(terms));
        Some(&phrases[place.ok()?].1)
    }

    /// The longest phrase that begins at a term and ends before `end`: how many terms it takes, and what it stands for.
    pub fn longest(&self, words: &Words<'_>, at: usize, end: usize) -> Option<(usize, &T)> {
        if !words.is_boundary(at) {
            return None;
        }
        let tokens = &words.tokens[at..end];
        let is_here = |phrase: &[String]| {
            phrase.len() <= tokens.len()
                && phrase.iter().zip(tokens).all(|(a, b)| *a == b.text)
                && words.is_boundary(at + phrase.len())
        };
        let phrases = self.by_first.get(&tokens.first()?.text)?.iter();
        let met = phrases.filter(|(phrase, _)| is_here(phrase));
        met.max_by_key(|(phrase, _)| phrase.len())
            .map(|(phrase, value)| (phrase.len(), value))
    }
}

/// The terms of a text with where its words begin and end.
#[derive(Debug)]
pub struct Words<'a> {
    text: &'a str,
    tokens: &'a [Token],
}

impl<'a> Words<'a> {
    /// `tokens` are those of `text`.
    pub fn new(text: &'a str, tokens: &'a [Token]) -> Self {
        Self { text, tokens }
    }

    /// The terms of the word that the term at this place belongs to.
    pub fn word(&self, at: usize) -> Range<usize> {
        let start = (0..=at).rev().find(|start| self.is_boundary(*start));
        let end = (at + 1..=self.tokens.len()).find(|end| self.is_boundary(*end));
        start.unwrap_or(0)..end.unwrap_or(self.tokens.len())
    }

    /// Whether a word ends before the term at this place, and one begins there, or the text ends.
    pub fn is_boundary(&self, at: usize) -> bool {
        let (Some(before), Some(after)) = (at.checked_sub(1), self.tokens.get(at)) else {
            return true;
        };
        // Terms of one morpheme may stand at the same place.
        let between = self.text.get(self.tokens[before].end..after.start);
        between.is_some_and(|between| between.contains(|c: char| !c.is_alphanumeric()))
    }
}

/// The terms of a text, in order.
pub fn terms(analyzer: &Analyzer, text: &str) -> Vec<String> {
    let tokens = analyzer.analyze(text).into_iter();
    tokens.map(|token| token.text).collect()
}
