//! Whether an institution is open at a moment, until when, and when it opens next.

use std::collections::HashSet;

use chrono::{Datelike, Days, NaiveDate, NaiveDateTime, Timelike};
use indexer::opening::{HOLIDAY, Span, terms_at};
use serde::Serialize;
use utoipa::ToSchema;

const DAY_MINUTES: i32 = 1440;
/// It closes or opens soon when it does within so many minutes.
const SOON_MINUTES: i32 = 30;
/// How many days ahead the next opening is looked for: longer than the longest row of holidays and a week.
const DAYS_AHEAD: i32 = 21;

/// A minute of the Korean wall clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Moment {
    date: NaiveDate,
    minute: u16,
}

impl From<NaiveDateTime> for Moment {
    fn from(time: NaiveDateTime) -> Self {
        Self {
            date: time.date(),
            minute: (time.hour() * 60 + time.minute()) as u16, // below 1440
        }
    }
}

impl Moment {
    /// `2026-11-22T14:00`; the hours 24 to 29 are those after midnight of the next day.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (date, time) = text.split_once('T')?;
        let (hour, minute) = time.split_once(':')?;
        let digits = |text: &str, length| {
            text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit())
        };
        let is_written_out = digits(hour, 2) && digits(minute, 2) && date.len() == 10;
        let date: NaiveDate = date.parse().ok().filter(|_| is_written_out)?;
        let hour: u16 = hour.parse().ok().filter(|hour| *hour < 30)?;
        let minute: u16 = minute.parse().ok().filter(|minute| *minute < 60)?;
        Some(Self {
            date: date.checked_add_days(Days::new(u64::from(hour / 24)))?,
            minute: hour % 24 * 60 + minute,
        })
    }

    pub(crate) fn date(self) -> NaiveDate {
        self.date
    }

    /// The index terms of which one stands for whoever is open.
    pub(crate) fn terms(self, holidays: &HashSet<NaiveDate>) -> Vec<String> {
        terms_at(self.day(0, holidays), self.day(-1, holidays), self.minute)
    }

    /// What the date so many days later counts as: 1 Monday … 7 Sunday, 8 public holiday.
    fn day(self, later: i32, holidays: &HashSet<NaiveDate>) -> u8 {
        match self.date_after(later) {
            date if holidays.contains(&date) => HOLIDAY,
            date => date.weekday().number_from_monday() as u8, // 1 to 7
        }
    }

    fn date_after(self, days: i32) -> NaiveDate {
        // The dates that can be asked for are far from the end of the calendar, or we answer for its last day.
        self.date
            .checked_add_signed(chrono::TimeDelta::days(days.into()))
            .unwrap_or(self.date)
    }
}

/// Whether it is open (진료 중).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum OpenState {
    /// 진료 중.
    Open,
    /// Closes within 30 minutes (곧 마감).
    ClosingSoon,
    /// Closed, and opens within 30 minutes (곧 진료 시작).
    OpeningSoon,
    /// 진료 종료.
    Closed,
    /// The registry says nothing about its hours.
    Unknown,
}

/// Opening state at `open_at`, or now.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct OpenView {
    /// Whether it is open.
    pub(crate) state: OpenState,
    /// While it is open, when it closes: `HH:MM` after midnight of the date asked for, such as `26:00` for 02:00 of the next
    /// day. Null when it does not close before the end of the next day.
    #[schema(example = "18:00")]
    pub(crate) closes_at: Option<String>,
    /// While it is closed, when it opens next.
    pub(crate) next_open: Option<NextOpening>,
}

/// A date and a time of the Korean wall clock.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct NextOpening {
    /// The date.
    pub(crate) date: NaiveDate,
    /// `HH:MM`.
    #[schema(example = "09:00")]
    pub(crate) time: String,
}

/// Minutes as `HH:MM`, with hours past 24 where they are.
pub(crate) fn clock(minutes: u16) -> String {
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

/// The state of these hours at the moment.
pub(crate) fn open_view(hours: &[Span], moment: Moment, holidays: &HashSet<NaiveDate>) -> OpenView {
    let view = |state, closes_at, next_open| OpenView {
        state,
        closes_at,
        next_open,
    };
    if hours.is_empty() {
        return view(OpenState::Unknown, None, None);
    }
    let minute = i32::from(moment.minute);
    let stretches = stretches(hours, moment, holidays);
    let Some((opens, closes)) = stretches.into_iter().find(|(_, closes)| *closes > minute) else {
        return view(OpenState::Closed, None, None);
    };
    if opens > minute {
        let next = NextOpening {
            date: moment.date_after(opens.div_euclid(DAY_MINUTES)),
            time: clock(opens.rem_euclid(DAY_MINUTES) as u16), // below 1440
        };
        let state = if opens - minute <= SOON_MINUTES {
            OpenState::OpeningSoon
        } else {
            OpenState::Closed
        };
        return view(state, None, Some(next));
    }
    let state = if closes - minute <= SOON_MINUTES {
        OpenState::ClosingSoon
    } else {
        OpenState::Open
    };
    let closes_at = (closes <= 2 * DAY_MINUTES).then(|| clock(closes as u16)); // after `minute`, so positive
    view(state, closes_at, None)
}

/// When it is open, in minutes after the moment's midnight, from the day before on; what touches is one stretch.
fn stretches(hours: &[Span], moment: Moment, holidays: &HashSet<NaiveDate>) -> Vec<(i32, i32)> {
    let mut stretches: Vec<(i32, i32)> = Vec::new();
    for later in -1..=DAYS_AHEAD {
        let day = moment.day(later, holidays);
        let spans = hours.iter().filter(|span| span.day == day);
        stretches.extend(spans.map(|span| {
            let midnight = later * DAY_MINUTES;
            (
                midnight + i32::from(span.opens),
                midnight + i32::from(span.closes),
            )
        }));
    }
    stretches.sort_unstable();
    stretches.dedup_by(|next, stretch| {
        let touches = next.0 <= stretch.1;
        if touches {
            stretch.1 = stretch.1.max(next.1);
        }
        touches
    });
    stretches
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Moment {
        Moment::parse(text).unwrap_or_else(|| panic!("{text}"))
    }

    fn hours(spans: &[(u8, u16, u16)]) -> Vec<Span> {
        spans
            .iter()
            .map(|&(day, opens, closes)| Span { day, opens, closes })
            .collect()
    }

    #[test]
    fn moments_are_parsed() {
        assert_eq!(at("2026-11-22T25:30"), at("2026-11-23T01:30"));
        assert_eq!(at("2026-12-31T24:00"), at("2027-01-01T00:00"));
        for wrong in [
            "",
            "2026-11-22",
            "2026-11-22T30:00",
            "2026-11-22T9:00",
            "2026-11-22T09:60",
            "2026-02-30T09:00",
            "2026-11-22T+9:00",
        ] {
            assert_eq!(Moment::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_stretch_over_midnight_is_one() {
        let none = HashSet::new();
        // 2026-11-22 is a Sunday.
        let all_day = hours(&[(6, 0, 1440), (7, 0, 1440), (1, 540, 1080)]);
        let view = open_view(&all_day, at("2026-11-21T23:50"), &none);
        assert_eq!(
            (view.state, view.closes_at.as_deref()),
            (OpenState::Open, Some("48:00"))
        );
        let view = open_view(&all_day, at("2026-11-22T23:30"), &none);
        assert_eq!(
            (view.state, view.closes_at.as_deref()),
            (OpenState::ClosingSoon, Some("24:00"))
        );
        let week: Vec<_> = (1..=7).map(|day| (day, 0, 1440)).collect();
        let view = open_view(&hours(&week), at("2026-11-22T23:30"), &none);
        assert_eq!((view.state, view.closes_at), (OpenState::Open, None));
    }

    #[test]
    fn the_night_of_the_day_before_counts() {
        let none = HashSet::new();
        let late = hours(&[(7, 600, 1560)]);
        let view = open_view(&late, at("2026-11-23T01:29"), &none);
        assert_eq!(
            (view.state, view.closes_at.as_deref()),
            (OpenState::Open, Some("02:00"))
        );
        let view = open_view(&late, at("2026-11-22T25:30"), &none);
        assert_eq!(
            (view.state, view.closes_at.as_deref()),
            (OpenState::ClosingSoon, Some("02:00"))
        );
        let view = open_view(&late, at("2026-11-22T22:00"), &none);
        assert_eq!(
            (view.state, view.closes_at.as_deref()),
            (OpenState::Open, Some("26:00"))
        );
        let view = open_view(&late, at("2026-11-23T02:00"), &none);
        let next = view.next_open.unwrap();
        assert_eq!(
            (view.state, next.date.to_string(), next.time),
            (
                OpenState::Closed,
                "2026-11-29".to_owned(),
                "10:00".to_owned()
            )
        );
    }

    #[test]
    fn holidays_have_their_own_hours() {
        let holidays = HashSet::from([at("2026-11-23T00:00").date]);
        let monday = hours(&[(1, 540, 1080), (8, 600, 720)]);
        assert_eq!(
            open_view(&monday, at("2026-11-23T09:29"), &holidays).state,
            OpenState::Closed
        );
        assert_eq!(
            open_view(&monday, at("2026-11-23T10:00"), &holidays).state,
            OpenState::Open
        );
        let never = hours(&[(8, 600, 720)]);
        assert_eq!(
            open_view(&never, at("2026-11-23T12:00"), &holidays).next_open,
            None
        );
        assert_eq!(
            open_view(&[], at("2026-11-23T12:00"), &holidays).state,
            OpenState::Unknown
        );
    }

    #[test]
    fn soon_is_within_thirty_minutes() {
        let none = HashSet::new();
        // A Monday with a lunch break.
        let monday = hours(&[(1, 540, 780), (1, 840, 1080)]);
        for (time, state) in [
            ("08:29", OpenState::Closed),
            ("08:30", OpenState::OpeningSoon),
            ("08:59", OpenState::OpeningSoon),
            ("09:00", OpenState::Open),
            ("12:29", OpenState::Open),
            ("12:30", OpenState::ClosingSoon),
            ("12:59", OpenState::ClosingSoon),
            ("13:00", OpenState::Closed),
            ("13:30", OpenState::OpeningSoon),
            ("17:30", OpenState::ClosingSoon),
            ("18:00", OpenState::Closed),
        ] {
            let view = open_view(&monday, at(&format!("2026-11-23T{time}")), &none);
            assert_eq!(view.state, state, "{time}");
            let opens = matches!(state, OpenState::Closed | OpenState::OpeningSoon);
            assert_eq!(view.next_open.is_some(), opens, "{time}");
        }
    }
}
