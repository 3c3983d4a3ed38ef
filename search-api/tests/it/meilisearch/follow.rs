//! The tables are followed with Meilisearch as the engine: changes, restarts, a new generation beside a running one, verify.

use indexer::{Indexer, LiveHandle};
use serde_json::{Value, json};

use crate::support::{PATIENCE, TestApp, analyzer, ids, on_meilisearch};

const PATH: &str = "/v1/search/institutions";

async fn insert(app: &TestApp, id: u64) -> String {
    let insert = format!(
        "insert into institutions (id, registry, official_code, name, kind, sido) \
         values ({id}, 'sample', '{id}', '새로운의원{id}', 'clinic', '세종특별자치시')"
    );
    app.execute(&[&insert]).await.to_string()
}

async fn indexer(app: &TestApp) -> Indexer {
    let connected = Indexer::connect(app.indexer_options(), analyzer(), LiveHandle::default());
    connected.await.unwrap()
}

#[test]
fn a_search_waits_for_the_change_that_it_wants_to_see() {
    #[tokio::main(flavor = "current_thread")]
    async fn test() {
        let app = TestApp::empty().await;
        assert_eq!(app.get(PATH, &[]).await["total"], 0);
        for id in 1..=5 {
            let position = insert(&app, id).await;
            let query = [("q", "새로운"), ("min_position", &*position)];
            assert_eq!(ids(&app.get(PATH, &query).await).len() as u64, id);
        }
        let changes = [
            "delete from institutions where id > 1",
            "update institutions set sido = '제주특별자치도'",
        ];
        let position = app.execute(&changes).await.to_string();
        let reply = app.get(PATH, &[("min_position", &*position)]).await;
        assert_eq!(
            (ids(&reply), &reply["hits"][0]["sido"]),
            (vec![1], &json!("제주특별자치도"))
        );
        // What was deleted is not suggested either, not even its place.
        let suggested = async |typed| {
            app.get("/v1/search/suggest", &[("q", typed)]).await["suggestions"].take()
        };
        assert_eq!(suggested("세종").await, json!([]));
        assert_eq!(suggested("제주").await[0]["text"], "제주특별자치도");
    }
    on_meilisearch(test);
}

#[test]
fn a_new_generation_is_taken_up_and_every_document_is_right() {
    #[tokio::main(flavor = "current_thread")]
    async fn test() {
        let app = TestApp::empty().await;
        let position = insert(&app, 1).await;
        app.get(PATH, &[("min_position", &*position)]).await;
        // As `jinmaek reindex` does beside a running jinmaek, which follows on with what has been built.
        assert_eq!(indexer(&app).await.rebuild().await.unwrap(), 2);
        let mut id = 1;
        let mut index = Value::Null;
        while index["generation"] != 2 {
            id += 1;
            let position = insert(&app, id).await;
            let reply = app
                .get(PATH, &[("min_position", &*position), ("per_page", "50")])
                .await;
            assert_eq!(reply["total"], id, "nothing is lost on the way");
            index = reply["index"].clone();
        }
        let report = indexer(&app).await.verify(PATIENCE).await.unwrap();
        assert_eq!(report.differences, []);
        assert!(report.documents as u64 > id, "holidays too");
    }
    on_meilisearch(test);
}
