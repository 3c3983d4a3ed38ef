//! What the pool promises, and constraints by name.

use core_services::Error;
use core_services::db::OnConstraint;

use crate::support::TestDatabase;

#[tokio::test]
async fn sessions_are_in_utc_and_utf8mb4() {
    let database = TestDatabase::new().await;
    assert_eq!(
        database
            .rows("select @@time_zone, @@character_set_client, @@character_set_results")
            .await,
        ["+00:00|utf8mb4|utf8mb4"]
    );
}

#[tokio::test]
async fn a_violated_constraint_is_told_by_name() {
    let database = TestDatabase::new().await;
    let insert = async |name: &str, postal_code: &str| -> Result<(), Error> {
        sqlx::query("insert into institutions (registry, official_code, name, kind, postal_code) values ('egen', 'A', ?, 'other', ?)")
            .bind(name)
            .bind(postal_code)
            .execute(&database.pool)
            .await?;
        Ok(())
    };
    let constraint = |outcome: Result<(), Error>| match outcome {
        Err(Error::Constraint { constraint, .. }) => constraint,
        other => panic!("{other:?}"),
    };
    assert_eq!(
        constraint(insert(" ", "12345").await),
        "institutions_name_not_blank"
    );
    assert_eq!(
        constraint(insert("약국", "1234x").await),
        "institutions_postal_code_digits"
    );
    insert("약국", "12345").await.unwrap();
    let again = insert("약국", "12345")
        .await
        .on_constraint("institutions_official_code_unique", || {
            Error::Sample("twice".into())
        });
    assert!(matches!(again, Err(Error::Sample(_))), "{again:?}");
}
