//! `GET /v1/search/suggest`.

use serde_json::{Value, json};

use crate::support::{TestApp, shown};

const PATH: &str = "/v1/search/suggest";

async fn suggested(app: &TestApp, typed: &str) -> Vec<(String, String)> {
    let reply = app.get(PATH, &[("q", typed)]).await;
    let pair = |suggestion: &Value| {
        let kind = suggestion["type"].as_str().unwrap().to_owned();
        (kind, shown(&suggestion["segments"]))
    };
    reply["suggestions"]
        .as_array()
        .unwrap()
        .iter()
        .map(pair)
        .collect()
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected
        .iter()
        .map(|(kind, text)| ((*kind).to_owned(), (*text).to_owned()))
        .collect()
}

#[tokio::test]
async fn names_are_found_while_a_syllable_is_being_typed() {
    let app = TestApp::shared().await;
    for typed in ["서우", "서울"] {
        let expected = [
            ("place", "[서울]특별시"),
            ("institution", "[서울]대학교병원"),
            ("institution", "[서울] 미소치과의원 세브란스점"),
        ];
        assert_eq!(suggested(app, typed).await, pairs(&expected), "{typed}");
    }
    assert_eq!(
        suggested(app, "비뇨ㅇ").await,
        pairs(&[("department", "[비뇨의]학과")])
    );
    // By a later word, and by a former name.
    assert_eq!(
        suggested(app, "미솣").await,
        pairs(&[("institution", "서울 [미소치]과의원 세브란스점")])
    );
    assert_eq!(
        suggested(app, "비뇨기").await,
        pairs(&[("department", "비뇨의학과")])
    );
    // Whole names before longer ones.
    let found = suggested(app, "세브란스치과의원").await;
    assert_eq!(
        found[..2],
        pairs(&[
            ("institution", "[세브란스치과의원]"),
            ("institution", "속초 [세브란스치과의원]")
        ])
    );
    let articles = [
        ("article", "[독]감 예방접종"),
        ("article", "감기와 [독]감은 어떻게 다를까요"),
    ];
    assert_eq!(suggested(app, "도").await, pairs(&articles));
    assert_eq!(suggested(app, "없는이름").await, []);
    assert_eq!(suggested(app, "").await, []);
    assert_eq!(suggested(app, "?!").await, []);
}

#[tokio::test]
async fn a_suggestion_tells_where_it_leads() {
    let app = TestApp::shared().await;
    let first =
        async |typed| app.get(PATH, &[("q", typed), ("limit", "1")]).await["suggestions"][0].take();
    let institution = first("100세").await;
    assert_eq!(
        (&institution["id"], &institution["slug"]),
        (&json!(1), &Value::Null)
    );
    assert_eq!(institution["detail"], "서울특별시 강남구 큰길 1 (세곡동)");
    let department = first("정형").await;
    assert_eq!(
        (&department["detail"], &department["id"]),
        (&json!("진료과"), &Value::Null)
    );
    assert_eq!(first("세곡도").await["detail"], "서울특별시 강남구");
    assert_eq!(first("강남").await["detail"], "서울특별시");
    assert_eq!(first("충처").await["detail"], "시도");
    let article = first("감기와").await;
    assert_eq!(
        (&article["id"], &article["slug"]),
        (&json!(2), &json!("cold-or-flu"))
    );
}

#[tokio::test]
async fn the_kinds_share_the_room() {
    let app = TestApp::shared().await;
    let found = suggested(app, "ㅅ").await;
    assert_eq!(found.len(), 8);
    for kind in ["department", "place", "institution"] {
        assert!(found.iter().any(|(it, _)| it == kind), "{kind} {found:?}");
    }
    let many = app.get(PATH, &[("q", "우리"), ("limit", "20")]).await;
    assert!(many["suggestions"].as_array().unwrap().len() <= 20);
    for (name, value) in [
        ("limit", "0"),
        ("limit", "21"),
        ("limit", "x"),
        ("page", "1"),
    ] {
        assert_eq!(app.refused(PATH, &[("q", "서"), (name, value)]).await, name);
    }
}
