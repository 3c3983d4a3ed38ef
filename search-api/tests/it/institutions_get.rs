//! `GET /v1/search/institutions`: words, filters, places, pages.

use serde_json::{Value, json};

use crate::sample::institutions;
use crate::support::{TestApp, ids, names, shown};

const PATH: &str = "/v1/search/institutions";

#[tokio::test]
async fn every_word_must_match_in_some_field() {
    let app = TestApp::shared().await;
    let reply = app.get(PATH, &[("q", "세곡동 약국")]).await;
    assert_eq!(names(&reply), ["100세건강약국"]);
    assert_eq!(
        (&reply["relaxed"], &reply["total"]),
        (&json!(false), &json!(1))
    );
    // Name and department.
    assert_eq!(
        app.names(&[("q", "세곡 소아청소년과")]).await,
        ["세곡내과의원"]
    );
    // The department's former name, and the introduction.
    assert_eq!(
        app.names(&[("q", "비뇨기과 부산")]).await,
        ["튼튼비뇨의학과의원"]
    );
    assert_eq!(app.names(&[("q", "예방접종")]).await[0], "세곡내과의원");
    // The same letters as Unicode takes them apart.
    assert_eq!(
        app.names(&[(
            "q",
            "\u{1109}\u{1166}\u{1100}\u{1169}\u{11a8}\u{1103}\u{1169}\u{11bc} 약국"
        )])
        .await,
        ["100세건강약국"]
    );
}

#[tokio::test]
async fn fewer_words_do_when_nothing_has_all() {
    let app = TestApp::shared().await;
    let reply = app.get(PATH, &[("q", "세곡동 치과 약국")]).await;
    assert_eq!(reply["relaxed"], true);
    // Two of three words.
    assert_eq!(names(&reply), ["100세건강약국"]);
    let reply = app.get(PATH, &[("q", "속초 약국")]).await;
    assert_eq!(reply["relaxed"], true);
    let mut found = names(&reply);
    found.sort();
    assert_eq!(found, ["100세건강약국", "속초 세브란스치과의원"]);
    for nothing in ["어디에도없는낱말", "!?", "없는낱말 또없는낱말"] {
        let reply = app.get(PATH, &[("q", nothing)]).await;
        assert_eq!(
            (&reply["total"], &reply["relaxed"], &reply["pages"]),
            (&json!(0), &json!(false), &json!(0)),
            "{nothing}"
        );
    }
}

#[tokio::test]
async fn whole_names_come_before_beginnings_before_parts() {
    let app = TestApp::shared().await;
    let found = app.names(&[("q", "세브란스치과의원")]).await;
    assert_eq!(
        found,
        [
            "세브란스치과의원",
            "속초 세브란스치과의원",
            "서울 미소치과의원 세브란스점"
        ]
    );
    assert_eq!(
        app.names(&[("q", "세브란스 치과의원")]).await[0],
        "세브란스치과의원"
    );
    assert_eq!(
        app.names(&[("q", "서울")]).await[..2],
        ["서울대학교병원", "서울 미소치과의원 세브란스점"],
        "both begin with it, and one is open"
    );
    // The last syllable is still being typed.
    let reply = app.get(PATH, &[("q", "서울대학교병우")]).await;
    assert_eq!(
        (names(&reply), &reply["relaxed"]),
        (vec!["서울대학교병원".to_owned()], &json!(false))
    );
}

#[tokio::test]
async fn names_are_found_however_they_are_typed() {
    let app = TestApp::shared().await;
    for (query, name) in [
        // First consonants, whole and begun, with digits among them.
        ("ㅅㅇㄷㅎㄱㅂㅇ", "서울대학교병원"),
        ("ㅅㄱㄴ", "세곡내과의원"),
        ("100ㅅㄱㄱ", "100세건강약국"),
        // A later word's.
        ("ㅅㅂㄹㅅㅊㄱ", "세브란스치과의원"),
        // A letter wrong, too many, in the wrong order; a syllable left out, or another.
        ("새곡내과의원", "세곡내과의원"),
        ("튼튼비뇨이학과의원", "튼튼비뇨의학과의원"),
        ("세곡내가의원", "세곡내과의원"),
        ("튼튼비뇨의과의원", "튼튼비뇨의학과의원"),
        ("100세건강야국", "100세건강약국"),
    ] {
        let reply = app.get(PATH, &[("q", query)]).await;
        let found = names(&reply);
        assert_eq!(
            found.first().map(String::as_str),
            Some(name),
            "{query}: {found:?}"
        );
        assert_eq!(reply["relaxed"], false, "{query}");
        assert_eq!(reply["corrected"], json!(null), "{query}");
    }
}

#[tokio::test]
pub(crate) async fn a_sentence_is_no_name_and_costs_no_more_for_it() {
    let app = TestApp::shared().await;
    let sentence = "가나다라마바사아자차카타파하".repeat(14);
    assert_eq!(app.get(PATH, &[("q", sentence.as_str())]).await["total"], 0);
}

#[tokio::test]
async fn what_was_typed_with_the_other_keyboard_is_searched_for_and_said() {
    let app = TestApp::shared().await;
    for (query, meant) in [
        ("tpqmfkstm clrhkdmldnjs", "세브란스 치과의원"),
        ("tprhrsork", "세곡내가"),
    ] {
        let reply = app.get(PATH, &[("q", query)]).await;
        assert_eq!(reply["corrected"], meant);
        assert!(reply["total"].as_u64() > Some(0), "{reply}");
        let refused = app.get(PATH, &[("q", query), ("as_typed", "true")]).await;
        assert_eq!(refused["corrected"], json!(null));
        assert_eq!(refused["total"], 0, "{refused}");
    }
    // What is found as it is stays as it is.
    assert_eq!(
        app.get(PATH, &[("q", "서울")]).await["corrected"],
        json!(null)
    );
}

#[tokio::test]
pub(crate) async fn what_was_found_is_marked() {
    let app = TestApp::shared().await;
    let reply = app.get(PATH, &[("q", "세곡동 약국")]).await;
    let highlights = &reply["hits"][0]["highlights"];
    assert_eq!(shown(&highlights["name"]), "100세건강[약국]");
    assert_eq!(
        shown(&highlights["address"]),
        "서울특별시 강남구 큰길 1 ([세곡동])"
    );
    assert_eq!(highlights.get("departments"), None);
    let reply = app.get(PATH, &[("q", "소아청소년과")]).await;
    assert_eq!(
        shown(&reply["hits"][0]["highlights"]["departments"][0]),
        "[소아청소년과]"
    );
    // A piece is text; whoever shows it escapes it.
    let reply = app.get(PATH, &[("q", "꺾쇠")]).await;
    assert_eq!(
        shown(&reply["hits"][0]["highlights"]["name"]),
        "<b>[꺾쇠]</b>의원"
    );
}

#[tokio::test]
pub(crate) async fn a_hit_shows_the_institution() {
    let app = TestApp::shared().await;
    let mut hit = app
        .get(
            PATH,
            &[("q", "서울대학교병원"), ("lat", "37.58"), ("lng", "127")],
        )
        .await["hits"][0]
        .take();
    let score = hit["score"].take().as_f64().unwrap();
    assert!(score > 0.0);
    hit["highlights"].take();
    let expected = json!({
        "id": 3, "registry": "egen", "is_synthetic": false, "name": "서울대학교병원",
        "kind": "tertiary_hospital", "kind_label": "상급종합병원",
        "sido": "서울특별시", "sigungu": "종로구", "eupmyeondong": "연건동",
        "address": "서울특별시 종로구 큰길 3 (연건동)", "phone": "02-000-0003", "homepage": null,
        "latitude": 37.5797, "longitude": 126.999, "distance_meters": 94.2,
        "departments": ["내과", "외과", "정형외과", "비뇨의학과", "응급의학과"], "has_emergency_room": true,
        "chosen_departments": [], "specialist_count": null,
        "services": ["night", "lunch", "saturday", "sunday", "weekend", "holiday", "always", "emergency"],
        "open": {"state": "open", "closes_at": null, "next_open": null},
        "highlights": null, "score": null,
    });
    assert_eq!(hit, expected);
    let reply = app.get(PATH, &[("q", "우리들의원")]).await;
    assert_eq!(
        (
            &reply["hits"][0]["is_synthetic"],
            &reply["hits"][0]["distance_meters"]
        ),
        (&json!(true), &Value::Null)
    );
}

#[tokio::test]
pub(crate) async fn filters_narrow_down() {
    let app = TestApp::shared().await;
    let all = institutions();
    for (query, expected) in [
        (vec![("kind", "pharmacy")], vec![1]),
        (vec![("kind", "pharmacy,tertiary_hospital")], vec![1, 3]),
        (
            vec![("kind", "pharmacy"), ("kind", "tertiary_hospital")],
            vec![1, 3],
        ),
        (vec![("department", "비뇨의학과")], vec![3, 6]),
        (vec![("department", "비뇨기과")], vec![3, 6]),
        (
            vec![("department", "비뇨기과,치과"), ("sido", "부산광역시")],
            vec![5, 6],
        ),
        (
            vec![("sido", "서울특별시"), ("sigungu", "종로구")],
            vec![3, 8],
        ),
        (vec![("eupmyeondong", "세곡동")], vec![1, 2]),
        (vec![("emergency", "true")], vec![3]),
        (vec![("emergency", "true"), ("kind", "pharmacy")], vec![]),
        (vec![("department", "없는과")], vec![]),
        // Forms send fields that nobody filled in.
        (
            vec![
                ("eupmyeondong", "세곡동"),
                ("kind", ""),
                ("lat", ""),
                ("night", "false"),
            ],
            vec![1, 2],
        ),
    ] {
        let reply = app.get(PATH, &query).await;
        assert_eq!(ids(&reply), expected, "{query:?}");
    }
    for (service, has) in [
        (
            "night",
            (|hours| hours.iter().any(|(_, _, closes)| *closes > 1260))
                as fn(&[(u8, u16, u16)]) -> bool,
        ),
        ("weekend", |hours| {
            hours.iter().any(|(day, ..)| matches!(day, 6 | 7))
        }),
        ("holiday", |hours| hours.iter().any(|(day, ..)| *day == 8)),
        ("always", |hours| {
            (1..=7).all(|day| hours.contains(&(day, 0, 1440)))
        }),
    ] {
        let reply = app
            .get(PATH, &[(service, "true"), ("per_page", "50")])
            .await;
        let expected: Vec<u64> = all
            .iter()
            .filter(|one| has(&one.hours))
            .map(|one| one.id)
            .collect();
        assert_eq!(ids(&reply), expected, "{service}");
    }
}

#[tokio::test]
pub(crate) async fn values_of_all_hits_are_counted() {
    let app = TestApp::shared().await;
    let reply = app
        .get(
            PATH,
            &[
                ("facets", "true"),
                ("per_page", "1"),
                ("sido", "서울특별시,부산광역시"),
            ],
        )
        .await;
    let facets = &reply["facets"];
    assert_eq!(
        facets["kind"],
        json!([
            {"value": "clinic", "label": "의원", "count": 3},
            {"value": "dental_clinic", "label": "치과의원", "count": 2},
            {"value": "pharmacy", "label": "약국", "count": 1},
            {"value": "tertiary_hospital", "label": "상급종합병원", "count": 1},
        ])
    );
    assert_eq!(
        facets["sido"][1],
        json!({"value": "서울특별시", "label": "서울특별시", "count": 4})
    );
    assert_eq!(
        facets["sigungu"][0],
        json!({"value": "중구", "label": "중구", "count": 3})
    );
    assert_eq!(facets["department"][0]["count"], 2);
    let emergency = json!({"value": "emergency", "label": "응급실", "count": 1});
    assert!(facets["service"].as_array().unwrap().contains(&emergency));
    assert_eq!(app.get(PATH, &[]).await["facets"], Value::Null);
}

#[tokio::test]
pub(crate) async fn pages_neither_overlap_nor_leave_out() {
    let app = TestApp::shared().await;
    for query in [
        vec![("q", "우리들의원")],
        vec![("q", "의원")],
        vec![],
        vec![("lat", "36.6"), ("lng", "127.5")],
    ] {
        let mut seen = Vec::new();
        let mut page = 1;
        let engine = loop {
            let number = page.to_string();
            let query = [query.clone(), vec![("page", &*number), ("per_page", "7")]].concat();
            let reply = app.get(PATH, &query).await;
            seen.extend(ids(&reply));
            let total = reply["total"].as_u64().unwrap();
            assert_eq!(
                (&reply["page"], &reply["per_page"]),
                (&json!(page), &json!(7))
            );
            assert_eq!(reply["pages"], total.div_ceil(7));
            if page == total.div_ceil(7) {
                assert_eq!(seen.len() as u64, total);
                break reply["index"]["engine"].clone();
            }
            page += 1;
        };
        let mut distinct = seen.clone();
        distinct.sort_unstable();
        distinct.dedup();
        assert_eq!(distinct.len(), seen.len(), "{query:?}");
        if query.is_empty() {
            assert_eq!(seen, distinct, "browsing goes by number");
        }
        if query == [("q", "우리들의원")] {
            // Those that are open come first.
            let is_open = |id: &u64| (id - 100) % 6 < 2 || (id - 100) % 6 == 3;
            let (open, closed): (Vec<u64>, Vec<u64>) = (100..160).partition(is_open);
            let in_order = match engine.as_str() {
                Some("tantivy") => [open, closed].concat(),
                _ => (100..160).collect(),
            };
            assert_eq!(seen, in_order, "equals go by number");
        }
    }
    assert_eq!(
        ids(&app.get(PATH, &[("page", "200"), ("per_page", "50")]).await),
        Vec::<u64>::new()
    );
}

/// By the law of cosines: another formula than the one in use.
fn distance(from: (f64, f64), to: (f64, f64)) -> f64 {
    let (from, to) = (
        (from.0.to_radians(), from.1.to_radians()),
        (to.0.to_radians(), to.1.to_radians()),
    );
    let cosine = from.0.sin() * to.0.sin() + from.0.cos() * to.0.cos() * (to.1 - from.1).cos();
    6_371_008.8 * cosine.min(1.0).acos()
}

#[tokio::test]
pub(crate) async fn the_radius_is_exact_and_the_nearest_come_first() {
    let app = TestApp::shared().await;
    let centre = (36.64, 127.49);
    for radius in [0.5, 1.0, 2.34, 5.0, 20.0, 100.0] {
        let text = radius.to_string();
        let query = [
            ("lat", "36.64"),
            ("lng", "127.49"),
            ("radius_km", &*text),
            ("sort", "distance"),
            ("per_page", "50"),
        ];
        let reply = app.get(PATH, &query).await;
        let mut expected: Vec<(f64, u64)> = institutions()
            .iter()
            .filter_map(|one| Some((distance(centre, one.point?), one.id)))
            .filter(|(meters, _)| *meters <= radius * 1000.0)
            .collect();
        expected.sort_by(|a, b| a.partial_cmp(b).unwrap());
        assert_eq!(reply["total"], expected.len(), "{radius}");
        for (hit, (meters, _)) in reply["hits"].as_array().unwrap().iter().zip(&expected) {
            assert!(
                (hit["distance_meters"].as_f64().unwrap() - meters).abs() < 0.11,
                "{hit} {meters}"
            );
        }
        let without_sort = app
            .get(PATH, &[query[0], query[1], query[2], query[4]])
            .await;
        assert_eq!(
            ids(&without_sort),
            ids(&reply),
            "without words, nearness is relevance"
        );
    }
    // What is nowhere comes last, and in no circle.
    let reply = app
        .get(
            PATH,
            &[
                ("q", "치과"),
                ("sort", "distance"),
                ("lat", "37"),
                ("lng", "127"),
            ],
        )
        .await;
    assert_eq!(ids(&reply), [4, 5, 8]);
    assert_eq!(reply["hits"][1]["distance_meters"], Value::Null);
    let reply = app
        .get(
            PATH,
            &[
                ("q", "치과"),
                ("radius_km", "100"),
                ("lat", "38"),
                ("lng", "128"),
            ],
        )
        .await;
    assert_eq!(ids(&reply), [4]);
}

#[tokio::test]
pub(crate) async fn wrong_parameters_are_named() {
    let app = TestApp::shared().await;
    let long = "가".repeat(201);
    let many = "pharmacy,".repeat(51);
    for (query, parameter) in [
        (vec![("q", &*long)], "q"),
        (vec![("q", "a"), ("q", "b")], "q"),
        (vec![("kind", "hospitals")], "kind"),
        (vec![("kind", &*many)], "kind"),
        (vec![("sido", &*long)], "sido"),
        (vec![("lat", "37")], "lng"),
        (vec![("lng", "127")], "lat"),
        (vec![("lat", "31.9"), ("lng", "127")], "lat"),
        (vec![("lat", "NaN"), ("lng", "127")], "lat"),
        (vec![("lat", "37"), ("lng", "132.6")], "lng"),
        (vec![("radius_km", "3")], "radius_km"),
        (
            vec![("lat", "37"), ("lng", "127"), ("radius_km", "0")],
            "radius_km",
        ),
        (
            vec![("lat", "37"), ("lng", "127"), ("radius_km", "100.1")],
            "radius_km",
        ),
        (
            vec![("lat", "37"), ("lng", "127"), ("radius_km", "3km")],
            "radius_km",
        ),
        (vec![("sort", "distance")], "sort"),
        (vec![("sort", "name")], "sort"),
        (vec![("open_at", "2026-11-22 14:00")], "open_at"),
        (vec![("open_at", "2026-11-22T30:00")], "open_at"),
        (
            vec![("open_at", "2026-11-22T14:00"), ("open_now", "true")],
            "open_now",
        ),
        (vec![("open_now", "1")], "open_now"),
        (vec![("night", "yes")], "night"),
        (vec![("specialists_min", "0")], "specialists_min"),
        (vec![("specialists_min", "many")], "specialists_min"),
        (vec![("page", "0")], "page"),
        (vec![("page", "-1")], "page"),
        (vec![("page", "201"), ("per_page", "50")], "page"),
        (vec![("page", "99999999999")], "page"),
        (vec![("per_page", "51")], "per_page"),
        (vec![("per_page", "0")], "per_page"),
        (vec![("min_position", "soon")], "min_position"),
        (vec![("facets", "kind")], "facets"),
        (vec![("radius", "3")], "radius"),
    ] {
        assert_eq!(app.refused(PATH, &query).await, parameter, "{query:?}");
    }
    let problem = app.problem(PATH, &[("departments", "내과")]).await;
    assert!(
        problem["detail"].as_str().unwrap().contains("department,"),
        "{problem}"
    );
}
