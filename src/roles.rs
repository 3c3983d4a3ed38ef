//! The roles that run for ever, one at a time or all in one process, and how they end: together, in an orderly way, and
//! with the name of the one that died.

use std::future::Future;
use std::process::ExitCode;
use std::time::Duration;

use analyzers::Analyzer;
use anyhow::{Context, anyhow, bail};
use cdc::{Target, run_heartbeat};
use core_services::OperatorToken;
use indexer::{Indexer, LiveHandle};
use search_api::QueryCounts;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{oneshot, watch};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tracing::{error, info, warn};

use crate::cli::{Sample, Settings};
use crate::commands::{indexer_options, sample};
use crate::database::Database;
use crate::query_counts::keep_counts;

/// Requests under way get so long to finish when we are asked to stop.
const GRACE: Duration = Duration::from_secs(10);

/// Tasks with names, and the word to stop that all of them wait for.
struct Roles {
    tasks: JoinSet<(&'static str, anyhow::Result<()>)>,
    stop: watch::Sender<bool>,
}

impl Roles {
    fn new() -> Self {
        Self {
            tasks: JoinSet::new(),
            stop: watch::Sender::new(false),
        }
    }

    /// A future that ends when it is time to stop.
    fn stopped(&self) -> impl Future<Output = ()> + Send + 'static {
        let mut stop = self.stop.subscribe();
        async move {
            // An error means that nobody is left to say it.
            let _ = stop.wait_for(|stop| *stop).await;
        }
    }

    fn spawn(
        &mut self,
        name: &'static str,
        task: impl Future<Output = anyhow::Result<()>> + Send + 'static,
    ) {
        self.tasks.spawn(async move { (name, task.await) });
    }

    /// Runs until SIGTERM, Ctrl-C, or the end of any role, which is an error.
    async fn run(mut self) -> anyhow::Result<ExitCode> {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let died = tokio::select! {
            _ = terminate.recv() => None,
            _ = interrupt.recv() => None,
            ended = self.tasks.join_next() => Some(match ended {
                Some(Ok((name, Ok(())))) => anyhow!("the {name} ended"),
                Some(Ok((name, Err(error)))) => error.context(format!("the {name} died")),
                Some(Err(panic)) => anyhow!("a role panicked: {panic}"),
                None => anyhow!("there was no role to run"),
            }),
        };
        info!("stopping");
        self.stop.send_replace(true);
        let rest = async { while self.tasks.join_next().await.is_some() {} };
        if timeout(GRACE, rest).await.is_err() {
            error!("some requests did not finish in time");
        }
        match died {
            None => Ok(ExitCode::SUCCESS),
            Some(error) => Err(error),
        }
    }
}

/// All roles in this process.
pub(crate) async fn everything(settings: &Settings, with_sample: bool) -> anyhow::Result<ExitCode> {
    let mut roles = Roles::new();
    let token = operator_token(settings)?.unwrap_or_else(OperatorToken::generate);
    let database_url = start_search(&mut roles, settings, with_sample).await?;
    let pool = core_services::db::connect(&database_url).await?;
    let operators = core_services::router(pool, &database_url, token.clone());
    start_operator(&mut roles, settings, operators).await?;
    start_site(&mut roles, settings).await?;
    start_back_office(&mut roles, settings, Some(&token)).await?;
    println!("진맥이 열렸습니다.");
    println!("  환자용 화면   http://{}/", settings.site_listen);
    println!("  검색 API      http://{}/docs", settings.api_listen);
    println!("  관리 화면     http://{}/", settings.back_office_listen);
    roles.run().await
}

/// The indexer and the search API.
pub(crate) async fn search(settings: &Settings) -> anyhow::Result<ExitCode> {
    let mut roles = Roles::new();
    start_search(&mut roles, settings, false).await?;
    roles.run().await
}

/// The patients' site alone.
pub(crate) async fn site(settings: &Settings) -> anyhow::Result<ExitCode> {
    let mut roles = Roles::new();
    start_site(&mut roles, settings).await?;
    roles.run().await
}

/// The back office alone.
pub(crate) async fn back_office(settings: &Settings) -> anyhow::Result<ExitCode> {
    let mut roles = Roles::new();
    let token = operator_token(settings)?;
    if token.is_none() {
        warn!("without an operator-token the back office can't show the dictionary");
    }
    start_back_office(&mut roles, settings, token.as_ref()).await?;
    roles.run().await
}

/// The operators' API alone.
pub(crate) async fn operator(settings: &Settings) -> anyhow::Result<ExitCode> {
    let mut roles = Roles::new();
    let token = operator_token(settings)?
        .context("set the operator-token, to the same as the back office's")?;
    let database = Database::open(settings).await?;
    let pool = database.migrated().await?;
    let router = core_services::router(pool, &database.url, token);
    start_operator(&mut roles, settings, router).await?;
    keep_database(&mut roles, database);
    roles.run().await
}

/// The token that is configured.
fn operator_token(settings: &Settings) -> anyhow::Result<Option<OperatorToken>> {
    let token = settings.operator_token.as_deref();
    Ok(token.map(OperatorToken::parse).transpose()?)
}

/// Returns where the database is.
async fn start_search(
    roles: &mut Roles,
    settings: &Settings,
    with_sample: bool,
) -> anyhow::Result<String> {
    let listener = listen(settings.api_listen).await?;
    let analyzer = Analyzer::load(&settings.ko_dic())?;
    let database = Database::open(settings).await?;
    database.audit().await?;
    let pool = database.migrated().await?;
    if with_sample && !core_services::institutions::store::any(&pool).await? {
        sample::load(&pool, &Sample::DEFAULT).await?;
    }
    let live = LiveHandle::default();
    let options = indexer_options(settings, &database, settings.server_id);
    let indexing = spawn_indexer(options, analyzer, live.clone(), roles.stopped())?;
    roles.spawn("indexer", async move {
        indexing.await.context("the indexer's thread panicked")?
    });
    let (url, stopped) = (database.url.clone(), roles.stopped());
    let watched = live.clone();
    roles.spawn("watch on the stream", async move {
        tokio::select! {
            () = stopped => Ok(()),
            ended = watch_stream(&url, &watched) => match ended? {},
        }
    });
    let url = database.url.clone();
    keep_database(roles, database);
    let query_counts = QueryCounts::default();
    let (counts, stopped) = (query_counts.clone(), roles.stopped());
    roles.spawn("query counts", async move {
        keep_counts(&pool, &counts, stopped).await;
        Ok(())
    });
    let options = search_api::Options {
        query_counts,
        lag_max: Duration::from_secs(settings.lag_seconds_max),
        ..search_api::Options::default()
    };
    let router = search_api::router(live, &options);
    let stopped = roles.stopped();
    roles.spawn("search API", async move {
        Ok(search_api::serve(listener, router, stopped).await?)
    });
    info!(address = %settings.api_listen, "the search API listens");
    Ok(url)
}

/// Starts the private server again whenever it dies.
fn keep_database(roles: &mut Roles, database: Database) {
    let stopped = roles.stopped();
    roles.spawn("database", async move {
        tokio::select! {
            () = stopped => Ok(()),
            died = database.keep_running() => match died? {},
        }
    });
}

async fn start_operator(
    roles: &mut Roles,
    settings: &Settings,
    router: core_services::Router,
) -> anyhow::Result<()> {
    let address = settings.operator_listen;
    if !address.ip().is_loopback() && !settings.operator_remote {
        bail!(
            "the operators' API would listen on {address}, where other machines reach it; \
             if that is meant, say --operator-remote"
        );
    }
    let listener = listen(address).await?;
    let stopped = roles.stopped();
    roles.spawn("operators' API", async move {
        Ok(core_services::serve(listener, router, stopped).await?)
    });
    info!(%address, "the operators' API listens");
    Ok(())
}

/// Writes the heartbeat rows by which the stream's lag is measured, and looks at how far behind the index is.
async fn watch_stream(url: &str, live: &LiveHandle) -> anyhow::Result<std::convert::Infallible> {
    let schema = Target::parse(url)?.database;
    let heartbeats = indexer::heartbeats(&schema);
    tokio::select! {
        ended = run_heartbeat(url, &heartbeats) => Ok(ended?),
        never = indexer::watch_backlog(url, live) => Ok(never),
    }
}

/// The indexer blocks on the disk, so it has a thread of its own.
fn spawn_indexer(
    options: indexer::Options,
    analyzer: Analyzer,
    live: LiveHandle,
    stopped: impl Future<Output = ()> + Send + 'static,
) -> anyhow::Result<oneshot::Receiver<anyhow::Result<()>>> {
    let (send, receive) = oneshot::channel();
    std::thread::Builder::new()
        .name("indexer".to_owned())
        .spawn(move || {
            let ended = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .map_err(anyhow::Error::from);
            let ended = ended.and_then(|runtime| {
                runtime.block_on(async {
                    let indexer = Indexer::connect(options, analyzer, live).await?;
                    tokio::select! {
                        () = stopped => Ok(()),
                        died = indexer.run() => match died? {},
                    }
                })
            });
            // Nobody listens when the process is stopping.
            let _ = send.send(ended);
        })?;
    Ok(receive)
}

async fn start_site(roles: &mut Roles, settings: &Settings) -> anyhow::Result<()> {
    let listener = listen(settings.site_listen).await?;
    let router = dashboards::site::router(dashboards::Options::parse(&settings.api_url())?);
    let stopped = roles.stopped();
    roles.spawn("site", async move {
        Ok(dashboards::serve(listener, router, stopped).await?)
    });
    info!(address = %settings.site_listen, "the site listens");
    Ok(())
}

async fn start_back_office(
    roles: &mut Roles,
    settings: &Settings,
    token: Option<&OperatorToken>,
) -> anyhow::Result<()> {
    let listener = listen(settings.back_office_listen).await?;
    let mut options = dashboards::Options::parse(&settings.api_url())?;
    if let Some(token) = token {
        options = options.with_operators(&settings.operator_url(), token.reveal())?;
    }
    let router = dashboards::back_office::router(options);
    let stopped = roles.stopped();
    roles.spawn("back office", async move {
        Ok(dashboards::serve(listener, router, stopped).await?)
    });
    info!(address = %settings.back_office_listen, "the back office listens");
    Ok(())
}

async fn listen(address: std::net::SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| {
        format!(
            "cannot listen on {address}; is another jinmaek running? (--help lists the addresses)"
        )
    })
}
