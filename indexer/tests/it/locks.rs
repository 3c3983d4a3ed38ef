//! A transaction that stays open keeps its own rows from the index, and no others.

use indexer::DirtyKey::Institution;

use crate::support::{Platform, document};

#[tokio::test]
async fn an_open_transaction_does_not_keep_other_rows_waiting() {
    let platform = Platform::new().await;
    let held = platform.add_pharmacy("잡힌약국").await;
    let free = platform.add_pharmacy("놓인약국").await;
    platform
        .run(&format!(
            "insert into institution_departments values ({held}, 14, null), ({free}, 14, null)"
        ))
        .await;
    let following = platform.follow();
    following.now(&platform).await;
    let rename = format!("update institutions set name = '바뀐약국' where id = {held}");
    for (department, ends_well) in [("가과", false), ("나과", true)] {
        let mut transaction = platform.pool.begin().await.unwrap();
        sqlx::query(sqlx::AssertSqlSafe(rename.clone()))
            .execute(&mut *transaction)
            .await
            .unwrap();
        // Both documents are dirty; one of them can't be read.
        platform
            .run(&format!(
                "update departments set name = '{department}' where id = 14"
            ))
            .await;
        let live = following.now(&platform).await;
        assert_eq!(
            document(&live, Institution(free))["departments"][0]["name"],
            department
        );
        assert_eq!(following.live.progress().postponed, 1);
        if ends_well {
            transaction.commit().await.unwrap();
        } else {
            transaction.rollback().await.unwrap();
        }
        let live = following.settled(&platform).await;
        let document = document(&live, Institution(held));
        assert_eq!(document["departments"][0]["name"], department);
        let name = if ends_well {
            "바뀐약국"
        } else {
            "잡힌약국"
        };
        assert_eq!(document["name"], name);
    }
}
