//! What is written to Meilisearch: documents by key, the position after them, generations that are swapped.

use std::collections::HashMap;

use cdc::{Cursor, Policy, Position};
use indexer::documents::Document;
use indexer::engines::Engine;
use indexer::engines::meilisearch::{Key, Options, Server};
use indexer::engines::tantivy::{Origin, Payload};
use indexer::{DirtyKey, Error, Noun};
use serde_json::json;
use tempfile::TempDir;

use super::double::Double;
use super::server::{new_index, on};

const PHARMACY: DirtyKey = DirtyKey::Institution(1);
const CLINIC: DirtyKey = DirtyKey::Institution(2);

fn institution(id: u64, name: &str) -> Document {
    let document = json!({
        "noun": "institution", "id": id, "registry": "sample", "official_code": "", "name": name, "kind": "pharmacy",
        "has_emergency_room": false, "departments": [], "hours": [{"day": 1, "opens": 540, "closes": 1080}],
        "point": {"latitude": 37.5, "longitude": 127.0},
    });
    serde_json::from_value(document).unwrap()
}

fn source(document: &Document) -> String {
    serde_json::to_string(document).unwrap()
}

fn origin() -> Origin {
    Origin {
        database: "server/database".to_owned(),
        schema_version: 1,
        analyzer_version: "1".to_owned(),
    }
}

fn payload(position: &str) -> Payload {
    let position: Position = position.parse().unwrap();
    Payload {
        cursor: Cursor::from(position),
        stale: ["articles".to_owned()].into(),
        postponed: [CLINIC].into(),
        origin: origin(),
    }
}

async fn put(engine: &mut impl Engine, document: &Document) {
    engine.put(document, source(document), false).await.unwrap();
}

/// A server with one generation, of these documents, at `0-1-1`.
async fn with_generation(options: &Options, locks: &TempDir, documents: &[Document]) -> Server {
    let server = Server::new(options, locks.path(), crate::support::analyzer()).unwrap();
    let building = server.build().await.unwrap();
    let mut generation = building.generation();
    for document in documents {
        put(&mut generation, document).await;
    }
    generation.commit(&payload("0-1-1")).await.unwrap();
    building.go_live().await.unwrap();
    server
}

#[tokio::test]
async fn a_commit_holds_the_documents_and_the_position() {
    let locks = tempfile::tempdir().unwrap();
    let before = [institution(1, "가나약국"), institution(2, "다라의원")];
    let server = with_generation(&new_index().await, &locks, &before).await;
    let mut engine = server.open(&origin()).await.unwrap().unwrap();
    engine.lock(1).await.unwrap();
    let named = |key, document| HashMap::from([(key, source(document))]);
    assert_eq!(
        engine
            .find(&[PHARMACY, DirtyKey::Article(1)])
            .await
            .unwrap(),
        named(PHARMACY, &before[0])
    );

    // The later change of a key wins.
    let after = institution(1, "마바약국");
    engine.delete(PHARMACY).await.unwrap();
    put(&mut engine, &after).await;
    put(&mut engine, &institution(2, "사아의원")).await;
    engine.delete(CLINIC).await.unwrap();
    let day = "2026-09-25".parse().unwrap();
    let holiday = json!({"noun": "holiday", "day": day, "name": "추석"});
    put(&mut engine, &serde_json::from_value(holiday).unwrap()).await;
    assert_eq!(
        engine.payload().await.unwrap(),
        Some(payload("0-1-1")),
        "not committed yet"
    );
    engine.commit(&payload("0-1-7")).await.unwrap();

    assert_eq!(engine.payload().await.unwrap(), Some(payload("0-1-7")));
    assert_eq!(
        engine.find(&[PHARMACY, CLINIC]).await.unwrap(),
        named(PHARMACY, &after)
    );
    assert_eq!(engine.list(Noun::Institution).await.unwrap(), [PHARMACY]);
    assert_eq!(
        engine.list(Noun::Holiday).await.unwrap(),
        [DirtyKey::Holiday(day)]
    );
    assert_eq!(engine.list(Noun::Article).await.unwrap(), []);
    // A position without documents.
    engine.commit(&payload("0-1-8")).await.unwrap();
    assert_eq!(engine.payload().await.unwrap(), Some(payload("0-1-8")));
}

#[tokio::test]
async fn the_position_is_never_ahead_of_the_documents() {
    let double = Double::start(None);
    let locks = tempfile::tempdir().unwrap();
    let options = on(&double, None);
    let server = with_generation(&options, &locks, &[institution(1, "가나약국")]).await;
    let documents = format!("POST /indexes/{}/documents", options.index);
    for failing in ["documentDeletion", "documentAdditionOrUpdate"] {
        let mut engine = server.open(&origin()).await.unwrap().unwrap();
        engine.lock(1).await.unwrap();
        engine.delete(PHARMACY).await.unwrap();
        put(&mut engine, &institution(2, "다라의원")).await;
        double.fail(failing, "internal");
        double.requests();
        let error = engine.commit(&payload("0-1-9")).await.unwrap_err();
        assert_eq!(error.policy(), Policy::Retry, "{failing}");
        assert_eq!(
            engine.payload().await.unwrap(),
            Some(payload("0-1-1")),
            "{failing}"
        );
        let sent = double.requests().contains(&documents);
        assert_eq!(
            sent,
            failing == "documentAdditionOrUpdate",
            "the position waits for the deletion"
        );
        assert_eq!(
            engine.find(&[CLINIC]).await.unwrap(),
            HashMap::new(),
            "{failing}"
        );
    }
    // What the follower does next: from the position on, once more.
    let mut engine = server.open(&origin()).await.unwrap().unwrap();
    engine.delete(PHARMACY).await.unwrap();
    put(&mut engine, &institution(2, "다라의원")).await;
    engine.commit(&payload("0-1-9")).await.unwrap();
    assert_eq!(engine.list(Noun::Institution).await.unwrap(), [CLINIC]);
}

#[tokio::test]
async fn many_documents_are_sent_in_parts() {
    let double = Double::start(None);
    let locks = tempfile::tempdir().unwrap();
    let options = on(&double, None);
    let server = Server::new(&options, locks.path(), crate::support::analyzer()).unwrap();
    let building = server.build().await.unwrap();
    let mut generation = building.generation();
    double.requests();
    // Each document comes twice: as its attributes and as its source.
    let name = "가".repeat(500_000);
    for id in 1..=6 {
        put(&mut generation, &institution(id, &name)).await;
    }
    generation.commit(&payload("0-1-1")).await.unwrap();
    let documents = format!("POST /indexes/{}-next/documents", options.index);
    let sent = double.requests();
    assert_eq!(
        sent.iter().filter(|request| **request == documents).count(),
        3,
        "{sent:?}"
    );
    assert_eq!(generation.list(Noun::Institution).await.unwrap().len(), 6);
}

#[tokio::test]
async fn the_next_generation_takes_the_place_of_the_live_one_in_one_step() {
    let locks = tempfile::tempdir().unwrap();
    let options = new_index().await;
    let server = with_generation(&options, &locks, &[institution(1, "가나약국")]).await;
    assert_eq!(server.live().await.unwrap(), Some(1));
    let mut follower = server.open(&origin()).await.unwrap().unwrap();
    follower.lock(1).await.unwrap();
    let again = server.open(&origin()).await.unwrap().unwrap().lock(1).await;
    assert!(
        matches!(again, Err(Error::Locked(_))),
        "one follower at a time"
    );

    // A build that was interrupted leaves nothing to the next.
    let interrupted = server.build().await.unwrap();
    let mut half = interrupted.generation();
    put(&mut half, &institution(3, "반쪽약국")).await;
    half.commit(&payload("0-1-2")).await.unwrap();
    assert!(
        matches!(server.build().await, Err(Error::Locked(_))),
        "one build at a time"
    );
    drop(interrupted);
    let mut building = server.build().await.unwrap();
    let mut next = building.generation();
    assert_eq!(
        (
            next.generation(),
            next.list(Noun::Institution).await.unwrap()
        ),
        (2, vec![])
    );
    put(&mut next, &institution(2, "다라의원")).await;
    next.commit(&payload("0-1-5")).await.unwrap();
    assert_eq!(
        follower.list(Noun::Institution).await.unwrap(),
        [PHARMACY],
        "still the old one"
    );
    assert_eq!(
        building.hold(&origin()).await.unwrap(),
        Some("0-1-1".parse().unwrap())
    );
    building.go_live().await.unwrap();

    assert_eq!(server.live().await.unwrap(), Some(2));
    // Whoever followed the old one may not write into the new one.
    put(&mut follower, &institution(1, "늦은약국")).await;
    let late = follower.commit(&payload("0-1-3")).await;
    assert!(matches!(late, Err(Error::Locked(_))));
    let engine = server.open(&origin()).await.unwrap().unwrap();
    assert_eq!(engine.list(Noun::Institution).await.unwrap(), [CLINIC]);
    assert_eq!(engine.payload().await.unwrap(), Some(payload("0-1-5")));
    let next = server.build().await.unwrap().generation();
    assert_eq!(
        next.list(Noun::Institution).await.unwrap(),
        [],
        "the old one is gone"
    );
}

#[tokio::test]
async fn an_index_of_another_origin_is_not_followed() {
    let locks = tempfile::tempdir().unwrap();
    let server = with_generation(&new_index().await, &locks, &[]).await;
    let other = Origin {
        schema_version: 2,
        ..origin()
    };
    assert!(server.open(&other).await.unwrap().is_none());
    assert!(server.open(&origin()).await.unwrap().is_some());
}

#[tokio::test]
async fn what_fails_is_waited_out_unless_somebody_must_act() {
    let double = Double::start(Some("right key"));
    let locks = tempfile::tempdir().unwrap();
    let error = async |options: &Options| {
        let server = Server::new(options, locks.path(), crate::support::analyzer()).unwrap();
        server.live().await.unwrap_err()
    };
    let stops = |error: &Error| matches!(error.policy(), Policy::Stop(_));
    assert!(stops(&error(&on(&double, None)).await));
    let options = on(&double, Some("wrong key"));
    assert!(stops(&error(&options).await));
    assert!(!format!("{options:?}").contains("wrong key"));
    let newline = Options {
        key: Some(Key::from("no\nkey")),
        ..options.clone()
    };
    assert!(stops(
        &Server::new(&newline, locks.path(), crate::support::analyzer()).unwrap_err()
    ));
    let elsewhere = Options {
        url: format!("{}/elsewhere", double.url),
        key: Some(Key::from("right key")),
        ..options.clone()
    };
    assert!(stops(&error(&elsewhere).await));
    let away = Options {
        url: "http://127.0.0.1:9".to_owned(),
        ..options
    };
    assert_eq!(error(&away).await.policy(), Policy::Retry);

    let options = on(&double, Some("right key"));
    let server = with_generation(&options, &locks, &[]).await;
    for (code, stopped) in [("internal", false), ("no_space_left_on_device", true)] {
        let mut engine = server.open(&origin()).await.unwrap().unwrap();
        double.fail("documentAdditionOrUpdate", code);
        let error = engine.commit(&payload("0-1-2")).await.unwrap_err();
        assert_eq!(stops(&error), stopped, "{code}");
    }
    // An index that somebody removed is built anew.
    let mut engine = server.open(&origin()).await.unwrap().unwrap();
    double.fail("documentAdditionOrUpdate", "index_not_found");
    let error = engine.commit(&payload("0-1-2")).await.unwrap_err();
    assert_eq!(error.policy(), Policy::Snapshot);
}

#[tokio::test]
async fn the_settings_name_attributes_filters_and_language() {
    let double = Double::start(None);
    let locks = tempfile::tempdir().unwrap();
    let options = on(&double, None);
    let server = with_generation(&options, &locks, &[]).await;
    let built = double.settings(&options.index);
    // Whoever follows the index brings the synonyms of his program, and changes nothing else.
    let mut engine = server.open(&origin()).await.unwrap().unwrap();
    double.requests();
    engine.lock(1).await.unwrap();
    let changed = format!("PATCH /indexes/{}/settings", options.index);
    assert!(double.requests().contains(&changed));
    let settings = double.settings(&options.index);
    assert_eq!(settings, built);
    assert_eq!(settings["searchableAttributes"][0], "name");
    assert_eq!(
        settings["localizedAttributes"],
        json!([{"locales": ["kor"], "attributePatterns": ["*"]}])
    );
    assert_eq!(settings["synonyms"]["소아과"], json!(["소아청소년과"]));
    assert!(
        settings["filterableAttributes"]
            .as_array()
            .unwrap()
            .contains(&json!("_geo"))
    );
    assert_eq!(double.indexes(), [options.index]);
}
