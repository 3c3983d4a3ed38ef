//! SQL of the operators' dictionary. That a word is there once, and widened by one group only, is left to the unique keys.

use sqlx::mysql::{MySqlExecutor, MySqlPool};
use sqlx::{MySqlConnection, QueryBuilder};

use super::model::{Class, Fault, NewSynonyms, NewWord, SynonymGroup, Word};
use crate::Error;
use crate::db::{self, OnConstraint};

/// Words, and groups of synonyms, of operators. Searches hold all of them in memory, and an index is built with all the words;
/// the lists that are built into the program have not much more.
pub const ROWS_MAX: u32 = 5_000;

/// The unique key of the words.
const WORD_UNIQUE: &str = "dictionary_words_word_unique";

/// A part of a list.
#[derive(Clone, Copy, Debug)]
pub struct Part {
    /// Rows to pass over.
    pub offset: u32,
    /// Rows at most.
    pub limit: u32,
}

/// The words that contain `q`, by their letters, and how many there are.
///
/// # Errors
/// [`Error::Database`].
pub async fn list_words(pool: &MySqlPool, q: &str, part: Part) -> Result<(Vec<Word>, u64), Error> {
    let words = sqlx::query_as!(
        Word,
        "select id, word, parts, note, updated_at from dictionary_words where instr(word, ?) > 0 order by word limit ? offset ?",
        q,
        part.limit,
        part.offset
    )
    .fetch_all(pool)
    .await?;
    let total = sqlx::query_scalar!(
        "select cast(count(*) as unsigned) as `total!: u64` from dictionary_words where instr(word, ?) > 0",
        q
    )
    .fetch_one(pool)
    .await?;
    Ok((words, total))
}

/// One word.
///
/// # Errors
/// [`Error::Database`].
pub async fn find_word(executor: impl MySqlExecutor<'_>, id: u64) -> Result<Option<Word>, Error> {
    let word = sqlx::query_as!(
        Word,
        "select id, word, parts, note, updated_at from dictionary_words where id = ?",
        id
    )
    .fetch_optional(executor)
    .await?;
    Ok(word)
}

/// Adds a word; its number.
///
/// # Errors
/// [`Fault::WordTaken`], [`Fault::Full`], [`Error::Database`].
pub async fn insert_word(executor: impl MySqlExecutor<'_>, new: &NewWord) -> Result<u64, Error> {
    let inserted = sqlx::query!(
        "insert into dictionary_words (word, parts, note) select ?, ?, ? from dual where (select count(*) from dictionary_words) < ?",
        new.word,
        new.parts,
        new.note,
        ROWS_MAX
    )
    .execute(executor)
    .await
    .map_err(Error::from)
    .on_constraint(WORD_UNIQUE, || Fault::WordTaken.into())?;
    match inserted.rows_affected() {
        0 => Err(Fault::Full.into()),
        _ => Ok(inserted.last_insert_id()),
    }
}

/// Puts another word in the place of one; whether it was there.
///
/// # Errors
/// [`Fault::WordTaken`], [`Error::Database`].
pub async fn update_word(
    executor: impl MySqlExecutor<'_>,
    id: u64,
    new: &NewWord,
) -> Result<bool, Error> {
    let updated = sqlx::query!(
        "update dictionary_words set word = ?, parts = ?, note = ? where id = ?",
        new.word,
        new.parts,
        new.note,
        id
    )
    .execute(executor)
    .await
    .map_err(Error::from)
    .on_constraint(WORD_UNIQUE, || Fault::WordTaken.into())?;
    Ok(updated.rows_affected() > 0)
}

/// Removes a word; whether it was there.
///
/// # Errors
/// [`Error::Database`].
pub async fn delete_word(executor: impl MySqlExecutor<'_>, id: u64) -> Result<bool, Error> {
    let deleted = sqlx::query!("delete from dictionary_words where id = ?", id)
        .execute(executor)
        .await?;
    Ok(deleted.rows_affected() > 0)
}

/// The groups of synonyms that contain `q`, by their words, and how many there are.
///
/// # Errors
/// [`Error::Database`].
pub async fn list_synonyms(
    pool: &MySqlPool,
    q: &str,
    part: Part,
) -> Result<(Vec<SynonymGroup>, u64), Error> {
    let groups = sqlx::query_as!(
        SynonymGroup,
        "select id, words, class as `class: Class`, note, updated_at from synonym_groups where instr(words, ?) > 0 order by words, id limit ? offset ?",
        q,
        part.limit,
        part.offset
    )
    .fetch_all(pool)
    .await?;
    let total = sqlx::query_scalar!(
        "select cast(count(*) as unsigned) as `total!: u64` from synonym_groups where instr(words, ?) > 0",
        q
    )
    .fetch_one(pool)
    .await?;
    Ok((groups, total))
}

/// One group of synonyms.
///
/// # Errors
/// [`Error::Database`].
pub async fn find_synonyms(
    executor: impl MySqlExecutor<'_>,
    id: u64,
) -> Result<Option<SynonymGroup>, Error> {
    let group = sqlx::query_as!(
        SynonymGroup,
        "select id, words, class as `class: Class`, note, updated_at from synonym_groups where id = ?",
        id
    )
    .fetch_optional(executor)
    .await?;
    Ok(group)
}

/// Adds a group; its number.
///
/// # Errors
/// [`Fault::SynonymTaken`], [`Fault::Full`], [`Error::Database`].
pub async fn insert_synonyms(pool: &MySqlPool, new: &NewSynonyms) -> Result<u64, Error> {
    db::retried(|| async {
        let mut tx = pool.begin().await?;
        let inserted = sqlx::query!(
            "insert into synonym_groups (words, class, note) select ?, ?, ? from dual where (select count(*) from synonym_groups) < ?",
            new.words,
            new.class,
            new.note,
            ROWS_MAX
        )
        .execute(&mut *tx)
        .await?;
        if inserted.rows_affected() == 0 {
            return Err(Fault::Full.into());
        }
        let id = inserted.last_insert_id();
        insert_keys(&mut tx, id, new).await?;
        tx.commit().await?;
        Ok(id)
    })
    .await
}

/// Puts another group in the place of one; whether it was there.
///
/// # Errors
/// [`Fault::SynonymTaken`], [`Error::Database`].
pub async fn update_synonyms(pool: &MySqlPool, id: u64, new: &NewSynonyms) -> Result<bool, Error> {
    db::retried(|| async {
        let mut tx = pool.begin().await?;
        let updated = sqlx::query!(
            "update synonym_groups set words = ?, class = ?, note = ? where id = ?",
            new.words,
            new.class,
            new.note,
            id
        )
        .execute(&mut *tx)
        .await?;
        if updated.rows_affected() == 0 {
            return Ok(false);
        }
        delete_keys(&mut tx, id).await?;
        insert_keys(&mut tx, id, new).await?;
        tx.commit().await?;
        Ok(true)
    })
    .await
}

/// Removes a group; whether it was there.
///
/// # Errors
/// [`Error::Database`].
pub async fn delete_synonyms(pool: &MySqlPool, id: u64) -> Result<bool, Error> {
    db::retried(|| async {
        let mut tx = pool.begin().await?;
        delete_keys(&mut tx, id).await?;
        let deleted = sqlx::query!("delete from synonym_groups where id = ?", id)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(deleted.rows_affected() > 0)
    })
    .await
}

async fn insert_keys(
    connection: &mut MySqlConnection,
    id: u64,
    new: &NewSynonyms,
) -> Result<(), Error> {
    let mut query = QueryBuilder::new("insert into synonym_keys (word, group_id) ");
    query.push_values(&new.keys, |mut row, word| {
        row.push_bind(word).push_bind(id);
    });
    query
        .build()
        .persistent(false)
        .execute(connection)
        .await
        .map_err(Error::from)
        .on_constraint("PRIMARY", || Fault::SynonymTaken.into())?;
    Ok(())
}

async fn delete_keys(connection: &mut MySqlConnection, id: u64) -> Result<(), Error> {
    sqlx::query!("delete from synonym_keys where group_id = ?", id)
        .execute(connection)
        .await?;
    Ok(())
}

/// Asks every index that follows the database to be built anew; the number of the request. Those before it are answered with
/// it, so only the newest stays.
///
/// # Errors
/// [`Error::Database`].
pub async fn request_rebuild(pool: &MySqlPool) -> Result<u64, Error> {
    db::retried(|| async {
        let mut tx = pool.begin().await?;
        let inserted = sqlx::query!("insert into index_requests () values ()")
            .execute(&mut *tx)
            .await?;
        let id = inserted.last_insert_id();
        sqlx::query!("delete from index_requests where id < ?", id)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(id)
    })
    .await
}
