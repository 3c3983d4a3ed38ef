//! Builds a generation beside the live one when an operator asks for it, on a thread of its own, as `jinmaek reindex` does in a
//! process of its own; the follower moves over when it goes live.

use std::thread::JoinHandle;
use std::time::Duration;

use analyzers::Analyzer;
use tokio::sync::oneshot;
use tokio::time::Instant;
use tracing::{error, info};

use crate::error::{Error, chain};
use crate::indexer::{Indexer, Options};
use crate::live::LiveHandle;

/// Pause after a build that failed or could not begin: what hinders it may be a `jinmaek reindex`, which ends.
const PAUSE: Duration = Duration::from_secs(10);

/// At most one build at a time.
#[derive(Default)]
pub(crate) struct Builder {
    under_way: Option<Build>,
    /// When one was begun last.
    began: Option<Instant>,
}

struct Build {
    thread: JoinHandle<()>,
    /// Dropped, it stops the build.
    _stop: oneshot::Sender<()>,
}

impl Builder {
    /// Begins a build, unless one is under way or was a moment ago. `live` tells how it goes.
    pub(crate) fn start(&mut self, options: &Options, analyzer: &Analyzer, live: &LiveHandle) {
        if let Some(build) = &self.under_way {
            if !build.thread.is_finished() {
                return;
            }
            self.under_way = None;
            live.report_build(None);
        }
        if self.began.is_some_and(|began| began.elapsed() < PAUSE) {
            return;
        }
        self.began = Some(Instant::now());
        let (stop, stopped) = oneshot::channel();
        let progress = LiveHandle::default();
        live.report_build(Some(progress.clone()));
        // Two replicas of one number would end each other's stream.
        let options = Options {
            server_id: None,
            ..options.clone()
        };
        let (analyzer, shown) = (analyzer.clone(), live.clone());
        let build = move || {
            let built = build(options, analyzer, progress, stopped);
            match built {
                Ok(Some(generation)) => info!(generation, "built as an operator asked"),
                Ok(None) => {}
                Err(problem) => {
                    error!(%problem, "the index that an operator asked for was not built");
                    // Until the next one is, which is tried after a pause.
                    shown.report(|progress| progress.problem = Some(problem));
                }
            }
        };
        let thread = std::thread::Builder::new().name("index builder".to_owned());
        match thread.spawn(build) {
            Ok(thread) => {
                info!("an operator asks for a new index");
                self.under_way = Some(Build {
                    thread,
                    _stop: stop,
                });
            }
            Err(error) => error!(%error, "there is no thread for building an index"),
        }
    }
}

/// The generation built; `None` when it was stopped.
fn build(
    options: Options,
    analyzer: Analyzer,
    live: LiveHandle,
    stopped: oneshot::Receiver<()>,
) -> Result<Option<u64>, String> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| error.to_string())?;
    let build = async {
        let indexer = Indexer::connect(options, analyzer, live).await?;
        indexer.rebuild().await
    };
    let outcome: Result<_, Error> = runtime.block_on(async {
        tokio::select! {
            _ = stopped => Ok(None),
            generation = build => generation.map(Some),
        }
    });
    outcome.map_err(|error| chain(&error))
}
