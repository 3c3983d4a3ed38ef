//! Weeks of opening hours as institutions of each kind really keep them.

use std::collections::BTreeSet;

use rand::prelude::*;

use crate::institutions::{Kind, OpeningSpan};

const SATURDAY: u8 = 6;
const SUNDAY: u8 = 7;
const HOLIDAY: u8 = 8;
const WEEKDAYS: std::ops::RangeInclusive<u8> = 1..=5;
const EVERY_DAY: std::ops::RangeInclusive<u8> = 1..=8;

/// A week under construction, in minutes after midnight.
#[derive(Default)]
struct Week {
    spans: BTreeSet<OpeningSpan>,
}

impl Week {
    fn open(&mut self, day: u8, opens_minute: u16, closes_minute: u16) {
        self.spans
            .extend(OpeningSpan::new(day, opens_minute, closes_minute));
    }

    /// Open with a break in the middle.
    fn open_around(&mut self, day: u8, opens_minute: u16, lunch: (u16, u16), closes_minute: u16) {
        self.open(day, opens_minute, lunch.0);
        self.open(day, lunch.1, closes_minute);
    }
}

/// The opening hours of an institution. `name` matters for those that call themselves 365.
pub(super) fn hours(rng: &mut StdRng, kind: Kind, name: &str) -> BTreeSet<OpeningSpan> {
    let mut week = Week::default();
    match kind {
        Kind::Pharmacy => pharmacy(rng, &mut week),
        Kind::Clinic | Kind::DentalClinic | Kind::KoreanMedicineClinic => {
            clinic(rng, &mut week, name.contains("365"));
        }
        Kind::EmergencyCentre => EVERY_DAY.for_each(|day| week.open(day, 0, 1440)),
        Kind::LongTermCareHospital => EVERY_DAY.for_each(|day| week.open(day, 540, 1080)),
        Kind::PublicHealthCentre | Kind::PublicHealthSubcentre => {
            WEEKDAYS.for_each(|day| week.open_around(day, 540, (720, 780), 1080));
        }
        _ => {
            WEEKDAYS.for_each(|day| week.open_around(day, 510, (750, 810), 1050));
            if rng.random_bool(0.6) {
                week.open(SATURDAY, 510, 750);
            }
        }
    }
    week.spans
}

fn clinic(rng: &mut StdRng, week: &mut Week, is_always_open: bool) {
    let opens = pick(rng, &[510, 540, 540, 540, 570, 600]);
    let closes = pick(rng, &[1080, 1080, 1110, 1110, 1140]);
    let lunch = pick(rng, &[(780, 840), (780, 840), (750, 810), (750, 840)]);
    // Many close for one afternoon, some keep one or two evenings open.
    let short_day = if rng.random_bool(0.2) {
        pick(rng, &[3, 4])
    } else {
        0
    };
    let late_days: &[u8] = if rng.random_bool(0.15) { &[2, 4] } else { &[] };
    for day in WEEKDAYS {
        if day == short_day {
            week.open(day, opens, lunch.0);
        } else if late_days.contains(&day) {
            week.open_around(day, opens, lunch, pick(rng, &[1200, 1230, 1260]));
        } else {
            week.open_around(day, opens, lunch, closes);
        }
    }
    if is_always_open || rng.random_bool(0.85) {
        week.open(SATURDAY, opens, pick(rng, &[780, 780, 840, 900]));
    }
    if is_always_open || rng.random_bool(0.03) {
        week.open(SUNDAY, 600, 840);
        week.open(HOLIDAY, 600, 840);
    }
}

fn pharmacy(rng: &mut StdRng, week: &mut Week) {
    let share: f64 = rng.random();
    if share < 0.01 {
        // Around the clock.
        EVERY_DAY.for_each(|day| week.open(day, 0, 1440));
        return;
    }
    if share < 0.04 {
        // A night pharmacy (심야약국): until one or two in the morning, every day.
        let closes = pick(rng, &[1500, 1560]);
        EVERY_DAY.for_each(|day| week.open(day, 600, closes));
        return;
    }
    let opens = pick(rng, &[510, 510, 540, 540, 540, 570]);
    let closes = pick(rng, &[1110, 1140, 1140, 1200, 1200, 1260, 1320]);
    WEEKDAYS.for_each(|day| week.open(day, opens, closes));
    if rng.random_bool(0.93) {
        week.open(
            SATURDAY,
            opens,
            pick(rng, &[780, 840, 840, 900, 1020, 1080]),
        );
    }
    if rng.random_bool(0.12) {
        let closes = pick(rng, &[900, 1080, 1260]);
        week.open(SUNDAY, 600, closes);
        if rng.random_bool(0.7) {
            week.open(HOLIDAY, 600, closes);
        }
    }
}

fn pick<T: Copy>(rng: &mut StdRng, choices: &[T]) -> T {
    choices[rng.random_range(0..choices.len())]
}
