//! `jinmaek eval`: how well searches find what is meant, measured by sets of questions with known answers.

mod collections;
mod judged;
mod measures;
mod questions;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use analyzers::Analyzer;
use clap::{Args, Subcommand};
use indexer::documents::Document;
use tokio::net::TcpListener;

use self::measures::Floors;
use crate::cli::Settings;

#[derive(Debug, Args)]
pub(crate) struct Eval {
    /// Print so many questions of each kind whose answer was not first.
    #[arg(
        long,
        env = "JINMAEK_EVAL_MISSES",
        value_name = "N",
        default_value_t = 0,
        global = true
    )]
    misses: usize,
    #[command(subcommand)]
    set: Set,
}

#[derive(Debug, Subcommand)]
enum Set {
    /// KorQuAD 1.0 (JSON): its paragraphs as articles, its questions. They are put into an index of their own.
    Korquad {
        /// The file.
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Queries made of names (TSV: kind, query, name), over the names of CSV files. They are put into an index of their own.
    Names {
        /// The queries.
        #[arg(value_name = "QUERIES")]
        queries: PathBuf,
        /// The files with all names, in a column 요양기관명, 약국명 or name.
        #[arg(value_name = "NAMES", required = true)]
        names: Vec<PathBuf>,
    },
    /// Judged queries (TSV: kind, query, answers with grades), asked of a running jinmaek. Without a file: the project's own, which
    /// need the sample data (`make run`, `jinmaek sample`).
    Judged {
        /// The queries; `tests/eval/queries.tsv` tells their form.
        #[arg(value_name = "FILE")]
        file: Option<PathBuf>,
        /// Address of the search API; else that of the configuration.
        #[arg(long, env = "JINMAEK_EVAL_URL", value_name = "URL")]
        url: Option<String>,
        /// Measures that must be reached (TSV: kind, measure, value); exit status 1 when one is not.
        #[arg(long, env = "JINMAEK_EVAL_FLOORS", value_name = "FILE")]
        floors: Option<PathBuf>,
    },
}

pub(crate) async fn run(settings: &Settings, eval: Eval) -> anyhow::Result<ExitCode> {
    // The index of a collection lives as long as its directory.
    let directory = tempfile::tempdir()?;
    let (url, questions, floors) = match &eval.set {
        Set::Korquad { file } => {
            let set = collections::korquad(file)?;
            let url = serve(settings, directory.path(), set.documents).await?;
            (url, set.questions, None)
        }
        Set::Names { queries, names } => {
            let set = collections::names(queries, &collections::read_names(names)?)?;
            let url = serve(settings, directory.path(), set.documents).await?;
            (url, set.questions, None)
        }
        Set::Judged { file, url, floors } => {
            let url = url.clone().unwrap_or_else(|| settings.api_url());
            let (questions, left_out) = judged::questions(file.as_deref(), &url).await?;
            if left_out > 0 {
                println!("{left_out} questions are left out: this index has no answer to them");
            }
            let floors = floors.as_deref().map(Floors::read).transpose()?;
            (url, questions, floors)
        }
    };
    let measures = questions::ask(&url, &questions, eval.misses).await?;
    print!("{measures}");
    let fallen = floors.map_or_else(Vec::new, |floors| floors.fallen(&measures));
    for line in &fallen {
        println!("{line}");
    }
    Ok(match fallen.is_empty() {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}

/// Puts the documents into an index of their own and opens the API over it, at the URL that is returned.
async fn serve(
    settings: &Settings,
    directory: &Path,
    documents: Vec<Document>,
) -> anyhow::Result<String> {
    let analyzer = Analyzer::load(&settings.ko_dic())?;
    println!("{} documents", documents.len());
    let live = indexer::detached(directory, &analyzer, documents)?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", listener.local_addr()?);
    let router = search_api::router(live, &search_api::Options::default());
    tokio::spawn(search_api::serve(listener, router, std::future::pending()));
    Ok(url)
}
