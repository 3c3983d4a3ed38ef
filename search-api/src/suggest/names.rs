//! Names in memory, looked up by how they begin: a finite-state dictionary of their keys.

use std::borrow::Borrow;
use std::collections::{BTreeMap, HashMap, HashSet};

use analyzers::{initials, jamo_key};
use serde::Serialize;
use tantivy_fst::{IntoStreamer, Map, Streamer};
use utoipa::ToSchema;

use super::alike::Alike;
use super::reading::Way;
use crate::segments::Place;

/// Before first consonants, which are no letters of a name.
const INITIALS: char = '^';

/// What a suggestion stands for.
// In the order in which names that are as good are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SuggestionType {
    /// A department (진료과목).
    Department,
    /// A place: 시도, 시군구, 읍면동, station or landmark.
    Place,
    /// A condition or symptom (질환·증상).
    Condition,
    /// An institution.
    Institution,
    /// An article.
    Article,
    /// What many have searched for (인기 검색어).
    Query,
}

/// A name, and what it stands for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Name {
    pub(super) what: SuggestionType,
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
    pub(super) fn new(what: SuggestionType, text: &str, detail: String) -> Self {
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
            SuggestionType::Department | SuggestionType::Institution | SuggestionType::Article => {
                false
            }
            SuggestionType::Place => self.is_spot,
            SuggestionType::Condition | SuggestionType::Query => true,
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
pub(crate) struct Names {
    names: Vec<Name>,
    /// Key → its place among the keys.
    places: Option<Map<Vec<u8>>>,
    /// By the place of a key: where its calls begin in `calls`; and their end.
    starts: Vec<usize>,
    /// Places in `ranked`, key by key.
    calls: Vec<u32>,
    /// What is called so by any key, the best first.
    ranked: Vec<Call>,
}

impl Default for Names {
    fn default() -> Self {
        Self::new(std::iter::empty())
    }
}

/// One way to call a name.
struct Call {
    /// Place in `names`.
    name: usize,
    is_later_word: bool,
    /// Bytes of the key.
    length: usize,
}

impl Call {
    fn found<'a>(&self, names: &'a [Name], distance: u8, is_longer: bool) -> Found<&'a Name> {
        Found {
            distance,
            is_longer,
            is_later_word: self.is_later_word,
            length: self.length,
            name: &names[self.name],
        }
    }
}

impl Names {
    /// Names, each with the other ways to call it.
    pub(super) fn new<'a>(all: impl Iterator<Item = (Name, Vec<&'a str>)>) -> Self {
        let mut keys: BTreeMap<String, Vec<(usize, bool)>> = BTreeMap::new();
        let mut names = Vec::new();
        for (name, others) in all {
            let place = names.len();
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
        let mut starts = vec![0];
        let mut ranked: Vec<(Call, usize)> = Vec::new();
        for (key, called) in &keys {
            let length = key.len();
            for &(name, is_later_word) in called {
                let call = Call {
                    name,
                    is_later_word,
                    length,
                };
                ranked.push((call, ranked.len()));
            }
            starts.push(ranked.len());
        }
        let found = |call: &Call| call.found(&names, 0, true);
        ranked.sort_by(|(one, _), (other, _)| {
            let (one, other) = (found(one), found(other));
            one.rank().cmp(&other.rank())
        });
        let mut calls = vec![0; ranked.len()];
        for (rank, (_, at)) in ranked.iter().enumerate() {
            calls[*at] = rank as u32;
        }
        Self {
            // It is made, since the keys are sorted and distinct.
            places: Map::from_iter(keys.keys().zip(0..)).ok(),
            starts,
            calls,
            ranked: ranked.into_iter().map(|(call, _)| call).collect(),
            names,
        }
    }

    /// The names, in the order in which they were given.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Name> {
        self.names.iter()
    }

    /// The best names of each kind that are found in a way, of those that `is_there` knows, by their places among all.
    pub(super) fn find(
        &self,
        way: &Way<'_>,
        wanted: usize,
        is_there: impl Fn(usize) -> bool,
    ) -> Vec<Found<&Name>> {
        let mut calls = match way {
            Way::Letters(key) => self.beginning(key),
            Way::Initials(key) => self.beginning(&format!("{INITIALS}{key}")),
            Way::Alike(alike) => self.alike(alike),
        };
        // Few of a gazetteer's may be there: those that are not need not be put in order.
        calls.retain(|(_, _, rank)| is_there(self.ranked[*rank as usize].name));
        calls.sort_unstable();
        let mut known = HashSet::new();
        let mut room = HashMap::new();
        let mut found = Vec::new();
        for (distance, is_longer, rank) in calls {
            let call = &self.ranked[rank as usize];
            let room = room.entry(self.names[call.name].what).or_insert(wanted);
            if *room > 0 && known.insert(call.name) {
                *room -= 1;
                found.push(call.found(&self.names, distance, is_longer));
            }
        }
        found
    }

    /// The calls with keys that begin so: mistakes, whether the key is longer, rank.
    fn beginning(&self, beginning: &str) -> Vec<(u8, bool, u32)> {
        // No byte of a key is so great.
        let [first, last] =
            [&[][..], &[0xff]].map(|end| self.place(&[beginning.as_bytes(), end].concat()));
        let calls = self.calls.get(self.starts[first]..self.starts[last]);
        let calls = calls.unwrap_or_default().iter();
        let is_longer = |rank: u32| self.ranked[rank as usize].length > beginning.len();
        calls.map(|rank| (0, is_longer(*rank), *rank)).collect()
    }

    /// The place of the first key from this one on.
    fn place(&self, key: &[u8]) -> usize {
        let next = self.places.as_ref().and_then(|places| {
            let mut keys = places.range().ge(key).into_stream();
            keys.next().map(|(_, place)| place as usize)
        });
        next.unwrap_or(self.starts.len() - 1)
    }

    /// The calls with keys that begin nearly so.
    fn alike(&self, alike: &Alike) -> Vec<(u8, bool, u32)> {
        let mut calls = Vec::new();
        let Some(places) = &self.places else {
            return calls;
        };
        let mut keys = places.search(alike).ge(&alike.first).into_stream();
        while let Some((key, place)) = keys.next() {
            let distance = alike.distance(key).unwrap_or(u8::MAX);
            let place = place as usize;
            let of_key = &self.calls[self.starts[place]..self.starts[place + 1]];
            calls.extend(of_key.iter().map(|rank| (distance, true, *rank)));
        }
        calls
    }
}

#[cfg(test)]
mod tests {
    use super::super::reading::Reading;
    use super::*;

    #[test]
    fn the_best_names_of_each_kind_are_found_each_once() {
        let all = [
            (SuggestionType::Place, "강남역 강남", vec![]),
            (SuggestionType::Place, "강남구", vec!["강남"]),
            (SuggestionType::Place, "강북구", vec![]),
            (SuggestionType::Condition, "강박 장애", vec![]),
            (SuggestionType::Condition, "강직", vec![]),
        ];
        let all = all.map(|(what, name, others)| (Name::new(what, name, String::new()), others));
        let names = Names::new(all.into_iter());
        let found = |typed: &str, wanted, gone: &[usize]| -> Vec<String> {
            let reading = Reading::new(typed);
            let ways = reading.exact_ways();
            let found = ways.flat_map(|way| names.find(&way, wanted, |name| !gone.contains(&name)));
            found.map(|found| found.name.text.clone()).collect()
        };
        // What is so called before what begins so; a later word after the first.
        assert_eq!(found("강남", 8, &[]), ["강남구", "강남역 강남"]);
        assert_eq!(found("ㄱㄴ", 8, &[]), ["강남구", "강남역 강남"]);
        assert_eq!(
            found("강", 2, &[]),
            ["강남구", "강북구", "강직", "강박 장애"]
        );
        assert_eq!(found("강", 1, &[1]), ["강북구", "강직"]);
        assert_eq!(found("구", 8, &[]), [""; 0]);
        let key = Reading::new("강").key;
        let none = Names::default();
        assert!(none.find(&Way::Letters(&key), 8, |_| true).is_empty());
    }
}
