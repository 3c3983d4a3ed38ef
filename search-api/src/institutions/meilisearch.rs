//! Institutions by Meilisearch.

use indexer::documents::{InstitutionDocument, parse_source};
use indexer::{DirtyKey, LiveServer};

use super::profile::InstitutionView;
use super::request::SearchInstitutions;
use super::search::FACETS;
use super::view::{InstitutionFacets, InstitutionsView, Viewer};
use crate::error::ApiError;
use crate::highlight::Marker;
use crate::meilisearch::filter::Filter;
use crate::meilisearch::question::{Found, Question, Words, ask, problem};
use crate::opening_state::{Moment, open_view};
use crate::snapshot::IndexView;
use crate::state::State;

/// Institutions that have every word; if there are none, for what the keys give on the other keyboard; then those that have fewer
/// words.
pub(crate) async fn search(
    state: &State,
    live: &LiveServer,
    request: &SearchInstitutions,
) -> Result<InstitutionsView, ApiError> {
    let moment = request.open_at.unwrap_or_else(|| state.now());
    let filter = filter(live, request, moment);
    let index = live.server.searched();
    let nearest = request
        .nearest_first()
        .map(|from| format!("_geoPoint({}, {}):asc", from.latitude, from.longitude));
    let sort: Vec<&str> = nearest.iter().map(String::as_str).collect();
    let find = async |text: Option<&str>, words| -> Result<Found<InstitutionDocument>, ApiError> {
        let question = Question {
            text,
            words,
            filter: &filter,
            sort: &sort,
            facets: if request.facets { &FACETS } else { &[] },
            page: request.page(),
        };
        ask(&index, live.server.analyzer(), &question).await
    };
    let typed = request.q.as_deref();
    let mut found = find(typed, Words::All).await?;
    let (mut corrected, mut relaxed) = (None, false);
    if let Some(text) = typed.filter(|_| found.total == 0) {
        if !request.as_typed
            && let Some(other) = analyzers::other_keyboard(text)
        {
            found = find(Some(&other), Words::All).await?;
            corrected = Some(other).filter(|_| found.total > 0);
        }
        if found.total == 0 {
            found = find(typed, Words::Some).await?;
            relaxed = found.total > 0;
        }
    }
    let viewer = Viewer {
        marker: Marker::new(live.server.analyzer(), &found.marks),
        centre: request.centre(),
        moment,
        departments: &request.department,
        holidays: &live.holidays,
    };
    let hits = found.hits.into_iter();
    Ok(InstitutionsView {
        hits: hits
            .map(|(document, score)| viewer.hit(document, score))
            .collect(),
        total: found.total,
        page: request.page,
        per_page: request.per_page,
        pages: request.page().count(found.total),
        relaxed,
        corrected,
        understood: None,
        facets: request.facets.then(|| InstitutionFacets::of(&found.facets)),
        index: IndexView::of_server(live),
    })
}

/// One institution.
pub(crate) async fn find_by_id(
    state: &State,
    live: &LiveServer,
    id: u64,
) -> Result<InstitutionView, ApiError> {
    let source = live
        .server
        .find(DirtyKey::Institution(id))
        .await
        .map_err(problem)?;
    let missing = || ApiError::NotFound(format!("there is no institution {id}"));
    let document: InstitutionDocument = parse_source(&source.ok_or_else(missing)?)?;
    let open = open_view(&document.hours, state.now(), &live.holidays);
    Ok(InstitutionView::of(
        document,
        open,
        IndexView::of_server(live),
    ))
}

/// The filters of the request. Each field is named, so that none that is added is forgotten here.
fn filter(live: &LiveServer, request: &SearchInstitutions, moment: Moment) -> Filter {
    let SearchInstitutions {
        kind,
        department,
        sido,
        sigungu,
        eupmyeondong,
        radius_km,
        bbox,
        polygon,
        specialists_min,
        open_at,
        open_now,
        // Together they are `services()`, `centre()`, `nearest_first()` and `page()`.
        night: _,
        lunch: _,
        parking: _,
        weekend: _,
        holiday: _,
        always: _,
        emergency: _,
        lat: _,
        lng: _,
        sort: _,
        page: _,
        per_page: _,
        // No filters.
        q: _,
        min_position: _,
        as_typed: _,
        facets: _,
        explain: _,
    } = request;
    let mut filter = Filter::noun("institution");
    filter.choose("kind", "kind", kind.iter().map(|kind| kind.code()));
    filter.choose("department", "any_department", department);
    filter.choose("sido", "sido", sido);
    filter.choose("sigungu", "sigungu", sigungu);
    filter.any_of("eupmyeondong", eupmyeondong);
    for service in request.services() {
        filter.is("service", service);
    }
    if *open_now || open_at.is_some() {
        filter.any_of("open", moment.terms(&live.holidays));
    }
    if let Some(bounds) = bbox {
        filter.in_box(*bounds);
    }
    if let Some(polygon) = polygon {
        filter.in_polygon(polygon);
    }
    if let Some(specialists) = specialists_min {
        filter.at_least("specialists", *specialists);
    }
    if let Some((centre, kilometers)) = request.centre().zip(*radius_km) {
        filter.within(centre, kilometers * 1000.0);
    }
    filter
}
