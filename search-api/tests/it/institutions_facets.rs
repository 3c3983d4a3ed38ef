//! `GET /v1/search/institutions?facets=true`: the counts of a facet leave its own filter aside.

use std::collections::BTreeMap;

use rand::prelude::*;
use serde_json::{Value, json};

use crate::crowd::{self, DEPARTMENTS, KINDS, Member, PLACES, crowd};
use crate::support::TestApp;

const PATH: &str = "/v1/search/institutions";
const FACETS: [&str; 5] = ["kind", "department", "sido", "sigungu", "service"];

/// Services that a search may want.
const SERVICES: [&str; 4] = ["weekend", "emergency", "lunch", "parking"];

/// A random search: parameters with their values.
fn search(rng: &mut StdRng) -> Vec<(&'static str, &'static str)> {
    let mut query = vec![("facets", "true"), ("per_page", "1")];
    let chosen = |rng: &mut StdRng| rng.random_bool(0.4);
    for (kind, _) in KINDS {
        if rng.random_bool(0.2) {
            query.push(("kind", kind));
        }
    }
    for (_, name) in DEPARTMENTS {
        if rng.random_bool(0.15) {
            query.push(("department", name));
        }
    }
    let (sido, sigungu) = PLACES[rng.random_range(0..PLACES.len())];
    if chosen(rng) {
        query.push(("sido", sido));
    }
    if chosen(rng) {
        query.push(("sigungu", sigungu));
    }
    if rng.random_bool(0.2) {
        query.push(("weekend", "true"));
    }
    for (service, share) in [("emergency", 0.1), ("lunch", 0.3), ("parking", 0.3)] {
        if rng.random_bool(share) {
            query.push((service, "true"));
        }
    }
    if rng.random_bool(0.3) {
        query.push((
            "specialists_min",
            ["1", "5", "19"][rng.random_range(0..3_usize)],
        ));
    }
    if chosen(rng) {
        query.push(("q", "새봄"));
    }
    query
}

fn values<'a>(query: &[(&str, &'a str)], parameter: &str) -> Vec<&'a str> {
    let of = query.iter().filter(|(name, _)| *name == parameter);
    of.map(|(_, value)| *value).collect()
}

/// The values that a member has of a facet.
fn of_member(member: &Member, facet: &str) -> Vec<&'static str> {
    let services = [
        (member.is_open(7, 540..1080), "sunday"),
        (member.is_open(7, 540..1080), "weekend"),
        (member.has_emergency_room, "emergency"),
        (member.is_open(3, 720..840), "lunch"),
        (member.parking > Some(0), "parking"),
    ];
    match facet {
        "kind" => vec![member.kind],
        "department" => member.departments.clone(),
        "sido" => vec![member.sido],
        "sigungu" => vec![member.sigungu],
        _ => services
            .into_iter()
            .filter_map(|(has, service)| has.then_some(service))
            .collect(),
    }
}

/// Whether the search finds the member, when the filter of one facet is left aside.
fn is_found(member: &Member, query: &[(&str, &str)], left_aside: &str) -> bool {
    let passes = |facet: &&str| {
        let chosen = values(query, facet);
        chosen.is_empty()
            || of_member(member, facet)
                .iter()
                .any(|has| chosen.contains(has))
    };
    let has = |service: &&str| {
        values(query, service).is_empty() || of_member(member, "service").contains(service)
    };
    let is_named = values(query, "q")
        .iter()
        .all(|word| member.name.starts_with(word));
    let facets = ["kind", "department", "sido", "sigungu"];
    is_named
        && facets
            .iter()
            .filter(|facet| **facet != left_aside)
            .all(passes)
        && SERVICES.iter().all(has)
        && values(query, "specialists_min").iter().all(|least| {
            left_aside == "specialists" || member.specialists >= Some(least.parse().unwrap())
        })
}

/// Value and count, in the order of the reply.
fn naive(crowd: &[Member], query: &[(&str, &str)], facet: &str) -> Vec<(String, u64)> {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    if facet == "service" {
        let services = SERVICES.into_iter();
        counts.extend(
            services
                .filter(|service| !values(query, service).is_empty())
                .map(|service| (service, 0)),
        );
    }
    counts.extend(values(query, facet).into_iter().map(|value| (value, 0)));
    for member in crowd.iter().filter(|member| is_found(member, query, facet)) {
        for value in of_member(member, facet) {
            *counts.entry(value).or_default() += 1;
        }
    }
    let mut counts: Vec<_> = counts
        .into_iter()
        .map(|(value, count)| (value.to_owned(), count))
        .collect();
    counts.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    counts
}

fn counted(reply: &Value, facet: &str) -> Vec<(String, u64)> {
    let values = reply["facets"][facet].as_array().unwrap().iter();
    values
        .map(|value| {
            (
                value["value"].as_str().unwrap().to_owned(),
                value["count"].as_u64().unwrap(),
            )
        })
        .collect()
}

#[tokio::test]
async fn counts_are_those_of_a_naive_look_at_every_document() {
    let (app, crowd) = (crowd::app().await, crowd());
    let mut rng = StdRng::seed_from_u64(11);
    for _ in 0..80 {
        let query = search(&mut rng);
        let reply = app.get(PATH, &query).await;
        let total = crowd.iter().filter(|one| is_found(one, &query, "")).count();
        assert_eq!(reply["total"], total, "{query:?}");
        for facet in FACETS {
            let expected = naive(&crowd, &query, facet);
            assert_eq!(counted(&reply, facet), expected, "{facet} of {query:?}");
        }
        let mut least = vec![1, 3, 5, 10];
        least.extend(
            values(&query, "specialists_min")
                .iter()
                .map(|least| least.parse::<u32>().unwrap()),
        );
        least.sort_unstable();
        least.dedup();
        let expected: Vec<_> = least
            .into_iter()
            .map(|least| {
                let found = crowd
                    .iter()
                    .filter(|one| is_found(one, &query, "specialists"))
                    .filter(|one| one.specialists >= Some(least));
                (least.to_string(), found.count() as u64)
            })
            .collect();
        assert_eq!(counted(&reply, "specialists"), expected, "{query:?}");
    }
}

#[tokio::test]
async fn who_has_chosen_pharmacies_still_sees_the_clinics() {
    let app = TestApp::shared().await;
    let segok = [("facets", "true"), ("eupmyeondong", "세곡동")];
    let kinds = |reply: &Value| reply["facets"]["kind"].clone();
    let pharmacies = app
        .get(PATH, &[segok[0], segok[1], ("kind", "pharmacy")])
        .await;
    assert_eq!(pharmacies["total"], 1);
    assert_eq!(
        kinds(&pharmacies),
        json!([
            {"value": "clinic", "label": "의원", "count": 1},
            {"value": "pharmacy", "label": "약국", "count": 1},
        ])
    );
    // Where nothing is found, the chosen value is listed all the same, and so are those that would find something.
    let midwives = app
        .get(
            PATH,
            &[
                segok[0],
                segok[1],
                ("kind", "midwifery_clinic"),
                ("q", "세곡"),
            ],
        )
        .await;
    assert_eq!(midwives["total"], 0);
    assert_eq!(
        kinds(&midwives),
        json!([
            {"value": "clinic", "label": "의원", "count": 1},
            {"value": "pharmacy", "label": "약국", "count": 1},
            {"value": "midwifery_clinic", "label": "조산원", "count": 0},
        ])
    );
    // A former name is chosen by the present one.
    let former = app
        .get(PATH, &[segok[0], segok[1], ("department", "비뇨기과")])
        .await;
    assert_eq!(
        counted(&former, "department").last().unwrap(),
        &("비뇨의학과".to_owned(), 0)
    );
}
