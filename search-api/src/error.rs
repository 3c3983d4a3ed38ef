//! What a client sees when a request fails: one table from code to status and title, as RFC 9457 problem details.

use axum::extract::Request;
use axum::http::header::{ACCEPT_LANGUAGE, CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

/// After how many seconds a client should ask again when we are too busy or not there yet.
const RETRY_AFTER_SECONDS: u16 = 1;

/// Why a request fails.
#[derive(Clone, Debug)]
pub(crate) enum ApiError {
    /// A parameter has a value that it can't have, or is none of ours.
    InvalidParameter { parameter: String, detail: String },
    /// There is no such route or document.
    NotFound(String),
    /// The route answers to GET and HEAD only.
    MethodNotAllowed,
    /// There is no index yet.
    IndexBuilding,
    /// The index does not reach the position that was asked for in time.
    IndexBehind(String),
    /// More searches at once than we take on.
    Busy,
    /// The search engine does not answer; why is in the log.
    EngineAway,
    /// What should not happen; its causes are in the log.
    Internal,
}

impl ApiError {
    pub(crate) fn invalid(parameter: &str, detail: impl Into<String>) -> Self {
        Self::InvalidParameter {
            parameter: parameter.to_owned(),
            detail: detail.into(),
        }
    }

    /// The table: code, status, title in Korean, title in English.
    fn row(&self) -> (&'static str, StatusCode, &'static str, &'static str) {
        match self {
            Self::InvalidParameter { .. } => (
                "invalid_parameter",
                StatusCode::BAD_REQUEST,
                "요청 값이 올바르지 않습니다",
                "A parameter is not valid",
            ),
            Self::NotFound(_) => (
                "not_found",
                StatusCode::NOT_FOUND,
                "찾을 수 없습니다",
                "Not found",
            ),
            Self::MethodNotAllowed => (
                "method_not_allowed",
                StatusCode::METHOD_NOT_ALLOWED,
                "지원하지 않는 요청 방식입니다",
                "Method not allowed",
            ),
            Self::IndexBuilding => (
                "index_building",
                StatusCode::SERVICE_UNAVAILABLE,
                "검색 색인을 만드는 중입니다",
                "The index is being built",
            ),
            Self::IndexBehind(_) => (
                "index_behind",
                StatusCode::SERVICE_UNAVAILABLE,
                "검색 색인이 아직 그 위치에 이르지 못했습니다",
                "The index has not reached that position yet",
            ),
            Self::Busy => (
                "busy",
                StatusCode::SERVICE_UNAVAILABLE,
                "요청이 많아 잠시 후 다시 시도해 주세요",
                "Too many searches at once",
            ),
            Self::EngineAway => (
                "engine_away",
                StatusCode::SERVICE_UNAVAILABLE,
                "검색 엔진이 응답하지 않습니다",
                "The search engine does not answer",
            ),
            Self::Internal => (
                "internal",
                StatusCode::INTERNAL_SERVER_ERROR,
                "내부 오류가 발생했습니다",
                "Internal error",
            ),
        }
    }

    fn detail(&self) -> String {
        match self {
            Self::InvalidParameter { detail, .. } => detail.clone(),
            Self::NotFound(detail) | Self::IndexBehind(detail) => detail.clone(),
            Self::MethodNotAllowed => "this route answers to GET and HEAD".to_owned(),
            Self::IndexBuilding => {
                "the first index is being built; /v1/index tells how far it is".to_owned()
            }
            Self::EngineAway | Self::Busy => format!("try again in {RETRY_AFTER_SECONDS} s"),
            Self::Internal => "internal error".to_owned(),
        }
    }

    fn problem(&self, language: Language) -> Problem {
        let (code, status, korean, english) = self.row();
        Problem {
            r#type: format!("urn:jinmaek:problem:{code}"),
            title: match language {
                Language::Korean => korean,
                Language::English => english,
            },
            status: status.as_u16(),
            detail: self.detail(),
            code,
            parameter: match self {
                Self::InvalidParameter { parameter, .. } => Some(parameter.clone()),
                _ => None,
            },
        }
    }
}

/// RFC 9457 problem details (`application/problem+json`).
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Problem {
    /// `urn:jinmaek:problem:{code}`.
    #[schema(example = "urn:jinmaek:problem:invalid_parameter")]
    r#type: String,
    /// What the code means, in Korean, or in English when `Accept-Language` begins with `en`.
    #[schema(example = "요청 값이 올바르지 않습니다")]
    title: &'static str,
    /// The HTTP status.
    #[schema(example = 400)]
    status: u16,
    /// What is wrong with this request, in English, for developers.
    #[schema(example = "`radius_km` must be more than 0 and at most 100")]
    detail: String,
    /// Stable: `invalid_parameter`, `not_found`, `method_not_allowed`, `index_building`, `index_behind`, `busy`,
    /// `engine_away`, `internal`.
    #[schema(example = "invalid_parameter")]
    code: &'static str,
    /// The parameter, when one is to blame.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "radius_km")]
    parameter: Option<String>,
}

#[derive(Clone, Copy)]
enum Language {
    Korean,
    English,
}

impl Language {
    fn of(headers: &HeaderMap) -> Self {
        let wanted = headers
            .get(ACCEPT_LANGUAGE)
            .and_then(|value| value.to_str().ok());
        match wanted {
            Some(wanted) if wanted.trim_start().starts_with("en") => Self::English,
            _ => Self::Korean,
        }
    }
}

/// Leaves the error for [`render`], which knows the request's language.
impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = self.row().1.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Writes the problem details of a failed request.
pub(crate) async fn render(request: Request, next: Next) -> Response {
    let language = Language::of(request.headers());
    let mut response = next.run(request).await;
    let error = match response.extensions_mut().remove::<ApiError>() {
        Some(error) => error,
        // A page of `/docs` that is not there.
        None if response.status() == StatusCode::NOT_FOUND => {
            ApiError::NotFound("there is no such page".to_owned())
        }
        None => return response,
    };
    let mut problem = (error.row().1, axum::Json(error.problem(language))).into_response();
    let headers = problem.headers_mut();
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static("application/problem+json"),
    );
    if problem.status() == StatusCode::SERVICE_UNAVAILABLE {
        let headers = problem.headers_mut();
        headers.insert(RETRY_AFTER, HeaderValue::from(RETRY_AFTER_SECONDS));
    }
    problem
}

/// An error that we did not expect: its chain goes into the log, the client hears “internal error”.
impl<E> From<E> for ApiError
where
    E: std::error::Error,
{
    fn from(error: E) -> Self {
        let mut chain = error.to_string();
        let mut cause = error.source();
        while let Some(error) = cause {
            chain = format!("{chain}: {error}");
            cause = error.source();
        }
        tracing::error!(error = %chain, "a request failed");
        Self::Internal
    }
}
