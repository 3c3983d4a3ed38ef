//! A real MariaDB, a real index that follows it, and the real router on a port of its own.

use std::cell::Cell;
use std::path::Path;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

use analyzers::Analyzer;
use cdc::private_server::{self, PrivateServer};
use cdc::{Position, Server};
use chrono::{DateTime, FixedOffset};
use indexer::engines::meilisearch;
use indexer::{Indexer, LiveHandle};
use reqwest::{Response, StatusCode};
use serde_json::Value;
use sqlx::{AssertSqlSafe, Connection, MySqlConnection};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::runtime;
use tokio::sync::OnceCell;

use crate::meilisearch::server::new_index;

static SERVER: OnceCell<PrivateServer> = OnceCell::const_new();
static DATABASES: AtomicU32 = AtomicU32::new(0);
static SHARED: OnceCell<TestApp> = OnceCell::const_new();
static SHARED_ON_MEILISEARCH: OnceCell<TestApp> = OnceCell::const_new();
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// Monday, 23 November 2026, 10:00 in Korea.
pub(crate) fn monday_at_ten() -> DateTime<FixedOffset> {
    "2026-11-23T10:00:00+09:00".parse().unwrap()
}

pub(crate) fn analyzer() -> Analyzer {
    static ANALYZER: OnceLock<Analyzer> = OnceLock::new();
    let load = || {
        let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/../.jinmaek/ko-dic");
        Analyzer::load(Path::new(directory)).unwrap()
    };
    ANALYZER.get_or_init(load).clone()
}

thread_local! {
    static IS_ON_MEILISEARCH: Cell<bool> = const { Cell::new(false) };
}

/// Runs a whole test, runtime and all, with Meilisearch as the engine of its app.
pub(crate) fn on_meilisearch<T>(test: fn() -> T) -> T {
    struct Back;
    impl Drop for Back {
        fn drop(&mut self) {
            IS_ON_MEILISEARCH.set(false);
        }
    }
    let _back = Back;
    IS_ON_MEILISEARCH.set(true);
    test()
}

pub(crate) struct TestApp {
    pub(crate) live: LiveHandle,
    url: String,
    database_url: String,
    directory: TempDir,
    meilisearch: Option<meilisearch::Options>,
}

impl TestApp {
    /// The one with the sample, for tests that change nothing.
    pub(crate) async fn shared() -> &'static Self {
        let start = || async {
            let database_url = database().await;
            crate::sample::insert(&database_url).await;
            Self::follow(database_url).await
        };
        if IS_ON_MEILISEARCH.get() {
            return SHARED_ON_MEILISEARCH.get_or_init(start).await;
        }
        SHARED.get_or_init(start).await
    }

    /// One with empty tables but for the departments and holidays of the migrations.
    pub(crate) async fn empty() -> Self {
        Self::follow(database().await).await
    }

    /// One with these statements run before the index is built.
    pub(crate) async fn with(statements: &[&str]) -> Self {
        let database_url = database().await;
        execute(&database_url, statements).await;
        Self::follow(database_url).await
    }

    /// One without any index.
    pub(crate) fn without_index() -> Self {
        let live = LiveHandle::default();
        Self {
            url: serve(live.clone(), search_api::Options::default()),
            live,
            database_url: String::new(),
            directory: tempfile::tempdir().unwrap(),
            meilisearch: None,
        }
    }

    async fn follow(database_url: String) -> Self {
        let meilisearch = match IS_ON_MEILISEARCH.get() {
            true => Some(new_index().await),
            false => None,
        };
        Self::follow_with(database_url, meilisearch).await
    }

    /// One with empty tables and this engine.
    pub(crate) async fn empty_with(meilisearch: meilisearch::Options) -> Self {
        Self::follow_with(database().await, Some(meilisearch)).await
    }

    async fn follow_with(database_url: String, meilisearch: Option<meilisearch::Options>) -> Self {
        let live = LiveHandle::default();
        let mut app = Self {
            url: String::new(),
            live: live.clone(),
            database_url,
            directory: tempfile::tempdir().unwrap(),
            meilisearch,
        };
        let (options, handle) = (app.indexer_options(), live.clone());
        // A thread of its own, as the tests' runtimes end one by one.
        thread::spawn(move || {
            let runtime = runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async {
                let indexer = Indexer::connect(options, analyzer(), handle).await.unwrap();
                indexer.run().await.unwrap();
            });
        });
        let options = search_api::Options {
            clock: monday_at_ten,
            position_patience: Duration::from_secs(2),
            ..search_api::Options::default()
        };
        app.url = serve(live, options);
        app.live
            .wait_for(&app.position().await, PATIENCE)
            .await
            .unwrap();
        app
    }

    /// What its indexer works with.
    pub(crate) fn indexer_options(&self) -> indexer::Options {
        indexer::Options {
            database_url: self.database_url.clone(),
            directory: self.directory.path().to_owned(),
            meilisearch: self.meilisearch.clone(),
            server_id: None,
        }
    }

    /// Runs statements in one transaction, and tells the position after it.
    pub(crate) async fn execute(&self, statements: &[&str]) -> Position {
        execute(&self.database_url, statements).await;
        self.position().await
    }

    /// The same, once the index has it.
    pub(crate) async fn execute_and_wait(&self, statements: &[&str]) {
        let position = self.execute(statements).await;
        self.live.wait_for(&position, PATIENCE).await.unwrap();
    }

    pub(crate) async fn position(&self) -> Position {
        let mut server = Server::connect(&self.database_url).await.unwrap();
        server.position().await.unwrap()
    }

    pub(crate) async fn request(&self, path: &str, query: &[(&str, &str)]) -> Response {
        let request = reqwest::Client::new()
            .get(format!("{}{path}", self.url))
            .query(query);
        request.send().await.unwrap()
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    /// The JSON of a request that succeeds.
    pub(crate) async fn get(&self, path: &str, query: &[(&str, &str)]) -> Value {
        let response = self.request(path, query).await;
        let status = response.status();
        let value: Value = response.json().await.unwrap();
        assert_eq!(status, StatusCode::OK, "{path} {query:?}: {value}");
        value
    }

    /// The problem of a request that fails.
    pub(crate) async fn problem(&self, path: &str, query: &[(&str, &str)]) -> Value {
        let response = self.request(path, query).await;
        let (status, headers) = (response.status(), response.headers().clone());
        let problem: Value = response.json().await.unwrap();
        assert_eq!(
            headers["content-type"], "application/problem+json",
            "{path} {query:?}: {problem}"
        );
        assert_eq!(problem["status"], status.as_u16());
        assert_eq!(
            problem["type"],
            format!("urn:jinmaek:problem:{}", problem["code"].as_str().unwrap())
        );
        assert!(problem["title"].is_string() && problem["detail"].is_string());
        problem
    }

    /// The parameter that a request is refused for.
    pub(crate) async fn refused(&self, path: &str, query: &[(&str, &str)]) -> String {
        let problem = self.problem(path, query).await;
        assert_eq!(problem["code"], "invalid_parameter", "{query:?}");
        problem["parameter"].as_str().unwrap().to_owned()
    }

    /// The institutions of a search, by their names.
    pub(crate) async fn names(&self, query: &[(&str, &str)]) -> Vec<String> {
        names(&self.get("/v1/search/institutions", query).await)
    }
}

pub(crate) fn names(reply: &Value) -> Vec<String> {
    let hits = reply["hits"].as_array().unwrap().iter();
    hits.map(|hit| hit["name"].as_str().unwrap().to_owned())
        .collect()
}

pub(crate) fn ids(reply: &Value) -> Vec<u64> {
    let hits = reply["hits"].as_array().unwrap().iter();
    hits.map(|hit| hit["id"].as_u64().unwrap()).collect()
}

/// The pieces of a text, with the marked ones in brackets.
pub(crate) fn shown(pieces: &Value) -> String {
    let pieces = pieces.as_array().unwrap().iter();
    let text = |piece: &Value| piece["text"].as_str().unwrap().to_owned();
    pieces
        .map(|piece| {
            if piece["marked"] == true {
                format!("[{}]", text(piece))
            } else {
                text(piece)
            }
        })
        .collect()
}

pub(crate) fn serve(live: LiveHandle, options: search_api::Options) -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        let runtime = runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let listener = TcpListener::from_std(listener).unwrap();
            let router = search_api::router(live, &options);
            search_api::serve(listener, router, std::future::pending())
                .await
                .unwrap();
        });
    });
    format!("http://{address}")
}

async fn database() -> String {
    let start = || async {
        let directory = concat!(env!("CARGO_TARGET_TMPDIR"), "/mysql-search-api");
        PrivateServer::start_afresh(private_server::Options::for_tests(directory))
            .await
            .unwrap()
    };
    let server = SERVER.get_or_init(start).await;
    let number = DATABASES.fetch_add(1, Ordering::Relaxed);
    let name = format!("test_{}_{number}", std::process::id());
    server.create_database(&name).await.unwrap();
    let url = server.url(&name);
    let mut connection = MySqlConnection::connect(&url).await.unwrap();
    core_services::MIGRATOR.run(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    url
}

pub(crate) async fn execute(database_url: &str, statements: &[&str]) {
    let mut connection = MySqlConnection::connect(database_url).await.unwrap();
    let mut transaction = connection.begin().await.unwrap();
    for statement in statements {
        let result = sqlx::raw_sql(AssertSqlSafe(*statement))
            .execute(&mut *transaction)
            .await;
        if let Err(error) = result {
            panic!("{statement}: {error}");
        }
    }
    transaction.commit().await.unwrap();
    connection.close().await.unwrap();
}

/// What the parts of a score count together.
pub(crate) fn sum(parts: &Value) -> f64 {
    let parts = parts.as_array().unwrap().iter();
    parts.map(|part| part["score"].as_f64().unwrap()).sum()
}

/// Each hit's score is what its parts count together.
pub(crate) fn scores_add_up(reply: &Value) {
    for hit in reply["hits"].as_array().unwrap() {
        let (score, parts) = (hit["score"].as_f64().unwrap(), &hit["explanation"]);
        assert!((sum(parts) - score).abs() < score.abs() * 1e-5, "{hit}");
    }
}
