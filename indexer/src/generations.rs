//! The directory of the index: one folder per generation, and a file that names the live one.
//!
//! A new generation is built beside the live one in a folder that nobody else looks at, and becomes the live one by the
//! rename of one small file, so that a crash at any moment leaves one whole live index.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::error::{Error, file};

/// Generations that stay on the disk: the live one, and the one before it, which somebody may still be reading.
const KEPT: usize = 2;

/// The index directory.
#[derive(Clone, Debug)]
pub struct Generations {
    directory: PathBuf,
}

/// The right to build a generation; one at a time over all processes.
#[derive(Debug)]
pub struct Building {
    generations: Generations,
    number: u64,
    _lock: File,
}

impl Generations {
    /// The directory need not be there yet.
    pub fn new(directory: impl Into<PathBuf>) -> Self {
        Self {
            directory: directory.into(),
        }
    }

    /// The directory.
    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Number of the live generation; `None` before the first.
    ///
    /// # Errors
    /// When the directory can't be read.
    pub fn live(&self) -> Result<Option<u64>, Error> {
        let path = self.directory.join("live");
        match fs::read_to_string(&path) {
            Ok(text) => Ok(text.trim().parse().ok()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(file("read", &path)(source)),
        }
    }

    /// The folder of a generation.
    #[must_use]
    pub fn folder(&self, number: u64) -> PathBuf {
        self.directory.join(format!("generation-{number}"))
    }

    /// Makes an empty folder for the next generation and throws away what an interrupted build left.
    ///
    /// # Errors
    /// [`Error::Locked`] when another process is building one.
    pub fn build(&self) -> Result<Building, Error> {
        fs::create_dir_all(&self.directory).map_err(file("make", &self.directory))?;
        let path = self.directory.join("build.lock");
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(file("open", &path))?;
        lock.try_lock()
            .map_err(|_| Error::Locked(self.directory.clone()))?;
        let live = self.live()?.unwrap_or(0);
        for number in self.numbers()? {
            if number > live {
                self.remove(number)?;
            }
        }
        let number = live + 1;
        let folder = self.folder(number);
        fs::create_dir_all(&folder).map_err(file("make", &folder))?;
        Ok(Building {
            generations: self.clone(),
            number,
            _lock: lock,
        })
    }

    /// Removes the generations that nobody needs any more.
    ///
    /// # Errors
    /// When a folder can't be removed.
    pub fn clean(&self) -> Result<(), Error> {
        let live = self.live()?.unwrap_or(0);
        let mut older: Vec<_> = self
            .numbers()?
            .into_iter()
            .filter(|number| *number <= live)
            .collect();
        older.sort_unstable();
        for number in older.into_iter().rev().skip(KEPT) {
            if !self.is_written(number) {
                self.remove(number)?;
            }
        }
        Ok(())
    }

    /// Whether somebody still follows the tables with it, as Tantivy's lock tells.
    fn is_written(&self, number: u64) -> bool {
        let lock = File::open(self.folder(number).join(".tantivy-writer.lock"));
        lock.is_ok_and(|lock| lock.try_lock().is_err())
    }

    fn numbers(&self) -> Result<Vec<u64>, Error> {
        let entries = fs::read_dir(&self.directory).map_err(file("read", &self.directory))?;
        let numbers = entries.flatten().filter_map(|entry| {
            let name = entry.file_name();
            name.to_str()?.strip_prefix("generation-")?.parse().ok()
        });
        Ok(numbers.collect())
    }

    fn remove(&self, number: u64) -> Result<(), Error> {
        let folder = self.folder(number);
        fs::remove_dir_all(&folder).map_err(file("remove", &folder))
    }
}

impl Building {
    /// Where to build.
    #[must_use]
    pub fn folder(&self) -> PathBuf {
        self.generations.folder(self.number)
    }

    /// Its number.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.number
    }

    /// Makes the generation the live one. It must be committed and its writer closed.
    ///
    /// # Errors
    /// When the directory can't be written; the old generation then stays the live one.
    pub fn go_live(self) -> Result<(), Error> {
        let directory = &self.generations.directory;
        let (new, live) = (directory.join("live.new"), directory.join("live"));
        let write = || -> io::Result<()> {
            let mut out = File::create(&new)?;
            writeln!(out, "{}", self.number)?;
            out.sync_all()?;
            fs::rename(&new, &live)?;
            File::open(directory)?.sync_all()
        };
        write().map_err(file("write", &live))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_generation_goes_live_in_one_step_and_older_ones_are_cleaned_away() {
        let home = tempfile::tempdir().unwrap();
        let generations = Generations::new(home.path().join("index"));
        assert_eq!(generations.live().unwrap(), None);
        for number in 1..=4 {
            let building = generations.build().unwrap();
            assert_eq!(building.number(), number);
            assert!(matches!(generations.build(), Err(Error::Locked(_))));
            building.go_live().unwrap();
            assert_eq!(generations.live().unwrap(), Some(number));
        }
        let following = File::create(generations.folder(1).join(".tantivy-writer.lock")).unwrap();
        following.lock().unwrap();
        generations.clean().unwrap();
        assert!(generations.folder(1).exists(), "somebody writes it");
        drop(following);
        generations.clean().unwrap();
        let there = |number| generations.folder(number).exists();
        assert_eq!(
            [there(1), there(2), there(3), there(4)],
            [false, false, true, true]
        );
    }

    #[test]
    fn an_interrupted_build_is_thrown_away() {
        let home = tempfile::tempdir().unwrap();
        let generations = Generations::new(home.path());
        let building = generations.build().unwrap();
        fs::write(building.folder().join("half"), "x").unwrap();
        drop(building);
        let building = generations.build().unwrap();
        assert!(!building.folder().join("half").exists());
        assert_eq!(generations.live().unwrap(), None);
    }
}
