//! `GET /v1/search/analyze`.

use serde_json::json;

use crate::support::TestApp;

#[tokio::test]
async fn a_text_is_cut_as_the_index_cuts_it() {
    let app = TestApp::shared().await;
    let view = app
        .get("/v1/search/analyze", &[("text", "ＭＲＩ 소아과는")])
        .await;
    assert_eq!(
        view["terms"],
        json!([
            {"term": "mri", "start": 0, "end": 3, "position": 0},
            {"term": "소아", "start": 4, "end": 6, "position": 1},
            {"term": "과", "start": 6, "end": 7, "position": 2},
        ])
    );
    assert_eq!(view["version"].as_str().unwrap().len(), 16);
    assert_eq!(view["index"]["generation"], 1);
    let nothing = app.get("/v1/search/analyze", &[]).await;
    assert_eq!(nothing["terms"], json!([]));
}

#[tokio::test]
async fn a_text_has_bounds() {
    let app = TestApp::shared().await;
    let long = "가".repeat(201);
    assert_eq!(
        app.refused("/v1/search/analyze", &[("text", &long)]).await,
        "text"
    );
    assert_eq!(app.refused("/v1/search/analyze", &[("q", "x")]).await, "q");
}
