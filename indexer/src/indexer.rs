//! The indexer: builds the index when there is none, follows the stream for ever, and moves to a new generation when one
//! has been built.

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use analyzers::Analyzer;
use cdc::{ChangeStream, Cursor, Policy, Position, Server};
use sqlx::MySqlPool;
use tokio::time::sleep;
use tracing::{error, info, warn};

use crate::builder::Builder;
use crate::dirty::{followed_tables, heartbeats};
use crate::documents;
use crate::engines::meilisearch;
use crate::engines::tantivy::Origin;
use crate::engines::{Directory, Engine, Home};
use crate::error::{Error, chain};
use crate::generations::Generations;
use crate::live::LiveHandle;
use crate::pipeline::{Pipeline, Until};

/// First and longest pause before trying again after an error that passes.
const PAUSE_MIN: Duration = Duration::from_millis(100);
const PAUSE_MAX: Duration = Duration::from_secs(5);

/// What the indexer works with.
#[derive(Clone, Debug)]
pub struct Options {
    /// `mysql://user:password@host:port/database`.
    pub database_url: String,
    /// Directory of the index; with Meilisearch, of the locks.
    pub directory: PathBuf,
    /// The server that holds the index, when it is not Tantivy in the process.
    pub meilisearch: Option<meilisearch::Options>,
    /// Our number among the server's replicas; drawn when not given.
    pub server_id: Option<u32>,
}

/// Follows the tables of one database with one index directory.
pub struct Indexer {
    options: Options,
    pub(crate) pool: MySqlPool,
    schema: String,
    analyzer: Analyzer,
    pub(crate) home: Home,
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
        let home = match &options.meilisearch {
            None => {
                let generations = Generations::new(&options.directory);
                Home::Tantivy(Directory::new(generations, analyzer.clone(), pool.clone()))
            }
            Some(server) => Home::Meilisearch(meilisearch::Server::new(
                server,
                &options.directory,
                analyzer.clone(),
            )?),
        };
        Ok(Self {
            home,
            options,
            pool,
            schema,
            analyzer,
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
        let Some(engine) = self.home.open(&self.origin).await? else {
            self.rebuild().await?;
            return Ok(());
        };
        let generation = engine.generation();
        let mut pipeline = self.pipeline(engine, self.live.clone()).await?;
        let mut stream = self.stream(pipeline.cursor().clone()).await?;
        // What is shown already may be further on than this generation: never go back in time.
        if let Some(shown) = self.live.current() {
            self.catch_up(&mut pipeline, &mut stream, shown.position())
                .await?;
        }
        pipeline.show().await?;
        self.live.report(|progress| {
            progress.state = "following";
            progress.problem = None;
        });
        info!(generation, position = %pipeline.position(), "the index follows the tables");
        let mut builder = Builder::default();
        let until = Until::Replaced {
            home: &self.home,
            build: &mut || builder.start(&self.options, &self.analyzer, &self.live),
        };
        pipeline.follow(&mut stream, until).await?;
        info!(generation, "another generation is live");
        self.live.report_build(None);
        pipeline.close().await?;
        self.home.clean()
    }

    /// Builds a new generation from the tables beside the live one, catches up with what changed meanwhile, and makes it
    /// the live one. Returns its number.
    ///
    /// # Errors
    /// [`Error::Locked`] when one is being built already; the live generation is untouched by any error.
    pub async fn rebuild(&self) -> Result<u64, Error> {
        let mut building = self.home.build().await?;
        let engine = building.engine(&self.origin);
        let generation = engine.generation();
        let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let (pool, live) = (self.pool.clone(), self.live.clone());
        let mut pipeline = Pipeline::open(engine, &self.origin, threads, pool, live).await?;
        info!(generation, "building the index");
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
        pipeline.commit(&start.clone().into()).await?;
        pipeline.compact().await?;
        let now = server.position().await?;
        let mut stream = self.stream(start).await?;
        self.catch_up(&mut pipeline, &mut stream, &now).await?;
        // A server that was set back never reaches what is shown.
        if let Some(shown) = building.hold(&self.origin).await?
            && server.position().await?.covers(&shown) == Some(true)
        {
            self.catch_up(&mut pipeline, &mut stream, &shown).await?;
        }
        pipeline.close().await?;
        building.go_live().await?;
        self.home.clean()?;
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
            pipeline.follow(stream, Until::Covers(target)).await?;
        }
        if !covers(pipeline.position()) {
            pipeline.commit(&stream.cursor().clone()).await?;
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

    pub(crate) async fn live_generation(&self) -> Result<Box<dyn Engine>, Error> {
        let engine = self.home.open(&self.origin).await?;
        engine.ok_or_else(|| Error::Missing(self.options.directory.clone()))
    }

    pub(crate) async fn pipeline(
        &self,
        engine: Box<dyn Engine>,
        live: LiveHandle,
    ) -> Result<Pipeline, Error> {
        Pipeline::open(engine, &self.origin, 1, self.pool.clone(), live).await
    }
}
