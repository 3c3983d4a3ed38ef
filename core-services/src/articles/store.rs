//! SQL of articles: one batch is read and locked, compared here, and only what differs is written.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;
use sqlx::{MySql, MySqlConnection, QueryBuilder, Type};

use super::{NewArticle, Status};
use crate::Error;
use crate::db::{Upserted, push_list};

/// Brings `batch` into the tables: call it inside a transaction. What is equal is not touched.
///
/// # Errors
/// [`Error::Database`] or [`Error::Constraint`].
pub async fn upsert(
    connection: &mut MySqlConnection,
    batch: &[NewArticle],
) -> Result<Upserted, Error> {
    let mut upserted = Upserted::default();
    if batch.is_empty() {
        return Ok(upserted);
    }
    let stored = lock(connection, batch).await?;
    for new in batch {
        let Some((id, stored)) = stored.get(&new.slug) else {
            let id = insert(connection, new).await?;
            write_lists(connection, id, &unlisted(new), new).await?;
            upserted.inserted += 1;
            continue;
        };
        if stored == new {
            upserted.unchanged += 1;
            continue;
        }
        let row_differs = with_lists_of(stored, new) != *new;
        if row_differs {
            update(connection, *id, new).await?;
        }
        write_lists(connection, *id, stored, new).await?;
        upserted.changed += 1;
    }
    Ok(upserted)
}

/// `new` without its lists: what an article begins with.
fn unlisted(new: &NewArticle) -> NewArticle {
    NewArticle {
        topics: BTreeSet::new(),
        kcd_codes: BTreeSet::new(),
        department_ids: BTreeSet::new(),
        ..new.clone()
    }
}

/// `stored` with the lists of `new`: what is left to differ is the row itself.
fn with_lists_of(stored: &NewArticle, new: &NewArticle) -> NewArticle {
    NewArticle {
        topics: new.topics.clone(),
        kcd_codes: new.kcd_codes.clone(),
        department_ids: new.department_ids.clone(),
        ..stored.clone()
    }
}

#[derive(sqlx::FromRow)]
struct ArticleRow {
    id: u64,
    slug: String,
    title: String,
    summary: String,
    body: String,
    reviewer: Option<String>,
    published_on: Option<NaiveDate>,
    revised_on: Option<NaiveDate>,
    status: Status,
}

/// The stored articles of `batch`, locked until the transaction ends; by slug.
async fn lock(
    connection: &mut MySqlConnection,
    batch: &[NewArticle],
) -> Result<HashMap<String, (u64, NewArticle)>, Error> {
    let mut query = QueryBuilder::new(
        "select id, slug, title, summary, body, reviewer, published_on, revised_on, status from articles where slug in (",
    );
    push_list(&mut query, batch.iter().map(|new| new.slug.as_str()));
    query.push(") for update");
    let rows: Vec<ArticleRow> = query
        .build_query_as()
        .persistent(false)
        .fetch_all(&mut *connection)
        .await?;
    if rows.is_empty() {
        return Ok(HashMap::new());
    }
    let ids: Vec<u64> = rows.iter().map(|row| row.id).collect();
    let mut topics = lock_list(
        connection,
        "select article_id, topic from article_topics",
        &ids,
    )
    .await?;
    let mut kcd_codes = lock_list(
        connection,
        "select article_id, kcd_code from article_kcd_codes",
        &ids,
    )
    .await?;
    let mut departments = lock_list(
        connection,
        "select article_id, department_id from article_departments",
        &ids,
    )
    .await?;
    let articles = rows.into_iter().map(|row| {
        let article = NewArticle {
            slug: row.slug.clone(),
            title: row.title,
            summary: row.summary,
            body: row.body,
            reviewer: row.reviewer,
            published_on: row.published_on,
            revised_on: row.revised_on,
            status: row.status,
            topics: topics.remove(&row.id).unwrap_or_default(),
            kcd_codes: kcd_codes.remove(&row.id).unwrap_or_default(),
            department_ids: departments.remove(&row.id).unwrap_or_default(),
        };
        (row.slug, (row.id, article))
    });
    Ok(articles.collect())
}

async fn lock_list<T>(
    connection: &mut MySqlConnection,
    select: &'static str,
    ids: &[u64],
) -> Result<HashMap<u64, BTreeSet<T>>, Error>
where
    T: Ord + Send + Unpin + Type<MySql> + for<'r> sqlx::Decode<'r, MySql>,
{
    let mut query = QueryBuilder::new(select);
    query.push(" where article_id in (");
    push_list(&mut query, ids.iter().copied());
    query.push(") for update");
    let rows: Vec<(u64, T)> = query
        .build_query_as()
        .persistent(false)
        .fetch_all(connection)
        .await?;
    let mut lists: HashMap<u64, BTreeSet<T>> = HashMap::new();
    for (id, value) in rows {
        lists.entry(id).or_default().insert(value);
    }
    Ok(lists)
}

async fn insert(connection: &mut MySqlConnection, new: &NewArticle) -> Result<u64, Error> {
    let inserted = sqlx::query!(
        "insert into articles (slug, title, summary, body, reviewer, published_on, revised_on, status) values (?, ?, ?, ?, ?, ?, ?, ?)",
        new.slug,
        new.title,
        new.summary,
        new.body,
        new.reviewer,
        new.published_on,
        new.revised_on,
        new.status,
    )
    .execute(connection)
    .await?;
    Ok(inserted.last_insert_id())
}

async fn update(connection: &mut MySqlConnection, id: u64, new: &NewArticle) -> Result<(), Error> {
    sqlx::query!(
        "update articles set title = ?, summary = ?, body = ?, reviewer = ?, published_on = ?, revised_on = ?, status = ? where id = ?",
        new.title,
        new.summary,
        new.body,
        new.reviewer,
        new.published_on,
        new.revised_on,
        new.status,
        id,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Brings the topics, codes and departments of article `id` from `stored` to `new`.
async fn write_lists(
    connection: &mut MySqlConnection,
    id: u64,
    stored: &NewArticle,
    new: &NewArticle,
) -> Result<(), Error> {
    for topic in stored.topics.difference(&new.topics) {
        sqlx::query!(
            "delete from article_topics where article_id = ? and topic = ?",
            id,
            topic
        )
        .execute(&mut *connection)
        .await?;
    }
    for topic in new.topics.difference(&stored.topics) {
        sqlx::query!(
            "insert into article_topics (article_id, topic) values (?, ?)",
            id,
            topic
        )
        .execute(&mut *connection)
        .await?;
    }
    for code in stored.kcd_codes.difference(&new.kcd_codes) {
        sqlx::query!(
            "delete from article_kcd_codes where article_id = ? and kcd_code = ?",
            id,
            code
        )
        .execute(&mut *connection)
        .await?;
    }
    for code in new.kcd_codes.difference(&stored.kcd_codes) {
        sqlx::query!(
            "insert into article_kcd_codes (article_id, kcd_code) values (?, ?)",
            id,
            code
        )
        .execute(&mut *connection)
        .await?;
    }
    for department_id in stored.department_ids.difference(&new.department_ids) {
        sqlx::query!(
            "delete from article_departments where article_id = ? and department_id = ?",
            id,
            department_id
        )
        .execute(&mut *connection)
        .await?;
    }
    for department_id in new.department_ids.difference(&stored.department_ids) {
        sqlx::query!(
            "insert into article_departments (article_id, department_id) values (?, ?)",
            id,
            department_id
        )
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}
