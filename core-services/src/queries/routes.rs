//! `/v1/queries`.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use chrono::{Duration, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use sqlx::MySqlPool;

use super::model::{QueryRow, first_of};
use super::store::{self, Order, Part};
use crate::problem::ApiError;

/// Rows of a page: a screen of them.
const PER_PAGE: u32 = 50;
/// Nobody turns so many pages.
const PAGE_MAX: u32 = 200;
/// Days that are looked at, unless another number is asked for; no more are kept.
const DAYS: u64 = 7;
const DAYS_MAX: u64 = 90;
/// Korea's day begins nine hours before that of UTC.
const KOREA_HOURS: i64 = 9;

/// Which part of the list is asked for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct List {
    #[serde(default)]
    found_nothing: bool,
    days: Option<u64>,
    page: Option<u32>,
}

/// A page of the list.
#[derive(Debug, Serialize)]
pub(crate) struct PageView {
    rows: Vec<QueryRow>,
    total: u64,
    page: u32,
    per_page: u32,
}

pub(crate) async fn list(
    State(pool): State<MySqlPool>,
    list: Result<Query<List>, QueryRejection>,
) -> Result<Json<PageView>, ApiError> {
    let Query(list) = list?;
    let days = list.days.unwrap_or(DAYS).clamp(1, DAYS_MAX);
    let page = list.page.unwrap_or(1).clamp(1, PAGE_MAX);
    let order = match list.found_nothing {
        true => Order::FoundNothing,
        false => Order::Searches,
    };
    let part = Part {
        offset: (page - 1) * PER_PAGE,
        limit: PER_PAGE,
    };
    let (rows, total) = store::list(&pool, first_of(today(), days), order, part).await?;
    Ok(Json(PageView {
        rows,
        total,
        page,
        per_page: PER_PAGE,
    }))
}

fn today() -> NaiveDate {
    (Utc::now() + Duration::hours(KOREA_HOURS)).date_naive()
}
