//! How an institution says what a query means other than by words: by lying in a place, running a department, having an emergency room.

use std::sync::Arc;

use indexer::schema::Fields;
use tantivy::query::{BooleanQuery, Query};

use super::area_query::rings;
use crate::segments::Facts;
use crate::text_query::{any_of, begins_with, is, phrase, scored, sum_of, unscored};
use crate::understanding::{KnownPlace, Other, PlaceKind};
use crate::weights;

/// The query for another way to say a concept.
pub(super) fn meaning(
    fields: &Fields,
    facts: &Arc<[Arc<Facts>]>,
    other: &Other,
) -> Option<Box<dyn Query>> {
    match other {
        Other::Synonym(_) => None,
        Other::Place(place) => Some(in_place(fields, facts, place)),
        Other::Department {
            name,
            terms,
            weight,
        } => {
            let runs = scored(is(fields.department, name), weights::DEPARTMENT * weight);
            // Every one that runs it has its name among its keywords: what tells is to be called so.
            let is_called_so = phrase(terms, &[(fields.name, weights::NAME)]);
            Some(sum_of(vec![runs, is_called_so]))
        }
        Other::Emergency => Some(scored(is(fields.service, "emergency"), weights::EMERGENCY)),
    }
}

fn in_place(fields: &Fields, facts: &Arc<[Arc<Facts>]>, place: &KnownPlace) -> Box<dyn Query> {
    let mut district = vec![is(fields.sido, &place.sido)];
    if !place.sigungu.is_empty() {
        district.push(any_of(fields.sigungu, &place.sigungu));
    }
    let in_district: Box<dyn Query> = Box::new(BooleanQuery::intersection(district));
    let around = place.point.filter(|_| place.kind > PlaceKind::Sigungu);
    let mut ways = Vec::new();
    if let Some(point) = around {
        let shares = weights::RINGS.map(|(meters, share)| (meters, weights::IN_PLACE * share));
        ways.push(rings(facts, point, &shares));
    }
    let inside = match place.kind {
        PlaceKind::Dong => {
            // 성수동 is 성수동1가 and 성수동2가.
            let dong = begins_with(fields.eupmyeondong, &place.name, 0.0);
            let inside = vec![in_district.box_clone(), dong];
            scored(
                Box::new(BooleanQuery::intersection(inside)),
                weights::IN_PLACE,
            )
        }
        _ if around.is_some() => scored(
            in_district.box_clone(),
            weights::IN_PLACE * weights::SAME_DISTRICT,
        ),
        _ => scored(in_district.box_clone(), weights::IN_PLACE),
    };
    ways.push(inside);
    let anywhere = sum_of(ways);
    match place.kind {
        // A neighbourhood ends where its district does.
        PlaceKind::Dong => Box::new(BooleanQuery::intersection(vec![
            anywhere,
            unscored(in_district),
        ])),
        _ => anywhere,
    }
}
