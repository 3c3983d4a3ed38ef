//! A client reads its own writes by `min_position` while the index follows the tables.

use serde_json::json;

use crate::support::{TestApp, ids};

const PATH: &str = "/v1/search/institutions";

#[tokio::test]
async fn a_search_waits_for_the_change_that_it_wants_to_see() {
    let app = TestApp::empty().await;
    assert_eq!(app.get(PATH, &[]).await["total"], 0);
    for round in 1..=20_u64 {
        let insert = format!(
            "insert into institutions (id, registry, official_code, name, kind, sido) \
             values ({round}, 'sample', '{round}', '새로운의원{round}', 'clinic', '세종특별자치시')"
        );
        let position = app.execute(&[&insert]).await.to_string();
        let reply = app
            .get(
                PATH,
                &[
                    ("q", "새로운"),
                    ("min_position", &position),
                    ("per_page", "50"),
                ],
            )
            .await;
        assert_eq!(ids(&reply).len() as u64, round);
    }
    let position = app
        .execute(&["delete from institutions where id > 1"])
        .await
        .to_string();
    let reply = app.get(PATH, &[("min_position", &position)]).await;
    assert_eq!(ids(&reply), [1]);
    // What was deleted is not suggested either, not even its place.
    let position = app
        .execute(&["update institutions set sido = '제주특별자치도', name = '바뀐의원'"])
        .await
        .to_string();
    app.get(PATH, &[("min_position", &position)]).await;
    let texts = async |typed| {
        let reply = app.get("/v1/search/suggest", &[("q", typed)]).await;
        reply["suggestions"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["text"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(texts("세종").await, Vec::<serde_json::Value>::new());
    assert_eq!(texts("새로운").await, Vec::<serde_json::Value>::new());
    assert_eq!(texts("제주").await, [json!("제주특별자치도")]);
    assert_eq!(texts("바뀌").await, [json!("바뀐의원")]);
}

#[tokio::test]
pub(crate) async fn an_article_that_is_renamed_is_found_by_its_new_slug_only() {
    let app = TestApp::empty().await;
    let insert = "insert into articles (id, slug, title, summary, body, published_on, status) \
        values (1, 'old', '제목', '요약', '본문', '2026-01-01', 'published')";
    let position = app.execute(&[insert]).await.to_string();
    app.get("/v1/search/articles", &[("min_position", &position)])
        .await;
    assert_eq!(app.get("/v1/search/articles/old", &[]).await["id"], 1);
    let position = app
        .execute(&["update articles set slug = 'new'"])
        .await
        .to_string();
    app.get("/v1/search/articles", &[("min_position", &position)])
        .await;
    assert_eq!(app.get("/v1/search/articles/new", &[]).await["id"], 1);
    assert_eq!(
        app.problem("/v1/search/articles/old", &[]).await["code"],
        "not_found"
    );
}

#[tokio::test]
pub(crate) async fn a_position_that_is_never_reached_is_not_waited_for_for_ever() {
    let app = TestApp::shared().await;
    let problem = app
        .problem(PATH, &[("min_position", "0-1-999999999")])
        .await;
    assert_eq!(
        (&problem["code"], &problem["status"]),
        (&json!("index_behind"), &json!(503))
    );
}

#[tokio::test]
async fn an_operators_synonym_holds_at_once_without_a_new_index() {
    let app = TestApp::empty().await;
    app.execute_and_wait(&[
        "insert into institutions (id, registry, official_code, name, kind) \
         values (1, 'sample', '1', '꿈나무곤충박물의원', 'clinic')",
    ])
    .await;
    let generation = app.get("/v1/index", &[]).await["generation"].clone();
    let found = async || app.get(PATH, &[("q", "벌레집")]).await["total"].clone();
    assert_eq!(found().await, 0);
    app.execute_and_wait(&["insert into synonym_groups (words) values ('벌레집, 곤충 박물')"])
        .await;
    assert_eq!(found().await, 1);
    app.execute_and_wait(&["delete from synonym_groups"]).await;
    assert_eq!(found().await, 0);
    assert_eq!(app.get("/v1/index", &[]).await["generation"], generation);
}
