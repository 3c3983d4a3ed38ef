//! Words that mean the same to a searcher, looked up when a query is asked: a change of them needs no new index.
//!
//! `dict/synonyms.tsv` is compiled in; its head tells the form of a line. Elasticsearch's counterpart is a search-time
//! `synonym_graph` filter.

use crate::Analyzer;
use crate::phrases::{Phrases, Words, terms};

/// The groups that come with the crate, a line `class⇥words` each.
const SHIPPED: &str = include_str!("../dict/synonyms.tsv");

/// Groups of synonyms.
#[derive(Debug, Default)]
pub struct Synonyms {
    words: Vec<String>,
    phrases: Phrases<Vec<Vec<String>>>,
}

/// A stretch of a query that has synonyms.
#[derive(Debug, PartialEq, Eq)]
pub struct Synonym<'a> {
    /// How many terms of the query it takes.
    pub length: usize,
    /// The terms of each synonym, which stand in a row.
    pub others: &'a [Vec<String>],
}

impl Synonyms {
    /// Those that come with the crate, and `groups` of the same form without a class: `감기, 급성 상기도 감염`, `치주과 => 치과`. A group
    /// that has no such form brings nothing.
    pub fn new<'a>(analyzer: &Analyzer, groups: impl IntoIterator<Item = &'a str>) -> Self {
        let mut synonyms = Self::default();
        for group in shipped().chain(groups) {
            let (left, right) = sides(group);
            synonyms.add(analyzer, &left, &right);
        }
        synonyms
    }

    /// The groups that come with the crate as they are written: who asks for a word on the left finds those on the right. For
    /// engines that analyse for themselves.
    pub fn shipped() -> impl Iterator<Item = (Vec<&'static str>, Vec<&'static str>)> {
        shipped().map(sides)
    }

    /// All words, as they are written in the groups.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.words.iter().map(String::as_str)
    }

    fn add(&mut self, analyzer: &Analyzer, left: &[&str], right: &[&str]) {
        let written = left.iter().chain(right);
        self.words.extend(written.map(|word| (*word).to_owned()));
        let words = |list: &[&str]| -> Vec<Vec<String>> {
            let words = list.iter().map(|word| terms(analyzer, word));
            words.filter(|terms| !terms.is_empty()).collect()
        };
        let (from, to) = (words(left), words(right));
        for word in from {
            let others: Vec<_> = to.iter().filter(|other| **other != word).cloned().collect();
            if let Some(known) = self.phrases.entry(word) {
                for other in others {
                    if !known.contains(&other) {
                        known.push(other);
                    }
                }
            }
        }
    }

    /// The synonyms of the longest phrase that begins at a term of a text and ends before `end`.
    pub fn find(&self, words: &Words<'_>, at: usize, end: usize) -> Option<Synonym<'_>> {
        let (length, others) = self.phrases.longest(words, at, end)?;
        (!others.is_empty()).then_some(Synonym { length, others })
    }
}

fn shipped<'a>() -> impl Iterator<Item = &'a str> {
    let lines = SHIPPED.lines().filter(|line| !line.starts_with('#'));
    let groups = lines.filter_map(|line| line.split_once('\t'));
    groups.map(|(_, group)| group)
}

/// Who asks for a word on the left finds those on the right; a group without an arrow is both.
fn sides(group: &str) -> (Vec<&str>, Vec<&str>) {
    let (left, right) = group.split_once("=>").unwrap_or((group, group));
    let words = |list| -> Vec<&str> { str::split(list, ',').map(str::trim).collect() };
    (words(left), words(right))
}
