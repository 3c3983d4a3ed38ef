//! Which documents there should be: all keys of the tables, in the order of their primary keys and in bounded chunks. Locking
//! reads, as the loads are: a position may already cover a row that other sessions do not see yet.

use chrono::NaiveDate;
use sqlx::MySqlPool;

use super::locking_read::retried;
use crate::dirty::DirtyKey;
use crate::error::Error;

/// The keys after `after`, at most `count`; an empty answer is the end. Nouns come one after the other.
pub(crate) async fn list_keys(
    pool: &MySqlPool,
    after: Option<DirtyKey>,
    count: u32,
) -> Result<Vec<DirtyKey>, Error> {
    let after = after.unwrap_or(DirtyKey::Institution(0));
    let mut keys = retried(|| list_noun(pool, after, count)).await?;
    let mut noun = after;
    while keys.is_empty() {
        noun = match noun {
            DirtyKey::Institution(_) => DirtyKey::Article(0),
            DirtyKey::Article(_) => DirtyKey::Holiday(NaiveDate::MIN),
            DirtyKey::Holiday(_) => break,
        };
        keys = retried(|| list_noun(pool, noun, count)).await?;
    }
    Ok(keys)
}

async fn list_noun(
    pool: &MySqlPool,
    after: DirtyKey,
    count: u32,
) -> Result<Vec<DirtyKey>, sqlx::Error> {
    match after {
        DirtyKey::Institution(id) => sqlx::query_scalar!(
            "select id from institutions where id > ? order by id limit ? lock in share mode",
            id,
            count
        )
        .fetch_all(pool)
        .await
        .map(|ids| ids.into_iter().map(DirtyKey::Institution).collect()),
        DirtyKey::Article(id) => sqlx::query_scalar!(
            "select id from articles where id > ? order by id limit ? lock in share mode",
            id,
            count
        )
        .fetch_all(pool)
        .await
        .map(|ids| ids.into_iter().map(DirtyKey::Article).collect()),
        DirtyKey::Holiday(day) => {
            // The first date that a DATE column holds; chrono's own is out of its range.
            let day = day.max(NaiveDate::from_ymd_opt(1, 1, 1).unwrap_or_default());
            sqlx::query_scalar!(
                "select day from public_holidays where day > ? order by day limit ? lock in share mode",
                day,
                count
            )
            .fetch_all(pool)
            .await
            .map(|days| days.into_iter().map(DirtyKey::Holiday).collect())
        }
    }
}

/// The documents that show the department's name.
pub(crate) async fn affected_by_department(
    pool: &MySqlPool,
    department_id: u64,
) -> Result<Vec<DirtyKey>, Error> {
    let institutions = sqlx::query_scalar!(
        "select institution_id from institution_departments where department_id = ?",
        department_id
    )
    .fetch_all(pool)
    .await
    .map_err(Error::Database)?;
    let articles = sqlx::query_scalar!(
        "select article_id from article_departments where department_id = ?",
        department_id
    )
    .fetch_all(pool)
    .await
    .map_err(Error::Database)?;
    let institutions = institutions.into_iter().map(DirtyKey::Institution);
    Ok(institutions
        .chain(articles.into_iter().map(DirtyKey::Article))
        .collect())
}
