//! `/v1/search/suggest`.

use analyzers::jamo_key;
use axum::Json;
use axum::extract::State as Shared;
use indexer::LiveIndex;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::candidates::{Candidate, What, candidates};
use crate::engine::engine;
use crate::error::{ApiError, Problem};
use crate::highlight::{Segment, marked_prefix};
use crate::parameters::Parameters;
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
    /// At most `limit`, departments and places before many institutions.
    suggestions: Vec<Suggestion>,
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
    /// Of an institution its address, of a department `진료과`, of a place the places around it, or `시도`; of an article its topics.
    #[schema(example = "시도")]
    detail: String,
    /// Number of the institution or article.
    id: Option<u64>,
    /// Name of the article in the address.
    slug: Option<String>,
    /// The name in pieces, with what has been typed marked.
    segments: Vec<Segment>,
}

/// What a suggestion stands for.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SuggestionType {
    /// A department (진료과목).
    Department,
    /// A place: 시도, 시군구 or 읍면동.
    Place,
    /// An institution.
    Institution,
    /// An article.
    Article,
}

impl SuggestionsView {
    pub(super) fn of(found: Vec<Candidate>, key: &str, index: IndexView) -> Self {
        let candidates = found.into_iter();
        Self {
            suggestions: candidates
                .map(|candidate| Suggestion::of(candidate, key))
                .collect(),
            index,
        }
    }
}

impl Suggestion {
    fn of(candidate: Candidate, key: &str) -> Self {
        Self {
            r#type: match candidate.what {
                What::Department => SuggestionType::Department,
                What::Place => SuggestionType::Place,
                What::Institution => SuggestionType::Institution,
                What::Article => SuggestionType::Article,
            },
            segments: marked_prefix(key, &candidate.text),
            text: candidate.text,
            detail: candidate.detail,
            id: candidate.id,
            slug: candidate.slug,
        }
    }
}

/// Suggestions while typing (자동완성)
///
/// Finds names that begin with the letters typed so far, or have a word that does.
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
    let key = jamo_key(request.q.as_deref().unwrap_or_default());
    let found = if key.is_empty() {
        Vec::new()
    } else {
        let facts = state.segments.facts(index)?;
        candidates(index, &facts, &key, request.limit)?
    };
    Ok(SuggestionsView::of(found, &key, IndexView::of(index)))
}
