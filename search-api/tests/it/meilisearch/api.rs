//! What the API says with Meilisearch as its engine, where it is not the same as with Tantivy, or compared with it.

use serde_json::{Value, json};

use super::double::Double;
use super::server::on;
use crate::sample::institutions;
use crate::support::{TestApp, ids, names, on_meilisearch, shown};

const INSTITUTIONS: &str = "/v1/search/institutions";
const ARTICLES: &str = "/v1/search/articles";

/// The reply without what tells when and by whom it was made.
async fn reply(app: &TestApp, path: &str, query: &[(&str, &str)]) -> Value {
    let mut reply = app.get(path, query).await;
    let index = reply["index"].take();
    assert!(index["position"].as_str().unwrap().contains('@'), "{index}");
    // `unsupported` says so.
    if let Some(facets) = reply["facets"].as_object_mut() {
        facets.remove("specialists");
        facets.remove("distance");
    }
    reply
}

#[test]
fn both_engines_answer_the_same() {
    const ASKED: [(&str, &[(&str, &str)]); 10] = [
        ("/v1/search/institutions/1", &[]),
        ("/v1/search/institutions/3", &[]),
        ("/v1/search/articles/cold-or-flu", &[]),
        (INSTITUTIONS, &[]),
        (INSTITUTIONS, &[("facets", "true"), ("page", "2")]),
        (
            INSTITUTIONS,
            &[("kind", "pharmacy"), ("lat", "37.5"), ("lng", "127")],
        ),
        (
            INSTITUTIONS,
            &[("department", "비뇨기과"), ("open_at", "2026-11-23T12:30")],
        ),
        (ARTICLES, &[]),
        (ARTICLES, &[("topic", "예방,질환"), ("per_page", "1")]),
        (ARTICLES, &[("department", "소아과"), ("sort", "newest")]),
    ];
    #[tokio::main(flavor = "current_thread")]
    async fn replies() -> Vec<Value> {
        let app = TestApp::shared().await;
        let mut replies = Vec::new();
        for (path, query) in ASKED {
            replies.push(reply(app, path, query).await);
        }
        replies
    }
    let tantivy = replies();
    let meilisearch = on_meilisearch(replies);
    for (((path, query), one), other) in ASKED.iter().zip(tantivy).zip(meilisearch) {
        assert_eq!(other, one, "{path} {query:?}");
    }
}

#[test]
fn a_reply_says_its_engine_and_what_that_can_not_do() {
    #[tokio::main(flavor = "current_thread")]
    async fn test() {
        let app = TestApp::shared().await;
        let reply = app.get(INSTITUTIONS, &[("q", "약국")]).await;
        assert_eq!(reply["index"]["engine"], "meilisearch");
        let unsupported = reply["index"]["unsupported"].as_array().unwrap();
        assert!(unsupported.contains(&json!("understood")));
        assert_eq!(reply["understood"], Value::Null);
        let view = app.get("/v1/index", &[]).await;
        assert_eq!(view["documents"]["institution"], institutions().len());
        assert_eq!(view["documents"]["article"], 4);
        assert!(view["documents"]["holiday"].as_u64().unwrap() > 50);
        assert_eq!(
            (&view["generation"], &view["segments"]),
            (&json!(1), &json!([]))
        );
        assert_eq!(app.request("/readyz", &[]).await.status(), 200);
        let metrics = app.request("/metrics", &[]).await.text().await.unwrap();
        assert!(metrics.contains("noun=\"article\"} 4"), "{metrics}");
    }
    on_meilisearch(test);
}

#[test]
fn words_are_found_dropped_and_read_on_the_other_keyboard() {
    #[tokio::main(flavor = "current_thread")]
    async fn test() {
        let app = TestApp::shared().await;
        let every = app.get(INSTITUTIONS, &[("q", "세곡동 약국")]).await;
        assert_eq!((ids(&every), &every["relaxed"]), (vec![1], &json!(false)));
        // By a department's former name, and in a place.
        assert_eq!(
            app.names(&[("q", "비뇨기과 부산")]).await,
            ["튼튼비뇨의학과의원"]
        );
        let fewer = app.get(INSTITUTIONS, &[("q", "속초 약국")]).await;
        assert_eq!(
            (names(&fewer), &fewer["relaxed"]),
            (vec!["속초 세브란스치과의원".to_owned()], &json!(true))
        );
        let typed = app.get(INSTITUTIONS, &[("q", "thrch")]).await;
        assert_eq!(
            (ids(&typed), &typed["corrected"]),
            (vec![4], &json!("속초"))
        );
        let none = app.get(INSTITUTIONS, &[("q", "어디에도없는낱말")]).await;
        assert_eq!(
            (&none["total"], &none["relaxed"], &none["pages"]),
            (&json!(0), &json!(false), &json!(0))
        );
        // What would end a filter's quotes is a value like any other.
        assert_eq!(
            app.get(INSTITUTIONS, &[("sido", "\" OR noun = \"position")])
                .await["total"],
            0
        );
        assert_eq!(
            app.get(ARTICLES, &[("q", "ehrrka")]).await["corrected"],
            "독감"
        );
        for (path, query) in [(INSTITUTIONS, "thrch"), (ARTICLES, "ehrrka")] {
            let refused = [("q", query), ("as_typed", "true")];
            assert_eq!(app.get(path, &refused).await["corrected"], Value::Null);
        }
    }
    on_meilisearch(test);
}

#[test]
fn names_are_suggested() {
    #[tokio::main(flavor = "current_thread")]
    async fn test() {
        let app = TestApp::shared().await;
        let suggested = async |typed| {
            let reply = app.get("/v1/search/suggest", &[("q", typed)]).await;
            let one = |one: &Value| {
                let kind = one["type"].as_str().unwrap().to_owned();
                (
                    kind,
                    shown(&one["segments"]),
                    one["detail"].as_str().unwrap().to_owned(),
                )
            };
            let suggestions = reply["suggestions"].as_array().unwrap();
            suggestions.iter().map(one).collect::<Vec<_>>()
        };
        let triple = |kind: &str, text: &str, detail: &str| {
            (kind.to_owned(), text.to_owned(), detail.to_owned())
        };
        let seoul = suggested("서울").await;
        assert_eq!(seoul[0], triple("place", "[서울]특별시", "시도"));
        assert!(
            seoul[1..].iter().all(|(kind, ..)| kind == "institution"),
            "{seoul:?}"
        );
        assert_eq!(
            suggested("세곡동").await,
            [triple("place", "[세곡동]", "서울특별시 강남구")]
        );
        assert_eq!(
            suggested("정형").await,
            [triple("department", "[정형]외과", "진료과")]
        );
        assert_eq!(
            suggested("100세").await,
            [triple(
                "institution",
                "[100세]건강약국",
                "서울특별시 강남구 큰길 1 (세곡동)"
            )]
        );
        assert_eq!(suggested("").await, []);
    }
    on_meilisearch(test);
}

#[tokio::test]
async fn an_engine_that_is_away_is_said() {
    let double = Double::start(None);
    let app = TestApp::empty_with(on(&double, None)).await;
    double.lock_out();
    for path in [
        INSTITUTIONS,
        ARTICLES,
        "/v1/search/institutions/1",
        "/v1/search/suggest?q=a",
        "/v1/index",
    ] {
        let problem = app.problem(path, &[]).await;
        assert_eq!(
            (&problem["code"], &problem["status"]),
            (&json!("engine_away"), &json!(503)),
            "{path}"
        );
    }
}
