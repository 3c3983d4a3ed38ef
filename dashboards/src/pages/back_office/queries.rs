//! The back office's `/queries`: what people search for, and what of it finds nothing, with the way to a synonym for it.

use std::borrow::Borrow;

use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use tracing::error;

use super::office::Office;
use crate::api::{Queries, QueryRow};
use crate::choices::address;
use crate::frame::show as reply;
use crate::korean;

/// The days that can be chosen.
const DAYS: [u64; 4] = [1, 7, 30, 90];
const DAYS_USUAL: u64 = 7;
const NOT_CONNECTED: &str = "운영 API가 연결되어 있지 않습니다. 관리 화면과 운영 API를 따로 띄웠다면 둘에 같은 operator-token을 설정하세요.";
const DOWN: &str = "운영 API가 대답하지 않습니다. 잠시 뒤 다시 시도하세요.";

/// Which part of the list is asked for; what can't be read counts as not said.
#[derive(Deserialize)]
pub(crate) struct Asked {
    list: Option<String>,
    days: Option<String>,
    page: Option<String>,
}

#[derive(Template)]
#[template(path = "back_office/queries.html")]
struct QueriesPage {
    found_nothing: bool,
    days: u64,
    problem: Option<&'static str>,
    found: Option<Found>,
}

struct Found {
    rows: Vec<QueryRow>,
    total: String,
    previous: Option<String>,
    next: Option<String>,
}

/// The address of a page of the list.
fn page_address(found_nothing: bool, days: u64, page: u64) -> String {
    let list = if found_nothing { "nothing" } else { "all" };
    let (days, page) = (days.to_string(), page.to_string());
    let query = [("list", list), ("days", &*days), ("page", &*page)];
    address("/queries", query.into_iter())
}

impl QueriesPage {
    /// The address of another list, or of other days.
    fn part(&self, found_nothing: impl Borrow<bool>, days: &u64) -> String {
        page_address(*found_nothing.borrow(), *days, 1)
    }
}

impl Found {
    fn new(found: Queries, found_nothing: bool, days: u64) -> Self {
        let pages = found.total.div_ceil(found.per_page.max(1));
        let page = |page| page_address(found_nothing, days, page);
        Self {
            total: korean::number(found.total),
            previous: (found.page > 1).then(|| page(found.page - 1)),
            next: (found.page < pages).then(|| page(found.page + 1)),
            rows: found.rows,
        }
    }
}

impl QueryRow {
    fn noun_shown(&self) -> &'static str {
        match self.noun.as_str() {
            "article" => "건강 정보",
            _ => "병원·약국",
        }
    }

    /// The dictionary's form with the query filled in.
    fn as_synonym(&self) -> String {
        address(
            "/dictionary/synonyms",
            [("main", self.query.as_str())].into_iter(),
        )
    }
}

/// `GET /queries`, with `list=nothing`, `days` and `page`.
pub(crate) async fn show(State(office): State<Office>, Query(asked): Query<Asked>) -> Response {
    let number = |text: Option<String>| text.and_then(|text| text.parse().ok());
    let found_nothing = asked.list.as_deref() == Some("nothing");
    let days = number(asked.days).filter(|days| DAYS.contains(days));
    let mut page = QueriesPage {
        found_nothing,
        days: days.unwrap_or(DAYS_USUAL),
        problem: None,
        found: None,
    };
    let at = number(asked.page).unwrap_or(1);
    match &office.operators {
        None => page.problem = Some(NOT_CONNECTED),
        Some(operators) => match operators.queries(found_nothing, page.days, at).await {
            Ok(found) => page.found = Some(Found::new(found, found_nothing, page.days)),
            Err(error) => {
                error!(?error, "{error}");
                page.problem = Some(DOWN);
            }
        },
    }
    let status = match page.problem {
        Some(_) => StatusCode::BAD_GATEWAY,
        None => StatusCode::OK,
    };
    (status, reply(&page)).into_response()
}
