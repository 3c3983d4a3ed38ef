//! How numbers, distances, times and opening hours are said in Korean.

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, Utc};

use crate::api::{NextOpen, Open, OpenState};

/// Korea is nine hours ahead of UTC all year.
const KOREA_OFFSET_SECONDS: i32 = 9 * 3600;
/// Minutes of a day.
const DAY_MINUTES: u16 = 1440;
/// The days as opening hours number them: 1 Monday … 7 Sunday, 8 public holiday.
pub(crate) const DAYS: [&str; 8] = ["월", "화", "수", "목", "금", "토", "일", "공휴일"];

/// The wall clock of Korea.
pub(crate) fn now() -> DateTime<FixedOffset> {
    let korea =
        FixedOffset::east_opt(KOREA_OFFSET_SECONDS).expect("nine hours are less than a day");
    Utc::now().with_timezone(&korea)
}

/// `12345` → `12,345`
pub(crate) fn number(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `350m`, `1.2km`, `23km`: never more exact than where somebody stands is known.
pub(crate) fn distance(meters: f64) -> String {
    if meters < 995.0 {
        format!("{:.0}m", (meters / 10.0).round() * 10.0)
    } else if meters < 9_950.0 {
        format!("{:.1}km", meters / 1000.0)
    } else {
        format!("{}km", number((meters / 1000.0).round() as u64))
    }
}

/// How far around a place, as the filter takes it in kilometres: `500m 안`, `3km 안`
pub(crate) fn radius(kilometers: &str) -> String {
    match kilometers.parse::<f64>() {
        Ok(radius) if radius < 1.0 => format!("{:.0}m 안", radius * 1000.0),
        _ => format!("{kilometers}km 안"),
    }
}

/// Where to park: `30대 · 무료`, `없음`
pub(crate) fn parking(spaces: u32, is_free: Option<bool>) -> String {
    let cost = match is_free {
        Some(true) => " · 무료",
        Some(false) => " · 유료",
        None => "",
    };
    match spaces {
        0 => "없음".to_owned(),
        spaces => format!("{}대{cost}", number(spaces.into())),
    }
}

/// `방금`, `12초 전`, `3분 전`, `5시간 전`, `2일 전`
pub(crate) fn ago(milliseconds: u64) -> String {
    match milliseconds / 1000 {
        0 => "방금".to_owned(),
        seconds @ 1..60 => format!("{seconds}초 전"),
        seconds @ 60..3600 => format!("{}분 전", seconds / 60),
        seconds @ 3600..86_400 => format!("{}시간 전", seconds / 3600),
        seconds => format!("{}일 전", number(seconds / 86_400)),
    }
}

/// Minutes after midnight as a clock: `09:00`, and past midnight `다음 날 01:30`; midnight itself is `24:00`.
pub(crate) fn clock(minutes: u16) -> String {
    let (prefix, minutes) = match minutes {
        0..=DAY_MINUTES => ("", minutes),
        _ => ("다음 날 ", minutes - DAY_MINUTES),
    };
    format!("{prefix}{:02}:{:02}", minutes / 60, minutes % 60)
}

/// `2026년 9월 10일`
pub(crate) fn date(date: NaiveDate) -> String {
    format!("{}년 {}월 {}일", date.year(), date.month(), date.day())
}

/// The state of the doors in one phrase: `열려 있음 · 18:00까지`, `닫힘 · 내일 09:00에 엽니다`.
pub(crate) fn doors(open: &Open, today: NaiveDate) -> String {
    let until = open.closes_at.as_deref().map(later);
    match (open.state, until) {
        (OpenState::Open, Some(until)) => format!("열려 있음 · {until}까지"),
        (OpenState::Open, None) => "열려 있음".to_owned(),
        (OpenState::ClosingSoon, Some(until)) => format!("곧 닫음 · {until}까지"),
        (OpenState::ClosingSoon, None) => "곧 닫음".to_owned(),
        (OpenState::OpeningSoon, _) => match &open.next_open {
            Some(next) => format!("곧 엶 · {} {}에 엽니다", day(next, today), next.time),
            None => "곧 엶".to_owned(),
        },
        (OpenState::Closed, _) => match &open.next_open {
            Some(next) => format!("닫힘 · {} {}에 엽니다", day(next, today), next.time),
            None => "닫힘".to_owned(),
        },
        (OpenState::Unknown, _) => "운영시간 정보 없음".to_owned(),
    }
}

/// A clock with hours past 24 as people say it: `26:00` → `다음 날 02:00`.
fn later(text: &str) -> String {
    let minutes = text.split_once(':').and_then(|(hours, minutes)| {
        let hours: u16 = hours.parse().ok().filter(|hours| *hours <= 48)?;
        Some(
            hours * 60
                + minutes
                    .parse::<u16>()
                    .ok()
                    .filter(|minutes| *minutes < 60)?,
        )
    });
    minutes.map_or_else(|| text.to_owned(), clock)
}

/// `오늘`, `내일`, `모레`, `9월 14일(월)`
fn day(next: &NextOpen, today: NaiveDate) -> String {
    match (next.date - today).num_days() {
        0 => "오늘".to_owned(),
        1 => "내일".to_owned(),
        2 => "모레".to_owned(),
        _ => {
            let weekday = DAYS[next.date.weekday().num_days_from_monday() as usize];
            format!("{}월 {}일({weekday})", next.date.month(), next.date.day())
        }
    }
}

/// The kinds (종별) as the API names them, for a filter that no hit has; hits and facets bring their own label.
pub(crate) fn kind(kind: &str) -> &str {
    match kind {
        "tertiary_hospital" => "상급종합병원",
        "general_hospital" => "종합병원",
        "hospital" => "병원",
        "long_term_care_hospital" => "요양병원",
        "mental_hospital" => "정신병원",
        "clinic" => "의원",
        "dental_hospital" => "치과병원",
        "dental_clinic" => "치과의원",
        "korean_medicine_hospital" => "한방병원",
        "korean_medicine_clinic" => "한의원",
        "midwifery_clinic" => "조산원",
        "public_health_centre" => "보건소",
        "public_health_subcentre" => "보건지소",
        "public_health_post" => "보건진료소",
        "pharmacy" => "약국",
        "emergency_centre" => "응급의료센터",
        "other" => "기타",
        kind => kind,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn doors_of(state: OpenState, closes_at: Option<&str>, next: Option<(&str, &str)>) -> String {
        let open = Open {
            state,
            closes_at: closes_at.map(str::to_owned),
            next_open: next.map(|(date, time)| NextOpen {
                date: date.parse().unwrap(),
                time: time.to_owned(),
            }),
        };
        doors(&open, "2026-09-11".parse().unwrap())
    }

    #[test]
    fn doors_are_said_as_people_do() {
        assert_eq!(
            doors_of(OpenState::Open, Some("18:00"), None),
            "열려 있음 · 18:00까지"
        );
        assert_eq!(
            doors_of(OpenState::Open, Some("26:00"), None),
            "열려 있음 · 다음 날 02:00까지"
        );
        assert_eq!(
            doors_of(OpenState::ClosingSoon, Some("18:00"), None),
            "곧 닫음 · 18:00까지"
        );
        assert_eq!(
            doors_of(OpenState::OpeningSoon, None, Some(("2026-09-11", "14:00"))),
            "곧 엶 · 오늘 14:00에 엽니다"
        );
        let closed = |date| doors_of(OpenState::Closed, None, Some((date, "09:00")));
        assert_eq!(closed("2026-09-11"), "닫힘 · 오늘 09:00에 엽니다");
        assert_eq!(closed("2026-09-12"), "닫힘 · 내일 09:00에 엽니다");
        assert_eq!(closed("2026-09-14"), "닫힘 · 9월 14일(월) 09:00에 엽니다");
        assert_eq!(
            doors_of(OpenState::Unknown, None, None),
            "운영시간 정보 없음"
        );
    }

    #[test]
    fn numbers_keep_their_groups() {
        let said: Vec<_> = [0, 999, 1000, 77_342, 1_234_567]
            .into_iter()
            .map(number)
            .collect();
        assert_eq!(said, ["0", "999", "1,000", "77,342", "1,234,567"]);
    }

    #[test]
    fn distances_are_not_more_exact_than_known() {
        let said: Vec<_> = [0.0, 347.0, 994.0, 996.0, 1_240.0, 9_940.0, 23_400.0]
            .into_iter()
            .map(distance)
            .collect();
        assert_eq!(
            said,
            ["0m", "350m", "990m", "1.0km", "1.2km", "9.9km", "23km"]
        );
    }

    #[test]
    fn radii_and_parking_are_said_as_people_do() {
        assert_eq!(
            ["0.5", "1", "12.5"].map(radius),
            ["500m 안", "1km 안", "12.5km 안"]
        );
        assert_eq!(parking(1200, Some(false)), "1,200대 · 유료");
        assert_eq!(parking(5, Some(true)), "5대 · 무료");
        assert_eq!(parking(5, None), "5대");
        assert_eq!(parking(0, None), "없음");
    }

    #[test]
    fn clocks_go_past_midnight() {
        assert_eq!(
            [0, 540, 1440, 1530].map(clock),
            ["00:00", "09:00", "24:00", "다음 날 01:30"]
        );
    }

    #[test]
    fn ages_are_round() {
        let said = [999, 1_000, 59_999, 60_000, 7_200_000, 200_000_000].map(ago);
        assert_eq!(
            said,
            ["방금", "1초 전", "59초 전", "1분 전", "2시간 전", "2일 전"]
        );
    }
}
