//! The server: which generation is live on it, tasks that are waited for, the position document.

use analyzers::Analyzer;
use std::path::{Path, PathBuf};
use std::time::Duration;

use meilisearch_sdk::client::Client;
use meilisearch_sdk::errors::{Error as SdkError, ErrorCode};
use meilisearch_sdk::indexes::Index;
use meilisearch_sdk::task_info::TaskInfo;
use meilisearch_sdk::tasks::Task;
use serde::{Deserialize, Serialize};
use tokio::time::{Instant, sleep};

use super::building::MeilisearchBuilding;
use super::entry::{ENTRY_VERSION, id_of};
use super::generation::{MeilisearchGeneration, Stored};
use super::http::{Http, Key};
use super::lock::Right;
use super::settings::settings;
use crate::dirty::DirtyKey;
use crate::engines::tantivy::{Origin, Payload};
use crate::error::Error;

/// First and longest pause between two looks at a task: a small batch takes some milliseconds, a large one seconds.
const LOOK_PERIOD_MIN: Duration = Duration::from_millis(2);
const LOOK_PERIOD_MAX: Duration = Duration::from_millis(200);
/// A task may have to wait for the tasks of others on the same server; a quarter of an hour is more than a queue.
const TASK_PATIENCE: Duration = Duration::from_secs(900);
/// The document that holds the position.
const POSITION_ID: &str = "position";

/// Which Meilisearch.
#[derive(Clone, Debug)]
pub struct Options {
    /// `http://host:port`.
    pub url: String,
    /// A key that may do everything with the index and its building site.
    pub key: Option<Key>,
    /// Name of the index; the next generation is built in `NAME-next`.
    pub index: String,
}

/// A Meilisearch server and the index on it. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Server {
    client: Client<Http>,
    index: String,
    directory: PathBuf,
    /// What replies are marked with.
    analyzer: Analyzer,
}

/// The document that holds the position, as Meilisearch stores it.
#[derive(Serialize, Deserialize)]
pub(super) struct PositionEntry {
    id: String,
    noun: String,
    pub(super) generation: u64,
    version: u32,
    /// [`Payload`] as JSON: Meilisearch shall not look into it.
    payload: String,
}

impl Server {
    /// `directory` is where the locks are: all processes that write the same index must share it.
    ///
    /// # Errors
    /// When the key can't be sent.
    pub fn new(options: &Options, directory: &Path, analyzer: Analyzer) -> Result<Self, Error> {
        let http = Http::new(options.key.as_ref())?;
        // The HTTP client has the key; the SDK's own copy would show itself in logs.
        let client = Client::new_with_client(options.url.trim_end_matches('/'), None::<&str>, http);
        Ok(Self {
            client,
            index: options.index.clone(),
            directory: directory.to_owned(),
            analyzer,
        })
    }

    /// What replies are marked with.
    pub fn analyzer(&self) -> &Analyzer {
        &self.analyzer
    }

    /// Number of the live generation; `None` before the first.
    ///
    /// # Errors
    /// When the server can't be asked.
    pub async fn live(&self) -> Result<Option<u64>, Error> {
        let entry = self.position_entry(&self.index).await?;
        Ok(entry.map(|entry| entry.generation))
    }

    /// The live generation, if it is one that can be followed.
    ///
    /// # Errors
    /// When the server can't be asked.
    pub async fn open(&self, origin: &Origin) -> Result<Option<MeilisearchGeneration>, Error> {
        let Some(entry) = self.position_entry(&self.index).await? else {
            return Ok(None);
        };
        let is_of = entry
            .payload()
            .is_some_and(|payload| payload.origin == *origin);
        let generation = || MeilisearchGeneration::live(self.clone(), entry.generation);
        Ok(is_of.then(generation))
    }

    /// Makes an empty index for the next generation and throws away what an interrupted build left.
    ///
    /// # Errors
    /// [`Error::Locked`] when another process is building one.
    pub async fn build(&self) -> Result<MeilisearchBuilding, Error> {
        let lock = Right::Build.take(&self.directory)?;
        let number = self.live().await?.unwrap_or(0) + 1;
        self.remove(&self.next()).await?;
        self.create(&self.next()).await?;
        let settled = self.index(&self.next()).set_settings(&settings()).await;
        self.finish(settled?).await?;
        Ok(MeilisearchBuilding::new(self.clone(), number, lock))
    }

    /// The index that searches ask.
    #[must_use]
    pub fn searched(&self) -> Index<Http> {
        self.index(&self.index)
    }

    /// The JSON of a document that searches see.
    ///
    /// # Errors
    /// When the server can't be asked.
    pub async fn find(&self, key: DirtyKey) -> Result<Option<String>, SdkError> {
        match self.searched().get_document::<Stored>(&id_of(key)).await {
            Ok(stored) => Ok(stored.source),
            Err(error) if is_missing(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Where the locks are.
    pub(super) fn directory(&self) -> &Path {
        &self.directory
    }

    pub(super) fn client(&self) -> &Client<Http> {
        &self.client
    }

    /// Name of the live index.
    pub(super) fn name(&self) -> &str {
        &self.index
    }

    /// Name of the building site.
    pub(super) fn next(&self) -> String {
        format!("{}-next", self.index)
    }

    pub(super) fn index(&self, name: &str) -> Index<Http> {
        self.client.index(name)
    }

    pub(super) async fn create(&self, name: &str) -> Result<(), Error> {
        let task = self.client.create_index(name, Some("id")).await?;
        self.finish(task).await
    }

    /// Removes an index, if it is there.
    pub(super) async fn remove(&self, name: &str) -> Result<(), Error> {
        let task = self.client.delete_index(name).await?;
        match self.finish(task).await {
            Err(Error::Meilisearch(error)) if is_missing(&error) => Ok(()),
            result => result,
        }
    }

    /// Waits until a task is done; tasks are worked off in the order in which they came.
    pub(super) async fn finish(&self, task: TaskInfo) -> Result<(), Error> {
        let started = Instant::now();
        let mut pause = LOOK_PERIOD_MIN;
        loop {
            match self.client.get_task(&task).await? {
                Task::Succeeded { .. } => return Ok(()),
                Task::Failed { content } => return Err(SdkError::from(content.error).into()),
                Task::Enqueued { .. } | Task::Processing { .. } => {}
            }
            if started.elapsed() > TASK_PATIENCE {
                return Err(SdkError::Timeout.into());
            }
            sleep(pause).await;
            pause = (pause * 2).min(LOOK_PERIOD_MAX);
        }
    }

    /// The position document of an index; `None` when there is none, or it is of another version.
    pub(super) async fn position_entry(&self, name: &str) -> Result<Option<PositionEntry>, Error> {
        match self
            .index(name)
            .get_document::<PositionEntry>(POSITION_ID)
            .await
        {
            Ok(entry) => Ok(Some(entry).filter(|entry| entry.version == ENTRY_VERSION)),
            Err(error) if is_missing(&error) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

impl PositionEntry {
    pub(super) fn json(generation: u64, payload: &Payload) -> Result<String, Error> {
        let entry = Self {
            id: POSITION_ID.to_owned(),
            noun: POSITION_ID.to_owned(),
            generation,
            version: ENTRY_VERSION,
            payload: serde_json::to_string(payload).map_err(Error::Source)?,
        };
        serde_json::to_string(&entry).map_err(Error::Source)
    }

    /// A payload that can't be read is of another version: there is nothing to go on from.
    pub(super) fn payload(&self) -> Option<Payload> {
        serde_json::from_str(&self.payload).ok()
    }
}

/// Whether the server says that the index or the document is not there.
fn is_missing(error: &SdkError) -> bool {
    let SdkError::Meilisearch(error) = error else {
        return false;
    };
    matches!(
        error.error_code,
        ErrorCode::IndexNotFound | ErrorCode::DocumentNotFound
    )
}
