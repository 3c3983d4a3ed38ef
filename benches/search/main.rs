//! Searches over 100,000 synthetic institutions and 100,000 synthetic articles: by HTTP, by the same router without HTTP, and in SQL with
//! `LIKE '%…%'` and FULLTEXT on the same rows in the same run; and how fast the index of them is built. `make bench-search` runs it.
//!
//! The rows are made once, with a fixed seed, and stay in the target directory. Settings: `JINMAEK_BENCH_INSTITUTIONS` and
//! `JINMAEK_BENCH_ARTICLES` (100,000 each), `JINMAEK_BENCH_ROUNDS` (3), `JINMAEK_BENCH_SECONDS` (3; of each measurement),
//! `JINMAEK_BENCH_CONNECTIONS` (8), `JINMAEK_BENCH_CLASSES` and `JINMAEK_BENCH_WAYS` (their names with commas between; all),
//! `JINMAEK_BENCH_KEEP_INDEX=1` (searches the index of the last run), `JINMAEK_BENCH_DATA` (the folder of the real names).

mod load;
mod machine;
mod questions;
mod sources;
mod tables;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use analyzers::Analyzer;
use cdc::private_server::{Options, PrivateServer};
use cdc::{Flavour, Server};
use indexer::{Indexer, LiveHandle};
use tokio::net::TcpListener;

use self::load::{Loop, Sample};
use self::machine::{bytes, print_machine, print_memory, processor_seconds};
use self::questions::Class;
use self::sources::Sources;
use self::tables::Tables;

const SEED: u64 = 20_261_121;
/// How long the index may take until searches see it.
const INDEX_TIME_MAX: Duration = Duration::from_secs(3_600);
/// Those who ask MySQL at once: as many as there are processors, since more only wait.
const SQL_ASKERS: usize = 2;
/// How the questions are asked.
const WAYS: [&str; 4] = ["http", "in-process", "like", "fulltext"];

fn text_setting(name: &str) -> String {
    std::env::var(format!("JINMAEK_BENCH_{name}")).unwrap_or_default()
}

fn setting(name: &str, default: usize) -> usize {
    text_setting(name).parse().unwrap_or(default)
}

/// Whether the name is among those that were chosen; all are when none was.
fn is_chosen(setting: &str, name: &str) -> bool {
    let chosen = text_setting(setting);
    chosen.is_empty() || chosen.split(',').any(|chosen| name.starts_with(chosen))
}

fn main() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(measure());
}

async fn measure() {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bench-search");
    let options = Options::for_tests(directory.join("mysql"));
    let is_mysql = options.flavour() == Flavour::MySql;
    let options = options
        .with_argument("--innodb-buffer-pool-size=3G")
        .with_argument("--innodb-log-file-size=1G")
        .with_argument("--innodb-ft-min-token-size=2")
        .with_argument("--innodb-sort-buffer-size=32M")
        .with_argument("--max-connections=64");
    let server = PrivateServer::start(options)
        .await
        .expect("a private server");
    let sources = Sources::read();
    let started = Instant::now();
    let institutions = Tables::institutions(&server, &sources).await;
    let all = Tables::all(&server, &institutions, &sources, is_mysql).await;
    let version = Server::connect(&all.url)
        .await
        .expect("the server")
        .version()
        .to_owned();
    print_machine(&version, is_mysql);
    println!(
        "synthetic: {} institutions and {} articles, seed {SEED}, drawn from {}; rows ready after {:.0} s",
        institutions_count(),
        articles_count(),
        sources.describe(),
        started.elapsed().as_secs_f64()
    );
    print_memory("before the index");
    let ko_dic = concat!(env!("CARGO_MANIFEST_DIR"), "/.jinmaek/ko-dic");
    let analyzer = Analyzer::load(Path::new(ko_dic)).expect("the Korean dictionary");
    let folder = directory.join("index");
    if text_setting("KEEP_INDEX") != "1" {
        build(&institutions, &all, &directory, &analyzer).await;
    }
    let live = follow(&all.url, &folder, &analyzer).await;
    let router = search_api::router(live, &search_api::Options::default());
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("its address");
    tokio::spawn(search_api::serve(
        listener,
        router.clone(),
        std::future::pending(),
    ));
    let classes = questions::classes(&all.pool, &sources).await;
    warm(&all).await;
    let target = Target {
        address,
        router,
        url: all.url.clone(),
    };
    target.ask_first(&classes).await;
    println!(
        "closed loops: {} connections (HTTP/1.1 keep-alive, blocking threads, on the same processors) or tasks; {SQL_ASKERS} of MySQL",
        setting("CONNECTIONS", 8)
    );
    println!(
        "{:<40} {:<11} {:>9} {:>9} {:>9} {:>9} {:>6}",
        "", "way", "req/s", "p50 ms", "p99 ms", "CPU ms", "found"
    );
    for class in classes
        .iter()
        .filter(|class| is_chosen("CLASSES", class.name))
    {
        target.compare(class).await;
    }
    print_memory("after searching");
}

/// Builds the index of the institutions alone, and that of everything, which is searched then.
async fn build(institutions: &Tables, all: &Tables, directory: &Path, analyzer: &Analyzer) {
    let (count, all_count) = (
        institutions_count(),
        institutions_count() + articles_count(),
    );
    for (what, tables, documents, folder) in [
        (
            "institutions alone",
            institutions,
            count,
            "index-institutions",
        ),
        ("institutions and articles", all, all_count, "index"),
    ] {
        let folder = directory.join(folder);
        let _ = std::fs::remove_dir_all(&folder);
        let seconds = rebuild(&tables.url, &folder, analyzer).await;
        print_built(what, documents, seconds, &folder);
        print_memory("after it was built");
    }
}

fn institutions_count() -> usize {
    setting("INSTITUTIONS", 100_000)
}

fn articles_count() -> usize {
    setting("ARTICLES", 100_000)
}

fn print_built(what: &str, documents: usize, (seconds, processor): (f64, f64), folder: &Path) {
    println!(
        "index of {what}: {documents} documents in {seconds:.1} s ({processor:.1} s of our processor time), {:.0} a second from the tables to the commit; \
         {:.1} MB on the disk",
        documents as f64 / seconds,
        bytes(folder) as f64 / 1e6
    );
}

fn options(url: &str, folder: &Path) -> indexer::Options {
    indexer::Options {
        database_url: url.to_owned(),
        directory: PathBuf::from(folder),
        server_id: None,
        meilisearch: None,
    }
}

/// Runs something of the indexer's on a thread of its own, as the program does.
fn on_a_thread<T: Send + 'static, F: Future<Output = T>>(
    work: impl FnOnce() -> F + Send + 'static,
) -> thread::JoinHandle<T> {
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        runtime.expect("a runtime").block_on(work())
    })
}

/// Builds the index as the program does, and tells how many seconds it took, and how many of our processors' time.
async fn rebuild(url: &str, folder: &Path, analyzer: &Analyzer) -> (f64, f64) {
    let (options, analyzer) = (options(url, folder), analyzer.clone());
    let build = on_a_thread(move || async move {
        let indexer = Indexer::connect(options, analyzer, LiveHandle::default())
            .await
            .expect("an indexer");
        let (started, processor) = (Instant::now(), processor_seconds());
        indexer.rebuild().await.expect("an index");
        (
            started.elapsed().as_secs_f64(),
            processor_seconds() - processor,
        )
    });
    let build = tokio::task::spawn_blocking(move || build.join());
    build.await.expect("no panic").expect("no panic")
}

/// Follows the tables with the index, for ever.
async fn follow(url: &str, folder: &Path, analyzer: &Analyzer) -> LiveHandle {
    let live = LiveHandle::default();
    let (options, analyzer, handle) = (options(url, folder), analyzer.clone(), live.clone());
    on_a_thread(move || async move {
        let indexer = Indexer::connect(options, analyzer, handle)
            .await
            .expect("an indexer");
        indexer.run().await
    });
    live.wait_until(INDEX_TIME_MAX, |_| true)
        .await
        .expect("an index");
    live
}

/// Reads every row once, so that MySQL has them all in memory.
async fn warm(tables: &Tables) {
    for statement in [
        "select cast(sum(char_length(body)) as signed) from articles",
        "select cast(sum(char_length(name) + char_length(address)) as signed) from institutions",
        "select cast(sum(opens_minute) as signed) from opening_hours",
        "select cast(sum(department_id) as signed) from institution_departments",
    ] {
        let _: i64 = sqlx::query_scalar(statement)
            .fetch_one(&tables.pool)
            .await
            .expect("a sum");
    }
}

/// Who is asked.
struct Target {
    address: SocketAddr,
    router: axum::Router,
    url: String,
}

impl Target {
    /// The first question to the process waits for what is made of the index once.
    async fn ask_first(&self, classes: &[Class]) {
        let once = Loop {
            askers: 1,
            time: Duration::ZERO,
        };
        for when in ["first", "second"] {
            let sample = once.in_process(&self.router, &classes[0].questions).await;
            println!("{when} search: {:.1} ms", sample.milliseconds(1.0));
        }
    }

    /// Asks the questions of a class in every way, in turns, and prints the medians of the rounds.
    async fn compare(&self, class: &Class) {
        let (rounds, ways) = (
            setting("ROUNDS", 3),
            WAYS.into_iter().filter(|way| is_chosen("WAYS", way)),
        );
        // In SQL a mix would be the questions about articles and nothing else.
        let ways: Vec<&str> = ways
            .filter(|way| class.name != "mix" || ["http", "in-process"].contains(way))
            .collect();
        let time = Duration::from_secs(setting("SECONDS", 3) as u64);
        let mut samples: Vec<Vec<Sample>> = vec![Vec::new(); ways.len()];
        for round in 0..=rounds {
            for (way, samples) in ways.iter().zip(&mut samples) {
                // What comes first warms up, which MySQL already is.
                let is_warm_up = round == 0;
                if is_warm_up && ["like", "fulltext"].contains(way) {
                    continue;
                }
                let sample = self
                    .ask(way, class, if is_warm_up { time / 3 } else { time })
                    .await;
                samples.extend((!is_warm_up).then_some(sample));
            }
        }
        let mut rates = Vec::new();
        for (way, samples) in ways.iter().zip(&samples) {
            let median = |of: &dyn Fn(&Sample) -> f64| {
                let mut values: Vec<f64> = samples.iter().map(of).collect();
                values.sort_by(f64::total_cmp);
                values[values.len() / 2]
            };
            let rate = median(&Sample::a_second);
            println!(
                "{:<40} {way:<11} {rate:>9.1} {:>9.2} {:>9.2} {:>9.3} {:>5.0}%",
                class.name,
                median(&|sample| sample.milliseconds(0.5)),
                median(&|sample| sample.milliseconds(0.99)),
                median(&Sample::processor_milliseconds),
                median(&Sample::found) * 100.0
            );
            rates.push((*way, rate));
        }
        let rate = |way: &str| {
            rates
                .iter()
                .find(|(known, _)| *known == way)
                .map(|(_, rate)| *rate)
        };
        let ratio = |of: &str, to: &str| Some(rate(of)? / rate(to)?);
        if let Some(ratio) = ratio("http", "like") {
            println!("{:<40} HTTP = {ratio:.0} × LIKE", "");
        }
        if let Some(ratio) = ratio("http", "fulltext") {
            println!("{:<40} HTTP = {ratio:.1} × FULLTEXT", "");
        }
        if let Some(ratio) = ratio("in-process", "http") {
            println!("{:<40} HTTP costs {ratio:.2} × the search without it", "");
        }
    }

    async fn ask(&self, way: &str, class: &Class, time: Duration) -> Sample {
        let questions = &class.questions;
        let many = Loop {
            askers: setting("CONNECTIONS", 8),
            time,
        };
        let few = Loop {
            askers: SQL_ASKERS,
            time,
        };
        match way {
            "http" => {
                let (address, questions) = (self.address, questions.clone());
                let asking = tokio::task::spawn_blocking(move || many.http(address, &questions));
                asking.await.expect("no panic")
            }
            "in-process" => many.in_process(&self.router, questions).await,
            "like" => {
                few.sql(
                    &self.url,
                    questions
                        .iter()
                        .map(|question| question.like.clone())
                        .collect(),
                )
                .await
            }
            _ => {
                few.sql(
                    &self.url,
                    questions
                        .iter()
                        .map(|question| question.fulltext.clone())
                        .collect(),
                )
                .await
            }
        }
    }
}
