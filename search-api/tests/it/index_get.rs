//! `GET /v1/index`.

use serde_json::json;

use crate::sample::institutions;
use crate::support::{PATIENCE, TestApp};

#[tokio::test]
async fn the_index_tells_what_it_holds() {
    let app = TestApp::shared().await;
    let view = app.get("/v1/index", &[]).await;
    assert_eq!(view["documents"]["institution"], institutions().len());
    assert_eq!(view["documents"]["article"], 4);
    assert!(view["documents"]["holiday"].as_u64().unwrap() > 50);
    assert_eq!(
        (&view["generation"], &view["problem"]),
        (&json!(1), &json!(null))
    );
    let documents = |segment: &serde_json::Value| segment["documents"].as_u64().unwrap();
    let in_segments: u64 = view["segments"]
        .as_array()
        .unwrap()
        .iter()
        .map(documents)
        .sum();
    let by_noun: u64 = view["documents"]
        .as_object()
        .unwrap()
        .values()
        .map(|count| count.as_u64().unwrap())
        .sum();
    assert_eq!(in_segments, by_noun);
    assert!(view["size_bytes"].as_u64().unwrap() > 10_000);
    assert!(view["position"].as_str().unwrap().contains('@'));
}

#[tokio::test]
async fn it_answers_before_there_is_an_index() {
    let app = TestApp::without_index();
    let view = app.get("/v1/index", &[]).await;
    let expected = json!({
        "state": "starting", "problem": null, "documents": {"institution": 0, "article": 0, "holiday": 0, "word": 0, "synonyms": 0},
        "generation": 0, "position": "", "age_milliseconds": 0, "lag_milliseconds": 0, "changes": 0, "upserts": 0,
        "deletes": 0, "commits": 0, "built": 0, "build": null, "stale_tables": [], "postponed": 0, "segments": [], "size_bytes": 0,
        "dictionary": {
            "version": "", "words": 0, "synonym_groups": 0, "left_out": [], "pending": {"added": 0, "changed": 0, "removed": 0},
            "rebuild_needed": false, "rebuild_requested": false,
        },
        "stream": {
            "connected": false, "reconnects": 0, "lag": null, "backlog_unknown": true, "bytes_behind": null, "headroom_seconds": null, "keeps_binlog": false,
            "quarantined": [],
        },
    });
    assert_eq!(view, expected);
}

#[tokio::test]
async fn it_tells_which_words_wait_for_a_build() {
    let app = TestApp::empty().await;
    let before = app.get("/v1/index", &[]).await["dictionary"].take();
    assert_eq!(
        (&before["rebuild_needed"], &before["words"]),
        (&json!(false), &json!(0))
    );
    let position = app
        .execute(&[
            "insert into dictionary_words (word) values ('하루튼튼정'), ('새로움정')",
            "insert into synonym_groups (words) values ('맹장염, 충수염')",
        ])
        .await;
    let position = [("min_position", &*position.to_string())];
    let view = app.get("/v1/index", &position).await;
    let dictionary = &view["dictionary"];
    assert_eq!(
        dictionary["pending"],
        json!({"added": 2, "changed": 0, "removed": 0})
    );
    assert_eq!(dictionary["rebuild_needed"], true);
    assert_eq!(dictionary["version"], before["version"], "of the build");
    assert_eq!(
        (&dictionary["synonym_groups"], &view["documents"]["word"]),
        (&json!(1), &json!(2))
    );

    let before = app.live.current().unwrap().generation();
    app.execute(&["insert into index_requests () values ()"])
        .await;
    let built = app
        .live
        .wait_until(PATIENCE, |index| index.generation() > before)
        .await;
    assert!(built.is_some());
    let dictionary = app.get("/v1/index", &[]).await["dictionary"].take();
    assert_eq!(
        (&dictionary["words"], &dictionary["rebuild_needed"]),
        (&json!(2), &json!(false))
    );
    assert_ne!(dictionary["version"], view["dictionary"]["version"]);
}

#[tokio::test]
async fn a_position_that_it_can_not_wait_for_is_refused_and_one_that_never_comes_is_no_error() {
    let app = TestApp::shared().await;
    assert_eq!(
        app.refused("/v1/index", &[("min_position", "x")]).await,
        "min_position"
    );
    assert_eq!(app.refused("/v1/index", &[("q", "x")]).await, "q");
    let view = app
        .get("/v1/index", &[("min_position", "0-1-999999999")])
        .await;
    assert_eq!(view["generation"], 1);
}
