//! Finds institutions: the query, its order, and what is tried when nothing matches.

use std::sync::Arc;

use indexer::{LiveIndex, Noun};
use tantivy::collector::Count;
use tantivy::query::{EnableScoring, Occur, Query};
use tantivy::schema::Field;
use tantivy::{DocAddress, Score};

use super::bands::add_bands;
use super::distance::ByDistance;
use super::filters::filters;
use super::meanings::meaning;
use super::relevance::Relevance;
use super::request::SearchInstitutions;
use crate::error::ApiError;
use crate::explanation::{ConceptPart, Part, score};
use crate::facets::{self, Counts};
use crate::filters::{Clauses, Filters};
use crate::open_docs::{OpenDocs, open_at};
use crate::opening_state::Moment;
use crate::segments::{ById, Facts};
use crate::spelt_alike::Mistakes;
use crate::text_query::{TextQuery, sum_of};
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
    /// What made the score of each hit, when that was asked for.
    pub(super) explanations: Vec<Vec<Part>>,
}

/// A way to be found, by the name of its part of the score.
type Way = (&'static str, Box<dyn Query>);

/// The part of the score that is the words'.
const WORDS: &str = "words";
/// With fewer hits than a page shows at once, names that are spelt alike are worth a look.
const ENOUGH: usize = 10;

/// A search under way.
struct Search<'a> {
    index: &'a LiveIndex,
    facts: &'a Arc<[Arc<Facts>]>,
    request: &'a SearchInstitutions,
    searched: [(Field, Score); 4],
    filters: Filters,
    open_docs: &'a Arc<OpenDocs>,
    open_terms: Arc<[String]>,
}

/// Searches for what was typed: institutions that say every concept, and names that begin like it. If there are none, for what the
/// keys give on the other keyboard, then for names that are spelt alike, of which the nearest also follow a few hits, then with words
/// spelt as documents do; then for most of the concepts, then for any.
pub(super) fn search(
    index: &LiveIndex,
    facts: &Arc<[Arc<Facts>]>,
    language: &Language,
    open_docs: &Arc<OpenDocs>,
    request: &SearchInstitutions,
    moment: Moment,
) -> Result<Found, ApiError> {
    let open_terms: Arc<[String]> = moment.terms(&index.holidays).into();
    let open = open_at(open_docs, index.fields, Arc::clone(&open_terms));
    let search = Search {
        open_docs,
        open_terms,
        index,
        facts,
        request,
        searched: weights::of_institutions(&index.fields),
        filters: filters(index, facts, request, open),
    };
    let Some(typed) = request.q.as_deref() else {
        return search.run(None, Vec::new());
    };
    let typed = TextQuery::new(language, typed, Noun::Institution);
    let found = search.exactly(&typed)?;
    if found.total >= ENOUGH {
        return Ok(found.of(typed, false));
    }
    if found.total > 0 {
        let alike = search.alike(&typed, Mistakes::One)?;
        return Ok(alike.unwrap_or(found).of(typed, false));
    }
    let other = match request.as_typed {
        true => None,
        false => typed.other_keyboard(language, Noun::Institution),
    };
    if let Some(text) = &other {
        let found = search.exactly(text)?;
        if found.total > 0 {
            return Ok(found.of(text.clone(), true));
        }
    }
    let mut readings = vec![(typed, false)];
    readings.extend(other.map(|text| (text, true)));
    for (text, is_corrected) in &readings {
        let alike = search.alike(text, Mistakes::Two)?;
        if let Some(found) = alike.filter(|found| found.total > 0) {
            return Ok(found.of(text.clone(), *is_corrected));
        }
    }
    let (typed, _) = &readings[0];
    if !request.as_typed
        && let Some(text) = typed.corrected(language, index, Noun::Institution, &search.searched)?
    {
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
        self.run(Some(text), self.exact_ways(text))
    }

    /// The same, and names that are spelt alike; `None` when the text is not like a name.
    fn alike(&self, text: &TextQuery, most: Mistakes) -> Result<Option<Found>, ApiError> {
        let alike = text.name.alike(&self.index.fields, most);
        let search = |alike| {
            let mut ways = self.exact_ways(text);
            ways.push(("alike", alike));
            self.run(Some(text), ways)
        };
        alike.map(search).transpose()
    }

    fn exact_ways(&self, text: &TextQuery) -> Vec<Way> {
        let fields = &self.index.fields;
        let resolve = |other: &Other| meaning(fields, self.facts, other);
        let every = (text.count() > 0).then(|| text.every(&self.searched, &resolve));
        let ways = [
            (WORDS, every),
            ("whole_name", Some(text.name.whole(&fields.names))),
            ("name_prefix", text.name.prefix(&fields.names)),
            ("initials", text.name.initials(&fields.names)),
        ];
        let ways = ways.into_iter();
        ways.filter_map(|(part, way)| Some((part, way?))).collect()
    }

    /// Those that say at least so many concepts.
    fn for_some(&self, text: &TextQuery, count: usize) -> Result<Found, ApiError> {
        let resolve = |other: &Other| meaning(&self.index.fields, self.facts, other);
        let some = text.at_least(count, &self.searched, &resolve);
        self.run(Some(text), vec![(WORDS, some)])
    }

    /// Those that are found in any of these ways; without a text, all.
    fn run(&self, text: Option<&TextQuery>, ways: Vec<Way>) -> Result<Found, ApiError> {
        let mut words = Clauses::new();
        if text.is_some() {
            let ways = ways.iter().map(|(_, way)| way.box_clone()).collect();
            words.push((Occur::Must, sum_of(ways)));
        }
        let mut found = self.collect(words, text.is_some())?;
        if let Some(text) = text.filter(|_| self.request.explain) {
            let hits = found.hits.iter();
            let explanations = hits.map(|(_, address)| self.explain(text, &ways, *address));
            found.explanations = explanations.collect::<Result<_, _>>()?;
        }
        Ok(found)
    }

    /// What each way to be found counts for a hit, and what counts beside the words.
    fn explain(
        &self,
        text: &TextQuery,
        ways: &[Way],
        address: DocAddress,
    ) -> Result<Vec<Part>, ApiError> {
        let searcher = &self.index.searcher;
        let scoring = EnableScoring::enabled_from_searcher(searcher);
        let mut parts = Vec::new();
        for (part, way) in ways {
            let Some(counts) = score(scoring, way, address)? else {
                continue;
            };
            let mut whole = Part::new(part, counts);
            if *part == WORDS {
                let resolve = |other: &Other| meaning(&self.index.fields, self.facts, other);
                for (terms, concept) in text.concept_queries(&self.searched, &resolve) {
                    let counts = score(scoring, &concept, address)?;
                    let counts = counts.map(|score| ConceptPart { terms, score });
                    whole.concepts.extend(counts);
                }
            }
            parts.push(whole);
        }
        if self.request.nearest_first().is_none() {
            let segment = searcher.segment_reader(address.segment_ord);
            let beside = self.relevance().beside(segment)?;
            let doc = address.doc_id;
            parts.push(Part::new("near", beside.nearness(doc)));
            parts.push(Part::new("open", beside.openness(doc)));
        }
        Ok(parts)
    }

    fn relevance(&self) -> Relevance {
        Relevance::new(
            self.index,
            self.facts,
            self.request.centre(),
            Arc::clone(self.open_docs),
            Arc::clone(&self.open_terms),
        )
    }

    fn collect(&self, words: Clauses, is_scored: bool) -> Result<Found, ApiError> {
        let Self {
            index,
            facts,
            request,
            filters,
            ..
        } = self;
        let query = filters.query(&words);
        let top = request.page().top();
        let counts = request
            .facets
            .then(|| facets::beside_hits(&FACETS, filters))
            .transpose()?;
        let searcher = &index.searcher;
        let (hits, total, beside_hits) = if let Some(centre) = request.nearest_first() {
            let order = top.order_by((ByDistance::new(facts, centre), ById));
            let (hits, total, beside_hits) = searcher.search(&query, &(order, Count, counts))?;
            (
                hits.into_iter()
                    .map(|(_, address)| (0.0, address))
                    .collect(),
                total,
                beside_hits,
            )
        } else if is_scored {
            let order = top.order_by((self.relevance(), ById));
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
            add_bands(counts, (index, facts), filters, &words, request.centre())?;
        }
        Ok(Found {
            hits,
            total,
            facets,
            is_relaxed: false,
            text: None,
            is_corrected: false,
            explanations: Vec::new(),
        })
    }
}
