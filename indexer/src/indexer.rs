//! The indexer: builds the index when there is none, follows the stream for ever, and moves to a new generation when one
//! has been built.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use analyzers::Analyzer;
use cdc::{ChangeStream, Cursor, Policy, Position, Server};
use sqlx::MySqlPool;
use tokio::time::{Instant, sleep};
use tracing::{error, info, warn};

use crate::builder::Builder;
use crate::dictionary::Analysis;
use crate::dirty::{followed_tables, heartbeats};
use crate::documents;
use crate::engines::tantivy::{Origin, TantivyIndex};
use crate::error::{Error, chain};
use crate::generations::Generations;
use crate::live::LiveHandle;
use crate::pipeline::{Pipeline, Target};

/// First and longest pause before trying again after an error that passes.
const PAUSE_MIN: Duration = Duration::from_millis(100);
const PAUSE_MAX: Duration = Duration::from_secs(5);
/// How often the disk is asked which generation is live.
const LOOK_PERIOD: Duration = Duration::from_millis(100);

/// What the indexer works with.
#[derive(Clone, Debug)]
pub struct Options {
    /// `mysql://user:password@host:port/database`.
    pub database_url: String,
    /// Directory of the index.
    pub directory: PathBuf,
    /// Our number among the server's replicas; drawn when not given.
    pub server_id: Option<u32>,
}

/// Follows the tables of one database with one index directory.
pub struct Indexer {
    options: Options,
    pub(crate) pool: MySqlPool,
    schema: String,
    pub(crate) generations: Generations,
    analyzer: Analyzer,
    /// The analysis of the generation that was opened last, by its number: making one takes a moment.
    opened: Mutex<Option<(u64, Analysis)>>,
    origin: Origin,
    live: LiveHandle,
}

impl Indexer {
    /// Connects to the database. `live` is where searches will find the index.
    ///
    /// # Errors
    /// When the database can't be reached.
    pub async fn connect(
        options: Options,
        analyzer: Analyzer,
        live: LiveHandle,
    ) -> Result<Self, Error> {
        let mut server = Server::connect(&options.database_url).await?;
        let schema = server.database().await?;
        let origin = Origin::new(format!("{}/{schema}", server.identity().await?), &analyzer);
        let pool = documents::connect(&options.database_url).await?;
        Ok(Self {
            generations: Generations::new(&options.directory),
            options,
            pool,
            schema,
            analyzer,
            opened: Mutex::default(),
            origin,
            live,
        })
    }

    /// Keeps the index in step with the tables until it is dropped. Runs on a thread of its own: index commits block.
    ///
    /// # Errors
    /// Only what a person must act upon; its policy says how.
    pub async fn run(&self) -> Result<std::convert::Infallible, Error> {
        let mut pause = PAUSE_MIN;
        loop {
            let mut outcome = self.follow_live().await;
            if let Err(error) = &outcome
                && error.policy() == Policy::Snapshot
            {
                warn!(error = %chain(error), "building the index anew from the tables");
                outcome = self.rebuild().await.map(drop);
            }
            let Err(error) = outcome else {
                pause = PAUSE_MIN;
                continue;
            };
            let problem = chain(&error);
            self.live.report(|progress| {
                progress.state = "waiting";
                progress.problem = Some(problem.clone());
            });
            if let Policy::Stop(remedy) = error.policy() {
                error!(error = %problem, remedy, "indexing stopped");
                return Err(error);
            }
            warn!(error = %problem, "indexing stopped, trying again");
            sleep(pause).await;
            pause = (pause * 2).min(PAUSE_MAX);
        }
    }

    /// Follows the live generation until another one goes live.
    async fn follow_live(&self) -> Result<(), Error> {
        let Some((generation, index)) = self.open_live()? else {
            self.rebuild().await?;
            return Ok(());
        };
        let mut pipeline = self.pipeline(generation, &index, self.live.clone())?;
        let mut stream = self.stream(pipeline.cursor().clone()).await?;
        // What is shown already may be further on than this generation: never go back in time.
        if let Some(shown) = self.live.current() {
            self.catch_up(&mut pipeline, &mut stream, &shown.position)
                .await?;
        }
        pipeline.show()?;
        self.live.report(|progress| {
            progress.state = "following";
            progress.problem = None;
        });
        info!(generation, position = %pipeline.position(), "the index follows the tables");
        let mut looked_at = Instant::now();
        let mut builder = Builder::default();
        pipeline
            .follow(&mut stream, |_| {
                if looked_at.elapsed() < LOOK_PERIOD {
                    return Ok(false);
                }
                looked_at = Instant::now();
                if self.generations.live()? != Some(generation) {
                    return Ok(true);
                }
                if self.live.is_rebuild_requested() {
                    builder.start(&self.options, &self.analyzer, &self.live);
                }
                Ok(false)
            })
            .await?;
        info!(generation, "another generation is live");
        self.live.report_build(None);
        pipeline.close()?;
        self.generations.clean()
    }

    /// The live generation, if it is one that can be followed.
    fn open_live(&self) -> Result<Option<(u64, TantivyIndex)>, Error> {
        let Some(generation) = self.generations.live()? else {
            return Ok(None);
        };
        let folder = self.generations.folder(generation);
        let index = match TantivyIndex::open(&folder, self.analysis(generation)?) {
            Ok(index) if index.is_of(&self.origin)? => index,
            Ok(_) | Err(Error::Index(tantivy::TantivyError::SchemaError(_))) => {
                info!(
                    generation,
                    "the index was built by another version or from another database"
                );
                return Ok(None);
            }
            Err(error) => return Err(error),
        };
        Ok(Some((generation, index)))
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

    /// Builds a new generation from the tables beside the live one, catches up with what changed meanwhile, and makes it
    /// the live one. Returns its number.
    ///
    /// # Errors
    /// [`Error::Locked`] when one is being built already; the live generation is untouched by any error.
    pub async fn rebuild(&self) -> Result<u64, Error> {
        let building = self.generations.build()?;
        let analysis = Analysis::begin(&self.analyzer, &self.pool, &building.folder()).await?;
        let index = TantivyIndex::create(&building.folder(), analysis)?;
        let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let target = Target {
            folder: building.folder(),
            generation: building.number(),
            origin: &self.origin,
            writer_threads: threads,
        };
        let mut pipeline = Pipeline::open(&target, index, self.pool.clone(), self.live.clone())?;
        info!(generation = building.number(), "building the index");
        let total = documents::estimate(&self.pool).await?;
        self.live.report(|progress| {
            progress.state = "building";
            progress.built = 0;
            progress.build_total = total;
            progress.build_began = Some(SystemTime::now());
        });
        // Taken before listing: whatever changes from here on comes again by the stream.
        let mut server = Server::connect(&self.options.database_url).await?;
        let start = server.position().await?;
        pipeline.resync().await?;
        pipeline.commit(&start.clone().into())?;
        pipeline.compact()?;
        let now = server.position().await?;
        let mut stream = self.stream(start).await?;
        self.catch_up(&mut pipeline, &mut stream, &now).await?;
        pipeline.close()?;
        let generation = building.number();
        building.go_live()?;
        self.generations.clean()?;
        info!(generation, "the index is built");
        Ok(generation)
    }

    /// Follows until the index covers `target`.
    pub(crate) async fn catch_up(
        &self,
        pipeline: &mut Pipeline,
        stream: &mut ChangeStream,
        target: &Position,
    ) -> Result<(), Error> {
        let covers = |position: &Position| position.covers(target) == Some(true);
        if !covers(stream.position()) {
            pipeline
                .follow(stream, |position| Ok(covers(position)))
                .await?;
        }
        if !covers(pipeline.position()) {
            pipeline.commit(&stream.cursor().clone())?;
        }
        Ok(())
    }

    pub(crate) async fn stream(&self, start: impl Into<Cursor>) -> Result<ChangeStream, Error> {
        let mut options =
            cdc::Options::new(&self.options.database_url, followed_tables(&self.schema));
        options.server_id = self.options.server_id;
        options.heartbeats = Some(heartbeats(&self.schema));
        options.stats = self.live.stream().clone();
        Ok(ChangeStream::open(options, start).await?)
    }

    pub(crate) async fn server_position(&self) -> Result<Position, Error> {
        Ok(Server::connect(&self.options.database_url)
            .await?
            .position()
            .await?)
    }

    pub(crate) fn live_generation(&self) -> Result<(u64, TantivyIndex), Error> {
        self.open_live()?
            .ok_or_else(|| Error::Missing(self.options.directory.clone()))
    }

    pub(crate) fn pipeline(
        &self,
        generation: u64,
        index: &TantivyIndex,
        live: LiveHandle,
    ) -> Result<Pipeline, Error> {
        let target = Target {
            folder: self.generations.folder(generation),
            generation,
            origin: &self.origin,
            writer_threads: 1,
        };
        Pipeline::open(&target, index.clone(), self.pool.clone(), live)
    }
}
