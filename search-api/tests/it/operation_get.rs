//! `GET /livez`, `/readyz`, `/metrics`.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::TestApp;

#[tokio::test]
async fn a_process_without_an_index_lives_but_is_not_ready() {
    let app = TestApp::without_index();
    assert_eq!(app.request("/livez", &[]).await.status(), StatusCode::OK);
    let response = app.request("/readyz", &[]).await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    let readiness: Value = response.json().await.unwrap();
    assert_eq!(
        readiness,
        json!({"ready": false, "reasons": ["there is no index yet", "the indexer is starting"]})
    );
    for path in [
        "/v1/search/institutions",
        "/v1/search/institutions/1",
        "/v1/search/articles",
        "/v1/search/suggest",
    ] {
        let response = app.request(path, &[]).await;
        assert_eq!(response.headers()["retry-after"], "1");
        assert_eq!(
            app.problem(path, &[]).await["code"],
            "index_building",
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_following_index_is_ready_but_not_while_it_reads_old_changes() {
    let app = TestApp::empty().await;
    let position = app
        .execute(&["delete from public_holidays where day = '2027-12-27'"])
        .await
        .to_string();
    app.get("/v1/search/articles", &[("min_position", &position)])
        .await;
    let ready = app.get("/readyz", &[]).await;
    assert_eq!(ready, json!({"ready": true, "reasons": []}));
    // Not a test of its own: old changes make every node late that follows the tests' server.
    // The server tells once a second that it has nothing more to send, which may come between the change and the question.
    for name in 1..=50 {
        let update = format!("update departments set name = '옛과{name}' where id = 1");
        let old = "set timestamp = unix_timestamp() - 36000";
        app.execute_and_wait(&[old, &update]).await;
        let response = app.request("/readyz", &[]).await;
        if response.status() == StatusCode::SERVICE_UNAVAILABLE {
            let readiness: Value = response.json().await.unwrap();
            let reason = readiness["reasons"][0].as_str().unwrap();
            assert!(reason.contains("at most 30 s are right"), "{reason}");
            return;
        }
    }
    panic!("ready while its changes are ten hours old");
}

#[tokio::test]
async fn requests_are_counted_by_route_and_never_by_what_was_searched_for() {
    let app = TestApp::empty().await;
    app.get("/v1/search/institutions", &[("q", "비밀")]).await;
    app.problem("/v1/search/institutions", &[("x", "비밀")])
        .await;
    app.problem("/v1/search/institutions/4711", &[]).await;
    app.problem("/nowhere/비밀", &[]).await;
    let response = app.request("/metrics", &[]).await;
    assert!(
        response.headers()["content-type"]
            .to_str()
            .unwrap()
            .starts_with("text/plain")
    );
    let text = response.text().await.unwrap();
    for line in [
        r#"jinmaek_search_requests_total{route="/v1/search/institutions",status="200"} 1"#,
        r#"jinmaek_search_requests_total{route="/v1/search/institutions",status="400"} 1"#,
        r#"jinmaek_search_requests_total{route="/v1/search/institutions/{id}",status="404"} 1"#,
        r#"jinmaek_search_requests_total{route="unmatched",status="404"} 1"#,
        r#"jinmaek_search_request_duration_seconds_count{route="/v1/search/institutions"} 2"#,
        r#"jinmaek_index_documents{noun="article"} 0"#,
        "jinmaek_index_stale_tables 0",
        "jinmaek_index_postponed_documents 0",
        "jinmaek_cdc_connected 1",
        "jinmaek_cdc_reconnects_total 0",
        "jinmaek_cdc_quarantined_tables 0",
    ] {
        assert!(text.lines().any(|there| there == line), "{line}\n{text}");
    }
    assert!(
        text.contains("jinmaek_index_age_seconds ") && text.contains("jinmaek_index_lag_seconds ")
    );
    assert!(!text.contains("비밀") && !text.contains("4711"));
}
