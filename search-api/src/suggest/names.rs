//! Names in memory, looked up by how they begin: a finite-state dictionary of their keys.

use std::borrow::Borrow;
use std::collections::BTreeMap;

use analyzers::{initials, jamo_key};
use tantivy_fst::{IntoStreamer, Map, Streamer};

use super::reading::Way;
use crate::segments::Place;

/// Before first consonants, which are no letters of a name.
const INITIALS: char = '^';

/// What a suggestion is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum What {
    Department,
    Place,
    Condition,
    Institution,
    Article,
    Query,
}

/// A name, and what it stands for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Name {
    pub(super) what: What,
    /// Of names that are as good the lower is shown first: how far down a place is, how rarely a query is asked.
    pub(super) level: u64,
    pub(super) text: String,
    pub(super) detail: String,
    /// Of an institution or article.
    pub(super) id: Option<u64>,
    /// Of an article.
    pub(super) slug: Option<String>,
    /// Of a place; of a spot, where it lies.
    pub(super) place: Option<Place>,
    /// A station or landmark, which searches can't be narrowed down to.
    pub(super) is_spot: bool,
}

impl Name {
    pub(super) fn new(what: What, text: &str, detail: String) -> Self {
        Self {
            what,
            level: 0,
            text: text.to_owned(),
            detail,
            id: None,
            slug: None,
            place: None,
            is_spot: false,
        }
    }

    /// Whether it leads to a search for its words, and not to something of that name.
    pub(super) fn is_search(&self) -> bool {
        match self.what {
            What::Department | What::Institution | What::Article => false,
            What::Place => self.is_spot,
            What::Condition | What::Query => true,
        }
    }
}

/// A name that was found.
#[derive(Clone, Debug)]
pub(super) struct Found<N> {
    /// Mistakes.
    pub(super) distance: u8,
    /// The key is longer than what has been typed.
    pub(super) is_longer: bool,
    /// Only a later word of the name begins so.
    pub(super) is_later_word: bool,
    /// Bytes of the key.
    pub(super) length: usize,
    pub(super) name: N,
}

impl Found<&Name> {
    pub(super) fn cloned(&self) -> Found<Name> {
        Found {
            distance: self.distance,
            is_longer: self.is_longer,
            is_later_word: self.is_later_word,
            length: self.length,
            name: self.name.clone(),
        }
    }
}

impl<N: Borrow<Name>> Found<N> {
    /// The lower is the better.
    pub(super) fn rank(&self) -> impl Ord {
        let name = self.name.borrow();
        (
            (self.distance, self.is_longer, name.what),
            (self.is_later_word, name.level, self.length),
            (&name.text, &name.detail, name.id),
        )
    }
}

/// Names by their keys.
#[derive(Default)]
pub(crate) struct Names {
    names: Vec<Name>,
    /// Key → place in `of_key`.
    by_key: Option<Map<Vec<u8>>>,
    /// The names with each key, as places in `names`, and whether it is only that of a later word.
    of_key: Vec<Vec<(u32, bool)>>,
}

impl Names {
    /// Names, each with the other ways to call it.
    pub(super) fn new<'a>(all: impl Iterator<Item = (Name, Vec<&'a str>)>) -> Self {
        let mut keys: BTreeMap<String, Vec<(u32, bool)>> = BTreeMap::new();
        let mut names = Vec::new();
        for (name, others) in all {
            let place = names.len() as u32;
            for called in others.into_iter().chain([name.text.as_str()]) {
                let words: Vec<&str> = called.split_whitespace().collect();
                for first in 0..words.len() {
                    let rest = words[first..].concat();
                    let letters = jamo_key(&rest);
                    for key in [format!("{INITIALS}{}", initials(&rest)), letters] {
                        keys.entry(key).or_default().push((place, first > 0));
                    }
                }
            }
            names.push(name);
        }
        keys.remove("");
        Self {
            names,
            // It is made, since the keys are sorted and distinct.
            by_key: Map::from_iter(keys.keys().zip(0..)).ok(),
            of_key: keys.into_values().collect(),
        }
    }

    /// Every name that is found in a way, once for each of its keys.
    pub(super) fn find(&self, way: &Way<'_>) -> Vec<Found<&Name>> {
        let mut found = Vec::new();
        let Some(by_key) = &self.by_key else {
            return found;
        };
        let mut add = |key: &[u8], place: u64, typed: usize, distance| {
            for &(name, is_later_word) in &self.of_key[place as usize] {
                found.push(Found {
                    distance,
                    is_longer: key.len() > typed,
                    is_later_word,
                    length: key.len(),
                    name: &self.names[name as usize],
                });
            }
        };
        let mut begins_with = |beginning: &str| {
            let mut keys = by_key.range().ge(beginning).into_stream();
            while let Some((key, place)) = keys.next() {
                if !key.starts_with(beginning.as_bytes()) {
                    break;
                }
                add(key, place, beginning.len(), 0);
            }
        };
        match way {
            Way::Letters(key) => begins_with(key),
            Way::Initials(key) => begins_with(&format!("{INITIALS}{key}")),
            Way::Alike(alike) => {
                let mut keys = by_key.search(*alike).ge(&alike.first).into_stream();
                while let Some((key, place)) = keys.next() {
                    if !key.starts_with(alike.first.as_bytes()) {
                        break;
                    }
                    let distance = alike.distance(key).unwrap_or(u8::MAX);
                    add(key, place, 0, distance);
                }
            }
        }
        found
    }
}
