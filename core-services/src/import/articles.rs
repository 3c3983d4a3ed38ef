//! Articles from a directory of Markdown files; a file's name without `.md` is the slug.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::pin::pin;

use sqlx::MySqlPool;

use super::progress::Extent;
use super::{Progress, Reject, Rejects, Summary};
use crate::articles::{self, BATCH_ARTICLES_MAX, NewArticle, TEXT_BYTES_MAX};
use crate::departments::{self, Department};
use crate::{Error, Unreadable};

/// The most files of a directory: far more than editors write, little enough to be listed and sorted.
const FILES_MAX: usize = 10_000;

/// Imports every `*.md` file in `directory` (not below it). Files that are no article are written to `rejects`. `shutdown` is looked at
/// between batches. An article whose file is gone stays as it is; set its status to `withdrawn` instead.
///
/// # Errors
/// [`Error::File`], [`Error::Unreadable`] when there are too many files, [`Error::Database`]. The batches before the error are stored.
pub async fn articles(
    pool: &MySqlPool,
    directory: &Path,
    rejects: &mut Rejects,
    progress: &mut dyn Progress,
    shutdown: impl Future<Output = ()>,
) -> Result<Summary, Error> {
    let departments = departments::list(pool).await?;
    let paths = list(directory)?;
    progress.start(
        &directory.to_string_lossy(),
        Extent::Rows(paths.len() as u64),
    );
    let mut summary = Summary::default();
    let mut shutdown = pin!(shutdown);
    for paths in paths.chunks(BATCH_ARTICLES_MAX) {
        let batch = tokio::select! {
            biased;
            () = &mut shutdown => {
                summary.cut_short = true;
                break;
            }
            batch = async { read(paths, &departments, rejects, &mut summary) } => batch?,
        };
        summary.add_upserted(articles::save(pool, &batch).await?);
        progress.advance(&summary, summary.read);
    }
    rejects.flush()?;
    progress.finish(&summary);
    Ok(summary)
}

/// The Markdown files of `directory`, sorted by name.
fn list(directory: &Path) -> Result<Vec<PathBuf>, Error> {
    let file_error = |source| Error::File {
        path: directory.to_owned(),
        source,
    };
    let mut paths = Vec::new();
    for entry in directory.read_dir().map_err(file_error)? {
        let path = entry.map_err(file_error)?.path();
        if path.extension().is_some_and(|ending| ending == "md") {
            paths.push(path);
        }
        if paths.len() > FILES_MAX {
            let problem = Unreadable::TooManyRows(FILES_MAX as u64);
            return Err(Error::Unreadable {
                path: directory.to_owned(),
                problem,
            });
        }
    }
    paths.sort();
    Ok(paths)
}

fn read(
    paths: &[PathBuf],
    departments: &[Department],
    rejects: &mut Rejects,
    summary: &mut Summary,
) -> Result<Vec<NewArticle>, Error> {
    let mut batch = Vec::with_capacity(paths.len());
    for path in paths {
        match article(path, departments) {
            Ok(article) => batch.push(article),
            Err(reject) => {
                rejects.add(
                    &path.file_name().unwrap_or_default().to_string_lossy(),
                    &reject,
                )?;
                summary.add_rejected();
            }
        }
    }
    Ok(batch)
}

fn article(path: &Path, departments: &[Department]) -> Result<NewArticle, Reject> {
    let reject = |reason: String| Reject {
        line: 1,
        column: String::new(),
        value: String::new(),
        reason,
    };
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(TEXT_BYTES_MAX as u64 + 1).read_to_end(&mut bytes))
        .map_err(|err| reject(format!("읽을 수 없음: {err}")))?;
    if bytes.len() > TEXT_BYTES_MAX {
        return Err(reject(format!("{TEXT_BYTES_MAX}바이트를 넘음")));
    }
    let text = String::from_utf8(bytes).map_err(|_| reject(String::from("UTF-8이 아님")))?;
    let slug = path.file_stem().unwrap_or_default().to_string_lossy();
    NewArticle::parse(&slug, &text, departments).map_err(|err| Reject {
        line: err.line,
        reason: err.to_string(),
        column: err.key.to_owned(),
        value: err.value,
    })
}
