//! Verify finds every difference between index and tables, and none where there is none.

use indexer::{DifferenceKind, DirtyKey};

use crate::support::{PATIENCE, Platform};

#[tokio::test]
async fn an_index_in_step_has_no_differences() {
    let platform = Platform::new().await;
    platform.add_pharmacy("하나약국").await;
    let indexer = platform.indexer().await;
    indexer.rebuild().await.unwrap();
    // Behind when it is asked: nobody else follows, so verify catches up by itself.
    platform.add_pharmacy("둘약국").await;
    let report = indexer.verify(PATIENCE).await.unwrap();
    assert!(report.documents > 2);
    assert_eq!(report.differences, []);
}

#[tokio::test]
async fn verify_waits_for_the_process_that_follows() {
    let platform = Platform::new().await;
    let following = platform.follow();
    following.now(&platform).await;
    for number in 0..50 {
        platform.add_pharmacy(&format!("약국{number}")).await;
    }
    let report = platform.indexer().await.verify(PATIENCE).await.unwrap();
    assert_eq!(report.differences, []);
}

#[tokio::test]
async fn changes_that_the_binlog_does_not_tell_are_found() {
    let platform = Platform::new().await;
    let (changed, gone) = (
        platform.add_pharmacy("변할약국").await,
        platform.add_pharmacy("사라질약국").await,
    );
    let indexer = platform.indexer().await;
    indexer.rebuild().await.unwrap();
    platform
        .run(&format!(
            "set sql_log_bin = 0;
             update institutions set name = '변한약국', phone = '02-000-0000' where id = {changed};
             delete from institutions where id = {gone};
             insert into institutions (id, registry, official_code, name, kind) values (900, 'sample', 'x', '새약국', 'pharmacy');
             set sql_log_bin = 1"
        ))
        .await;
    let mut found = indexer.verify(PATIENCE).await.unwrap().differences;
    found.sort_by_key(|difference| difference.key);
    let found: Vec<_> = found
        .into_iter()
        .map(|difference| (difference.key, difference.kind))
        .collect();
    let fields = vec!["name".to_owned(), "phone".to_owned()];
    assert_eq!(
        found,
        [
            (
                DirtyKey::Institution(changed),
                DifferenceKind::Fields(fields)
            ),
            (DirtyKey::Institution(gone), DifferenceKind::Extra),
            (DirtyKey::Institution(900), DifferenceKind::Missing),
        ]
    );
}
