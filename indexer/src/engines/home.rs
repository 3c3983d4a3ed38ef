//! Where the generations of the index live: a directory for Tantivy, a server for Meilisearch.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use analyzers::Analyzer;
use cdc::Position;
use sqlx::MySqlPool;
use tracing::info;

use super::Engine;
use super::meilisearch::{MeilisearchBuilding, Server};
use super::tantivy::{Origin, TantivyIndex};
use super::tantivy_generation::TantivyGeneration;
use crate::dictionary::Analysis;
use crate::error::Error;
use crate::generations::{self, Generations};

/// A directory of Tantivy's generations.
pub(crate) struct Directory {
    generations: Generations,
    /// Without the words of operators.
    analyzer: Analyzer,
    /// Where these words are.
    pool: MySqlPool,
    /// The analysis of the generation that was opened last, by its number: making one takes a moment.
    opened: Mutex<Option<(u64, Analysis)>>,
}

impl Directory {
    pub(crate) fn new(generations: Generations, analyzer: Analyzer, pool: MySqlPool) -> Self {
        Self {
            generations,
            analyzer,
            pool,
            opened: Mutex::default(),
        }
    }

    fn analysis(&self, generation: u64) -> Result<Analysis, Error> {
        let mut opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((number, analysis)) = &*opened
            && *number == generation
        {
            return Ok(analysis.clone());
        }
        let analysis = Analysis::open(&self.analyzer, &self.generations.folder(generation))?;
        *opened = Some((generation, analysis.clone()));
        Ok(analysis)
    }
}

/// Where the generations live.
pub(crate) enum Home {
    Tantivy(Directory),
    Meilisearch(Server),
}

/// The next generation, until it takes the place of the live one.
pub(crate) enum Building {
    Tantivy(generations::Building, Box<TantivyIndex>),
    Meilisearch(MeilisearchBuilding),
}

impl Home {
    /// Number of the live generation; `None` before the first.
    pub(crate) async fn live(&self) -> Result<Option<u64>, Error> {
        match self {
            Self::Tantivy(directory) => directory.generations.live(),
            Self::Meilisearch(server) => server.live().await,
        }
    }

    /// How often it is asked for that: the disk more often than a server of others.
    pub(crate) fn look_period(&self) -> Duration {
        match self {
            Self::Tantivy(_) => Duration::from_millis(100),
            Self::Meilisearch(_) => Duration::from_secs(1),
        }
    }

    /// The live generation, if it is one that can be followed.
    pub(crate) async fn open(&self, origin: &Origin) -> Result<Option<Box<dyn Engine>>, Error> {
        let directory = match self {
            Self::Tantivy(directory) => directory,
            Self::Meilisearch(server) => {
                let generation = server.open(origin).await?;
                return Ok(generation.map(|generation| Box::new(generation) as Box<dyn Engine>));
            }
        };
        let Some(number) = directory.generations.live()? else {
            return Ok(None);
        };
        let folder = directory.generations.folder(number);
        let index = match TantivyIndex::open(&folder, directory.analysis(number)?) {
            Ok(index) if index.is_of(origin)? => index,
            Ok(_) | Err(Error::Index(tantivy::TantivyError::SchemaError(_))) => {
                info!(
                    generation = number,
                    "the index was built by another version or from another database"
                );
                return Ok(None);
            }
            Err(error) => return Err(error),
        };
        let generation = TantivyGeneration::new(index, folder, number, origin);
        Ok(Some(Box::new(generation)))
    }

    /// Begins the next generation and throws away what an interrupted build left.
    pub(crate) async fn build(&self) -> Result<Building, Error> {
        Ok(match self {
            Self::Tantivy(directory) => {
                let building = directory.generations.build()?;
                let (analyzer, folder) = (&directory.analyzer, building.folder());
                let analysis = Analysis::begin(analyzer, &directory.pool, &folder).await?;
                let index = TantivyIndex::create(&folder, analysis)?;
                Building::Tantivy(building, Box::new(index))
            }
            Self::Meilisearch(server) => Building::Meilisearch(server.build().await?),
        })
    }

    /// Removes the generations that nobody needs any more.
    pub(crate) fn clean(&self) -> Result<(), Error> {
        match self {
            Self::Tantivy(directory) => directory.generations.clean(),
            // The swap leaves none.
            Self::Meilisearch(_) => Ok(()),
        }
    }
}

impl Building {
    /// What is to be filled.
    pub(crate) fn engine(&self, origin: &Origin) -> Box<dyn Engine> {
        match self {
            Self::Meilisearch(building) => Box::new(building.generation()),
            Self::Tantivy(building, index) => Box::new(TantivyGeneration::new(
                (**index).clone(),
                building.folder(),
                building.number(),
                origin,
            )),
        }
    }

    /// The position that searches see, when it must be covered before this goes live. A Tantivy generation is opened by whoever
    /// follows, who knows; all ask Meilisearch by the same name.
    pub(crate) async fn hold(&mut self, origin: &Origin) -> Result<Option<Position>, Error> {
        match self {
            Self::Tantivy(..) => Ok(None),
            Self::Meilisearch(building) => building.hold(origin).await,
        }
    }

    /// Makes the generation the live one. It must be committed and closed.
    pub(crate) async fn go_live(self) -> Result<(), Error> {
        match self {
            Self::Tantivy(building, _) => building.go_live(),
            Self::Meilisearch(building) => building.go_live().await,
        }
    }
}
