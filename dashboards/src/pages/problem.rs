//! The pages for what went wrong: each says what happened and what to do now.

use askama::Template;
use axum::http::StatusCode;
use axum::http::header::RETRY_AFTER;
use axum::response::{IntoResponse, Response};
use tracing::{error, info};

use crate::api::{ApiError, Problem};
use crate::choices::Choices;
use crate::frame::{Frame, show};

/// After how many seconds the page asks again by itself while the index is built; the first build takes a minute at most.
const REFRESH_SECONDS: u32 = 3;

/// What went wrong, for a patient.
#[derive(Template)]
#[template(path = "problem.html")]
pub(crate) struct ProblemPage {
    frame: Frame,
    status: StatusCode,
    title: &'static str,
    text: String,
    /// What the API says about it, for whoever wants to know.
    detail: Option<String>,
    /// Whether the same address may work in a moment.
    can_retry: bool,
    refresh_seconds: Option<u32>,
}

impl ProblemPage {
    fn new(status: StatusCode, title: &'static str, text: impl Into<String>) -> Self {
        Self {
            frame: Frame::default(),
            status,
            title,
            text: text.into(),
            detail: None,
            can_retry: false,
            refresh_seconds: None,
        }
    }

    /// There is no such page.
    pub(crate) fn not_found() -> Self {
        let text = "주소가 바뀌었거나, 문을 닫은 곳이거나, 내려간 글일 수 있어요. 이름이나 증상으로 다시 찾아보세요.";
        Self::new(StatusCode::NOT_FOUND, "찾으시는 페이지가 없어요", text)
    }

    fn refused(problem: Problem) -> Self {
        let what = match problem.parameter.as_deref() {
            Some("q") => "검색어",
            Some("lat" | "lng" | "radius_km") => "위치",
            Some("open_at") => "시각",
            Some("page" | "per_page") => "쪽 번호",
            Some("kind") => "종류",
            Some("department") => "진료과",
            Some("specialists_min") => "전문의 수",
            Some("sort") => "정렬 방법",
            _ => "주소",
        };
        let text = format!("{what}에 알아볼 수 없는 값이 있어요. 아래에서 다시 찾아보세요.");
        Self {
            detail: problem.detail.or(problem.title),
            ..Self::new(StatusCode::BAD_REQUEST, "이대로는 찾을 수 없어요", text)
        }
    }

    fn building() -> Self {
        let text = "병원과 건강 정보를 찾을 수 있도록 정리하고 있어요. 다 되면 이 페이지가 저절로 열립니다.";
        Self {
            can_retry: true,
            refresh_seconds: Some(REFRESH_SECONDS),
            ..Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "자료를 준비하고 있어요",
                text,
            )
        }
    }

    fn down() -> Self {
        let text = "검색 서비스가 잠시 대답하지 않아요. 조금 뒤에 다시 시도해 주세요.";
        Self {
            can_retry: true,
            ..Self::new(StatusCode::BAD_GATEWAY, "지금은 찾아 드릴 수 없어요", text)
        }
    }

    /// With the words of the search in the box.
    pub(crate) fn of(mut self, choices: &Choices) -> Self {
        choices.words().clone_into(&mut self.frame.q);
        self
    }
}

impl From<ApiError> for ProblemPage {
    fn from(error: ApiError) -> Self {
        match error {
            ApiError::NotFound => Self::not_found(),
            ApiError::Building => Self::building(),
            ApiError::Refused(problem) => {
                info!(?problem, "the search API refused a patient's request");
                Self::refused(problem)
            }
            ApiError::Failed { .. }
            | ApiError::Unreachable(_)
            | ApiError::TooLong
            | ApiError::Malformed(_) => {
                error!(?error, "{error}");
                Self::down()
            }
        }
    }
}

impl IntoResponse for ProblemPage {
    fn into_response(self) -> Response {
        let page = show(&self);
        match self.refresh_seconds {
            Some(seconds) => {
                (self.status, [(RETRY_AFTER, seconds.to_string())], page).into_response()
            }
            None => (self.status, page).into_response(),
        }
    }
}

/// For every address that leads nowhere.
pub(crate) async fn not_found() -> ProblemPage {
    ProblemPage::not_found()
}
