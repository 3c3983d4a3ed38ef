//! `GET /suggest?q=`: what somebody may be typing, for the search box: texts in pieces and where each leads.

use axum::Json;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use serde::Serialize;
use tracing::warn;

use crate::api::{Api, ApiError, Suggestion, SuggestionType};
use crate::choices::Choices;

/// More suggestions than that do not fit on a phone above the keyboard.
const SUGGESTIONS_MAX: &str = "8";

/// The detail of a place that nothing is around of.
const PROVINCE: &str = "시도";

/// A piece of a suggestion's text.
#[derive(Serialize)]
pub(crate) struct Piece {
    text: String,
    marked: bool,
}

/// A suggestion as the search box shows it.
#[derive(Serialize)]
pub(crate) struct Shown {
    address: String,
    label: &'static str,
    detail: Option<String>,
    pieces: Vec<Piece>,
}

/// The suggestions; none, with the status saying why, when the API has no answer: the form works without them.
pub(crate) async fn show(
    State(api): State<Api>,
    Query(pairs): Query<Vec<(String, String)>>,
) -> (StatusCode, Json<Vec<Shown>>) {
    let choices = Choices::parse(pairs);
    if choices.words().is_empty() {
        return (StatusCode::OK, Json(Vec::new()));
    }
    match api
        .suggest(&[("q", choices.words()), ("limit", SUGGESTIONS_MAX)])
        .await
    {
        Ok(found) => (
            StatusCode::OK,
            Json(found.suggestions.into_iter().map(shown).collect()),
        ),
        Err(ApiError::Refused(_)) => (StatusCode::BAD_REQUEST, Json(Vec::new())),
        Err(ApiError::Building) => (StatusCode::SERVICE_UNAVAILABLE, Json(Vec::new())),
        Err(error) => {
            warn!(%error, "no suggestions");
            (StatusCode::BAD_GATEWAY, Json(Vec::new()))
        }
    }
}

/// Everything in a place. Its detail names the places around it: nothing for a province, the province for a district, both
/// for a neighbourhood.
fn place(name: &str, around: Option<&str>) -> Choices {
    let choices = Choices::default();
    match around.map(|around| (around, around.split_once(' '))) {
        None | Some((PROVINCE, _)) => choices.with("sido", name),
        Some((sido, None)) => choices.with("sido", sido).with("sigungu", name),
        Some((_, Some((sido, sigungu)))) => choices
            .with("sido", sido)
            .with("sigungu", sigungu)
            .with("eupmyeondong", name),
    }
}

fn shown(suggestion: Suggestion) -> Shown {
    let search = |key| Choices::default().with(key, &suggestion.text).address();
    let (label, address) = match (suggestion.leads_to, &suggestion.id, &suggestion.slug) {
        (SuggestionType::Institution, Some(id), _) => ("병원·약국", format!("/institutions/{id}")),
        (SuggestionType::Institution, None, _) => ("병원·약국", search("q")),
        (SuggestionType::Article, _, Some(slug)) => ("건강 정보", format!("/articles/{slug}")),
        (SuggestionType::Article, _, None) => ("건강 정보", search("q")),
        (SuggestionType::Department, ..) => ("진료과", search("department")),
        (SuggestionType::Place, ..) => (
            "지역",
            place(&suggestion.text, suggestion.detail.as_deref()).address(),
        ),
    };
    let mut pieces: Vec<_> = suggestion
        .segments
        .into_iter()
        .map(|segment| Piece {
            text: segment.text,
            marked: segment.marked,
        })
        .collect();
    if pieces.is_empty() {
        pieces.push(Piece {
            text: suggestion.text,
            marked: false,
        });
    }
    Shown {
        address,
        label,
        detail: suggestion.detail,
        pieces,
    }
}
