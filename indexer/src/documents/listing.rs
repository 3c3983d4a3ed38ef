//! Which documents there should be: all keys of the tables, in the order of their primary keys and in bounded chunks. Locking
//! reads, as the loads are: a position may already cover a row that other sessions do not see yet.

use chrono::NaiveDate;
use sqlx::MySqlPool;

use super::locking_read::bounded;
use crate::dirty::{DirtyKey, Noun};
use crate::error::Error;

/// The keys of the noun after `after`, at most `count`; an empty answer is the end.
pub(crate) async fn list_keys(
    pool: &MySqlPool,
    noun: Noun,
    after: Option<DirtyKey>,
    count: u32,
) -> Result<Vec<DirtyKey>, Error> {
    bounded(pool, |mut lease| async move {
        let connection = &mut *lease.connection;
        let keys = match noun {
            Noun::Institution => sqlx::query_scalar!(
                "select id from institutions where id > ? order by id limit ? lock in share mode",
                after.map_or(0, DirtyKey::number),
                count
            )
            .fetch_all(connection)
            .await
            .map(|ids| ids.into_iter().map(DirtyKey::Institution).collect()),
            Noun::Article => sqlx::query_scalar!(
                "select id from articles where id > ? order by id limit ? lock in share mode",
                after.map_or(0, DirtyKey::number),
                count
            )
            .fetch_all(connection)
            .await
            .map(|ids| ids.into_iter().map(DirtyKey::Article).collect()),
            Noun::Holiday => {
                let after = day_of(after);
                sqlx::query_scalar!(
                    "select day from public_holidays where day > ? order by day limit ? lock in share mode",
                    after,
                    count
                )
                .fetch_all(connection)
                .await
                .map(|days| days.into_iter().map(DirtyKey::Holiday).collect())
            }
            Noun::Word => sqlx::query_scalar!(
                "select id from dictionary_words where id > ? order by id limit ? lock in share mode",
                after.map_or(0, DirtyKey::number),
                count
            )
            .fetch_all(connection)
            .await
            .map(|ids| ids.into_iter().map(DirtyKey::Word).collect()),
            Noun::Synonyms => sqlx::query_scalar!(
                "select id from synonym_groups where id > ? order by id limit ? lock in share mode",
                after.map_or(0, DirtyKey::number),
                count
            )
            .fetch_all(connection)
            .await
            .map(|ids| ids.into_iter().map(DirtyKey::Synonyms).collect()),
            Noun::Request => sqlx::query_scalar!(
                "select id from index_requests where id > ? order by id limit ? lock in share mode",
                after.map_or(0, DirtyKey::number),
                count
            )
            .fetch_all(connection)
            .await
            .map(|ids| ids.into_iter().map(DirtyKey::Request).collect()),
            Noun::Query => sqlx::query_scalar!(
                "select id from popular_queries where id > ? order by id limit ? lock in share mode",
                after.map_or(0, DirtyKey::number),
                count
            )
            .fetch_all(connection)
            .await
            .map(|ids| ids.into_iter().map(DirtyKey::Query).collect()),
        };
        lease.answered(keys)
    })
    .await
}

fn day_of(after: Option<DirtyKey>) -> NaiveDate {
    match after {
        Some(DirtyKey::Holiday(day)) => day,
        // The first date that a DATE column holds; chrono's own is out of its range.
        _ => NaiveDate::from_ymd_opt(1, 1, 1).unwrap_or_default(),
    }
}

/// About how many documents the tables make, by the server's statistics.
pub(crate) async fn estimate(pool: &MySqlPool) -> Result<u64, Error> {
    let statement = "select cast(coalesce(sum(table_rows), 0) as unsigned) from information_schema.tables \
        where table_schema = database() and table_name in (?, ?, ?, ?, ?, ?, ?)";
    bounded(pool, |mut lease| async move {
        let query = sqlx::query_scalar(statement);
        let query = Noun::ALL
            .iter()
            .fold(query, |query, noun| query.bind(noun.table()));
        let total = query.fetch_one(&mut *lease.connection).await;
        lease.answered(total)
    })
    .await
}

/// The documents that show the department's name.
pub(crate) async fn affected_by_department(
    pool: &MySqlPool,
    department_id: u64,
) -> Result<Vec<DirtyKey>, Error> {
    let institutions = bounded(pool, |mut lease| async move {
        let ids = sqlx::query_scalar!(
            "select institution_id from institution_departments where department_id = ?",
            department_id
        )
        .fetch_all(&mut *lease.connection)
        .await;
        lease.answered(ids)
    })
    .await?;
    let articles = bounded(pool, |mut lease| async move {
        let ids = sqlx::query_scalar!(
            "select article_id from article_departments where department_id = ?",
            department_id
        )
        .fetch_all(&mut *lease.connection)
        .await;
        lease.answered(ids)
    })
    .await?;
    let institutions = institutions.into_iter().map(DirtyKey::Institution);
    Ok(institutions
        .chain(articles.into_iter().map(DirtyKey::Article))
        .collect())
}
