//! Which names are shown of those that what has been typed may become.

use std::collections::HashMap;
use std::sync::Arc;

use indexer::LiveIndex;
use tantivy::query::BooleanQuery;

use super::alike::{Alike, ONE_WRONG_MIN};
use super::documents::{Remembered, articles, institutions};
use super::gazetteer::GAZETTEER;
use super::marks::marked;
use super::names::{Found, Name, Names, SuggestionType};
use super::reading::{Reading, Way};
use crate::error::ApiError;
use crate::highlight::{Segment, pieces};
use crate::segments::Facts;
use crate::text_query::{exists, is};

/// With so many names that begin as typed, those that only nearly do would be noise; and beside fewer, they are near enough only
/// from so many letters on.
const ENOUGH: usize = 4;
const BESIDE_LETTERS_MIN: usize = 8;
/// Names of a kind that are looked up for each that can be shown, since of some no document is left.
const NAMES_PER_SUGGESTION: usize = 4;
/// The kinds take turns at the room that there is; most of it is for institutions, of which there are most.
const TURNS: [SuggestionType; 8] = [
    SuggestionType::Department,
    SuggestionType::Place,
    SuggestionType::Institution,
    SuggestionType::Query,
    SuggestionType::Condition,
    SuggestionType::Institution,
    SuggestionType::Article,
    SuggestionType::Institution,
];

/// The kinds whose names are in memory.
const IN_MEMORY: [SuggestionType; 4] = [
    SuggestionType::Department,
    SuggestionType::Place,
    SuggestionType::Condition,
    SuggestionType::Query,
];

/// A name that was found.
pub(super) struct Candidate<'a> {
    pub(super) found: Found<Name>,
    /// The way in which it was found, if it was by its beginning.
    pub(super) way: Option<&'a Way<'a>>,
}

/// A name that is shown, in pieces, with what has been typed marked.
pub(super) struct Suggested {
    pub(super) name: Name,
    pub(super) segments: Vec<Segment>,
}

impl From<Candidate<'_>> for Suggested {
    fn from(candidate: Candidate<'_>) -> Self {
        let name = candidate.found.name;
        Self {
            segments: match candidate.way {
                Some(way) => marked(&name.text, way),
                None => pieces(&name.text, &[]),
            },
            name,
        }
    }
}

/// What is shown.
#[derive(Default)]
pub(super) struct Shown {
    /// The best first.
    pub(super) suggested: Vec<Suggested>,
    /// What was typed on the other keyboard, if they were found by that.
    pub(super) corrected: Option<String>,
}

/// What names are looked up in.
pub(super) struct Sources<'a> {
    pub(super) index: &'a LiveIndex,
    pub(super) facts: &'a [Arc<Facts>],
    pub(super) popular: &'a Names,
    pub(super) remembered: &'a Remembered,
}

/// The best names, at most `limit`. Names that begin nearly so follow where those that do are few.
pub(super) fn suggestions(
    sources: &Sources<'_>,
    typed: &str,
    limit: usize,
) -> Result<Shown, ApiError> {
    let typed = Reading::new(typed);
    let other = typed.other_keyboard();
    let readings = [Some(&typed), other.as_ref()].into_iter().flatten();
    let readings = readings.zip([None, other.as_ref().map(|other| other.text.clone())]);
    for (reading, corrected) in readings.clone() {
        let ways: Vec<Way<'_>> = reading.exact_ways().collect();
        let mut found = Vec::new();
        for way in &ways {
            found.extend(sources.find(way, limit)?);
        }
        let mut suggested = choose(found, limit);
        if suggested.is_empty() {
            continue;
        }
        if suggested.len() < limit.min(ENOUGH) {
            suggested.extend(sources.alike(reading, BESIDE_LETTERS_MIN, limit, &suggested)?);
        }
        return Ok(Shown {
            suggested,
            corrected,
        });
    }
    for (reading, corrected) in readings {
        let suggested = sources.alike(reading, ONE_WRONG_MIN, limit, &[])?;
        if !suggested.is_empty() {
            return Ok(Shown {
                suggested,
                corrected,
            });
        }
    }
    Ok(Shown::default())
}

/// Lets the kinds take turns; the best first, each once.
pub(super) fn choose(mut found: Vec<Candidate<'_>>, limit: usize) -> Vec<Suggested> {
    found.sort_by(|one, other| one.found.rank().cmp(&other.found.rank()));
    let names: Vec<&Name> = found.iter().map(|one| &one.found.name).collect();
    let mut looked_at: HashMap<SuggestionType, usize> = HashMap::new();
    let mut chosen = Vec::new();
    loop {
        let before = chosen.len();
        for what in TURNS {
            let from = looked_at.entry(what).or_default();
            let fits = |at: &usize| names[*at].what == what && !is_superfluous(&names, *at);
            let next = (*from..names.len()).find(fits);
            *from = next.map_or(names.len(), |next| next + 1);
            chosen.extend(next);
        }
        if chosen.len() == before || chosen.len() >= limit {
            break;
        }
    }
    chosen.truncate(limit);
    let found = found.into_iter().enumerate();
    let chosen = found.filter(|(at, _)| chosen.contains(at));
    chosen.map(|(_, candidate)| candidate.into()).collect()
}

/// Whether a name of these, the best first, was before. What is only a search for its words gives way to a name of the same words
/// that leads somewhere.
fn is_superfluous(names: &[&Name], at: usize) -> bool {
    let name = names[at];
    let mut before = names[..at].iter();
    let is_same = |other: &Name| name.is_search() && other.is_search() && other.text == name.text;
    let mut leading = names.iter().filter(|other| !other.is_search());
    before.any(|other| *other == name || is_same(other))
        || name.is_search() && leading.any(|other| other.text == name.text)
}

impl Sources<'_> {
    /// The best names that begin nearly so, beside others.
    fn alike(
        &self,
        reading: &Reading,
        letters_min: usize,
        limit: usize,
        beside: &[Suggested],
    ) -> Result<Vec<Suggested>, ApiError> {
        let Some(alike) = Alike::new(&reading.key, letters_min) else {
            return Ok(Vec::new());
        };
        let way = Way::Alike(&alike);
        let mut found = self.find(&way, limit)?;
        found.retain(|one| beside.iter().all(|known| known.name != one.found.name));
        Ok(choose(found, limit - beside.len()))
    }

    /// What is found in a way: of each kind enough to choose from.
    fn find<'a>(&self, way: &'a Way<'a>, limit: usize) -> Result<Vec<Candidate<'a>>, ApiError> {
        let wanted = limit * NAMES_PER_SUGGESTION;
        let is_there = |name: usize| {
            let mut segments = self.facts.iter().map(|facts| &facts.suggest);
            segments.any(|segment| segment.is_there[name])
        };
        let mut in_memory = GAZETTEER.find(way, wanted, is_there);
        let of_segments = self.facts.iter().map(|facts| &facts.suggest.names);
        for names in of_segments.chain([self.popular]) {
            in_memory.extend(names.find(way, wanted, |_| true));
        }
        in_memory.sort_by(|one, other| one.rank().cmp(&other.rank()));
        let mut found = institutions(self, way, limit)?;
        found.extend(articles(self, way, limit)?);
        for what in IN_MEMORY {
            let of_kind = in_memory.iter().filter(|one| one.name.what == what);
            let mut known: Vec<&Name> = Vec::new();
            let mut room = limit;
            for one in of_kind {
                if room == 0 || known.len() == wanted {
                    break;
                }
                if known.contains(&one.name) {
                    continue;
                }
                known.push(one.name);
                if self.is_there(one.name)? {
                    room -= 1;
                    found.push(one.cloned());
                }
            }
        }
        let way = Some(way);
        let found = found.into_iter();
        Ok(found.map(|found| Candidate { found, way }).collect())
    }

    /// Whether a document is left of what has the name: segments remember those of deleted ones too.
    fn is_there(&self, name: &Name) -> Result<bool, ApiError> {
        let (searcher, fields) = (&self.index.searcher, &self.index.fields);
        match (name.what, &name.place) {
            (SuggestionType::Department, _) => exists(searcher, &is(fields.department, &name.text)),
            (SuggestionType::Place, Some(place)) => {
                let parts = [
                    (fields.sido, Some(&place.sido)),
                    (fields.sigungu, place.sigungu.as_ref()),
                    (fields.eupmyeondong, place.eupmyeondong.as_ref()),
                ];
                let parts = parts
                    .into_iter()
                    .filter_map(|(field, name)| Some(is(field, name?)));
                exists(searcher, &BooleanQuery::intersection(parts.collect()))
            }
            _ => Ok(true),
        }
    }
}
