//! `GET /v1/search/institutions/{id}`.

use serde_json::json;

use crate::support::TestApp;

#[tokio::test]
async fn all_that_is_known_is_shown() {
    let app = TestApp::shared().await;
    let mut view = app.get("/v1/search/institutions/1", &[]).await;
    let index = view["index"].take();
    assert!(
        index["position"].is_string() && index["generation"].as_u64() == Some(1),
        "{index}"
    );
    insta::assert_json_snapshot!(view);
    let clinic = app.get("/v1/search/institutions/6", &[]).await;
    let department =
        json!({"name": "비뇨의학과", "former_name": "비뇨기과", "specialist_count": null});
    assert_eq!(clinic["departments"], json!([department]));
}

#[tokio::test]
pub(crate) async fn what_is_not_there_is_not_found() {
    let app = TestApp::shared().await;
    let problem = app.problem("/v1/search/institutions/99", &[]).await;
    assert_eq!(
        (&problem["code"], &problem["status"]),
        (&json!("not_found"), &json!(404))
    );
    assert_eq!(
        app.refused("/v1/search/institutions/first", &[]).await,
        "id"
    );
    assert_eq!(
        app.refused("/v1/search/institutions/1", &[("q", "a")])
            .await,
        "q"
    );
}
