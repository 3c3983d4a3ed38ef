//! Services of an institution that people filter by and ask for in words: at night, on Sundays, round the clock.

use crate::opening::{DAY_MINUTES, HOLIDAY, Span};

/// Open at this hour or later is a night service.
const NIGHT_FROM_MINUTE: u16 = 21 * 60;

/// A service; it follows from the opening hours, but for the emergency room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// Open past 21:00 on some day (야간).
    Night,
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
}

impl Service {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Night,
        Self::Saturday,
        Self::Sunday,
        Self::Weekend,
        Self::Holiday,
        Self::Always,
        Self::Emergency,
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
            Self::Saturday => "saturday",
            Self::Sunday => "sunday",
            Self::Weekend => "weekend",
            Self::Holiday => "holiday",
            Self::Always => "always",
            Self::Emergency => "emergency",
        }
    }

    /// The Korean words, which searches find too.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Night => "야간 진료",
            Self::Saturday => "토요일 진료",
            Self::Sunday => "일요일 진료",
            Self::Weekend => "주말 진료",
            Self::Holiday => "공휴일 진료",
            Self::Always => "24시간",
            Self::Emergency => "응급실",
        }
    }
}

/// The services of these hours, in the order in which they are listed.
pub(super) fn services(spans: &[Span], has_emergency_room: bool) -> Vec<Service> {
    let on = |day: u8| spans.iter().any(|span| span.day == day);
    let is_all_day = |day: u8| {
        let mut on_day = spans.iter().filter(|span| span.day == day);
        on_day.any(|span| span.opens == 0 && span.closes >= DAY_MINUTES)
    };
    let has = |service| match service {
        Service::Night => spans.iter().any(|span| span.closes > NIGHT_FROM_MINUTE),
        Service::Saturday => on(6),
        Service::Sunday => on(7),
        Service::Weekend => on(6) || on(7),
        Service::Holiday => on(HOLIDAY),
        Service::Always => (1..=7).all(is_all_day),
        Service::Emergency => has_emergency_room,
    };
    Service::ALL
        .into_iter()
        .filter(|service| has(*service))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::Service::{Always, Emergency, Holiday, Night, Saturday, Sunday, Weekend};
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
            services(&week(1440), false),
            [Night, Saturday, Sunday, Weekend, Always]
        );
        assert_eq!(
            services(&week(600), true),
            [Saturday, Sunday, Weekend, Emergency]
        );
        let holiday = Span {
            day: HOLIDAY,
            opens: 540,
            closes: 600,
        };
        assert_eq!(services(&[holiday], false), [Holiday]);
    }
}
