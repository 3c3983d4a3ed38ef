//! Sample data: synthetic institutions from a seed, and our own articles, so that everything can be tried without any registry's file.
//!
//! The institutions are made up and marked as such: their registry is `sample`, their codes are `SAMPLE-000001` and so on, and their
//! telephone numbers have an exchange (`0000`) that nobody can be given. Districts and roads are real, places within them are not.
//! The same seed always gives the same rows, and fewer rows are the beginning of more, so a second run changes nothing.

mod articles;
mod institutions;
mod parking;
mod parts;
mod week;

use sqlx::MySqlPool;

use crate::articles::{BATCH_ARTICLES_MAX, NewArticle};
use crate::departments::{self, Department};
use crate::import::progress::Extent;
use crate::import::{Progress, Summary};
use crate::institutions::{BATCH_ROWS_MAX, NewInstitution, Registry};
use crate::{Error, articles as stored_articles, institutions as stored_institutions};

/// Enough to fill every province with every kind, and loaded within seconds.
pub const INSTITUTIONS_DEFAULT: u32 = 3_000;

/// More than the whole country has; also what six digits of a code can tell apart with room to spare.
pub const INSTITUTIONS_MAX: u32 = 200_000;

/// Upserts `institutions_count` synthetic institutions (at most [`INSTITUTIONS_MAX`]; what is above counts for that) made from `seed`,
/// and the articles built into the program.
///
/// # Errors
/// [`Error::Database`]; [`Error::Sample`] when what is built in is broken, which the tests exclude.
pub async fn load(
    pool: &MySqlPool,
    seed: u64,
    institutions_count: u32,
    progress: &mut dyn Progress,
) -> Result<Summary, Error> {
    let departments = departments::list(pool).await?;
    let articles = articles(&departments)?;
    let count = institutions_count.min(INSTITUTIONS_MAX) as usize;
    progress.start("예시 데이터", Extent::Rows((count + articles.len()) as u64));
    let mut summary = Summary::default();
    let mut rows = institutions(seed, &departments)?;
    for start in (0..count).step_by(BATCH_ROWS_MAX) {
        let batch: Vec<_> = rows
            .by_ref()
            .take(BATCH_ROWS_MAX.min(count - start))
            .collect();
        summary.add_upserted(stored_institutions::save(pool, Registry::Sample, &batch).await?);
        progress.advance(&summary, summary.read);
    }
    for batch in articles.chunks(BATCH_ARTICLES_MAX) {
        summary.add_upserted(stored_articles::save(pool, batch).await?);
        progress.advance(&summary, summary.read);
    }
    progress.finish(&summary);
    Ok(summary)
}

/// The synthetic institutions of a seed, endlessly.
fn institutions(
    seed: u64,
    departments: &[Department],
) -> Result<impl Iterator<Item = NewInstitution>, Error> {
    let parts = parts::Parts::load(departments)?;
    institutions::Generator::new(seed, parts)
}

/// The articles built into the program.
fn articles(departments: &[Department]) -> Result<Vec<NewArticle>, Error> {
    let parse = |(slug, text): &(&str, &str)| {
        NewArticle::parse(slug, text, departments).map_err(|err| {
            Error::Sample(format!(
                "{slug}.md, line {}, {} {:?}: {err}",
                err.line, err.key, err.value
            ))
        })
    };
    articles::ARTICLES.iter().map(parse).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::institutions::{Address, Told};

    #[test]
    fn addresses_are_what_the_import_would_make_of_their_lines() {
        let department = |(name, id): (&str, u16)| Department {
            id,
            name: name.to_owned(),
            former_name: None,
        };
        let departments: Vec<_> = parts::department_names().zip(1..).map(department).collect();
        for new in institutions(3, &departments).unwrap().take(2_000) {
            let Told::Value(address) = new.address else {
                panic!("{} has no address", new.name);
            };
            assert_eq!(Address::parse(address.full.as_deref().unwrap()), address);
        }
    }
}
