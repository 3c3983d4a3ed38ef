//! Who may write: Meilisearch has no locks, so files of the index directory are.

use std::fs::{self, File, OpenOptions};
use std::path::Path;
use std::time::Duration;

use tokio::time::sleep;

use crate::error::Error;

/// How often a lock that is held for moments is asked for again.
const LOOK_PERIOD: Duration = Duration::from_millis(10);

/// What a lock gives the right to.
#[derive(Clone, Copy, Debug)]
pub(super) enum Right {
    /// To follow the tables with the live generation.
    Follow,
    /// To build the next one.
    Build,
    /// To change the live index, for a moment: a commit, or the swap.
    Change,
}

impl Right {
    fn file(self, directory: &Path) -> Result<File, Error> {
        let name = match self {
            Self::Follow => "meilisearch-follow.lock",
            Self::Build => "meilisearch-build.lock",
            Self::Change => "meilisearch-change.lock",
        };
        let path = directory.join(name);
        let file = |action| {
            let path = path.clone();
            move |source| Error::File {
                action,
                path,
                source,
            }
        };
        fs::create_dir_all(directory).map_err(file("make the directory of"))?;
        let mut options = OpenOptions::new();
        options.create(true).truncate(false).write(true);
        options.open(&path).map_err(file("open"))
    }

    /// Takes it; given back when the file is dropped.
    pub(super) fn take(self, directory: &Path) -> Result<File, Error> {
        let file = self.file(directory)?;
        let taken = file.try_lock();
        taken.map_err(|_| Error::Locked(directory.to_owned()))?;
        Ok(file)
    }

    /// Takes it when it is given back, which whoever holds it does, by its end at the latest.
    pub(super) async fn wait(self, directory: &Path) -> Result<File, Error> {
        let file = self.file(directory)?;
        while file.try_lock().is_err() {
            sleep(LOOK_PERIOD).await;
        }
        Ok(file)
    }
}
