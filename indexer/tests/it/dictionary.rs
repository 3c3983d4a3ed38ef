//! The operators' dictionary: synonyms hold at once, words from the next generation on, and for ever in that one.

use indexer::{LiveIndex, Pending, Shown};

use crate::support::{Platform, analyzer};

fn terms(live: &LiveIndex, text: &str) -> Vec<String> {
    let tokens = live.analyzer.analyze(text);
    tokens.into_iter().map(|token| token.text).collect()
}

fn pending(added: usize, changed: usize, removed: usize) -> Pending {
    Pending {
        added,
        changed,
        removed,
    }
}

#[tokio::test]
async fn synonyms_hold_at_the_position_of_their_commit() {
    let platform = Platform::new().await;
    let following = platform.follow();
    assert!(following.now(&platform).await.synonym_groups.is_empty());
    platform
        .run("insert into synonym_groups (id, words) values (1, '맹장염, 충수염'), (2, '타이레놀 => 해열제')")
        .await;
    let live = following.now(&platform).await;
    assert_eq!(
        *live.synonym_groups,
        ["맹장염, 충수염", "타이레놀 => 해열제"]
    );
    // Other changes leave them as they are.
    platform.add_pharmacy("하나약국").await;
    assert_eq!(following.now(&platform).await.synonym_groups.len(), 2);
    platform
        .run("update synonym_groups set words = '맹장염, 충수염, 꼬리염' where id = 1; delete from synonym_groups where id = 2")
        .await;
    let live = following.now(&platform).await;
    assert_eq!(*live.synonym_groups, ["맹장염, 충수염, 꼬리염"]);
}

#[tokio::test]
async fn words_wait_for_the_next_generation_and_stay_in_it() {
    let platform = Platform::new().await;
    let text = "하루튼튼정";
    platform
        .run("insert into dictionary_words (word, parts) values ('하루튼튼정', '하루튼튼 정')")
        .await;
    let following = platform.follow();
    let live = following.now(&platform).await;
    assert_eq!(terms(&live, text), ["하루튼튼", "정"], "as it was built");
    assert_eq!(
        (live.pending_words(), live.dictionary.words()),
        (pending(0, 0, 0), 1)
    );
    assert_ne!(live.analyzer.version(), analyzer().version());

    platform
        .run("update dictionary_words set parts = '하루 튼튼정'; insert into dictionary_words (word) values ('새로움정')")
        .await;
    let live = following.now(&platform).await;
    assert_eq!(live.pending_words(), pending(1, 1, 0));
    assert_eq!(terms(&live, text), ["하루튼튼", "정"], "still");
    drop(following);

    // Opened again: the words of its build, not those of the tables now.
    let following = platform.follow();
    let live = following.now(&platform).await;
    assert_eq!(terms(&live, text), ["하루튼튼", "정"]);
    assert_eq!(live.pending_words(), pending(1, 1, 0));
    drop(following);

    platform.indexer().await.rebuild().await.unwrap();
    let following = platform.follow();
    let live = following.now(&platform).await;
    assert_eq!(terms(&live, text), ["하루", "튼튼정"]);
    assert!(live.pending_words().is_empty());
    platform.run("delete from dictionary_words").await;
    let live = following.now(&platform).await;
    assert_eq!(live.pending_words(), pending(0, 0, 2));
    let report = platform.indexer().await;
    drop(following);
    let report = report.verify(crate::support::PATIENCE).await.unwrap();
    assert!(report.differences.is_empty(), "{:?}", report.differences);
}

#[tokio::test]
async fn documents_are_analysed_with_the_words_of_their_generation() {
    let platform = Platform::new().await;
    platform
        .run("insert into dictionary_words (word) values ('하루튼튼정')")
        .await;
    let following = platform.follow();
    platform.add_pharmacy("하루튼튼정약국").await;
    let live = following.now(&platform).await;
    let found = |term: &str| {
        let term = tantivy::Term::from_field_text(live.fields.name, term);
        live.searcher.doc_freq(&term).unwrap()
    };
    assert_eq!((found("하루튼튼정"), found("튼튼")), (1, 0));
}

#[tokio::test]
async fn a_word_of_no_use_is_left_out_and_named() {
    let platform = Platform::new().await;
    // Past the rules of core-services; the tables let it through.
    platform
        .run("insert into dictionary_words (word) values ('x-ray'), ('하루튼튼정')")
        .await;
    let following = platform.follow();
    let live = following.now(&platform).await;
    assert_eq!(terms(&live, "하루튼튼정"), ["하루튼튼정"]);
    assert_eq!(live.dictionary.words(), 1);
    assert!(live.dictionary.left_out()[0].contains("x-ray"));
    assert!(
        live.pending_words().is_empty(),
        "a build would leave it out again"
    );
}

#[tokio::test]
async fn a_request_builds_a_generation_beside_the_live_one() {
    let platform = Platform::new().await;
    let following = platform.follow();
    let live = following.now(&platform).await;
    assert!(!live.is_rebuild_requested());
    platform
        .run("insert into dictionary_words (word) values ('하루튼튼정')")
        .await;
    core_services::dictionary::store::request_rebuild(&platform.pool)
        .await
        .unwrap();
    let moved = following
        .live
        .wait_until(crate::support::PATIENCE, |index| {
            index.generation() > live.generation
        })
        .await
        .and_then(Shown::into_tantivy)
        .unwrap();
    assert_eq!(terms(&moved, "하루튼튼정"), ["하루튼튼정"]);
    assert!(moved.pending_words().is_empty() && !moved.is_rebuild_requested());
    // Answered once, also after a restart.
    drop(following);
    let following = platform.follow();
    platform.add_pharmacy("하나약국").await;
    let again = following.now(&platform).await;
    assert_eq!(again.generation, moved.generation);
}

#[tokio::test]
async fn a_request_that_nobody_heard_is_answered_by_the_next_start() {
    let platform = Platform::new().await;
    let following = platform.follow();
    let before = following.now(&platform).await.generation;
    drop(following);
    // As if a build had been killed: the request stands in the table, the live generation was built before it.
    platform
        .run("insert into dictionary_words (word) values ('하루튼튼정'); insert into index_requests () values ()")
        .await;
    let following = platform.follow();
    let live = following
        .live
        .wait_until(crate::support::PATIENCE, |index| {
            index.generation() > before
        })
        .await
        .and_then(Shown::into_tantivy)
        .unwrap();
    assert_eq!(terms(&live, "하루튼튼정"), ["하루튼튼정"]);
    assert!(!live.is_rebuild_requested());
}
