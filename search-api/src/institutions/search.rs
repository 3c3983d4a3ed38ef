//! Finds institutions: the query, its order, and what is tried when nothing matches.

use std::sync::Arc;

use indexer::LiveIndex;
use indexer::documents::Point;
use indexer::schema::{Fields, field_name};
use tantivy::aggregation::agg_result::AggregationResults;
use tantivy::collector::sort_key::{ReverseComparator, SortBySimilarityScore};
use tantivy::collector::{Count, SegmentSortKeyComputer, SortKeyComputer};
use tantivy::columnar::Column;
use tantivy::query::doc_predicate_query::{DocPredicateQuery, FunctionPredicate};
use tantivy::query::{BooleanQuery, Occur, Query, RangeQuery};
use tantivy::schema::Field;
use tantivy::{DocAddress, DocId, Score, SegmentReader, Term};

use super::request::SearchInstitutions;
use crate::error::ApiError;
use crate::facets;
use crate::geo::{bounding_box, distance_meters};
use crate::opening_state::Moment;
use crate::segments::{ById, Facts, with_current_names};
use crate::text_query::{TextQuery, any_of, is, unscored};

/// Fields that are counted.
pub(super) const FACETS: [&str; 5] = ["kind", "department", "sido", "sigungu", "service"];

/// What was found.
pub(super) struct Found {
    /// The hits of the page, each with its score, which is 0 where nothing was scored.
    pub(super) hits: Vec<(Score, DocAddress)>,
    pub(super) total: usize,
    pub(super) facets: Option<AggregationResults>,
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
    let Some(first) = texts.first() else {
        return run(index, facts, request, filters, None);
    };
    let searched = searched(fields);
    let run_for = |text: &TextQuery, alternatives: Vec<Box<dyn Query>>| {
        let mut clauses: Clauses = filters
            .iter()
            .map(|(occur, filter)| (*occur, filter.box_clone()))
            .collect();
        clauses.push((Occur::Must, Box::new(BooleanQuery::union(alternatives))));
        clauses.push((Occur::Should, text.whole_name(fields)));
        run(index, facts, request, clauses, Some(text))
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
    run_for(first, Vec::new())
}

type Clauses = Vec<(Occur, Box<dyn Query>)>;

fn run(
    index: &LiveIndex,
    facts: &[Arc<Facts>],
    request: &SearchInstitutions,
    clauses: Clauses,
    text: Option<&TextQuery>,
) -> Result<Found, ApiError> {
    let query = BooleanQuery::new(clauses);
    let by_id = ById::new(index, facts);
    let top = request.page().top();
    let counts = request
        .facets
        .then(|| facets::collector(&FACETS))
        .transpose()?;
    let searcher = &index.searcher;
    let (hits, total, facets) = if let Some(centre) = request.nearest_first() {
        let order = top.order_by((ByDistance { centre }, by_id));
        let (hits, total, facets) = searcher.search(&query, &(order, Count, counts))?;
        (
            hits.into_iter()
                .map(|(_, address)| (0.0, address))
                .collect(),
            total,
            facets,
        )
    } else if text.is_some() {
        let order = top.order_by((SortBySimilarityScore, by_id));
        let (hits, total, facets) = searcher.search(&query, &(order, Count, counts))?;
        (
            hits.into_iter()
                .map(|((score, _), address)| (score, address))
                .collect(),
            total,
            facets,
        )
    } else {
        let (hits, total, facets) =
            searcher.search(&query, &(top.order_by(by_id), Count, counts))?;
        (
            hits.into_iter()
                .map(|(_, address)| (0.0, address))
                .collect(),
            total,
            facets,
        )
    };
    Ok(Found {
        hits,
        total,
        facets,
        is_relaxed: false,
        reading: 0,
    })
}

fn filters(
    index: &LiveIndex,
    facts: &[Arc<Facts>],
    request: &SearchInstitutions,
    moment: Moment,
) -> Clauses {
    let fields = &index.fields;
    let mut filters = vec![is(fields.noun, "institution")];
    if !request.kind.is_empty() {
        filters.push(any_of(
            fields.kind,
            request.kind.iter().map(|kind| kind.code()),
        ));
    }
    if !request.department.is_empty() {
        filters.push(any_of(
            fields.department,
            with_current_names(&request.department, facts),
        ));
    }
    for (field, places) in [
        (fields.sido, &request.sido),
        (fields.sigungu, &request.sigungu),
        (fields.eupmyeondong, &request.eupmyeondong),
    ] {
        if !places.is_empty() {
            filters.push(any_of(field, places));
        }
    }
    filters.extend(
        request
            .services()
            .map(|service| is(fields.service, service)),
    );
    if request.open_now || request.open_at.is_some() {
        filters.push(any_of(fields.open, moment.terms(&index.holidays)));
    }
    if let (Some(centre), Some(radius)) = (request.centre(), request.radius_km) {
        filters.extend(within(fields, centre, radius * 1000.0));
    }
    filters
        .into_iter()
        .map(|filter| (Occur::Must, filter))
        .collect()
}

/// A box around the circle first, from which the circle is cut out exactly.
fn within(fields: &Fields, centre: Point, radius_meters: f64) -> [Box<dyn Query>; 3] {
    let (latitudes, longitudes) = bounding_box(centre, radius_meters);
    let range = |field, [from, to]: [f64; 2]| -> Box<dyn Query> {
        let bound = |degrees| std::ops::Bound::Included(Term::from_field_f64(field, degrees));
        unscored(Box::new(RangeQuery::new(bound(from), bound(to))))
    };
    let circle = FunctionPredicate::from(move |segment: &SegmentReader| {
        let points = Points::of(segment)?;
        Ok(move |doc: DocId| {
            points
                .distance_meters(doc, centre)
                .is_some_and(|meters| meters <= radius_meters)
        })
    });
    let circle: DocPredicateQuery = circle.into();
    [
        range(fields.latitude, latitudes),
        range(fields.longitude, longitudes),
        unscored(Box::new(circle)),
    ]
}

/// Where the documents of a segment are.
struct Points {
    columns: Option<(Column<f64>, Column<f64>)>,
}

impl Points {
    fn of(segment: &SegmentReader) -> tantivy::Result<Self> {
        let (_, fields) = indexer::schema::schema();
        let column = |field| segment.fast_fields().column_opt::<f64>(&field_name(field));
        // A segment without any point has no columns.
        let columns = column(fields.latitude)?.zip(column(fields.longitude)?);
        Ok(Self { columns })
    }

    fn distance_meters(&self, doc: DocId, from: Point) -> Option<f64> {
        let (latitudes, longitudes) = self.columns.as_ref()?;
        let to = Point {
            latitude: latitudes.first(doc)?,
            longitude: longitudes.first(doc)?,
        };
        Some(distance_meters(from, to))
    }
}

/// Orders hits by their distance, what is nowhere last.
struct ByDistance {
    centre: Point,
}

impl SortKeyComputer for ByDistance {
    type SortKey = f64;
    type Child = SegmentDistances;
    type Comparator = ReverseComparator;

    fn segment_sort_key_computer(
        &self,
        segment: &SegmentReader,
    ) -> tantivy::Result<SegmentDistances> {
        Ok(SegmentDistances {
            points: Points::of(segment)?,
            centre: self.centre,
        })
    }
}

struct SegmentDistances {
    points: Points,
    centre: Point,
}

impl SegmentSortKeyComputer for SegmentDistances {
    type SortKey = f64;
    type SegmentSortKey = f64;
    type SegmentComparator = ReverseComparator;

    fn segment_sort_key(&mut self, doc: DocId, _score: Score) -> f64 {
        self.points
            .distance_meters(doc, self.centre)
            .unwrap_or(f64::INFINITY)
    }

    fn convert_segment_sort_key(&self, meters: f64) -> f64 {
        meters
    }
}
