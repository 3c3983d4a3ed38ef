//! Which institutions may be found at all: what the request's filters say, as clauses without a score.

use std::ops::Bound;
use std::sync::Arc;

use indexer::LiveIndex;
use indexer::documents::Point;
use indexer::schema::Fields;
use tantivy::query::doc_predicate_query::{DocPredicateQuery, FunctionPredicate};
use tantivy::query::{Query, RangeQuery};
use tantivy::{DocId, SegmentReader, Term};

use super::distance::Points;
use super::request::SearchInstitutions;
use crate::filters::Filters;
use crate::geo::bounding_box;
use crate::opening_state::Moment;
use crate::segments::{Facts, current_only, with_current_names};
use crate::text_query::{any_of, is, unscored};

pub(super) fn filters(
    index: &LiveIndex,
    facts: &[Arc<Facts>],
    request: &SearchInstitutions,
    moment: Moment,
) -> Filters {
    let fields = &index.fields;
    let mut filters = Filters::default();
    filters.must(is(fields.noun, "institution"));
    if !request.kind.is_empty() {
        let kinds = request.kind.iter().map(|kind| kind.code());
        let filter = any_of(fields.kind, kinds.clone());
        filters.choose("kind", filter, kinds.map(str::to_owned));
    }
    if !request.department.is_empty() {
        let names = with_current_names(&request.department, facts);
        let filter = any_of(fields.department, &names);
        filters.choose("department", filter, current_only(names, facts));
    }
    for (facet, field, places) in [
        ("sido", fields.sido, &request.sido),
        ("sigungu", fields.sigungu, &request.sigungu),
        ("eupmyeondong", fields.eupmyeondong, &request.eupmyeondong),
    ] {
        if !places.is_empty() {
            filters.choose(facet, any_of(field, places), places.iter().cloned());
        }
    }
    // Every service is wanted, so what each would leave is counted with all of them.
    for service in request.services() {
        filters.must(is(fields.service, service));
        filters.list("service", [service.to_owned()]);
    }
    if request.open_now || request.open_at.is_some() {
        filters.must(any_of(fields.open, moment.terms(&index.holidays)));
    }
    if let (Some(centre), Some(radius)) = (request.centre(), request.radius_km) {
        for filter in within(fields, centre, radius * 1000.0) {
            filters.must(filter);
        }
    }
    filters
}

/// A box around the circle first, from which the circle is cut out exactly.
fn within(fields: &Fields, centre: Point, radius_meters: f64) -> [Box<dyn Query>; 3] {
    let (latitudes, longitudes) = bounding_box(centre, radius_meters);
    let range = |field, [from, to]: [f64; 2]| -> Box<dyn Query> {
        let bound = |degrees| Bound::Included(Term::from_field_f64(field, degrees));
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
