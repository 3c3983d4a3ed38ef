//! Services of an institution that people filter by and ask for in words: at night, on Sundays, round the clock.

use crate::opening::{DAY_MINUTES, HOLIDAY, Span};

/// Open at this hour or later is a night service.
const NIGHT_FROM_MINUTE: u16 = 21 * 60;

/// Over this time of the day others have lunch: their breaks are from 12:00 to 13:00, from 13:00 to 14:00 or in between.
const LUNCH_MINUTES: (u16, u16) = (12 * 60, 14 * 60);

/// A service; it follows from the opening hours, but for the emergency room and parking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// Open past 21:00 on some day (야간).
    Night,
    /// Open without a break from 12:00 to 14:00 on some day from Monday to Friday (점심시간).
    Lunch,
    /// Open on Saturdays.
    Saturday,
    /// Open on Sundays.
    Sunday,
    /// Open on Saturdays or Sundays (주말).
    Weekend,
    /// Open on public holidays (공휴일).
    Holiday,
    /// Open for 24 hours on all seven days (24시간).
    Always,
    /// Runs an emergency room (응급실).
    Emergency,
    /// Has at least one space to park a car (주차).
    Parking,
}

impl Service {
    /// All of them, in the order in which they are listed.
    pub const ALL: [Self; 9] = [
        Self::Night,
        Self::Lunch,
        Self::Saturday,
        Self::Sunday,
        Self::Weekend,
        Self::Holiday,
        Self::Always,
        Self::Emergency,
        Self::Parking,
    ];

    /// The service of a code.
    #[must_use]
    pub fn find(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|service| service.code() == code)
    }

    /// The code in index and API.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Night => "night",
            Self::Lunch => "lunch",
            Self::Saturday => "saturday",
            Self::Sunday => "sunday",
            Self::Weekend => "weekend",
            Self::Holiday => "holiday",
            Self::Always => "always",
            Self::Emergency => "emergency",
            Self::Parking => "parking",
        }
    }

    /// The Korean words, which searches find too.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Night => "야간 진료",
            Self::Lunch => "점심시간 진료",
            Self::Saturday => "토요일 진료",
            Self::Sunday => "일요일 진료",
            Self::Weekend => "주말 진료",
            Self::Holiday => "공휴일 진료",
            Self::Always => "24시간",
            Self::Emergency => "응급실",
            Self::Parking => "주차",
        }
    }
}

/// The services of these hours, in the order in which they are listed.
pub(super) fn services(
    spans: &[Span],
    has_emergency_room: bool,
    has_parking: bool,
) -> Vec<Service> {
    let on = |day: u8| spans.iter().any(|span| span.day == day);
    let has = |service| match service {
        Service::Night => spans.iter().any(|span| span.closes > NIGHT_FROM_MINUTE),
        Service::Lunch => (1..=5).any(|day| is_open_throughout(spans, day, LUNCH_MINUTES)),
        Service::Saturday => on(6),
        Service::Sunday => on(7),
        Service::Weekend => on(6) || on(7),
        Service::Holiday => on(HOLIDAY),
        Service::Always => (1..=7).all(|day| is_open_throughout(spans, day, (0, DAY_MINUTES))),
        Service::Emergency => has_emergency_room,
        Service::Parking => has_parking,
    };
    Service::ALL
        .into_iter()
        .filter(|service| has(*service))
        .collect()
}

/// Whether the hours of the day hold all of these minutes; spans that touch have no break between them.
fn is_open_throughout(spans: &[Span], day: u8, (from, to): (u16, u16)) -> bool {
    let mut on_day: Vec<&Span> = spans.iter().filter(|span| span.day == day).collect();
    on_day.sort_by_key(|span| span.opens);
    let mut open_until = from;
    for span in on_day {
        if span.opens <= open_until {
            open_until = open_until.max(span.closes);
        }
    }
    open_until >= to
}

#[cfg(test)]
mod tests {
    use super::Service::{
        Always, Emergency, Holiday, Lunch, Night, Parking, Saturday, Sunday, Weekend,
    };
    use super::*;

    #[test]
    fn services_follow_from_the_hours() {
        let week = |closes| -> Vec<Span> {
            (1..=7)
                .map(|day| Span {
                    day,
                    opens: 0,
                    closes,
                })
                .collect()
        };
        assert_eq!(
            services(&week(1440), false, false),
            [Night, Lunch, Saturday, Sunday, Weekend, Always]
        );
        assert_eq!(
            services(&week(600), true, true),
            [Saturday, Sunday, Weekend, Emergency, Parking]
        );
        let holiday = Span {
            day: HOLIDAY,
            opens: 540,
            closes: 600,
        };
        assert_eq!(services(&[holiday], false, false), [Holiday]);
    }

    #[test]
    fn lunch_is_open_without_a_break_from_twelve_to_two() {
        let has_lunch = |hours: &[(u8, u16, u16)]| {
            let spans: Vec<Span> = hours
                .iter()
                .map(|&(day, opens, closes)| Span { day, opens, closes })
                .collect();
            services(&spans, false, false).contains(&Lunch)
        };
        assert!(has_lunch(&[(3, 720, 840)]));
        assert!(has_lunch(&[(1, 540, 780), (1, 780, 1080)]));
        assert!(has_lunch(&[(1, 540, 780), (1, 840, 1080), (4, 600, 900)]));
        for hours in [
            &[][..],
            &[(3, 721, 1080)],
            &[(3, 540, 839)],
            &[(1, 540, 780), (1, 781, 1080)],
            &[(1, 540, 780), (2, 780, 1080)],
            &[(6, 540, 1080), (7, 540, 1080), (8, 540, 1080)],
        ] {
            assert!(!has_lunch(hours), "{hours:?}");
        }
    }
}
