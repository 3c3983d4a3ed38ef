//! `jinmaek eval`: how well searches find what is meant, measured by sets of questions with known answers.

mod collections;
mod measures;

use std::io::{self, IsTerminal};
use std::path::PathBuf;
use std::process::ExitCode;

use analyzers::Analyzer;
use clap::{Args, Subcommand};
use reqwest::Client;
use serde_json::Value;
use tokio::net::TcpListener;

use self::collections::Question;
use self::measures::{DEPTH, Measures};
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
}

pub(crate) async fn run(settings: &Settings, eval: Eval) -> anyhow::Result<ExitCode> {
    let collection = match &eval.set {
        Set::Korquad { file } => collections::korquad(file)?,
        Set::Names { queries, names } => {
            collections::names(queries, &collections::read_names(names)?)?
        }
    };
    let analyzer = Analyzer::load(&settings.ko_dic())?;
    let directory = tempfile::tempdir()?;
    println!(
        "{} documents, {} questions",
        collection.documents.len(),
        collection.questions.len()
    );
    let live = indexer::detached(directory.path(), &analyzer, collection.documents)?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}{}", listener.local_addr()?, collection.path);
    let router = search_api::router(live, &search_api::Options::default());
    tokio::spawn(search_api::serve(listener, router, std::future::pending()));
    let measures = ask(&url, collection.name, &collection.questions, eval.misses).await?;
    print!("{measures}");
    Ok(ExitCode::SUCCESS)
}

/// Asks every question of the API at `url`, whose hits are named by a field.
async fn ask(
    url: &str,
    name: &str,
    questions: &[Question],
    misses: usize,
) -> anyhow::Result<Measures> {
    let client = Client::new();
    let mut measures = Measures::default();
    let mut missed = std::collections::HashMap::<&str, usize>::new();
    for (index, question) in questions.iter().enumerate() {
        if index % 100 == 0 && io::stderr().is_terminal() {
            eprint!("\r{index}/{}", questions.len());
        }
        let depth = DEPTH.to_string();
        let request = client
            .get(url)
            .query(&[("q", question.text.as_str()), ("per_page", &depth)]);
        let reply: Value = request.send().await?.error_for_status()?.json().await?;
        let hits = reply["hits"].as_array().into_iter().flatten();
        let hits: Vec<_> = hits.filter_map(|hit| hit[name].as_str()).collect();
        let first = hits.iter().position(|hit| question.answers.contains(*hit));
        // Any of the answers is as good as all.
        let mut grades = vec![0; hits.len()];
        if let Some(grade) = first.and_then(|first| grades.get_mut(first)) {
            *grade = 1;
        }
        measures.add(&question.kind, &grades, &[1]);
        let missed = missed.entry(&question.kind).or_default();
        if first != Some(0) && *missed < misses {
            *missed += 1;
            let wanted = question.answers.first().map_or("", String::as_str);
            let got: Vec<_> = hits.iter().take(3).copied().collect();
            println!(
                "{}: {} → {wanted}? {:?}, rank {first:?}",
                question.kind, question.text, got
            );
        }
    }
    if io::stderr().is_terminal() {
        eprint!("\r");
    }
    Ok(measures)
}
