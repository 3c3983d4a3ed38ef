//! Finds institutions: the query, its order, and what is tried when nothing matches.

use std::sync::Arc;

use indexer::LiveIndex;
use indexer::schema::Fields;
use tantivy::collector::Count;
use tantivy::collector::sort_key::SortBySimilarityScore;
use tantivy::query::{BooleanQuery, Occur, Query};
use tantivy::schema::Field;
use tantivy::{DocAddress, Score};

use super::bands::add_bands;
use super::distance::ByDistance;
use super::filters::filters;
use super::request::SearchInstitutions;
use crate::error::ApiError;
use crate::facets::{self, Counts};
use crate::filters::{Clauses, Filters};
use crate::opening_state::Moment;
use crate::segments::{ById, Facts};
use crate::text_query::TextQuery;

/// Fields that are counted.
pub(super) const FACETS: [&str; 5] = ["kind", "department", "sido", "sigungu", "service"];

/// What was found.
pub(super) struct Found {
    /// The hits of the page, each with its score, which is 0 where nothing was scored.
    pub(super) hits: Vec<(Score, DocAddress)>,
    pub(super) total: usize,
    pub(super) facets: Option<Counts>,
    /// Not all words were found.
    pub(super) is_relaxed: bool,
    /// Which reading of the query found them.
    pub(super) reading: usize,
}

/// With fewer hits than a page shows at once, names that are spelt alike are worth a look.
const ENOUGH: usize = 10;

/// The fields that a word is looked for in, with what each counts: a name above a kind or department, that above a place.
fn searched(fields: &Fields) -> [(Field, Score); 4] {
    [
        (fields.name, 3.0),
        (fields.keywords, 1.5),
        (fields.address, 1.0),
        (fields.summary, 0.5),
    ]
}

/// Searches for the first of `texts` that finds something, which are readings of the same query: names that have every word, or
/// begin like it; where these are few, names that are spelt alike as well. When no reading finds any: most of the words, then any
/// of them.
pub(super) fn search(
    index: &LiveIndex,
    facts: &[Arc<Facts>],
    request: &SearchInstitutions,
    texts: &[TextQuery],
    moment: Moment,
) -> Result<Found, ApiError> {
    let fields = &index.fields;
    let filters = filters(index, facts, request, moment);
    let mut first = None;
    let searched = searched(fields);
    let run_for = |text: &TextQuery, alternatives: Vec<Box<dyn Query>>| {
        let words: Clauses = vec![
            (Occur::Must, Box::new(BooleanQuery::union(alternatives))),
            (Occur::Should, text.whole_name(fields)),
        ];
        run(index, facts, request, &filters, words, Some(text))
    };
    for (reading, text) in texts.iter().enumerate() {
        let exact = || {
            let count = text.tokens().len();
            let every_word = (count > 0).then(|| text.at_least(count, &searched));
            let names = [text.name_prefix(fields), text.initials(fields)];
            every_word
                .into_iter()
                .chain(names.into_iter().flatten())
                .collect::<Vec<_>>()
        };
        let mut found = run_for(text, exact())?;
        if found.total < ENOUGH
            && let Some(alike) = text.alike(fields)
        {
            let alternatives = exact().into_iter().chain([alike]).collect();
            found = run_for(text, alternatives)?;
        }
        if found.total > 0 {
            return Ok(Found { reading, ..found });
        }
        first.get_or_insert(found);
    }
    for (reading, text) in texts.iter().enumerate() {
        let count = text.tokens().len();
        for fewer in [text.majority(), 1] {
            if fewer < count {
                let found = run_for(text, vec![text.at_least(fewer, &searched)])?;
                if found.total > 0 {
                    return Ok(Found {
                        is_relaxed: true,
                        reading,
                        ..found
                    });
                }
            }
        }
    }
    match first {
        // Nothing: its counts tell what other choices would find.
        Some(nothing) => Ok(nothing),
        None => run(index, facts, request, &filters, Clauses::new(), None),
    }
}

fn run(
    index: &LiveIndex,
    facts: &[Arc<Facts>],
    request: &SearchInstitutions,
    filters: &Filters,
    words: Clauses,
    text: Option<&TextQuery>,
) -> Result<Found, ApiError> {
    let query = filters.query(&words);
    let by_id = ById::new(index, facts);
    let top = request.page().top();
    let counts = request
        .facets
        .then(|| facets::beside_hits(&FACETS, filters))
        .transpose()?;
    let searcher = &index.searcher;
    let (hits, total, beside_hits) = if let Some(centre) = request.nearest_first() {
        let order = top.order_by((ByDistance::new(index, facts, centre), by_id));
        let (hits, total, beside_hits) = searcher.search(&query, &(order, Count, counts))?;
        (
            hits.into_iter()
                .map(|(_, address)| (0.0, address))
                .collect(),
            total,
            beside_hits,
        )
    } else if text.is_some() {
        let order = top.order_by((SortBySimilarityScore, by_id));
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
            searcher.search(&query, &(top.order_by(by_id), Count, counts))?;
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
        reading: 0,
    })
}
