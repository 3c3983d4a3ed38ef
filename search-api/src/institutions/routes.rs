//! `/v1/search/institutions` and `/v1/search/institutions/{id}`.

use axum::Json;
use axum::extract::State as Shared;
use indexer::documents::{InstitutionDocument, parse_source};
use indexer::engines::tantivy::{find_source, source_of};
use indexer::{DirtyKey, LiveIndex, Noun};
use tantivy::{DocAddress, TantivyDocument};

use super::profile::InstitutionView;
use super::request::SearchInstitutions;
use super::search;
use super::view::{InstitutionFacets, InstitutionsView, Viewer};
use crate::engine::engine;
use crate::error::{ApiError, Problem};
use crate::highlight::Marker;
use crate::opening_state::open_view;
use crate::parameters::{InPath, Parameters};
use crate::snapshot::IndexView;
use crate::state::State;
use crate::text_query::TextQuery;
use crate::understanding::view::UnderstoodView;

/// Search institutions (병원·약국 검색)
///
/// Finds institutions that have every word of `q`, or a name that begins with it, also by first consonants (ㅅㅇㅂㅇ), most relevant
/// or nearest first. Where these are few, names that are spelt alike follow. When there are none, it looks for what the same keys
/// give on the other keyboard (`tjdnf`) and says `corrected`; then for most of the words, then for any, and says `relaxed`.
///
/// Filters of different names are all wanted; the values of one list are alternatives. `facets=true` counts what each further choice
/// would find, so that a facet's own filter is left aside in its counts.
#[utoipa::path(
    get,
    path = "/v1/search/institutions",
    tag = "search",
    params(SearchInstitutions),
    responses(
        (status = 200, description = "Institutions that were found", body = InstitutionsView),
        (status = 400, description = "A parameter is not valid", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "No index yet, behind `min_position`, or busy", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn search(
    Shared(state): Shared<State>,
    parameters: Parameters,
) -> Result<Json<InstitutionsView>, ApiError> {
    let request = SearchInstitutions::parse(parameters)?;
    let engine = engine(&state, request.min_position.as_deref()).await?;
    let (typed, page, is_narrowed) = (request.q.clone(), request.page, request.is_narrowed());
    let view = engine.institutions(request).await?;
    if let Some(text) = view.corrected.as_ref().or(typed.as_ref()) {
        // With filters it is not the words that find nothing.
        let found_nothing = (view.relaxed || view.total == 0) && !is_narrowed;
        state.count(Noun::Institution, text, page, found_nothing);
    }
    Ok(Json(view))
}

pub(crate) fn find(
    state: &State,
    index: &LiveIndex,
    request: &SearchInstitutions,
) -> Result<InstitutionsView, ApiError> {
    let facts = state.segments.facts(index)?;
    let language = state.segments.language(index, &facts);
    let moment = request.open_at.unwrap_or_else(|| state.now());
    let found = search::search(index, &facts, &language, &state.open_docs, request, moment)?;
    let text = found.text.as_ref();
    let marks = text.map(TextQuery::marks).unwrap_or_default();
    let viewer = Viewer {
        marker: Marker::new(&index.analyzer, &marks),
        centre: request.centre(),
        moment,
        departments: &request.department,
        holidays: &index.holidays,
    };
    let hits = found
        .hits
        .into_iter()
        .map(|(score, address)| Ok(viewer.hit(document(index, address)?, score)));
    let mut hits: Vec<_> = hits.collect::<Result<_, ApiError>>()?;
    for (hit, parts) in hits.iter_mut().zip(found.explanations) {
        hit.explanation = Some(parts);
    }
    Ok(InstitutionsView {
        hits,
        total: found.total,
        page: request.page,
        per_page: request.per_page,
        pages: request.page().count(found.total),
        relaxed: found.is_relaxed,
        corrected: text
            .filter(|_| found.is_corrected)
            .map(|text| text.text().to_owned()),
        understood: text.map(|text| UnderstoodView::of(&text.understood)),
        facets: found.facets.as_ref().map(InstitutionFacets::of),
        index: IndexView::of(index),
    })
}

fn document(index: &LiveIndex, address: DocAddress) -> Result<InstitutionDocument, ApiError> {
    let document: TantivyDocument = index.searcher.doc(address)?;
    Ok(parse_source(
        source_of(&document, &index.fields).unwrap_or_default(),
    )?)
}

/// One institution (병원·약국)
#[utoipa::path(
    get,
    path = "/v1/search/institutions/{id}",
    tag = "search",
    params(("id" = u64, Path, description = "Our number of the institution")),
    responses(
        (status = 200, description = "All that is known of it", body = InstitutionView),
        (status = 400, description = "A parameter is not valid", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "There is no such institution", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "No index yet, or busy", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn show(
    Shared(state): Shared<State>,
    InPath(id): InPath,
    parameters: Parameters,
) -> Result<Json<InstitutionView>, ApiError> {
    parameters.finish()?;
    let Ok(id) = id.parse() else {
        return Err(ApiError::invalid("id", "`id` must be a whole number"));
    };
    let engine = engine(&state, None).await?;
    engine.institution(id).await.map(Json)
}

pub(crate) fn find_by_id(
    state: &State,
    index: &LiveIndex,
    id: u64,
) -> Result<InstitutionView, ApiError> {
    let source = find_source(&index.searcher, &index.fields, DirtyKey::Institution(id))?;
    let missing = || ApiError::NotFound(format!("there is no institution {id}"));
    let document: InstitutionDocument = parse_source(&source.ok_or_else(missing)?)?;
    let open = open_view(&document.hours, state.now(), &index.holidays);
    Ok(InstitutionView::of(document, open, IndexView::of(index)))
}
