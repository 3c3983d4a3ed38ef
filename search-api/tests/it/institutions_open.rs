//! `GET /v1/search/institutions?open_at=…`: to the minute, past midnight, on holidays.

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate, TimeDelta};
use serde_json::json;

use crate::sample::institutions;
use crate::support::{TestApp, ids};

const PATH: &str = "/v1/search/institutions";

/// Among the days around these are three holidays in a row, one on a Monday, and none.
const HOLIDAYS: [&str; 5] = [
    "2026-09-24",
    "2026-09-25",
    "2026-09-26",
    "2026-10-05",
    "2026-10-03",
];

fn day_of(date: NaiveDate) -> u8 {
    let is_holiday = HOLIDAYS.contains(&&*date.to_string());
    if is_holiday {
        8
    } else {
        date.weekday().number_from_monday() as u8
    }
}

/// The brute-force rule: some span of the day, or of the day before, holds the minute.
fn is_open(hours: &[(u8, u16, u16)], date: NaiveDate, minute: u16) -> bool {
    let (today, yesterday) = (day_of(date), day_of(date - TimeDelta::days(1)));
    hours.iter().any(|&(day, opens, closes)| {
        (day == today && (opens..closes).contains(&minute))
            || (day == yesterday && (opens..closes).contains(&(minute + 1440)))
    })
}

async fn found(app: &TestApp, open_at: &str) -> BTreeSet<u64> {
    let mut found = BTreeSet::new();
    for page in ["1", "2"] {
        let reply = app
            .get(
                PATH,
                &[("open_at", open_at), ("per_page", "50"), ("page", page)],
            )
            .await;
        for hit in reply["hits"].as_array().unwrap() {
            let state = hit["open"]["state"].as_str().unwrap();
            assert!(matches!(state, "open" | "closing_soon"), "{open_at} {hit}");
        }
        found.extend(ids(&reply));
    }
    found
}

#[tokio::test]
pub(crate) async fn open_at_is_right_at_every_boundary() {
    let app = TestApp::shared().await;
    let all = institutions();
    let mut minutes: BTreeSet<u16> = BTreeSet::from([0, 1439]);
    for (_, opens, closes) in all.iter().flat_map(|one| &one.hours) {
        minutes.extend([
            opens.saturating_sub(1),
            *opens,
            (closes - 1) % 1440,
            closes % 1440,
        ]);
    }
    let first: NaiveDate = "2026-09-22".parse().unwrap();
    // Each day takes every fifth of the minutes, another fifth each; together they take all.
    for later in 0..15_u16 {
        let date = first + TimeDelta::days(later.into());
        for minute in minutes.iter().skip(usize::from(later % 5)).step_by(5) {
            let open_at = format!("{date}T{:02}:{:02}", minute / 60, minute % 60);
            let expected = all
                .iter()
                .filter(|one| is_open(&one.hours, date, *minute))
                .map(|one| one.id)
                .collect();
            assert_eq!(found(app, &open_at).await, expected, "{open_at}");
        }
    }
}

#[tokio::test]
pub(crate) async fn hours_past_24_are_of_the_next_day() {
    let app = TestApp::shared().await;
    // 2026-11-22 is a Sunday, on which 100세건강약국 closes at 26:00.
    let query = |open_at| [("open_at", open_at), ("kind", "pharmacy")];
    let night = app.get(PATH, &query("2026-11-22T25:30")).await;
    assert_eq!(ids(&night), [1]);
    assert_eq!(
        night["hits"],
        app.get(PATH, &query("2026-11-23T01:30")).await["hits"]
    );
    assert_eq!(
        night["hits"][0]["open"],
        json!({"state": "closing_soon", "closes_at": "02:00", "next_open": null})
    );
    let evening = app.get(PATH, &query("2026-11-22T22:00")).await;
    assert_eq!(
        evening["hits"][0]["open"],
        json!({"state": "open", "closes_at": "26:00", "next_open": null})
    );
    assert_eq!(
        ids(&app.get(PATH, &query("2026-11-22T26:00")).await),
        Vec::<u64>::new()
    );
}

#[tokio::test]
pub(crate) async fn open_now_is_by_the_clock() {
    let app = TestApp::shared().await;
    let now = app
        .get(PATH, &[("open_now", "true"), ("per_page", "50")])
        .await;
    assert_eq!(
        now["hits"],
        app.get(PATH, &[("open_at", "2026-11-23T10:00"), ("per_page", "50")])
            .await["hits"]
    );
    let state = |reply: &serde_json::Value| reply["hits"][0]["open"].clone();
    let opens_later = app.get(PATH, &[("q", "튼튼비뇨의학과의원")]).await;
    assert_eq!(state(&opens_later)["state"], "open");
    let holiday_only = app
        .get(PATH, &[("sido", "충청북도"), ("holiday", "true")])
        .await;
    let next_open = json!({"date": "2026-11-26", "time": "22:00"});
    assert_eq!(
        state(&holiday_only),
        json!({"state": "closed", "closes_at": null, "next_open": next_open})
    );
    let unknown = app.get(PATH, &[("q", "꺾쇠")]).await;
    assert_eq!(
        state(&unknown),
        json!({"state": "unknown", "closes_at": null, "next_open": null})
    );
}
