//! `GET /v1/search/institutions`: lunch, parking, specialists.

use serde_json::{Value, json};

use crate::support::{TestApp, ids};

const PATH: &str = "/v1/search/institutions";

const CLINICS: &[&str] = &[
    "insert into institutions (id, registry, official_code, name, kind, specialist_count, parking_spaces, parking_is_free) values
     (1, 'hira', 'A1', '봄의원', 'clinic', 1, 12, false), (2, 'hira', 'A2', '여름의원', 'clinic', 3, 0, null),
     (3, 'hira', 'A3', '가을의원', 'clinic', null, null, null)",
    "insert into institution_departments (institution_id, department_id, specialist_count) values
     (1, 1, 1), (2, 1, 0), (2, 14, 3), (3, 14, null)",
    "insert into opening_hours (institution_id, day, opens_minute, closes_minute) values
     (1, 1, 540, 780), (1, 1, 840, 1080), (2, 5, 720, 840), (3, 6, 540, 1080)",
];

#[tokio::test]
async fn lunch_parking_and_specialists_narrow_down() {
    let app = TestApp::with(CLINICS).await;
    for (query, expected) in [
        (("lunch", "true"), vec![2]),
        (("parking", "true"), vec![1]),
        (("specialists_min", "1"), vec![1, 2]),
        (("specialists_min", "3"), vec![2]),
        (("specialists_min", "4"), vec![]),
        // In words, too.
        (("q", "점심시간 진료"), vec![2]),
    ] {
        assert_eq!(ids(&app.get(PATH, &[query]).await), expected, "{query:?}");
    }
    let services = |reply: &Value| reply["hits"][0]["services"].clone();
    let first = app.get(PATH, &[("q", "봄의원")]).await;
    assert_eq!(services(&first), json!(["parking"]));
    let profile = app.get("/v1/search/institutions/1", &[]).await;
    let parking = (&profile["parking_spaces"], &profile["parking_is_free"]);
    assert_eq!(parking, (&json!(12), &json!(false)));
    // It follows the tables.
    app.execute_and_wait(&["update institutions set parking_spaces = 2 where id = 3"])
        .await;
    assert_eq!(ids(&app.get(PATH, &[("parking", "true")]).await), [1, 3]);
}

#[tokio::test]
async fn the_specialists_of_the_chosen_department_are_shown() {
    let app = TestApp::with(CLINICS).await;
    let of = |hit: &Value| {
        (
            hit["chosen_departments"].clone(),
            hit["specialist_count"].clone(),
        )
    };
    let urology = |count| json!([{"name": "비뇨의학과", "former_name": "비뇨기과", "specialist_count": count}]);
    for name in ["비뇨의학과", "비뇨기과"] {
        let reply = app.get(PATH, &[("department", name)]).await;
        assert_eq!(of(&reply["hits"][0]), (urology(json!(3)), json!(3)));
        assert_eq!(of(&reply["hits"][1]), (urology(Value::Null), Value::Null));
    }
    let both = app.get(PATH, &[("department", "내과,비뇨의학과")]).await;
    let counts: Vec<Vec<Value>> = both["hits"]
        .as_array()
        .unwrap()
        .iter()
        .map(|hit| {
            let chosen = hit["chosen_departments"].as_array().unwrap().iter();
            chosen.map(|one| one["specialist_count"].clone()).collect()
        })
        .collect();
    assert_eq!(json!(counts), json!([[1], [0, 3], [null]]));
    let any = app.get(PATH, &[]).await;
    assert_eq!(any["hits"][0]["chosen_departments"], json!([]));
}
