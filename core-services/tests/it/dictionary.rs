//! The operators' dictionary in its tables.

use core_services::Error;
use core_services::dictionary::store::{self, Part};
use core_services::dictionary::{Class, Fault, NewSynonyms, NewWord};

use crate::support::TestDatabase;

const ALL: Part = Part {
    offset: 0,
    limit: 100,
};

fn word(word: &str, parts: &str) -> NewWord {
    NewWord::parse(word, parts, "").unwrap()
}

fn synonyms(words: &str) -> NewSynonyms {
    NewSynonyms::parse(words, "condition", "").unwrap()
}

#[track_caller]
fn fault<T: std::fmt::Debug>(outcome: Result<T, Error>) -> Fault {
    match outcome {
        Err(Error::Fault(fault)) => fault,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn words_are_added_found_changed_and_removed() {
    let database = TestDatabase::new().await;
    let pool = &database.pool;
    let id = store::insert_word(pool, &word("마운자로", ""))
        .await
        .unwrap();
    store::insert_word(pool, &word("위고비주사", "위고비 주사"))
        .await
        .unwrap();
    let (found, total) = store::list_words(pool, "위고", ALL).await.unwrap();
    assert_eq!(total, 1);
    assert_eq!(found[0].parts.as_deref(), Some("위고비 주사"));
    let (found, total) = store::list_words(
        pool,
        "",
        Part {
            offset: 0,
            limit: 1,
        },
    )
    .await
    .unwrap();
    assert_eq!(
        (found.len(), found[0].id, total),
        (1, id, 2),
        "by their letters"
    );

    let changed = word("마운자로", "마운 자로");
    assert!(store::update_word(pool, id, &changed).await.unwrap());
    assert!(
        store::update_word(pool, id, &changed).await.unwrap(),
        "there, though nothing changes"
    );
    let stored = store::find_word(pool, id).await.unwrap().unwrap();
    assert_eq!(stored.parts.as_deref(), Some("마운 자로"));
    assert!(store::delete_word(pool, id).await.unwrap());
    assert!(!store::delete_word(pool, id).await.unwrap());
    assert!(!store::update_word(pool, id, &changed).await.unwrap());
    assert_eq!(store::find_word(pool, id).await.unwrap(), None);
}

#[tokio::test]
async fn a_word_is_there_once() {
    let database = TestDatabase::new().await;
    let pool = &database.pool;
    store::insert_word(pool, &word("마운자로", ""))
        .await
        .unwrap();
    let other = store::insert_word(pool, &word("위고비", "")).await.unwrap();
    let again = store::insert_word(pool, &word("마운자로", "마운 자로")).await;
    assert_eq!(fault(again), Fault::WordTaken);
    let renamed = store::update_word(pool, other, &word("마운자로", "")).await;
    assert_eq!(fault(renamed), Fault::WordTaken);
}

#[tokio::test]
async fn a_word_is_widened_by_one_group_only() {
    let database = TestDatabase::new().await;
    let pool = &database.pool;
    let id = store::insert_synonyms(pool, &synonyms("맹장염, 충수염"))
        .await
        .unwrap();
    let taken = store::insert_synonyms(pool, &synonyms("충수염, 꼬리염")).await;
    assert_eq!(fault(taken), Fault::SynonymTaken);
    let taken = store::insert_synonyms(pool, &synonyms("맹장염 => 복통")).await;
    assert_eq!(fault(taken), Fault::SynonymTaken);
    assert_eq!(
        database.count("select count(*) from synonym_groups").await,
        1
    );
    // On the right of an arrow a word may stand as often as it likes.
    store::insert_synonyms(pool, &synonyms("급성충수염 => 충수염"))
        .await
        .unwrap();

    assert!(
        store::update_synonyms(pool, id, &synonyms("충수염, 충수돌기염"))
            .await
            .unwrap()
    );
    store::insert_synonyms(pool, &synonyms("맹장염 => 복통"))
        .await
        .unwrap();
    let (found, total) = store::list_synonyms(pool, "충수염", ALL).await.unwrap();
    let words: Vec<_> = found.iter().map(|group| group.words.as_str()).collect();
    assert_eq!(words, ["급성충수염 => 충수염", "충수염, 충수돌기염"]);
    assert_eq!((total, found[0].class), (2, Some(Class::Condition)));
    assert!(store::delete_synonyms(pool, id).await.unwrap());
    assert!(!store::delete_synonyms(pool, id).await.unwrap());
    assert_eq!(store::find_synonyms(pool, id).await.unwrap(), None);
    store::insert_synonyms(pool, &synonyms("충수염, 꼬리염"))
        .await
        .unwrap();
}

#[tokio::test]
async fn there_is_room_for_a_bounded_number() {
    let database = TestDatabase::new().await;
    let fill = format!(
        "insert into dictionary_words (word) with recursive n as (select 1 as i union all select i + 1 from n where i < {}) \
         select concat('단어', i) from n",
        store::ROWS_MAX
    );
    // MariaDB's recursions end at 1,000 unless it is told otherwise.
    let mut connection = database.pool.acquire().await.unwrap();
    for statement in ["set session max_recursive_iterations = 10000", &fill] {
        sqlx::raw_sql(sqlx::AssertSqlSafe(statement))
            .execute(&mut *connection)
            .await
            .unwrap();
    }
    let full = store::insert_word(&database.pool, &word("마운자로", "")).await;
    assert_eq!(fault(full), Fault::Full);
}

#[tokio::test]
async fn the_newest_request_for_a_rebuild_stays() {
    let database = TestDatabase::new().await;
    let first = store::request_rebuild(&database.pool).await.unwrap();
    let second = store::request_rebuild(&database.pool).await.unwrap();
    assert!(second > first);
    assert_eq!(
        database
            .rows("select cast(id as char) from index_requests")
            .await,
        [second.to_string()]
    );
}

#[tokio::test]
async fn the_tables_refuse_what_is_written_past_the_rules() {
    let database = TestDatabase::new().await;
    for (statement, constraint) in [
        (
            "insert into dictionary_words (word) values ('약')",
            "dictionary_words_word_long",
        ),
        (
            "insert into dictionary_words (word, parts) values ('치과의원', '치과 병원')",
            "dictionary_words_parts_whole",
        ),
        (
            "insert into synonym_groups (words) values ('맹장염')",
            "synonym_groups_words_two",
        ),
    ] {
        let refused = sqlx::query(statement).execute(&database.pool).await;
        match refused.map_err(Error::from) {
            Err(Error::Constraint {
                constraint: name, ..
            }) => assert_eq!(name, constraint),
            other => panic!("{statement}: {other:?}"),
        }
    }
}
