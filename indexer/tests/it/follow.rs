//! The index follows the tables: from the first build, through every kind of change, over restarts and new generations.

use chrono::NaiveDate;
use tokio::sync::mpsc;

use indexer::DirtyKey::{Article, Holiday, Institution};
use serde_json::Value;

use crate::support::{Platform, document};

#[tokio::test]
async fn the_first_start_builds_the_index_from_the_tables() {
    let platform = Platform::new().await;
    let id = platform.add_pharmacy("100세건강약국").await;
    platform
        .run(&format!(
            "insert into opening_hours values ({id}, 7, 600, 1560), ({id}, 1, 540, 1080)"
        ))
        .await;
    platform
        .run(&format!(
            "insert into institution_departments values ({id}, 1, 2)"
        ))
        .await;
    let following = platform.follow();
    let live = following.now(&platform).await;
    let pharmacy = document(&live, Institution(id));
    assert_eq!(pharmacy["name"], "100세건강약국");
    assert_eq!(pharmacy["kind"], "pharmacy");
    assert_eq!(
        pharmacy["hours"][1],
        serde_json::json!({"day": 7, "opens": 600, "closes": 1560})
    );
    assert_eq!(pharmacy["departments"][0]["name"], "내과");
    let chuseok = NaiveDate::from_ymd_opt(2026, 9, 25).unwrap();
    assert_eq!(document(&live, Holiday(chuseok))["name"], "추석");
    assert!(live.holidays.contains(&chuseok));
}

#[tokio::test]
async fn every_kind_of_change_reaches_the_index() {
    let platform = Platform::new().await;
    let following = platform.follow();
    let id = platform.add_pharmacy("가나약국").await;
    assert_eq!(
        document(&following.now(&platform).await, Institution(id))["name"],
        "가나약국"
    );

    platform
        .run(&format!(
            "update institutions set name = '다라약국' where id = {id}"
        ))
        .await;
    platform
        .run(&format!(
            "insert into opening_hours values ({id}, 1, 540, 1080)"
        ))
        .await;
    platform
        .run(&format!(
            "insert into institution_departments values ({id}, 14, null)"
        ))
        .await;
    let pharmacy = document(&following.now(&platform).await, Institution(id));
    assert_eq!(pharmacy["name"], "다라약국");
    assert_eq!(pharmacy["hours"][0]["opens"], 540);
    assert_eq!(pharmacy["departments"][0]["former_name"], "비뇨기과");

    platform
        .run("update departments set name = '비뇨기의학과' where id = 14")
        .await;
    let pharmacy = document(&following.now(&platform).await, Institution(id));
    assert_eq!(pharmacy["departments"][0]["name"], "비뇨기의학과");

    let moved = id + 1_000;
    platform
        .run(&format!(
            "delete from opening_hours where institution_id = {id}"
        ))
        .await;
    platform
        .run(&format!(
            "delete from institution_departments where institution_id = {id}"
        ))
        .await;
    platform
        .run(&format!(
            "update institutions set id = {moved} where id = {id}"
        ))
        .await;
    let live = following.now(&platform).await;
    assert_eq!(
        document(&live, Institution(id)),
        Value::Null,
        "the key before"
    );
    assert_eq!(
        document(&live, Institution(moved))["name"],
        "다라약국",
        "the key after"
    );

    platform
        .run(&format!("delete from institutions where id = {moved}"))
        .await;
    assert_eq!(
        document(&following.now(&platform).await, Institution(moved)),
        Value::Null
    );
}

#[tokio::test]
async fn only_published_articles_are_documents() {
    let platform = Platform::new().await;
    let following = platform.follow();
    platform
        .run(
            "insert into articles (id, slug, title, summary, body, status) values (7, 'cold', '감기', '요약', '본문', 'draft');
             insert into article_topics values (7, '질환');",
        )
        .await;
    assert_eq!(
        document(&following.now(&platform).await, Article(7)),
        Value::Null
    );
    platform
        .run("update articles set status = 'published', published_on = '2026-01-02' where id = 7")
        .await;
    let article = document(&following.now(&platform).await, Article(7));
    assert_eq!(
        (&article["title"], &article["topics"][0]),
        (&"감기".into(), &"질환".into())
    );
    platform
        .run("update articles set status = 'withdrawn' where id = 7")
        .await;
    assert_eq!(
        document(&following.now(&platform).await, Article(7)),
        Value::Null
    );
}

#[tokio::test]
async fn a_later_start_goes_on_where_the_index_stands() {
    let platform = Platform::new().await;
    let first = platform.add_pharmacy("처음약국").await;
    let following = platform.follow();
    let generation = following.now(&platform).await.generation;
    drop(following);
    let second = platform.add_pharmacy("나중약국").await;
    let following = platform.follow();
    let live = following.now(&platform).await;
    assert_eq!(live.generation, generation, "not built anew");
    assert_eq!(document(&live, Institution(first))["name"], "처음약국");
    assert_eq!(document(&live, Institution(second))["name"], "나중약국");
    assert_eq!(
        following.live.progress().upserts,
        1,
        "nothing but the new one"
    );
}

#[tokio::test]
async fn a_change_that_changes_nothing_writes_nothing() {
    let platform = Platform::new().await;
    let id = platform.add_pharmacy("그대로약국").await;
    let following = platform.follow();
    following.now(&platform).await;
    let commits = following.live.progress().commits;
    // The row changes, the document does not: nobody searches for the time of the last change.
    platform
        .run(&format!(
            "update institutions set updated_at = updated_at + interval 1 second where id = {id}"
        ))
        .await;
    following.now(&platform).await;
    assert_eq!(following.live.progress().changes, 1);
    assert_eq!(following.live.progress().commits, commits);
}

#[tokio::test]
async fn a_new_generation_is_taken_up_without_going_back_in_time() {
    let platform = Platform::new().await;
    let id = platform.add_pharmacy("하나약국").await;
    let following = platform.follow();
    let before = following.now(&platform).await.generation;
    let generation = platform.indexer().await.rebuild().await.unwrap();
    assert!(generation > before);
    platform
        .run(&format!(
            "update institutions set name = '둘약국' where id = {id}"
        ))
        .await;
    let mut live = following.now(&platform).await;
    while live.generation != generation {
        platform.run(&format!("update institutions set doctor_count = coalesce(doctor_count, 0) + 1 where id = {id}")).await;
        live = following.now(&platform).await;
        assert_eq!(document(&live, Institution(id))["name"], "둘약국");
    }
}

#[tokio::test]
async fn a_truncated_table_and_a_transaction_of_thousands_of_rows_are_followed() {
    let platform = Platform::new().await;
    let following = platform.follow();
    following.now(&platform).await;
    platform
        .run(
            "insert into institutions (registry, official_code, name, kind)
             with recursive n as (select 1 as i union all select i + 1 from n where i < 900)
             select 'sample', concat(a.i, '-', b.i), concat('약국', a.i), 'pharmacy' from n a join n b on b.i <= 7",
        )
        .await;
    let live = following.now(&platform).await;
    assert_eq!(live.searcher.num_docs(), 6_300 + holidays(&platform).await);
    platform
        .run("set foreign_key_checks = 0; truncate table institutions; set foreign_key_checks = 1")
        .await;
    let live = following.settled(&platform).await;
    assert_eq!(live.searcher.num_docs(), holidays(&platform).await);
}

async fn holidays(platform: &Platform) -> u64 {
    let count: i64 = sqlx::query_scalar("select count(*) from public_holidays")
        .fetch_one(&platform.pool)
        .await
        .unwrap();
    count.try_into().unwrap()
}

#[tokio::test]
async fn a_position_that_never_comes_is_an_error_that_names_it() {
    let platform = Platform::new().await;
    let following = platform.follow();
    following.now(&platform).await;
    let far: cdc::Position = "0-1-999999999".parse().unwrap();
    let error = following
        .live
        .wait_for(&far, std::time::Duration::ZERO)
        .await
        .err()
        .unwrap()
        .to_string();
    assert!(error.contains("did not reach 0-1-999999999"), "{error}");
}

#[tokio::test]
async fn an_index_of_another_database_is_built_anew() {
    let (platform, other) = (Platform::new().await, Platform::new().await);
    let id = platform.add_pharmacy("이쪽약국").await;
    platform.indexer().await.rebuild().await.unwrap();
    let options = indexer::Options {
        database_url: other.url.clone(),
        ..platform.options()
    };
    let following = other.follow_with(options);
    let live = following.now(&other).await;
    assert_eq!(live.generation, 2);
    assert_eq!(document(&live, Institution(id)), Value::Null);
}

#[tokio::test]
async fn an_index_is_warmed_before_searches_see_it() {
    let platform = Platform::new().await;
    platform.add_pharmacy("하나약국").await;
    let following = platform.follow();
    following.now(&platform).await;
    let (warmed, mut warmings) = mpsc::unbounded_channel();
    let shown = following.live.clone();
    following.live.warm_with(move |index| {
        let before = shown.current().map(|shown| shown.position().clone());
        let documents = index.searcher.num_docs();
        // Nobody listens any more when the test is over.
        let _ = warmed.send((before, index.position.clone(), documents));
    });
    let before = platform.position().await;
    platform.add_pharmacy("둘약국").await;
    let after = following.now(&platform).await;
    let (shown, warm) = loop {
        let (shown, warm, documents) = warmings.recv().await.unwrap();
        if documents == after.searcher.num_docs() {
            break (shown.unwrap(), warm);
        }
    };
    assert_eq!(shown.covers(&warm), Some(false), "{shown} {warm}");
    assert_eq!(warm.covers(&before), Some(true), "{warm} {before}");
}
