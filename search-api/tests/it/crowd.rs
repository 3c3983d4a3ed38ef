//! Thousands of random institutions around Seoul, for tests against a naive look at each of them.

use std::fmt::Write;

use rand::prelude::*;
use tokio::sync::OnceCell;

use crate::support::TestApp;

/// More than are put in order at once, so that the nearest are looked for step by step.
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
    pub(crate) is_open_on_sunday: bool,
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
            is_open_on_sunday: rng.random_bool(0.1),
        });
    }
    crowd
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
            ", ({id}, 'sample', 'C{id}', '{}', '{}', '{}', '{}', {latitude}, {longitude}, {})",
            member.name, member.kind, member.sido, member.sigungu, member.has_emergency_room
        );
        for (number, name) in DEPARTMENTS {
            if member.departments.contains(&name) {
                let _ = write!(departments, ", ({id}, {number})");
            }
        }
        if member.is_open_on_sunday {
            let _ = write!(hours, ", ({id}, 7, 540, 720)");
        }
    }
    [
        format!(
            "insert into institutions (id, registry, official_code, name, kind, sido, sigungu, latitude, longitude, \
             has_emergency_room) values {}",
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
