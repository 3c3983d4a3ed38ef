//! Which names are shown of those that what has been typed may become.

use std::collections::HashSet;
use std::sync::Arc;

use indexer::LiveIndex;
use tantivy::query::{BooleanQuery, EnableScoring, Query};
use tantivy::{DocSet, TERMINATED};

use super::alike::{Alike, ONE_WRONG_MIN};
use super::documents::{articles, institutions};
use super::gazetteer::GAZETTEER;
use super::marks::marked;
use super::names::{Found, Name, Names, What};
use super::reading::{Reading, Way};
use crate::error::ApiError;
use crate::highlight::Segment;
use crate::segments::{Facts, Place};
use crate::text_query::is;

/// With so many names that begin as typed, those that only nearly do would be noise; and beside fewer, they are near enough only
/// from so many letters on.
const ENOUGH: usize = 4;
const BESIDE_LETTERS_MIN: usize = 8;
/// Names of a kind that are looked up for each that can be shown, since of some no document is left.
const NAMES_PER_SUGGESTION: usize = 4;
/// The kinds take turns at the room that there is; most of it is for institutions, of which there are most.
const TURNS: [What; 8] = [
    What::Department,
    What::Place,
    What::Institution,
    What::Query,
    What::Condition,
    What::Institution,
    What::Article,
    What::Institution,
];

/// The kinds whose names are in memory.
const IN_MEMORY: [What; 4] = [What::Department, What::Place, What::Condition, What::Query];

/// A name that is shown, in pieces, with what has been typed marked.
pub(super) struct Candidate {
    pub(super) found: Found<Name>,
    pub(super) segments: Vec<Segment>,
}

impl Candidate {
    /// A name that was found in a way.
    pub(super) fn new(found: Found<Name>, way: &Way<'_>) -> Self {
        Self {
            segments: marked(&found.name.text, way),
            found,
        }
    }
}

/// What is shown.
#[derive(Default)]
pub(super) struct Shown {
    /// The best first.
    pub(super) candidates: Vec<Candidate>,
    /// What was typed on the other keyboard, if they were found by that.
    pub(super) corrected: Option<String>,
}

/// What names are looked up in.
pub(super) struct Sources<'a> {
    pub(super) index: &'a LiveIndex,
    pub(super) facts: &'a [Arc<Facts>],
    pub(super) popular: &'a Names,
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
        let mut found = Vec::new();
        for way in reading.exact_ways() {
            found.extend(sources.find(&way, limit)?);
        }
        let mut candidates = choose(found, limit);
        if candidates.is_empty() {
            continue;
        }
        if candidates.len() < limit.min(ENOUGH) {
            let known = candidates.iter().map(|one| one.found.name.clone());
            let known: HashSet<Name> = known.collect();
            let mut alike = sources.alike(reading, BESIDE_LETTERS_MIN, limit)?;
            alike.retain(|one| !known.contains(&one.found.name));
            candidates.extend(choose(alike, limit - candidates.len()));
        }
        return Ok(Shown {
            candidates,
            corrected,
        });
    }
    for (reading, corrected) in readings {
        let candidates = choose(sources.alike(reading, ONE_WRONG_MIN, limit)?, limit);
        if !candidates.is_empty() {
            return Ok(Shown {
                candidates,
                corrected,
            });
        }
    }
    Ok(Shown::default())
}

/// Lets the kinds take turns; the best first, each once.
pub(super) fn choose(mut found: Vec<Candidate>, limit: usize) -> Vec<Candidate> {
    found.sort_by(|one, other| one.found.rank().cmp(&other.found.rank()));
    let mut known = HashSet::new();
    found.retain(|one| known.insert(one.found.name.clone()));
    // What is only a search for its words gives way to a name of the same words that leads somewhere.
    let names = found.iter().map(|one| &one.found.name);
    let leading = names.filter(|name| !name.is_search());
    let leading: HashSet<String> = leading.map(|name| name.text.clone()).collect();
    let mut searches = HashSet::new();
    found.retain(|one| {
        let name = &one.found.name;
        !name.is_search() || !leading.contains(&name.text) && searches.insert(name.text.clone())
    });
    let mut chosen = Vec::new();
    while chosen.len() < limit && !found.is_empty() {
        for what in TURNS {
            let next = found.iter().position(|one| one.found.name.what == what);
            chosen.extend(next.map(|next| found.remove(next)));
        }
    }
    chosen.truncate(limit);
    chosen.sort_by(|one, other| one.found.rank().cmp(&other.found.rank()));
    chosen
}

impl Sources<'_> {
    fn alike(
        &self,
        reading: &Reading,
        letters_min: usize,
        limit: usize,
    ) -> Result<Vec<Candidate>, ApiError> {
        match Alike::new(&reading.key, letters_min) {
            Some(alike) => self.find(&Way::Alike(&alike), limit),
            None => Ok(Vec::new()),
        }
    }

    /// What is found in a way: of each kind enough to choose from.
    fn find(&self, way: &Way<'_>, limit: usize) -> Result<Vec<Candidate>, ApiError> {
        let of_segments = self.facts.iter().map(|facts| &facts.suggest.names);
        let names: Vec<&Names> = of_segments.chain([&*GAZETTEER, self.popular]).collect();
        let mut in_memory: Vec<Found<&Name>> = names
            .into_iter()
            .flat_map(|names| names.find(way))
            .collect();
        in_memory.retain(|one| one.name.place.as_ref().is_none_or(|place| self.has(place)));
        in_memory.sort_by(|one, other| one.rank().cmp(&other.rank()));
        let mut known = HashSet::new();
        in_memory.retain(|one| known.insert(one.name));
        let mut found = institutions(self.index, self.facts, way, limit)?;
        found.extend(articles(self.index, self.facts, way, limit)?);
        for what in IN_MEMORY {
            let of_kind = in_memory.iter().filter(|one| one.name.what == what);
            let mut room = limit;
            for one in of_kind.take(limit * NAMES_PER_SUGGESTION) {
                if room > 0 && self.is_there(one.name)? {
                    room -= 1;
                    found.push(one.cloned());
                }
            }
        }
        let found = found.into_iter();
        Ok(found.map(|found| Candidate::new(found, way)).collect())
    }

    /// Whether some document is, or was, there.
    fn has(&self, place: &Place) -> bool {
        self.facts.iter().any(|facts| facts.places.contains(place))
    }

    /// Whether a document is left of what has the name: segments remember those of deleted ones too.
    fn is_there(&self, name: &Name) -> Result<bool, ApiError> {
        let fields = &self.index.fields;
        match (name.what, &name.place) {
            (What::Department, _) => self.any(&is(fields.department, &name.text)),
            (What::Place, Some(place)) => {
                let parts = [
                    (fields.sido, Some(&place.sido)),
                    (fields.sigungu, place.sigungu.as_ref()),
                    (fields.eupmyeondong, place.eupmyeondong.as_ref()),
                ];
                let parts = parts
                    .into_iter()
                    .filter_map(|(field, name)| Some(is(field, name?)));
                self.any(&BooleanQuery::intersection(parts.collect()))
            }
            _ => Ok(true),
        }
    }

    /// Whether there is any such document.
    fn any(&self, query: &dyn Query) -> Result<bool, ApiError> {
        let searcher = &self.index.searcher;
        let weight = query.weight(EnableScoring::disabled_from_searcher(searcher))?;
        for segment in searcher.segment_readers() {
            let mut documents = weight.scorer(segment, 1.0)?;
            while documents.doc() != TERMINATED {
                if !segment.is_deleted(documents.doc()) {
                    return Ok(true);
                }
                documents.advance();
            }
        }
        Ok(false)
    }
}
