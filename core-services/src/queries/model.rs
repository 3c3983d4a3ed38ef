//! What is known of a query, how long, and what makes it popular.

use chrono::{Days, NaiveDate};
use serde::Serialize;

use crate::db::travels_as_text;

/// Counts are kept for a quarter: long enough to see a season begin.
const DAYS_KEPT: u64 = 90;
/// Popular is what is asked in these days …
const POPULAR_DAYS: u64 = 7;
/// … so often; fewer searches may be a single household's.
pub(super) const POPULAR_MIN: u32 = 20;
/// Searches hold all popular queries in memory, and nobody sees more than a few at a time.
pub(super) const POPULAR_MAX: u32 = 500;

/// What was searched for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, sqlx::Encode, sqlx::Decode)]
#[serde(rename_all = "snake_case")]
#[sqlx(rename_all = "snake_case")]
pub enum SearchedNoun {
    /// Institutions.
    Institution,
    /// Articles.
    Article,
}

travels_as_text!(SearchedNoun);

/// Searches to be added to a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewCount {
    /// By the Korean calendar.
    pub day: NaiveDate,
    /// What was searched for.
    pub noun: SearchedNoun,
    /// Normalised, at most 40 characters.
    pub query: String,
    /// How often.
    pub searches: u32,
    /// How many of these found nothing.
    pub found_nothing: u32,
}

/// A query with its counts over some days.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct QueryRow {
    /// What was searched for.
    pub noun: SearchedNoun,
    /// As people wrote it, normalised.
    pub query: String,
    /// How often.
    pub searches: u64,
    /// How many of these found nothing.
    pub found_nothing: u64,
}

/// The first of so many days, of which today is the last.
pub(super) fn first_of(today: NaiveDate, days: u64) -> NaiveDate {
    let before = Days::new(days.saturating_sub(1));
    today.checked_sub_days(before).unwrap_or(today)
}

/// The first day of which counts are kept.
pub(super) fn first_kept(today: NaiveDate) -> NaiveDate {
    first_of(today, DAYS_KEPT)
}

/// The first day that counts for what is popular.
pub(super) fn first_popular(today: NaiveDate) -> NaiveDate {
    first_of(today, POPULAR_DAYS)
}
