//! `/v1/search/suggest`.

use axum::Json;
use axum::extract::State as Shared;
use indexer::LiveIndex;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::candidates::{Shown, Sources, Suggested, suggestions};
use super::names::SuggestionType;
use crate::engine::engine;
use crate::error::{ApiError, Problem};
use crate::highlight::Segment;
use crate::parameters::Parameters;
use crate::segments::Place;
use crate::snapshot::IndexView;
use crate::state::State;

const LIMIT_MAX: usize = 20;
const LIMIT: usize = 8;

/// Parameters of suggestions.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Suggest {
    /// What has been typed so far, with the last syllable as the input method shows it (`서우`, `병ㅇ`). Empty: no suggestions.
    #[param(nullable = false, example = "서우", max_length = 200)]
    pub(super) q: Option<String>,
    /// Suggestions at most.
    #[param(required = false, minimum = 1, maximum = 20, default = 8)]
    pub(super) limit: usize,
}

impl Suggest {
    fn parse(mut parameters: Parameters) -> Result<Self, ApiError> {
        let request = Self {
            q: parameters.query()?,
            limit: parameters.number("limit", 1..=LIMIT_MAX)?.unwrap_or(LIMIT),
        };
        parameters.finish()?;
        Ok(request)
    }
}

/// Suggestions, the best first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SuggestionsView {
    /// At most `limit`: those that are what has been typed before longer ones, and these before those that are only spelt alike.
    suggestions: Vec<Suggestion>,
    /// What the same keys give on the other keyboard (`서울` for `tjdnf`), when the suggestions begin with that.
    #[schema(example = "서울")]
    corrected: Option<String>,
    /// What the reply reflects.
    index: IndexView,
}

/// A name that begins with what has been typed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Suggestion {
    /// What it stands for.
    r#type: SuggestionType,
    /// The name.
    #[schema(example = "서울특별시")]
    text: String,
    /// Of an institution its address, of a department `진료과`, of a place the places around it, or `시도`, of a condition
    /// `질환·증상`, of an article its topics, of a query `인기 검색어`.
    #[schema(example = "시도")]
    detail: String,
    /// Number of the institution or article.
    id: Option<u64>,
    /// Name of the article in the address.
    slug: Option<String>,
    /// Of a place, what searches can be narrowed down by; null of a station or landmark, which is searched for by its name.
    place: Option<PlaceView>,
    /// The name in pieces, with what has been typed marked.
    segments: Vec<Segment>,
}

/// A place as searches are narrowed down by it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PlaceView {
    /// 시도.
    #[schema(example = "서울특별시")]
    sido: String,
    /// 시군구.
    sigungu: Option<String>,
    /// 읍면동.
    eupmyeondong: Option<String>,
}

impl From<Place> for PlaceView {
    fn from(place: Place) -> Self {
        Self {
            sido: place.sido,
            sigungu: place.sigungu,
            eupmyeondong: place.eupmyeondong,
        }
    }
}

impl SuggestionsView {
    pub(super) fn of(shown: Shown, index: IndexView) -> Self {
        let suggested = shown.suggested.into_iter();
        Self {
            suggestions: suggested.map(Suggestion::of).collect(),
            corrected: shown.corrected,
            index,
        }
    }
}

impl Suggestion {
    fn of(suggested: Suggested) -> Self {
        let name = suggested.name;
        Self {
            r#type: name.what,
            text: name.text,
            detail: name.detail,
            id: name.id,
            slug: name.slug,
            place: name.place.filter(|_| !name.is_spot).map(PlaceView::from),
            segments: suggested.segments,
        }
    }
}

/// Suggestions while typing (자동완성)
///
/// Finds names that begin with the letters typed so far, or have a word that does: departments, places, conditions, institutions,
/// articles and popular queries. First consonants do (ㅅㅇㅂㅇ), and so does what was typed with the keyboard set to the other language
/// (`tjdnf`; the reply says `corrected`). Where all these are few, names that begin nearly so follow.
#[utoipa::path(
    get,
    path = "/v1/search/suggest",
    tag = "search",
    params(Suggest),
    responses(
        (status = 200, description = "Suggestions, the best first", body = SuggestionsView),
        (status = 400, description = "A parameter is not valid", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "No index yet, or busy", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn suggest(
    Shared(state): Shared<State>,
    parameters: Parameters,
) -> Result<Json<SuggestionsView>, ApiError> {
    let request = Suggest::parse(parameters)?;
    let engine = engine(&state, None).await?;
    engine.suggest(request).await.map(Json)
}

pub(crate) fn find(
    state: &State,
    index: &LiveIndex,
    request: &Suggest,
) -> Result<SuggestionsView, ApiError> {
    let typed = request.q.as_deref().unwrap_or_default();
    let facts = state.segments.facts(index)?;
    let sources = Sources {
        index,
        facts: &facts,
        popular: &state.popular(index),
        remembered: &state.segments.remembered,
    };
    let shown = suggestions(&sources, typed, request.limit)?;
    Ok(SuggestionsView::of(shown, IndexView::of(index)))
}
