//! What every patients' page has around its content, and how a page becomes a reply.

use askama::Template;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use tracing::error;

use crate::api::IndexStamp;
use crate::korean;

/// The search box and the foot of a page.
#[derive(Clone, Debug, Default)]
pub(crate) struct Frame {
    /// What stands in the search box.
    pub(crate) q: String,
    /// Filters that a new search keeps, as hidden fields.
    pub(crate) kept: Vec<(&'static str, String)>,
    /// `3초 전`; `None` on pages that asked the index nothing.
    pub(crate) freshness: Option<String>,
}

impl Frame {
    /// The frame of a page that shows what the index said.
    pub(crate) fn fresh(index: &IndexStamp) -> Self {
        Self {
            freshness: Some(korean::ago(index.age_milliseconds)),
            ..Self::default()
        }
    }
}

/// The page as a reply.
pub(crate) fn show(page: &impl Template) -> Response {
    match page.render() {
        Ok(html) => Html(html).into_response(),
        Err(error) => {
            error!(%error, "a page could not be rendered");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
