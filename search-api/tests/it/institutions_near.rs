//! `GET /v1/search/institutions` by place: circles, boxes, polygons, nearest first; beside a naive look at each institution.

use rand::prelude::*;
use serde_json::{Value, json};

use crate::crowd::{self, Member, crowd};
use crate::support::{TestApp, ids};

const PATH: &str = "/v1/search/institutions";

/// By the angle between two vectors: another formula than the one in use.
fn distance(from: (f64, f64), to: (f64, f64)) -> f64 {
    let vector = |(latitude, longitude): (f64, f64)| {
        let (latitude, longitude) = (latitude.to_radians(), longitude.to_radians());
        [
            latitude.cos() * longitude.cos(),
            latitude.cos() * longitude.sin(),
            latitude.sin(),
        ]
    };
    let (a, b) = (vector(from), vector(to));
    let cross = [
        a[1] * b[2] - a[2] * b[1],
        a[2] * b[0] - a[0] * b[2],
        a[0] * b[1] - a[1] * b[0],
    ];
    let sine = cross.iter().map(|part| part * part).sum::<f64>().sqrt();
    let cosine: f64 = a.iter().zip(b).map(|(one, other)| one * other).sum();
    6_371_008.8 * sine.atan2(cosine)
}

/// All of the crowd by distance, those of one place by number, and those of nowhere last.
fn by_distance<'a>(
    crowd: impl Iterator<Item = &'a Member>,
    from: (f64, f64),
) -> Vec<(f64, &'a Member)> {
    let away = |member: &Member| {
        member
            .point
            .map_or(f64::INFINITY, |point| distance(from, point))
    };
    let mut sorted: Vec<_> = crowd.map(|member| (away(member), member)).collect();
    sorted.sort_by(|a, b| {
        let same_place = a.1.point == b.1.point;
        let by_distance = if same_place {
            std::cmp::Ordering::Equal
        } else {
            a.0.total_cmp(&b.0)
        };
        by_distance.then(a.1.id.cmp(&b.1.id))
    });
    sorted
}

fn numbers(crowd: impl Iterator<Item = u64>) -> Vec<u64> {
    let mut numbers: Vec<u64> = crowd.collect();
    numbers.sort_unstable();
    numbers
}

/// Every hit of a search, page after page.
async fn all(app: &TestApp, query: &[(&str, &str)]) -> Vec<u64> {
    let mut found = Vec::new();
    loop {
        let page = (found.len() / 50 + 1).to_string();
        let query = [query, &[("page", &*page), ("per_page", "50")]].concat();
        let reply = app.get(PATH, &query).await;
        found.extend(ids(&reply));
        if found.len() as u64 >= reply["total"].as_u64().unwrap() {
            return found;
        }
        assert!(!ids(&reply).is_empty(), "{query:?}");
    }
}

fn place(rng: &mut StdRng) -> ((f64, f64), [String; 2]) {
    let round = |degrees: f64| (degrees * 1e4).round() / 1e4;
    let latitude = round(37.5 + 0.5 * (rng.random::<f64>() - 0.5));
    let longitude = round(127.0 + 0.5 * (rng.random::<f64>() - 0.5));
    (
        (latitude, longitude),
        [latitude.to_string(), longitude.to_string()],
    )
}

#[tokio::test]
async fn the_nearest_are_those_of_a_naive_look_on_every_page() {
    let (app, crowd) = (crowd::app().await, crowd());
    let mut rng = StdRng::seed_from_u64(5);
    for at in 0..60 {
        let (centre, [lat, lng]) = place(&mut rng);
        let size = [1, 7, 20, 50][rng.random_range(0..4_usize)];
        // The first page, a page somewhere, the last ones with those of nowhere.
        let last = crowd.len().div_ceil(size);
        let page = [1, rng.random_range(1..=last), last][at % 3];
        let (page_text, size_text) = (page.to_string(), size.to_string());
        let mut query = vec![
            ("lat", &*lat),
            ("lng", &*lng),
            ("page", &*page_text),
            ("per_page", &*size_text),
        ];
        let is_clinic = |member: &&Member| member.kind == "clinic";
        let is_named = |member: &&Member| member.name == "새봄의원";
        let members: Vec<&Member> = match at % 4 {
            0 => {
                query.push(("kind", "clinic"));
                crowd.iter().filter(is_clinic).collect()
            }
            1 => {
                query.extend([("q", "새봄"), ("sort", "distance")]);
                crowd.iter().filter(is_named).collect()
            }
            _ => crowd.iter().collect(),
        };
        let reply = app.get(PATH, &query).await;
        assert_eq!(reply["total"], members.len(), "{query:?}");
        let sorted = by_distance(members.into_iter(), centre);
        let expected = sorted.iter().skip((page - 1) * size).take(size);
        let expected: Vec<u64> = expected.map(|(_, member)| member.id).collect();
        assert_eq!(ids(&reply), expected, "{query:?}");
    }
}

#[tokio::test]
async fn pages_of_the_nearest_are_seamless() {
    let app = crowd::app().await;
    let found = all(app, &[("lat", "37.5"), ("lng", "127"), ("kind", "clinic")]).await;
    let crowd = crowd();
    let clinics = crowd.iter().filter(|member| member.kind == "clinic");
    let expected = by_distance(clinics.clone(), (37.5, 127.0));
    assert_eq!(
        found,
        expected.iter().map(|(_, one)| one.id).collect::<Vec<_>>()
    );
}

#[tokio::test]
async fn a_circle_has_what_is_so_near_and_the_bands_count_it() {
    let (app, crowd) = (crowd::app().await, crowd());
    let mut rng = StdRng::seed_from_u64(6);
    for radius in ["0.4", "0.5", "2", "5", "12.5"] {
        let (centre, [lat, lng]) = place(&mut rng);
        let query = [
            ("lat", &*lat),
            ("lng", &*lng),
            ("radius_km", radius),
            ("kind", "pharmacy"),
            ("facets", "true"),
        ];
        let within = |kilometers: f64| {
            let pharmacies = crowd.iter().filter(|one| one.kind == "pharmacy");
            let near = move |one: &&Member| {
                one.point
                    .is_some_and(|point| distance(centre, point) <= kilometers * 1000.0)
            };
            pharmacies.filter(near)
        };
        let kilometers: f64 = radius.parse().unwrap();
        let found = numbers(all(app, &query).await.into_iter());
        assert_eq!(
            found,
            numbers(within(kilometers).map(|one| one.id)),
            "{query:?}"
        );
        let mut bands = vec![0.5, 1.0, 3.0, 5.0, 10.0, kilometers];
        bands.sort_by(f64::total_cmp);
        bands.dedup();
        let counted = app.get(PATH, &query).await["facets"]["distance"].take();
        let counted: Vec<(f64, u64)> = counted
            .as_array()
            .unwrap()
            .iter()
            .map(|band| {
                (
                    band["value"].as_str().unwrap().parse().unwrap(),
                    band["count"].as_u64().unwrap(),
                )
            })
            .collect();
        let expected: Vec<(f64, u64)> = bands
            .iter()
            .map(|band| (*band, within(*band).count() as u64))
            .collect();
        assert_eq!(counted, expected, "{query:?}");
    }
    let labels = app
        .get(PATH, &[("lat", "37.5"), ("lng", "127"), ("facets", "true")])
        .await["facets"]["distance"]
        .take();
    let label = |at: usize| labels[at]["label"].clone();
    assert_eq!(
        [label(0), label(1), label(4)],
        ["500m 안", "1km 안", "10km 안"]
    );
    let nowhere = app.get(PATH, &[("facets", "true")]).await;
    assert_eq!(nowhere["facets"]["distance"], json!([]));
}

#[tokio::test]
async fn a_box_has_its_border_too() {
    let (app, crowd) = (crowd::app().await, crowd());
    let mut rng = StdRng::seed_from_u64(8);
    for _ in 0..20 {
        // Two of them are corners, and so on the border.
        let corner = |rng: &mut StdRng| loop {
            if let Some(point) = crowd[rng.random_range(0..crowd.len())].point {
                break point;
            }
        };
        let (one, other) = (corner(&mut rng), corner(&mut rng));
        let (south, north) = (one.0.min(other.0), one.0.max(other.0));
        let (west, east) = (one.1.min(other.1), one.1.max(other.1));
        let bbox = format!("{west},{south},{east},{north}");
        let expected = crowd.iter().filter(|member| {
            member.point.is_some_and(|(latitude, longitude)| {
                (south..=north).contains(&latitude) && (west..=east).contains(&longitude)
            })
        });
        let expected = numbers(expected.map(|member| member.id));
        assert!(expected.len() >= 2);
        assert_eq!(all(app, &[("bbox", &bbox)]).await, expected, "{bbox}");
    }
}

/// Crossings on the way north: another ray than the one in use.
fn is_inside(polygon: &[(f64, f64)], (latitude, longitude): (f64, f64)) -> bool {
    let mut crossings = 0;
    for (at, one) in polygon.iter().enumerate() {
        let other = polygon[(at + 1) % polygon.len()];
        if (one.1 > longitude) != (other.1 > longitude) {
            let share = (longitude - one.1) / (other.1 - one.1);
            crossings += u32::from(one.0 + share * (other.0 - one.0) > latitude);
        }
    }
    crossings % 2 == 1
}

#[tokio::test]
async fn a_polygon_has_what_the_even_odd_rule_says() {
    let (app, crowd) = (crowd::app().await, crowd());
    let mut rng = StdRng::seed_from_u64(9);
    for corners in [3, 4, 5, 8, 20, 100] {
        let polygon: Vec<(f64, f64)> = (0..corners).map(|_| place(&mut rng).0).collect();
        let text: Vec<String> = polygon
            .iter()
            .map(|(latitude, longitude)| format!("{longitude},{latitude}"))
            .collect();
        let text = text.join(";");
        let inside =
            |member: &&Member| member.point.is_some_and(|point| is_inside(&polygon, point));
        let expected = numbers(crowd.iter().filter(inside).map(|member| member.id));
        assert!(!expected.is_empty());
        assert_eq!(all(app, &[("polygon", &text)]).await, expected, "{text}");
        // Areas cut each other.
        let both = [("polygon", &*text), ("bbox", "126.9,37.4,127,37.6")];
        let in_box = |member: &&Member| {
            member.point.is_some_and(|(latitude, longitude)| {
                (37.4..=37.6).contains(&latitude) && (126.9..=127.0).contains(&longitude)
            })
        };
        let expected = crowd.iter().filter(inside).filter(in_box);
        assert_eq!(
            all(app, &both).await,
            numbers(expected.map(|member| member.id))
        );
    }
}

#[tokio::test]
async fn areas_that_are_none_are_refused() {
    let app = TestApp::shared().await;
    let many = vec!["127,37"; 101].join(";");
    for (query, parameter) in [
        (("bbox", "127,37,126,38"), "bbox"),
        (("bbox", "126,37,127"), "bbox"),
        (("polygon", "127,37;128,38"), "polygon"),
        (("polygon", "127,37;128,38;x,y"), "polygon"),
        (("polygon", &*many), "polygon"),
    ] {
        assert_eq!(app.refused(PATH, &[query]).await, parameter, "{query:?}");
    }
    let long = "1".repeat(4001);
    assert_eq!(app.refused(PATH, &[("polygon", &long)]).await, "polygon");
    let reply: Value = app.get(PATH, &[("bbox", "0,0,1,1")]).await;
    assert_eq!(reply["total"], 0);
}
