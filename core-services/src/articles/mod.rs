//! Articles (건강 정보): health texts of our own in CommonMark, with the topics, KCD codes and departments that they are about.
//! A file's text becomes a [`NewArticle`], and [`save`] brings a batch of them into the tables. The slug is an article's identity.

mod model;
pub mod store;

use sqlx::MySqlPool;

pub use model::{ArticleError, Fault, NewArticle, Status, TEXT_BYTES_MAX};

use crate::Error;
use crate::db::{self, Upserted};

/// The articles of one transaction: with their texts they stay below the server's usual limit of 16 MiB for one packet.
pub const BATCH_ARTICLES_MAX: usize = 20;

/// Upserts at most [`BATCH_ARTICLES_MAX`] articles in one transaction. The batch must not hold two articles with the same slug.
///
/// # Errors
/// [`Error::Database`] or [`Error::Constraint`]; then nothing of the batch is stored.
pub async fn save(pool: &MySqlPool, batch: &[NewArticle]) -> Result<Upserted, Error> {
    db::retried(|| save_once(pool, batch)).await
}

async fn save_once(pool: &MySqlPool, batch: &[NewArticle]) -> Result<Upserted, Error> {
    let mut tx = pool.begin().await?;
    let upserted = store::upsert(&mut tx, batch).await?;
    tx.commit().await?;
    Ok(upserted)
}
