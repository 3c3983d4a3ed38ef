//! Verify: every document of the index against the tables, at the same position.

use std::collections::HashSet;
use std::fmt;
use std::time::Duration;

use cdc::Position;
use serde_json::Value;
use tokio::time::{Instant, sleep, timeout};

use crate::dirty::{DirtyKey, Noun};
use crate::documents;
use crate::engines::Engine;
use crate::engines::tantivy::Payload;
use crate::error::Error;
use crate::indexer::Indexer;
use crate::live::LiveHandle;

/// Keys that are read and compared at a time.
const CHUNK_KEYS: u32 = 500;
/// A document may change between the reading of the index and of its row. What still differs after so many looks, each
/// at a later position, differs.
const LOOKS_MAX: u32 = 5;
/// How often the index of another process is looked at while it catches up.
const LOOK_PERIOD: Duration = Duration::from_millis(100);

/// What was found.
#[derive(Debug)]
pub struct Report {
    /// Documents compared.
    pub documents: usize,
    /// Position of the last look.
    pub position: Position,
    /// What differs, by key.
    pub differences: Vec<Difference>,
}

/// A document that is not what the tables say.
#[derive(Debug, PartialEq, Eq)]
pub struct Difference {
    /// Which one.
    pub key: DirtyKey,
    /// How it differs.
    pub kind: DifferenceKind,
}

/// How a document differs.
#[derive(Debug, PartialEq, Eq)]
pub enum DifferenceKind {
    /// The tables have it, the index has not.
    Missing,
    /// The index has it, the tables have not.
    Extra,
    /// These fields differ.
    Fields(Vec<String>),
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            DifferenceKind::Missing => write!(f, "{}: not in the index", self.key),
            DifferenceKind::Extra => write!(f, "{}: in the index, but not in the tables", self.key),
            DifferenceKind::Fields(fields) => {
                write!(f, "{}: differs in {}", self.key, fields.join(", "))
            }
        }
    }
}

impl Indexer {
    /// Compares every document with the tables. When no other process follows the stream, the index is brought up to date
    /// first; otherwise it is waited for, at most `patience`.
    ///
    /// # Errors
    /// [`Error::Missing`] without an index, [`Error::Behind`] when the other process does not catch up.
    pub async fn verify(&self, patience: Duration) -> Result<Report, Error> {
        let (mut position, mut index) = self.index_at_present(patience).await?;
        let (documents, mut suspects) = self.compare_all(index.as_ref()).await?;
        for _ in 1..LOOKS_MAX {
            if suspects.is_empty() {
                break;
            }
            let keys: Vec<DirtyKey> = suspects.iter().map(|difference| difference.key).collect();
            (position, index) = self.index_at_present(patience).await?;
            suspects = self.compare(index.as_ref(), &keys).await?;
        }
        Ok(Report {
            documents,
            position,
            differences: suspects,
        })
    }

    /// The live index, once it covers where the database stands now.
    async fn index_at_present(
        &self,
        patience: Duration,
    ) -> Result<(Position, Box<dyn Engine>), Error> {
        let wanted = self.server_position().await?;
        let started = Instant::now();
        loop {
            let engine = self.live_generation().await?;
            let payload = engine.payload().await?;
            let waiting = payload.as_ref().map(waiting).unwrap_or_default();
            let reached = payload
                .map(|payload| payload.cursor.position)
                .unwrap_or_default();
            let is_there = reached.covers(&wanted) == Some(true);
            if is_there && waiting.is_empty() {
                return Ok((reached, engine));
            }
            let unsettled = Error::Unsettled {
                waiting,
                seconds: patience.as_secs(),
            };
            match self.pipeline(engine, LiveHandle::default()).await {
                Ok(mut pipeline) => {
                    let mut stream = self.stream(reached).await?;
                    self.catch_up(&mut pipeline, &mut stream, &wanted).await?;
                    let left = patience.saturating_sub(started.elapsed());
                    match timeout(left, pipeline.settle()).await {
                        Ok(settled) => settled?,
                        Err(_) => return Err(unsettled),
                    }
                    pipeline.close().await?;
                }
                Err(Error::Locked(_)) if started.elapsed() < patience => sleep(LOOK_PERIOD).await,
                Err(Error::Locked(_)) if is_there => return Err(unsettled),
                Err(Error::Locked(_)) => {
                    return Err(Error::Behind {
                        wanted: Box::new(wanted),
                        reached: Box::new(reached),
                        seconds: patience.as_secs(),
                    });
                }
                Err(error) => return Err(error),
            }
        }
    }

    async fn compare_all(&self, index: &dyn Engine) -> Result<(usize, Vec<Difference>), Error> {
        let mut seen = HashSet::new();
        let mut differences = Vec::new();
        let mut extra = Vec::new();
        for noun in Noun::ALL {
            let mut last = None;
            loop {
                let list = || documents::list_keys(&self.pool, noun, last, CHUNK_KEYS);
                let keys = patiently(list).await?;
                let Some(newest) = keys.last() else { break };
                last = Some(*newest);
                differences.extend(self.compare(index, &keys).await?);
                seen.extend(keys);
            }
            let indexed = index.list(noun).await?.into_iter();
            extra.extend(indexed.filter(|key| !seen.contains(key)));
        }
        let documents = seen.len() + extra.len();
        differences.extend(self.compare(index, &extra).await?);
        Ok((documents, differences))
    }

    async fn compare(
        &self,
        index: &dyn Engine,
        keys: &[DirtyKey],
    ) -> Result<Vec<Difference>, Error> {
        let mut differences = Vec::new();
        for chunk in keys.chunks(CHUNK_KEYS as usize) {
            let load = || documents::load(&self.pool, chunk);
            let loaded = patiently(load).await?;
            let mut found = index.find(chunk).await?;
            for key in chunk {
                let indexed = found.remove(key);
                let document = loaded.iter().find(|document| document.key() == *key);
                let kind = match (indexed, document) {
                    (None, None) => continue,
                    (None, Some(_)) => DifferenceKind::Missing,
                    (Some(_), None) => DifferenceKind::Extra,
                    (Some(indexed), Some(document)) => {
                        let source = document.source()?;
                        if indexed == source {
                            continue;
                        }
                        DifferenceKind::Fields(differing_fields(&indexed, &source))
                    }
                };
                differences.push(Difference { key: *key, kind });
            }
        }
        Ok(differences)
    }
}

/// What the index is still to read again, in words.
fn waiting(payload: &Payload) -> String {
    let tables = payload.stale.iter().map(|table| format!("table {table}"));
    let documents = match payload.postponed.len() {
        0 => None,
        count => Some(format!("{count} documents")),
    };
    tables.chain(documents).collect::<Vec<_>>().join(", ")
}

/// Reads again when a transaction had to end first.
async fn patiently<T, Read>(read: impl Fn() -> Read) -> Result<T, Error>
where
    Read: Future<Output = Result<T, Error>>,
{
    for _ in 1..LOOKS_MAX {
        match read().await {
            Err(error) if error.is_blocked() => {}
            result => return result,
        }
    }
    read().await
}

/// Names of the fields whose values differ. Only names: a report may be pasted anywhere.
fn differing_fields(indexed: &str, source: &str) -> Vec<String> {
    let parse = |text| serde_json::from_str::<Value>(text).unwrap_or_default();
    let (indexed, source) = (parse(indexed), parse(source));
    let names = |value: &Value| -> Vec<String> {
        value
            .as_object()
            .map(|object| object.keys().cloned().collect())
            .unwrap_or_default()
    };
    let mut all = names(&indexed);
    all.extend(names(&source));
    all.sort();
    all.dedup();
    all.into_iter()
        .filter(|name| indexed.get(name) != source.get(name))
        .collect()
}
