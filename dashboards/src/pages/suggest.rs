//! `GET /suggest?q=`: what somebody may be typing, for the search box: texts in pieces and where each leads.

use axum::Json;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use serde::Serialize;
use tracing::warn;

use crate::api::{Api, ApiError, SuggestedPlace, Suggestion, SuggestionType};
use crate::choices::Choices;

/// More suggestions than that do not fit on a phone above the keyboard.
const SUGGESTIONS_MAX: &str = "8";

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

/// Everything in a place.
fn place(place: &SuggestedPlace) -> Choices {
    let inner = [
        ("sigungu", &place.sigungu),
        ("eupmyeondong", &place.eupmyeondong),
    ];
    let choices = Choices::default().with("sido", &place.sido);
    inner
        .into_iter()
        .fold(choices, |choices, (key, name)| match name {
            Some(name) => choices.with(key, name),
            None => choices,
        })
}

fn shown(suggestion: Suggestion) -> Shown {
    let search = |key| Choices::default().with(key, &suggestion.text).address();
    let (label, address) = match (suggestion.leads_to, &suggestion.id, &suggestion.slug) {
        (SuggestionType::Institution, Some(id), _) => ("병원·약국", format!("/institutions/{id}")),
        (SuggestionType::Institution, None, _) => ("병원·약국", search("q")),
        (SuggestionType::Article, _, Some(slug)) => ("건강 정보", format!("/articles/{slug}")),
        (SuggestionType::Article, _, None) => ("건강 정보", search("q")),
        (SuggestionType::Department, ..) => ("진료과", search("department")),
        (SuggestionType::Place, ..) => {
            let narrowed = suggestion.place.as_ref();
            let address = narrowed.map(|narrowed| place(narrowed).address());
            ("지역", address.unwrap_or_else(|| search("q")))
        }
        (SuggestionType::Condition, ..) => ("질환·증상", search("q")),
        (SuggestionType::Query, ..) => ("인기 검색어", search("q")),
    };
    // What says no more than the label.
    let detail = suggestion.detail.filter(|detail| detail != label);
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
        detail,
        pieces,
    }
}
