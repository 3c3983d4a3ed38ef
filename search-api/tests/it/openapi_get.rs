//! `GET /openapi.json` and `GET /docs`.

use crate::support::TestApp;
use reqwest::StatusCode;

#[tokio::test]
async fn the_description_is_the_one_that_was_agreed() {
    let app = TestApp::shared().await;
    let description = app.get("/openapi.json", &[]).await;
    insta::assert_json_snapshot!(description);
}

#[tokio::test]
async fn every_parameter_and_reply_is_described() {
    let app = TestApp::shared().await;
    let description = app.get("/openapi.json", &[]).await;
    for (path, item) in description["paths"].as_object().unwrap() {
        let operation = &item["get"];
        assert!(operation["summary"].is_string(), "{path}");
        for parameter in operation["parameters"].as_array().unwrap_or(&Vec::new()) {
            assert!(parameter["description"].is_string(), "{path} {parameter}");
        }
    }
    for (name, schema) in description["components"]["schemas"].as_object().unwrap() {
        assert!(schema["description"].is_string(), "{name}");
        for (field, property) in schema["properties"]
            .as_object()
            .unwrap_or(&serde_json::Map::new())
        {
            assert!(
                property.to_string().contains(r#""description":"#),
                "{name}.{field}"
            );
        }
    }
}

#[tokio::test]
async fn every_kind_is_described() {
    let app = TestApp::shared().await;
    let description = app.get("/openapi.json", &[]).await;
    let parameters = &description["paths"]["/v1/search/institutions"]["get"]["parameters"];
    let kind = parameters
        .as_array()
        .unwrap()
        .iter()
        .find(|parameter| parameter["name"] == "kind");
    let text = kind.unwrap()["description"].as_str().unwrap();
    for kind in indexer::documents::Kind::ALL {
        assert!(
            text.contains(&format!("`{}`", kind.code())),
            "{}",
            kind.code()
        );
    }
}

#[tokio::test]
async fn every_service_is_described() {
    let app = TestApp::shared().await;
    let description = app.get("/openapi.json", &[]).await;
    let facets = &description["components"]["schemas"]["InstitutionFacets"]["properties"];
    let text = facets["service"]["description"].as_str().unwrap();
    for service in indexer::documents::Service::ALL {
        let code = format!("`{}`", service.code());
        assert!(text.contains(&code), "{code}");
    }
}

#[tokio::test]
async fn the_page_needs_no_internet() {
    let app = TestApp::shared().await;
    let response = app.request("/docs/", &[]).await;
    assert_eq!(response.status(), StatusCode::OK);
    let page = response.text().await.unwrap();
    assert!(
        !page.contains("http://") && !page.contains("https://"),
        "{page}"
    );
    for asset in [
        "swagger-ui-bundle.js",
        "swagger-ui.css",
        "swagger-initializer.js",
    ] {
        let response = app.request(&format!("/docs/{asset}"), &[]).await;
        assert_eq!(response.status(), StatusCode::OK, "{asset}");
    }
    assert_eq!(app.request("/docs", &[]).await.status(), StatusCode::OK);
}
