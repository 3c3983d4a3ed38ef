//! The whole way from a row of the database to a page: MariaDB, indexer, search API, and both sites on ports of their own.

use std::future::pending;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use analyzers::Analyzer;
use axum::Router;
use cdc::Server;
use cdc::private_server::{Options, PrivateServer};
use core_services::OperatorToken;
use dashboards::{back_office, site};
use indexer::{Indexer, LiveHandle};
use sqlx::{AssertSqlSafe, MySqlPool};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::{OnceCell, oneshot};

/// The index follows within milliseconds; building it takes a second on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

static SERVER: OnceCell<PrivateServer> = OnceCell::const_new();
static DATABASES: AtomicU32 = AtomicU32::new(0);

/// Everything that stands behind a page.
pub(crate) struct Stack {
    pub(crate) pool: MySqlPool,
    pub(crate) site: String,
    pub(crate) back_office: String,
    url: String,
    live: LiveHandle,
    indexer: Option<(oneshot::Sender<()>, JoinHandle<()>)>,
    _directory: TempDir,
}

impl Stack {
    /// With these statements run before the index is built.
    pub(crate) async fn with(statements: &[&str]) -> Self {
        let stack = Self::without_index().await;
        for statement in statements {
            stack.execute(statement).await;
        }
        stack.indexed().await
    }

    /// With so many synthetic institutions, and the articles built into the program.
    pub(crate) async fn with_sample(institutions: u32, statements: &[&str]) -> Self {
        let stack = Self::without_index().await;
        let mut silent = core_services::import::progress::Silent;
        core_services::sample::load(&stack.pool, 7, institutions, &mut silent)
            .await
            .unwrap();
        for statement in statements {
            stack.execute(statement).await;
        }
        stack.indexed().await
    }

    /// The sites, and an API that has no index yet.
    pub(crate) async fn without_index() -> Self {
        let server = SERVER
            .get_or_init(|| async {
                let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("dashboards-mariadb");
                PrivateServer::start_afresh(Options::for_tests(directory))
                    .await
                    .unwrap()
            })
            .await;
        let number = DATABASES.fetch_add(1, Ordering::Relaxed);
        let name = format!("pages_{}_{number}", std::process::id());
        server.create_database(&name).await.unwrap();
        let url = server.url(&name);
        let pool = core_services::db::connect(&url).await.unwrap();
        core_services::MIGRATOR.run(&pool).await.unwrap();
        let live = LiveHandle::default();
        let api = search_api::router(live.clone(), &search_api::Options::default());
        let api = serve(api).await;
        let options = dashboards::Options::parse(&api).unwrap();
        let token = OperatorToken::generate();
        let operators = serve(core_services::router(pool.clone(), &url, token.clone())).await;
        let office = options.clone().with_operators(&operators, token.reveal());
        Self {
            pool,
            url,
            live,
            site: serve(site::router(options.clone())).await,
            back_office: serve(back_office::router(office.unwrap())).await,
            indexer: None,
            _directory: TempDir::new().unwrap(),
        }
    }

    /// Builds the index and follows the tables, on a thread of its own as the program does.
    pub(crate) async fn indexed(mut self) -> Self {
        let options = indexer::Options {
            database_url: self.url.clone(),
            directory: self._directory.path().join("index"),
            meilisearch: None,
            server_id: None,
        };
        let live = self.live.clone();
        let (stop, stopped) = oneshot::channel();
        let follow = async move {
            let indexer = Indexer::connect(options, analyzer(), live).await.unwrap();
            tokio::select! {
                result = indexer.run() => panic!("the indexer ended: {result:?}"),
                _ = stopped => {}
            }
        };
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(follow);
        });
        self.indexer = Some((stop, thread));
        self.caught_up().await;
        self
    }

    pub(crate) async fn execute(&self, statement: &str) {
        if let Err(error) = sqlx::raw_sql(AssertSqlSafe(statement))
            .execute(&self.pool)
            .await
        {
            panic!("{statement}: {error}");
        }
    }

    /// Returns when searches are answered from another generation than the first.
    pub(crate) async fn rebuilt(&self) {
        let is_newer = |index: &indexer::Shown| index.generation() > 1;
        self.live.wait_until(PATIENCE, is_newer).await.unwrap();
    }

    /// Returns when searches see all that is in the database now.
    pub(crate) async fn caught_up(&self) {
        let position = Server::connect(&self.url)
            .await
            .unwrap()
            .position()
            .await
            .unwrap();
        self.live.wait_for(&position, PATIENCE).await.unwrap();
    }

    /// A patients' page.
    pub(crate) async fn page(&self, address: &str) -> Page {
        get(&format!("{}{address}", self.site)).await
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        if let Some((stop, thread)) = self.indexer.take() {
            let _ = stop.send(());
            let _ = thread.join();
        }
    }
}

/// A reply as a browser gets it.
pub(crate) struct Page {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) html: String,
}

impl Page {
    #[track_caller]
    pub(crate) fn shows(&self, text: &str) -> &Self {
        assert!(self.html.contains(text), "no {text:?} in\n{}", self.html);
        self
    }

    #[track_caller]
    pub(crate) fn hides(&self, text: &str) -> &Self {
        assert!(!self.html.contains(text), "{text:?} in\n{}", self.html);
        self
    }

    /// Where the first link whose text contains `text` leads.
    #[track_caller]
    pub(crate) fn link(&self, text: &str) -> String {
        let link = self.html.split("<a ").skip(1).find(|rest| {
            let end = rest.find("</a>").unwrap_or(rest.len());
            rest[..end]
                .split_once('>')
                .is_some_and(|(_, inner)| inner.contains(text))
        });
        let Some(link) = link else {
            panic!("no link {text:?} in\n{}", self.html);
        };
        let (_, rest) = link.split_once("href=\"").unwrap();
        rest[..rest.find('"').unwrap()]
            .replace("&#38;", "&")
            .replace("&amp;", "&")
    }
}

/// Fetches an address.
pub(crate) async fn get(url: &str) -> Page {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let response = client.get(url).send().await.unwrap();
    Page {
        status: response.status().as_u16(),
        headers: response.headers().clone(),
        html: response.text().await.unwrap(),
    }
}

/// Serves a router for as long as the test's runtime lives; where.
pub(crate) async fn serve(router: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(dashboards::serve(listener, router, pending()));
    format!("http://{address}")
}

/// An address where nobody answers.
pub(crate) async fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

/// The analyzer over the ko-dic that `make ko-dic` builds.
fn analyzer() -> Analyzer {
    static ANALYZER: OnceLock<Analyzer> = OnceLock::new();
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.jinmaek/ko-dic");
    let directory = std::env::var_os("JINMAEK_KO_DIC").map_or(workspace, PathBuf::from);
    let load =
        || Analyzer::load(&directory).unwrap_or_else(|error| panic!("{error} (run `make ko-dic`)"));
    ANALYZER.get_or_init(load).clone()
}
