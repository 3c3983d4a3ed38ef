//! A real database and a real dictionary for each test, and an indexer that follows.

use std::path::PathBuf;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use analyzers::Analyzer;
use cdc::private_server::{self, PrivateServer};
use cdc::{Position, Server};
use indexer::{DirtyKey, Indexer, LiveHandle, LiveIndex, Progress};
use sqlx::MySqlPool;
use tempfile::TempDir;
use tokio::sync::OnceCell;
use tokio::time::timeout;

static SERVER: OnceCell<PrivateServer> = OnceCell::const_new();
static DATABASES: AtomicU32 = AtomicU32::new(0);
static ANALYZER: OnceLock<Analyzer> = OnceLock::new();

/// Long enough for a busy machine; a test that waits so long has failed.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) fn analyzer() -> Analyzer {
    let load = || {
        let default = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../.jinmaek/ko-dic"));
        let directory = std::env::var_os("JINMAEK_KO_DIC").map_or(default, PathBuf::from);
        Analyzer::load(&directory).expect("run `make ko-dic`")
    };
    ANALYZER.get_or_init(load).clone()
}

/// A database of its own, with the schema, and a directory for its index.
pub(crate) struct Platform {
    pub(crate) pool: MySqlPool,
    pub(crate) url: String,
    home: TempDir,
}

impl Platform {
    pub(crate) async fn new() -> Self {
        let server = SERVER
            .get_or_init(|| async {
                let directory = concat!(env!("CARGO_TARGET_TMPDIR"), "/mysql-indexer");
                let options = private_server::Options::for_tests(directory);
                PrivateServer::start_afresh(options).await.unwrap()
            })
            .await;
        let number = DATABASES.fetch_add(1, Ordering::Relaxed);
        let name = format!("test_{}_{number}", std::process::id());
        server.create_database(&name).await.unwrap();
        let url = server.url(&name);
        let pool = core_services::db::connect(&url).await.unwrap();
        core_services::MIGRATOR.run(&pool).await.unwrap();
        Self {
            pool,
            url,
            home: tempfile::tempdir().unwrap(),
        }
    }

    pub(crate) fn options(&self) -> indexer::Options {
        indexer::Options {
            database_url: self.url.clone(),
            directory: self.home.path().join("index"),
            meilisearch: None,
            server_id: None,
        }
    }

    /// An indexer that does one thing, as a command does.
    pub(crate) async fn indexer(&self) -> Indexer {
        Indexer::connect(self.options(), analyzer(), LiveHandle::default())
            .await
            .unwrap()
    }

    /// An indexer that follows on a thread of its own, as the platform's does, until the guard is dropped.
    pub(crate) fn follow(&self) -> Following {
        self.follow_with(self.options())
    }

    pub(crate) fn follow_with(&self, options: indexer::Options) -> Following {
        let live = LiveHandle::default();
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let handle = live.clone();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async {
                let indexer = Indexer::connect(options, analyzer(), handle).await.unwrap();
                tokio::select! {
                    _ = stopped => {}
                    died = indexer.run() => panic!("{died:?}"),
                }
            });
        });
        Following {
            live,
            stop: Some(stop),
            thread: Some(thread),
        }
    }

    pub(crate) async fn run(&self, statement: &str) {
        if let Err(error) = sqlx::raw_sql(sqlx::AssertSqlSafe(statement.to_owned()))
            .execute(&self.pool)
            .await
        {
            panic!("{statement}: {error}");
        }
    }

    /// A pharmacy by its name; returns its id.
    pub(crate) async fn add_pharmacy(&self, name: &str) -> u64 {
        sqlx::query("insert into institutions (registry, official_code, name, kind) values ('sample', uuid(), ?, 'pharmacy')")
            .bind(name)
            .execute(&self.pool)
            .await
            .unwrap()
            .last_insert_id()
    }

    pub(crate) async fn position(&self) -> Position {
        Server::connect(&self.url)
            .await
            .unwrap()
            .position()
            .await
            .unwrap()
    }
}

pub(crate) struct Following {
    pub(crate) live: LiveHandle,
    stop: Option<tokio::sync::oneshot::Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Following {
    /// The index as of everything committed by now.
    pub(crate) async fn now(&self, platform: &Platform) -> LiveIndex {
        self.live
            .wait_for(&platform.position().await, PATIENCE)
            .await
            .unwrap()
            .into_tantivy()
            .unwrap()
    }

    /// The same, once nothing waits to be read again either.
    pub(crate) async fn settled(&self, platform: &Platform) -> LiveIndex {
        self.now(platform).await;
        self.progress(|progress| progress.stale_tables.is_empty() && progress.postponed == 0)
            .await;
        self.live.current().unwrap().into_tantivy().unwrap()
    }

    /// How it goes, once it goes like that.
    pub(crate) async fn progress(&self, is_so: impl FnMut(&Progress) -> bool) -> Progress {
        let mut changes = self.live.progress_changes();
        let found = timeout(PATIENCE, changes.wait_for(is_so)).await;
        found.unwrap().unwrap().clone()
    }
}

impl Drop for Following {
    fn drop(&mut self) {
        drop(self.stop.take());
        let ended = self.thread.take().map(std::thread::JoinHandle::join);
        if !std::thread::panicking() {
            ended.unwrap().unwrap();
        }
    }
}

/// The JSON of a document; null when it is not there.
pub(crate) fn document(live: &LiveIndex, key: DirtyKey) -> serde_json::Value {
    let source = indexer::engines::tantivy::find_source(&live.searcher, &live.fields, key).unwrap();
    source.map_or(serde_json::Value::Null, |source| {
        serde_json::from_str(&source).unwrap()
    })
}
