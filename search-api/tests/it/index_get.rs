//! `GET /v1/index`.

use serde_json::json;

use crate::sample::institutions;
use crate::support::TestApp;

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
        "state": "starting", "problem": null, "documents": {"institution": 0, "article": 0, "holiday": 0},
        "generation": 0, "position": "", "age_milliseconds": 0, "lag_milliseconds": 0, "changes": 0, "upserts": 0,
        "deletes": 0, "commits": 0, "built": 0, "build": null, "stale_tables": [], "postponed": 0, "segments": [], "size_bytes": 0,
        "stream": {
            "connected": false, "reconnects": 0, "lag": null, "backlog_unknown": true, "bytes_behind": null, "headroom_seconds": null, "keeps_binlog": false,
            "quarantined": [],
        },
    });
    assert_eq!(view, expected);
}
