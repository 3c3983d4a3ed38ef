//! What a client of the operators' API sees when a request fails: one table from code to status and title, as RFC 9457 problem
//! details. What the operator wrote wrongly has its own codes ([`Fault`]).

use axum::Json;
use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, HeaderValue, WWW_AUTHENTICATE};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use tracing::error;

use crate::Error;
use crate::dictionary::Fault;

/// Why a request fails.
#[derive(Debug)]
pub(crate) enum ApiError {
    /// What was written can't be stored.
    Fault(Fault),
    /// A body, number or parameter that can't be read.
    Malformed(StatusCode, String),
    /// There is no such route or row.
    NotFound,
    /// The route has no such method.
    MethodNotAllowed,
    /// No token, or another one.
    Unauthorized,
    /// The request was meant for some name, not for us.
    ForeignHost,
    /// What should not happen; its causes are in the log.
    Internal,
}

/// RFC 9457 problem details (`application/problem+json`).
#[derive(Debug, Serialize)]
struct Problem {
    r#type: String,
    title: String,
    status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    code: &'static str,
    /// The field of the request that is to blame.
    #[serde(skip_serializing_if = "str::is_empty")]
    parameter: &'static str,
}

impl ApiError {
    /// The table: code, status, title.
    fn row(&self) -> (&'static str, StatusCode, String) {
        let row = |code, status, title: &str| (code, status, title.to_owned());
        match self {
            Self::Fault(fault) => {
                let status = match fault {
                    Fault::WordTaken | Fault::SynonymTaken | Fault::Full => StatusCode::CONFLICT,
                    _ => StatusCode::UNPROCESSABLE_ENTITY,
                };
                (fault.code().0, status, fault.to_string())
            }
            Self::Malformed(status, _) => row("malformed", *status, "요청을 읽을 수 없습니다"),
            Self::NotFound => row("not_found", StatusCode::NOT_FOUND, "찾을 수 없습니다"),
            Self::MethodNotAllowed => row(
                "method_not_allowed",
                StatusCode::METHOD_NOT_ALLOWED,
                "지원하지 않는 요청 방식입니다",
            ),
            Self::Unauthorized => row(
                "unauthorized",
                StatusCode::UNAUTHORIZED,
                "운영자 토큰이 필요합니다",
            ),
            Self::ForeignHost => row(
                "foreign_host",
                StatusCode::MISDIRECTED_REQUEST,
                "이 주소로는 받지 않습니다",
            ),
            Self::Internal => row(
                "internal",
                StatusCode::INTERNAL_SERVER_ERROR,
                "내부 오류가 발생했습니다",
            ),
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let (code, status, title) = self.row();
        let problem = Problem {
            r#type: format!("urn:jinmaek:problem:{code}"),
            title,
            status: status.as_u16(),
            parameter: match &self {
                Self::Fault(fault) => fault.code().1,
                _ => "",
            },
            detail: match self {
                Self::Malformed(_, detail) => Some(detail),
                _ => None,
            },
            code,
        };
        let mut response = (status, Json(problem)).into_response();
        let headers = response.headers_mut();
        headers.insert(
            CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

impl From<Error> for ApiError {
    fn from(error: Error) -> Self {
        if let Error::Fault(fault) = error {
            return Self::Fault(fault);
        }
        let mut chain = error.to_string();
        let mut cause = std::error::Error::source(&error);
        while let Some(error) = cause {
            chain = format!("{chain}: {error}");
            cause = error.source();
        }
        error!(error = %chain, "a request failed");
        Self::Internal
    }
}

impl From<Fault> for ApiError {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// Says what axum could not read.
macro_rules! from_rejections {
    ($($rejection:ty),+) => {$(
        impl From<$rejection> for ApiError {
            fn from(rejection: $rejection) -> Self {
                Self::Malformed(rejection.status(), rejection.body_text())
            }
        }
    )+};
}

from_rejections!(JsonRejection, PathRejection, QueryRejection);
