//! Finds institutions: the query, its order, and what is tried when nothing matches.

use std::sync::Arc;

use indexer::{LiveIndex, Noun};
use tantivy::collector::Count;
use tantivy::collector::sort_key::SortBySimilarityScore;
use tantivy::query::{BooleanQuery, Occur, Query};
use tantivy::schema::Field;
use tantivy::{DocAddress, Score};

use super::bands::add_bands;
use super::filters::filters;
use super::meanings::meaning;
use super::nearest::nearest;
use super::request::SearchInstitutions;
use crate::error::ApiError;
use crate::facets::{self, Counts};
use crate::filters::{Clauses, Filters};
use crate::opening_state::Moment;
use crate::segments::{ById, Facts};
use crate::text_query::TextQuery;
use crate::understanding::{Language, Other};
use crate::weights;

/// Fields that are counted.
pub(super) const FACETS: [&str; 5] = ["kind", "department", "sido", "sigungu", "service"];

/// What was found.
pub(super) struct Found {
    /// The hits of the page, each with its score, which is 0 where nothing was scored.
    pub(super) hits: Vec<(Score, DocAddress)>,
    pub(super) total: usize,
    pub(super) facets: Option<Counts>,
    /// Not everything that was asked for was found.
    pub(super) is_relaxed: bool,
    /// What the query was read as; `None` without one.
    pub(super) text: Option<TextQuery>,
    /// That is not what was typed.
    pub(super) is_corrected: bool,
}

/// With fewer hits than a page shows at once, names that are spelt alike are worth a look.
const ENOUGH: usize = 10;

/// A search under way.
struct Search<'a> {
    index: &'a LiveIndex,
    request: &'a SearchInstitutions,
    searched: [(Field, Score); 4],
    filters: Filters,
}

/// Searches for what was typed: institutions that say every concept, and names that begin like it. If there are none, for what the
/// keys give on the other keyboard, then for names that are spelt alike, which also follow a few hits, then with words spelt as
/// documents do; then for most of the concepts, then for any.
pub(super) fn search(
    index: &LiveIndex,
    facts: &[Arc<Facts>],
    language: &Language,
    request: &SearchInstitutions,
    moment: Moment,
) -> Result<Found, ApiError> {
    let search = Search {
        index,
        request,
        searched: weights::of_institutions(&index.fields),
        filters: filters(index, facts, request, moment),
    };
    let Some(typed) = request.q.as_deref() else {
        return search.run(None, None);
    };
    let typed = TextQuery::new(language, typed, Noun::Institution);
    let found = search.exactly(&typed)?;
    if found.total >= ENOUGH {
        return Ok(found.of(typed, false));
    }
    if found.total > 0 {
        return Ok(search.alike(&typed)?.unwrap_or(found).of(typed, false));
    }
    let other = typed.other_keyboard(language, Noun::Institution);
    if let Some(text) = &other {
        let found = search.exactly(text)?;
        if found.total > 0 {
            return Ok(found.of(text.clone(), true));
        }
    }
    let mut readings = vec![(typed, false)];
    readings.extend(other.map(|text| (text, true)));
    for (text, is_corrected) in &readings {
        if let Some(found) = search.alike(text)?.filter(|found| found.total > 0) {
            return Ok(found.of(text.clone(), *is_corrected));
        }
    }
    let (typed, _) = &readings[0];
    if let Some(text) = typed.corrected(language, index, Noun::Institution, &search.searched)? {
        let found = search.exactly(&text)?;
        if found.total > 0 {
            return Ok(found.of(text, true));
        }
    }
    for (text, is_corrected) in &readings {
        for fewer in [text.majority(), 1] {
            if fewer < text.count() {
                let found = search.for_some(text, fewer)?;
                if found.total > 0 {
                    let is_relaxed = true;
                    return Ok(Found {
                        is_relaxed,
                        ..found
                    }
                    .of(text.clone(), *is_corrected));
                }
            }
        }
    }
    Ok(found.of(typed.clone(), false))
}

impl Found {
    fn of(self, text: TextQuery, is_corrected: bool) -> Self {
        Self {
            text: Some(text),
            is_corrected,
            ..self
        }
    }
}

impl Search<'_> {
    fn exactly(&self, text: &TextQuery) -> Result<Found, ApiError> {
        self.run(Some(text), Some(self.exact_ways(text)))
    }

    /// The same, and names that are spelt alike; `None` when the text is not like a name.
    fn alike(&self, text: &TextQuery) -> Result<Option<Found>, ApiError> {
        let alike = text.name.alike(&self.index.fields);
        let search = |alike| {
            let ways = self.exact_ways(text).into_iter().chain([alike]);
            self.run(Some(text), Some(ways.collect()))
        };
        alike.map(search).transpose()
    }

    fn exact_ways(&self, text: &TextQuery) -> Vec<Box<dyn Query>> {
        let fields = &self.index.fields;
        let resolve = |other: &Other| meaning(fields, &self.searched, other);
        let every = (text.count() > 0).then(|| text.every(&self.searched, &resolve));
        let names = [text.name.prefix(fields), text.name.initials(fields)];
        every
            .into_iter()
            .chain(names.into_iter().flatten())
            .collect()
    }

    /// Those that say at least so many concepts.
    fn for_some(&self, text: &TextQuery, count: usize) -> Result<Found, ApiError> {
        let resolve = |other: &Other| meaning(&self.index.fields, &self.searched, other);
        let some = text.at_least(count, &self.searched, &resolve);
        self.run(Some(text), Some(vec![some]))
    }

    /// Those that are found in any of these ways; all where there are none.
    fn run(
        &self,
        text: Option<&TextQuery>,
        ways: Option<Vec<Box<dyn Query>>>,
    ) -> Result<Found, ApiError> {
        let mut words = Clauses::new();
        if let Some(ways) = ways {
            words.push((Occur::Must, Box::new(BooleanQuery::union(ways))));
        }
        if let Some(text) = text {
            words.push((Occur::Should, text.name.whole(&self.index.fields)));
        }
        collect(
            self.index,
            self.request,
            &self.filters,
            words,
            text.is_some(),
        )
    }
}

fn collect(
    index: &LiveIndex,
    request: &SearchInstitutions,
    filters: &Filters,
    words: Clauses,
    is_scored: bool,
) -> Result<Found, ApiError> {
    let query = filters.query(&words);
    let top = request.page().top();
    let counts = request
        .facets
        .then(|| facets::beside_hits(&FACETS, filters))
        .transpose()?;
    let searcher = &index.searcher;
    let (hits, total, beside_hits) = if let Some(centre) = request.nearest_first() {
        let (total, beside_hits) = searcher.search(&query, &(Count, counts))?;
        let hits = nearest(index, &query, centre, request.page(), total)?;
        let hits = hits.into_iter().map(|address| (0.0, address)).collect();
        (hits, total, beside_hits)
    } else if is_scored {
        let order = top.order_by((SortBySimilarityScore, ById));
        let (hits, total, beside_hits) = searcher.search(&query, &(order, Count, counts))?;
        (
            hits.into_iter()
                .map(|((score, _), address)| (score, address))
                .collect(),
            total,
            beside_hits,
        )
    } else {
        let (hits, total, beside_hits) =
            searcher.search(&query, &(top.order_by(ById), Count, counts))?;
        (
            hits.into_iter()
                .map(|(_, address)| (0.0, address))
                .collect(),
            total,
            beside_hits,
        )
    };
    let mut facets = beside_hits
        .map(|counted| facets::count(searcher, &FACETS, filters, &words, &counted))
        .transpose()?;
    if let Some(counts) = &mut facets {
        add_bands(counts, index, filters, &words, request.centre())?;
    }
    Ok(Found {
        hits,
        total,
        facets,
        is_relaxed: false,
        text: None,
        is_corrected: false,
    })
}
