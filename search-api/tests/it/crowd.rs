//! Thousands of random institutions around Seoul, for tests against a naive look at each of them.

use std::fmt::Write;

use rand::prelude::*;
use tokio::sync::OnceCell;

use crate::support::TestApp;

/// Enough for several pages of every kind, in several segments.
const COUNT: u64 = 3000;
/// Kinds and their labels.
pub(crate) const KINDS: [(&str, &str); 4] = [
    ("clinic", "의원"),
    ("pharmacy", "약국"),
    ("hospital", "병원"),
    ("dental_clinic", "치과의원"),
];
pub(crate) const DEPARTMENTS: [(u16, &str); 4] =
    [(1, "내과"), (6, "외과"), (14, "비뇨의학과"), (26, "치과")];
pub(crate) const PLACES: [(&str, &str); 4] = [
    ("서울특별시", "중구"),
    ("서울특별시", "강남구"),
    ("인천광역시", "중구"),
    ("경기도", "성남시"),
];

/// One of the crowd.
#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) id: u64,
    pub(crate) name: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) departments: Vec<&'static str>,
    pub(crate) sido: &'static str,
    pub(crate) sigungu: &'static str,
    /// Latitude and longitude.
    pub(crate) point: Option<(f64, f64)>,
    pub(crate) has_emergency_room: bool,
    /// Day, opens, closes.
    pub(crate) hours: Vec<(u8, u16, u16)>,
    pub(crate) specialists: Option<u32>,
    pub(crate) parking: Option<u32>,
}

impl Member {
    /// Open at each of these minutes of the day.
    pub(crate) fn is_open(&self, day: u8, mut minutes: std::ops::Range<u16>) -> bool {
        minutes.all(|minute| {
            self.hours
                .iter()
                .any(|(on, opens, closes)| *on == day && (*opens..*closes).contains(&minute))
        })
    }
}

/// The crowd, always the same.
pub(crate) fn crowd() -> Vec<Member> {
    let mut rng = StdRng::seed_from_u64(7);
    let mut crowd: Vec<Member> = Vec::new();
    for id in 1..=COUNT {
        let (sido, sigungu) = PLACES[rng.random_range(0..PLACES.len())];
        // Densest in the middle, with some who share a house and some who are nowhere.
        let spread = 0.6 * rng.random::<f64>().powi(3);
        let direction = rng.random::<f64>() * std::f64::consts::TAU;
        let point = match rng.random_range(0..10) {
            0 => crowd.last().and_then(|last| last.point),
            1 if rng.random_bool(0.3) => None,
            _ => Some((
                37.5 + spread * direction.sin(),
                127.0 + spread * direction.cos(),
            )),
        };
        let departments = DEPARTMENTS.iter().filter(|_| rng.random_bool(0.2));
        crowd.push(Member {
            id,
            departments: departments.map(|(_, name)| *name).collect(),
            name: ["새봄의원", "한빛의원"][rng.random_range(0..2)],
            kind: KINDS[rng.random_range(0..10_usize).min(KINDS.len() - 1)].0,
            sido,
            sigungu,
            point,
            has_emergency_room: rng.random_bool(0.02),
            hours: hours(&mut rng),
            specialists: rng.random_bool(0.8).then(|| rng.random_range(0..20)),
            parking: rng.random_bool(0.5).then(|| rng.random_range(0..3)),
        });
    }
    crowd
}

/// A Wednesday with a break, without, or with none between two spans; some Sundays.
fn hours(rng: &mut StdRng) -> Vec<(u8, u16, u16)> {
    let noon = rng.random_range(690..780);
    let mut hours = match rng.random_range(0..4) {
        0 => vec![(3, 540, noon), (3, noon + 60, 1080)],
        1 => vec![(3, 540, noon), (3, noon, 1080)],
        2 => vec![(3, 540, rng.random_range(800..880))],
        _ => Vec::new(),
    };
    if rng.random_bool(0.1) {
        hours.push((7, 540, 1080));
    }
    hours
}

/// An API that knows the crowd.
pub(crate) async fn app() -> &'static TestApp {
    static APP: OnceCell<TestApp> = OnceCell::const_new();
    let start = || async {
        let statements = statements();
        TestApp::with(&statements.each_ref().map(String::as_str)).await
    };
    APP.get_or_init(start).await
}

fn or_null(count: Option<u32>) -> String {
    count.map_or_else(|| "null".to_owned(), |count| count.to_string())
}

fn statements() -> [String; 3] {
    let [mut institutions, mut departments, mut hours] = [(); 3].map(|()| String::new());
    for member in crowd() {
        let id = member.id;
        let (latitude, longitude) = match member.point {
            Some((latitude, longitude)) => (latitude.to_string(), longitude.to_string()),
            None => ("null".to_owned(), "null".to_owned()),
        };
        let _ = write!(
            institutions,
            ", ({id}, 'sample', 'C{id}', '{}', '{}', '{}', '{}', {latitude}, {longitude}, {}, {}, {})",
            member.name,
            member.kind,
            member.sido,
            member.sigungu,
            member.has_emergency_room,
            or_null(member.specialists),
            or_null(member.parking)
        );
        for (number, name) in DEPARTMENTS {
            if member.departments.contains(&name) {
                let _ = write!(departments, ", ({id}, {number})");
            }
        }
        for (day, opens, closes) in &member.hours {
            let _ = write!(hours, ", ({id}, {day}, {opens}, {closes})");
        }
    }
    [
        format!(
            "insert into institutions (id, registry, official_code, name, kind, sido, sigungu, latitude, longitude, \
             has_emergency_room, specialist_count, parking_spaces) values {}",
            &institutions[2..]
        ),
        format!(
            "insert into institution_departments (institution_id, department_id) values {}",
            &departments[2..]
        ),
        format!(
            "insert into opening_hours (institution_id, day, opens_minute, closes_minute) values {}",
            &hours[2..]
        ),
    ]
}
