//! Which institutions may be found at all: what the request's filters say, as clauses without a score.

use std::ops::Bound;
use std::sync::Arc;

use indexer::LiveIndex;

use tantivy::Term;
use tantivy::query::{Query, RangeQuery};

use super::area_query::{in_box, in_polygon, within};
use super::bands::{DISTANCE, SPECIALISTS};
use super::request::SearchInstitutions;
use crate::filters::Filters;
use crate::segments::{Facts, current_only, with_current_names};
use crate::text_query::{any_of, is, unscored};

pub(super) fn filters(
    index: &LiveIndex,
    facts: &Arc<[Arc<Facts>]>,
    request: &SearchInstitutions,
    open: Box<dyn Query>,
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
    if let Some(specialists) = request.specialists_min {
        let least = Bound::Included(Term::from_field_u64(fields.specialists, specialists));
        let filter = RangeQuery::new(least, Bound::Unbounded);
        filters.choose(
            SPECIALISTS,
            unscored(Box::new(filter)),
            [specialists.to_string()],
        );
    }
    if request.open_now || request.open_at.is_some() {
        filters.must(open);
    }
    if let (Some(centre), Some(radius)) = (request.centre(), request.radius_km) {
        let circle = within(facts, centre, radius * 1000.0);
        filters.choose(DISTANCE, circle, [radius.to_string()]);
    }
    if let Some(bounds) = request.bbox {
        filters.must(in_box(facts, bounds));
    }
    if let Some(polygon) = &request.polygon {
        filters.must(in_polygon(facts, polygon));
    }
    filters
}
