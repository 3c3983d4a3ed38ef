//! What is the same for every route: problems, languages, methods, headers.

use reqwest::{Client, StatusCode};
use serde_json::{Value, json};

use crate::support::{TestApp, serve};

#[tokio::test]
pub(crate) async fn a_problem_has_the_shape_of_rfc_9457() {
    let app = TestApp::shared().await;
    let problem = app
        .problem("/v1/search/institutions", &[("lat", "10"), ("lng", "127")])
        .await;
    let expected = json!({
        "type": "urn:jinmaek:problem:invalid_parameter",
        "title": "요청 값이 올바르지 않습니다",
        "status": 400,
        "detail": "`lat` must be a number from 32 to 39.5",
        "code": "invalid_parameter",
        "parameter": "lat",
    });
    assert_eq!(problem, expected);
    let request = Client::new()
        .get(app.url("/v1/search/institutions?lat=10"))
        .header("accept-language", "en-GB,ko;q=0.5");
    let problem: Value = request.send().await.unwrap().json().await.unwrap();
    assert_eq!(problem["title"], "A parameter is not valid");
}

#[tokio::test]
pub(crate) async fn routes_that_are_not_there() {
    let app = TestApp::shared().await;
    for path in [
        "/",
        "/v1",
        "/v1/search/hospitals",
        "/v1/search/institutions/1/x",
        "/docs/none",
        "/v1/search/articles/%FF",
    ] {
        let problem = app.problem(path, &[]).await;
        assert_eq!(
            (&problem["code"], &problem["status"]),
            (&json!("not_found"), &json!(404)),
            "{path}"
        );
    }
    let response = Client::new()
        .post(app.url("/v1/search/institutions"))
        .send()
        .await
        .unwrap();
    assert_eq!(
        (
            response.status(),
            response.headers()["allow"].to_str().unwrap()
        ),
        (StatusCode::METHOD_NOT_ALLOWED, "GET,HEAD")
    );
    let problem: Value = response.json().await.unwrap();
    assert_eq!(problem["code"], "method_not_allowed");
}

#[tokio::test]
pub(crate) async fn head_and_headers() {
    let app = TestApp::shared().await;
    let response = Client::new()
        .head(app.url("/v1/search/institutions"))
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()["x-content-type-options"], "nosniff");
    assert_eq!(response.headers()["content-type"], "application/json");
    assert_eq!(response.text().await.unwrap(), "");
    let refused = Client::new()
        .get(app.url("/v1/search/institutions?x=1"))
        .send()
        .await
        .unwrap();
    assert_eq!(refused.headers()["x-content-type-options"], "nosniff");
}

#[tokio::test]
async fn one_search_too_many_is_told_when_to_come_again() {
    let options = search_api::Options {
        searches_at_once: 0,
        searches_waiting_max: 0,
        ..search_api::Options::default()
    };
    let url = serve(TestApp::shared().await.live.clone(), options);
    let response = Client::new()
        .get(format!("{url}/v1/search/institutions"))
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(response.headers()["retry-after"], "1");
    let problem: Value = response.json().await.unwrap();
    assert_eq!(problem["code"], "busy");
}
