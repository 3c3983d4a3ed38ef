//! SQL of the counts of searches.

use chrono::NaiveDate;
use sqlx::QueryBuilder;
use sqlx::mysql::MySqlPool;

use super::model::{
    NewCount, POPULAR_MAX, POPULAR_MIN, QueryRow, SearchedNoun, first_kept, first_popular,
};
use crate::Error;
use crate::db;

/// Counts of one statement: five parameters each, far below the 65,535 that a statement may have.
const COUNTS_PER_STATEMENT: usize = 1_000;

/// Which queries are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// All, the most frequent first.
    Searches,
    /// Those that found nothing, the most frequent of them first.
    FoundNothing,
}

/// A part of a list.
#[derive(Clone, Copy, Debug)]
pub struct Part {
    /// Rows to pass over.
    pub offset: u32,
    /// Rows at most.
    pub limit: u32,
}

/// Adds searches to those of their days.
///
/// # Errors
/// [`Error::Database`], and then none is added.
pub async fn add(pool: &MySqlPool, counts: &[NewCount]) -> Result<(), Error> {
    db::retried(|| async {
        let mut tx = pool.begin().await?;
        for counts in counts.chunks(COUNTS_PER_STATEMENT) {
            let mut query = QueryBuilder::new(
                "insert into search_queries (day, noun, query, searches, found_nothing) ",
            );
            query.push_values(counts, |mut row, count| {
                row.push_bind(count.day)
                    .push_bind(count.noun)
                    .push_bind(&count.query)
                    .push_bind(count.searches)
                    .push_bind(count.found_nothing);
            });
            query.push(
                " on duplicate key update searches = searches + values(searches), \
                 found_nothing = found_nothing + values(found_nothing)",
            );
            query.build().persistent(false).execute(&mut *tx).await?;
        }
        tx.commit().await?;
        Ok(())
    })
    .await
}

/// Forgets what is older than it may be; how many rows that was.
///
/// # Errors
/// [`Error::Database`].
pub async fn delete_old(pool: &MySqlPool, today: NaiveDate) -> Result<u64, Error> {
    let first = first_kept(today);
    db::retried(|| async {
        let deleted = sqlx::query!("delete from search_queries where day < ?", first)
            .execute(pool)
            .await?;
        Ok(deleted.rows_affected())
    })
    .await
}

/// Makes the popular queries those of the last days that found something mostly. What is equal is not touched, so the index has
/// only to follow what differs.
///
/// # Errors
/// [`Error::Database`], and then they stay.
pub async fn renew_popular(pool: &MySqlPool, today: NaiveDate) -> Result<(), Error> {
    let first = first_popular(today);
    db::retried(|| async {
        let mut tx = pool.begin().await?;
        // A page shows institutions beside articles, so the same search is counted for both.
        let popular = sqlx::query!(
            "select query, cast(max(searches) as unsigned) as `searches!: u32` from (\
             select query, sum(searches) as searches from search_queries where day >= ? group by query, noun \
             having sum(found_nothing) * 2 < sum(searches)) as of_nouns \
             group by query having max(searches) >= ? order by 2 desc, query limit ?",
            first,
            POPULAR_MIN,
            POPULAR_MAX
        )
        .fetch_all(&mut *tx)
        .await?;
        let mut delete = QueryBuilder::new("delete from popular_queries");
        if !popular.is_empty() {
            delete.push(" where query not in (");
            db::push_list(&mut delete, popular.iter().map(|row| row.query.as_str()));
            delete.push(")");
        }
        delete.build().persistent(false).execute(&mut *tx).await?;
        if !popular.is_empty() {
            let mut insert = QueryBuilder::new("insert into popular_queries (query, searches) ");
            insert.push_values(&popular, |mut row, popular| {
                row.push_bind(&popular.query).push_bind(popular.searches);
            });
            insert.push(" on duplicate key update searches = values(searches)");
            insert.build().persistent(false).execute(&mut *tx).await?;
        }
        tx.commit().await?;
        Ok(())
    })
    .await
}

/// The queries since a day, and how many there are.
///
/// # Errors
/// [`Error::Database`].
pub async fn list(
    pool: &MySqlPool,
    first: NaiveDate,
    order: Order,
    part: Part,
) -> Result<(Vec<QueryRow>, u64), Error> {
    let rows = match order {
        Order::Searches => {
            sqlx::query_as!(
                QueryRow,
                "select noun as `noun: SearchedNoun`, query, cast(sum(searches) as unsigned) as `searches!: u64`, \
                 cast(sum(found_nothing) as unsigned) as `found_nothing!: u64` from search_queries where day >= ? \
                 group by noun, query order by 3 desc, query, noun limit ? offset ?",
                first,
                part.limit,
                part.offset
            )
            .fetch_all(pool)
            .await?
        }
        Order::FoundNothing => {
            sqlx::query_as!(
                QueryRow,
                "select noun as `noun: SearchedNoun`, query, cast(sum(searches) as unsigned) as `searches!: u64`, \
                 cast(sum(found_nothing) as unsigned) as `found_nothing!: u64` from search_queries where day >= ? \
                 group by noun, query having sum(found_nothing) > 0 order by 4 desc, query, noun limit ? offset ?",
                first,
                part.limit,
                part.offset
            )
            .fetch_all(pool)
            .await?
        }
    };
    let nothing_min = u32::from(order == Order::FoundNothing);
    let total = sqlx::query_scalar!(
        "select cast(count(*) as unsigned) as `total!: u64` from (\
         select 1 from search_queries where day >= ? group by noun, query having sum(found_nothing) >= ?) as queries",
        first,
        nothing_min
    )
    .fetch_one(pool)
    .await?;
    Ok((rows, total))
}
