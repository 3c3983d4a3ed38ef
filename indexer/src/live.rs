//! The live index as searches see it, and where it stands.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use analyzers::Analyzer;
use cdc::{Backlog, Position, Stats};
use chrono::NaiveDate;
use serde::Serialize;
use tantivy::Searcher;
use tokio::sync::watch;
use tokio::task::spawn_blocking;
use tokio::time::timeout;
use tracing::warn;

use crate::dictionary::{Dictionary, Pending};
use crate::documents::{QueryDocument, WordDocument};
use crate::engines::tantivy::TantivyIndex;
use crate::error::Error;
use crate::reference::Reference;
use crate::schema::Fields;
use crate::shown::Shown;

/// One consistent view of the index. Cheap to clone.
#[derive(Clone)]
pub struct LiveIndex {
    /// To search with.
    pub searcher: Searcher,
    /// The fields.
    pub fields: Fields,
    /// Public holidays, for “open now”.
    pub holidays: Arc<HashSet<NaiveDate>>,
    /// The operators' groups of synonyms, as in `analyzers/dict/synonyms.tsv`: `a, b` or `a => b, c`.
    pub synonym_groups: Arc<[String]>,
    /// The operators' words now; the index may have been built with others.
    pub words: Arc<[WordDocument]>,
    /// What many have searched for lately, the most frequent first.
    pub popular_queries: Arc<[QueryDocument]>,
    /// What its texts were analysed with, and queries must be.
    pub analyzer: Analyzer,
    /// The operators' words that the analyzer has.
    pub dictionary: Arc<Dictionary>,
    /// The newest request to build the index anew; 0 for none.
    pub(crate) request: u64,
    /// Number of the generation.
    pub generation: u64,
    /// The documents are those of the tables at this position or later.
    pub position: Position,
    /// When the position was reached.
    pub reached_at: SystemTime,
}

impl LiveIndex {
    /// What building the index anew would change of its analysis.
    #[must_use]
    pub fn pending_words(&self) -> Pending {
        self.dictionary.pending(&self.words)
    }

    /// Whether somebody has asked for it to be built anew since it was.
    #[must_use]
    pub fn is_rebuild_requested(&self) -> bool {
        self.request > self.dictionary.request
    }

    /// What the index holds now. The reference is read when it is not given.
    pub(crate) fn of(
        index: &TantivyIndex,
        generation: u64,
        position: Position,
        reference: &mut Option<Reference>,
    ) -> Result<Self, Error> {
        index.reload()?;
        let (searcher, fields) = (index.searcher(), index.fields());
        let reference = match reference.take() {
            Some(known) => reference.insert(known),
            None => reference.insert(Reference::read(&searcher, &fields)?),
        };
        let analysis = index.analysis();
        Ok(Self {
            searcher,
            fields,
            holidays: reference.holidays.clone(),
            synonym_groups: reference.synonym_groups.clone(),
            words: reference.words.clone(),
            popular_queries: reference.popular_queries.clone(),
            request: reference.request,
            analyzer: analysis.analyzer.clone(),
            dictionary: analysis.dictionary.clone(),
            generation,
            position,
            reached_at: SystemTime::now(),
        })
    }
}

/// How the following of the stream goes.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Progress {
    /// What the indexer is doing: `starting`, `building`, `following`, `waiting`.
    pub state: &'static str,
    /// Milliseconds from the last change's commit in the database until it was searchable, by the server's clock of whole
    /// seconds; 0 when nothing is waiting.
    pub lag_milliseconds: u64,
    /// When what was read last was committed, in seconds since the epoch by the server's clock; none while the server has
    /// nothing more to send.
    pub committed_seconds: Option<u64>,
    /// Changes of followed rows since the start.
    pub changes: u64,
    /// Documents put into the index since the start.
    pub upserts: u64,
    /// Documents removed from the index since the start.
    pub deletes: u64,
    /// Index commits since the start.
    pub commits: u64,
    /// Documents done of the build under way.
    pub built: u64,
    /// About how many it will be.
    pub build_total: u64,
    /// When it was begun.
    pub build_began: Option<SystemTime>,
    /// Documents that were read because their tables were stale or an index was built, since the start.
    pub scanned: u64,
    /// Tables that changed in a way that the stream does not tell, and that are still to be read again: of them the index
    /// may be older than its position.
    pub stale_tables: BTreeSet<String>,
    /// Documents whose rows an open transaction holds: of them, too.
    pub postponed: u64,
    /// What went wrong last, until it is mended.
    pub problem: Option<String>,
}

/// Makes ready what searches need beside the index.
type Warmer = Arc<dyn Fn(&LiveIndex) + Send + Sync>;

/// Where searches get the live index from, and the pipeline puts it.
#[derive(Clone)]
pub struct LiveHandle {
    index: watch::Sender<Option<Shown>>,
    warmers: watch::Sender<Vec<Warmer>>,
    progress: watch::Sender<Progress>,
    stream: Stats,
    backlog: watch::Sender<Option<Backlog>>,
    /// Of a generation that is built beside the live one.
    build: watch::Sender<Option<LiveHandle>>,
}

impl Default for LiveHandle {
    fn default() -> Self {
        let progress = Progress {
            state: "starting",
            ..Progress::default()
        };
        Self {
            index: watch::Sender::new(None),
            warmers: watch::Sender::default(),
            progress: watch::Sender::new(progress),
            stream: Stats::default(),
            backlog: watch::Sender::default(),
            build: watch::Sender::new(None),
        }
    }
}

impl LiveHandle {
    /// The live index; `None` until the first one has been built or opened.
    #[must_use]
    pub fn current(&self) -> Option<Shown> {
        self.index.borrow().clone()
    }

    /// How the following goes.
    #[must_use]
    pub fn progress(&self) -> Progress {
        self.progress.borrow().clone()
    }

    /// How the following goes, for those who wait for something.
    #[must_use]
    pub fn progress_changes(&self) -> watch::Receiver<Progress> {
        self.progress.subscribe()
    }

    /// How the building of a generation beside the live one goes; `None` while none is built in this process.
    #[must_use]
    pub fn build(&self) -> Option<Progress> {
        self.build.borrow().as_ref().map(Self::progress)
    }

    pub(crate) fn report_build(&self, build: Option<Self>) {
        self.build.send_replace(build);
    }

    /// Whether somebody has asked for the index to be built anew since it was.
    pub(crate) fn is_rebuild_requested(&self) -> bool {
        let live = self.index.borrow();
        live.as_ref().is_some_and(Shown::is_rebuild_requested)
    }

    /// What the change stream counts and measures.
    #[must_use]
    pub fn stream(&self) -> &Stats {
        &self.stream
    }

    /// What lies between the index and the server's present, as [`crate::watch_backlog`] saw it last; `None` when the server
    /// could not be asked.
    #[must_use]
    pub fn backlog(&self) -> Option<Backlog> {
        *self.backlog.borrow()
    }

    pub(crate) fn report_backlog(&self, backlog: Option<Backlog>) {
        self.backlog.send_replace(backlog);
    }

    /// Waits until the index is so; `None` when it is not within `patience`.
    pub async fn wait_until(
        &self,
        patience: Duration,
        is_so: impl Fn(&Shown) -> bool,
    ) -> Option<Shown> {
        let mut changes = self.index.subscribe();
        let found = changes.wait_for(|live| live.as_ref().is_some_and(&is_so));
        let found = timeout(patience, found).await;
        found.ok()?.ok()?.clone()
    }

    /// Waits until the index covers a position.
    ///
    /// # Errors
    /// [`Error::Behind`] when it does not within `patience`, or can't be compared with it.
    pub async fn wait_for(&self, position: &Position, patience: Duration) -> Result<Shown, Error> {
        let covered = |live: &Shown| live.position().covers(position) == Some(true);
        if let Some(live) = self.wait_until(patience, covered).await {
            return Ok(live);
        }
        let reached = self.current().map(|live| live.position().clone());
        let reached = reached.unwrap_or_default();
        Err(Error::Behind {
            wanted: Box::new(position.clone()),
            reached: Box::new(reached),
            seconds: patience.as_secs(),
        })
    }

    /// From now on each state of the index is given to the warmer before it is shown, so that no search has to wait for what can be
    /// made ready beforehand: the first after a merge would wait for a second or more. Searches meanwhile see the state before
    /// (Lucene's `SearcherFactory`, tantivy's `Warmer`). What is shown already is given to it at once.
    pub fn warm_with(&self, warmer: impl Fn(&LiveIndex) + Send + Sync + 'static) {
        let warmer = Arc::new(warmer);
        self.warmers
            .send_modify(|warmers| warmers.push(warmer.clone()));
        if let Some(Shown::Tantivy(index)) = self.current() {
            warmer(&index);
        }
    }

    pub(crate) async fn warm(&self, shown: &Shown) {
        let Shown::Tantivy(index) = shown else {
            return;
        };
        let (warmers, index) = (self.warmers.borrow().clone(), index.clone());
        let warm = move || warmers.iter().for_each(|warm| warm(&index));
        if let Err(error) = spawn_blocking(warm).await {
            warn!(%error, "searches will have to warm the index");
        }
    }

    /// Shows it to searches from now on.
    pub(crate) fn publish(&self, shown: Shown) {
        self.index.send_replace(Some(shown));
    }

    /// The same documents hold at a later position too.
    pub(crate) fn advance(&self, position: &Position) {
        self.index.send_if_modified(|live| match live {
            Some(live) => {
                live.advance(position);
                true
            }
            None => false,
        });
    }

    pub(crate) fn report(&self, change: impl FnOnce(&mut Progress)) {
        self.progress.send_modify(change);
    }
}
