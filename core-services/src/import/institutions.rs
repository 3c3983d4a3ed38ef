//! Institutions from a registry's file: a reader thread parses rows into batches, this side writes them.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::pin::pin;

use sqlx::MySqlPool;
use tokio::sync::mpsc;

use super::forms::Form;
use super::progress::Extent;
use super::rows::{self, Row, Stop, unreadable};
use super::{Progress, Reject, Rejects, Summary};
use crate::institutions::{self, BATCH_ROWS_MAX, NewInstitution, Registry};
use crate::{Error, Unreadable};

/// Batches that may wait between reader and writer: enough that neither waits for the other's hiccups.
const BATCHES_WAITING_MAX: usize = 4;

/// Imports the file at `path`. Rows that cannot be used are written to `rejects`. `shutdown` is looked at between batches.
///
/// Of two rows with the same code the first one counts; the other is rejected.
///
/// # Errors
/// [`Error::Unreadable`] when the file (or the rest of it) cannot be understood, [`Error::File`], [`Error::Database`]. The batches before
/// the error are stored.
pub async fn institutions(
    pool: &MySqlPool,
    path: &Path,
    rejects: &mut Rejects,
    progress: &mut dyn Progress,
    shutdown: impl Future<Output = ()>,
) -> Result<Summary, Error> {
    let name = path
        .file_name()
        .unwrap_or(OsStr::new(""))
        .to_string_lossy()
        .into_owned();
    let bytes = tokio::fs::metadata(path)
        .await
        .map_err(|source| Error::File {
            path: path.to_owned(),
            source,
        })?
        .len();
    let mut summary = Summary::default();
    let (sender, mut batches) = mpsc::channel(BATCHES_WAITING_MAX);
    let path: PathBuf = path.to_owned();
    let reader_path = path.clone();
    let reader = tokio::task::spawn_blocking(move || read(&reader_path, &sender));
    let mut shutdown = pin!(shutdown);
    let mut started = false;
    loop {
        let batch: Batch = tokio::select! {
            biased;
            () = &mut shutdown => {
                summary.cut_short = true;
                break;
            }
            batch = batches.recv() => match batch {
                Some(batch) => batch,
                None => break,
            },
        };
        if !started {
            progress.start(
                &name,
                batch
                    .bytes_read
                    .map_or(Extent::Unknown, |_| Extent::Bytes(bytes)),
            );
            started = true;
        }
        for reject in &batch.rejects {
            rejects.add(&name, reject)?;
            summary.add_rejected();
        }
        summary.add_upserted(institutions::save(pool, batch.registry, &batch.institutions).await?);
        progress.advance(&summary, batch.bytes_read.unwrap_or(summary.read));
    }
    drop(batches);
    rejects.flush()?;
    if started {
        progress.finish(&summary);
    }
    reader
        .await
        .map_err(|_| unreadable(&path, Unreadable::ReaderBroke))??;
    Ok(summary)
}

/// Rows on their way to the database.
#[derive(Debug)]
struct Batch {
    registry: Registry,
    institutions: Vec<NewInstitution>,
    rejects: Vec<Reject>,
    bytes_read: Option<u64>,
}

impl Batch {
    fn new(registry: Registry) -> Self {
        Self {
            registry,
            institutions: Vec::with_capacity(BATCH_ROWS_MAX),
            rejects: Vec::new(),
            bytes_read: None,
        }
    }

    fn is_empty(&self) -> bool {
        self.institutions.is_empty() && self.rejects.is_empty()
    }

    fn is_full(&self) -> bool {
        self.institutions.len() + self.rejects.len() >= BATCH_ROWS_MAX
    }
}

/// What the reader knows after the header.
struct Parser {
    form: Form,
    /// Line of each code that has been seen; bounded by the most rows that a file may have.
    lines: HashMap<String, u64>,
    batch: Batch,
}

impl Parser {
    fn new(form: Form) -> Self {
        let batch = Batch::new(form.registry());
        Self {
            form,
            lines: HashMap::new(),
            batch,
        }
    }

    fn add(&mut self, row: &Row) {
        self.batch.bytes_read = row.bytes_read;
        match self.form.institution(row) {
            Ok(new) => match self.lines.entry(new.official_code.key()) {
                std::collections::hash_map::Entry::Vacant(entry) => {
                    entry.insert(row.line);
                    self.batch.institutions.push(new);
                }
                std::collections::hash_map::Entry::Occupied(entry) => {
                    self.batch.rejects.push(Reject {
                        line: row.line,
                        column: self.form.code_column().to_owned(),
                        value: new.official_code.as_str().to_owned(),
                        reason: format!("같은 코드가 {}행에 이미 있음", entry.get()),
                    });
                }
            },
            Err(reject) => self.batch.rejects.push(reject),
        }
    }

    fn hand_over(&mut self, batches: &mpsc::Sender<Batch>) -> Result<(), Stop> {
        let batch = std::mem::replace(&mut self.batch, Batch::new(self.form.registry()));
        batches.blocking_send(batch).map_err(|_| Stop::Unwanted)
    }
}

/// Reads the whole file into `batches`; runs on a thread of its own.
fn read(path: &Path, batches: &mpsc::Sender<Batch>) -> Result<(), Error> {
    let mut parser: Option<Parser> = None;
    let outcome = rows::read(path, |row| {
        let Some(parser) = &mut parser else {
            parser = Some(Parser::new(Form::parse(row)?));
            return Ok(());
        };
        parser.add(&row);
        if parser.batch.is_full() {
            parser.hand_over(batches)
        } else {
            Ok(())
        }
    });
    // What was read before an error counts as well.
    if let Some(parser) = &mut parser
        && !parser.batch.is_empty()
    {
        parser.hand_over(batches).ok();
    }
    outcome
}
