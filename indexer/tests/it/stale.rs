//! Tables that change in a way that the stream does not tell are read again, without keeping anything else waiting.

use indexer::DirtyKey::Institution;

use crate::support::{PATIENCE, Platform, document};

/// Enough for a scan of three steps.
const MANY: &str = "insert into institutions (registry, official_code, name, kind)
    with recursive n as (select 1 as i union all select i + 1 from n where i < 35)
    select 'sample', concat(a.i, '-', b.i), concat('약국', a.i), 'pharmacy' from n a join n b";

#[tokio::test]
async fn a_change_is_searchable_while_a_scan_is_under_way() {
    let platform = Platform::new().await;
    let id = platform.add_pharmacy("하나약국").await;
    platform.run(MANY).await;
    let following = platform.follow();
    let before = following.now(&platform).await;
    let scanned = following.live.progress().scanned;
    // The scan begins, and can't pass its last row.
    let mut holder = platform.pool.begin().await.unwrap();
    sqlx::query("select id from institutions order by id desc limit 1 for update")
        .execute(&mut *holder)
        .await
        .unwrap();
    platform
        .run("alter table opening_hours add column note text")
        .await;
    following
        .progress(|progress| progress.scanned > scanned)
        .await;
    platform
        .run(&format!(
            "update institutions set name = '둘약국' where id = {id}"
        ))
        .await;
    let live = following.now(&platform).await;
    assert_eq!(document(&live, Institution(id))["name"], "둘약국");
    let progress = following.live.progress();
    assert!(
        progress.stale_tables.contains("opening_hours"),
        "{progress:?}"
    );
    holder.rollback().await.unwrap();
    let after = following.settled(&platform).await;
    assert_eq!(after.searcher.num_docs(), before.searcher.num_docs());
    let report = platform.indexer().await.verify(PATIENCE).await.unwrap();
    assert_eq!(report.differences, []);
}

#[tokio::test]
async fn a_stale_table_reads_its_own_noun_again_and_no_other() {
    let platform = Platform::new().await;
    platform.add_pharmacy("하나약국").await;
    let following = platform.follow();
    following.settled(&platform).await;
    let scanned = following.live.progress().scanned;
    platform
        .run("alter table heartbeats add column note text")
        .await;
    following.settled(&platform).await;
    assert_eq!(following.live.progress().scanned, scanned);
    platform
        .run("alter table public_holidays add column note text")
        .await;
    following.settled(&platform).await;
    let holidays: i64 = sqlx::query_scalar("select count(*) from public_holidays")
        .fetch_one(&platform.pool)
        .await
        .unwrap();
    let again = following.live.progress().scanned - scanned;
    assert_eq!(again, u64::try_from(holidays).unwrap());
}

#[tokio::test]
async fn rows_that_went_unseen_go_from_the_index() {
    let platform = Platform::new().await;
    let following = platform.follow();
    assert!(!following.now(&platform).await.holidays.is_empty());
    platform.run("truncate table public_holidays").await;
    assert!(following.settled(&platform).await.holidays.is_empty());
}

#[tokio::test]
async fn verify_reads_stale_tables_first() {
    let platform = Platform::new().await;
    let indexer = platform.indexer().await;
    indexer.rebuild().await.unwrap();
    platform.run("truncate table public_holidays").await;
    let report = indexer.verify(PATIENCE).await.unwrap();
    assert_eq!(report.differences, []);
}

#[tokio::test]
async fn a_missing_table_is_waited_for() {
    let platform = Platform::new().await;
    let following = platform.follow();
    following.now(&platform).await;
    platform
        .run("rename table public_holidays to elsewhere")
        .await;
    let says = |problem: &Option<String>| {
        problem
            .as_ref()
            .is_some_and(|text| text.contains("jinmaek database migrate"))
    };
    following.progress(|progress| says(&progress.problem)).await;
    platform
        .run("rename table elsewhere to public_holidays")
        .await;
    let id = platform.add_pharmacy("하나약국").await;
    let live = following.settled(&platform).await;
    assert_eq!(document(&live, Institution(id))["name"], "하나약국");
    assert!(!live.holidays.is_empty());
}
