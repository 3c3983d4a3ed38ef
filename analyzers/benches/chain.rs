//! How fast a text becomes terms, beside bare lindera cutting the same text with the same ko-dic in the same run: `make bench-analyzers`.
//!
//! Bare lindera is what nobody can leave out: normal mode, no user dictionary, its tokens walked over; its lattice is kept from text to
//! text, as the chain keeps its own. The two take turns, so that whatever else the machine does befalls both, and each round has a
//! thread of its own, so that the chain remembers no word from the round before.
//!
//! Setting: `JINMAEK_BENCH_ROUNDS` (41).

use std::borrow::Cow;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use analyzers::Analyzer;
use lindera::dictionary::{Dictionary, Lattice};
use lindera::mode::Mode;
use lindera::segmenter::Segmenter;

/// Rounds before those that are timed: the dictionary is mapped and read while they run.
const WARM_UP: usize = 2;

fn main() {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let ko_dic =
        std::env::var_os("JINMAEK_KO_DIC").map_or(workspace.join(".jinmaek/ko-dic"), PathBuf::from);
    let analyzer = Analyzer::load(&ko_dic).expect("run `make ko-dic`");
    let bare = Segmenter::new(
        Mode::Normal,
        Dictionary::load_from_path(&ko_dic).expect("the dictionary opens"),
        None,
    );
    let (source, texts) = texts(&workspace);
    let bytes: usize = texts.iter().map(String::len).sum();
    let rounds = std::env::var("JINMAEK_BENCH_ROUNDS").unwrap_or_default();
    let rounds: usize = rounds.parse().unwrap_or(41);

    let bare_round = || {
        let mut lattice = Lattice::default();
        let count = |text| {
            let tokens = bare.segment_with_lattice(Cow::Borrowed(text), &mut lattice);
            tokens
                .expect("lindera cuts it")
                .iter()
                .map(black_box)
                .count()
        };
        texts.iter().map(String::as_str).map(count).sum()
    };
    let chain_round = || {
        let count = |text: &String| analyzer.analyze(text).iter().map(black_box).count();
        texts.iter().map(count).sum()
    };
    let mut times = Vec::with_capacity(rounds);
    let (tokens, terms): (usize, usize) = (bare_round(), chain_round());
    for round in 0..WARM_UP + rounds {
        // Each goes first every other time.
        let (bare, chain) = if round % 2 == 0 {
            (time(&bare_round), time(&chain_round))
        } else {
            let chain = time(&chain_round);
            (time(&bare_round), chain)
        };
        if round >= WARM_UP {
            times.push((bare, chain));
        }
    }
    let rate = |time: &Duration| bytes as f64 / 1e6 / time.as_secs_f64();
    let (bare_rates, chain_rates): (Vec<f64>, Vec<f64>) = times
        .iter()
        .map(|(bare, chain)| (rate(bare), rate(chain)))
        .unzip();
    let ratios = times
        .iter()
        .map(|(bare, chain)| bare.as_secs_f64() / chain.as_secs_f64());
    println!(
        "{source}: {} texts, {:.2} MB; one thread, {rounds} rounds of each in turn; median (quartiles)\n  \
         bare lindera, {tokens} tokens   {} MB/s\n  \
         whole chain, {terms} terms     {} MB/s\n  \
         chain ÷ bare                   {}",
        texts.len(),
        bytes as f64 / 1e6,
        quartiles(bare_rates),
        quartiles(chain_rates),
        quartiles(ratios.collect()),
    );
}

/// How long a round takes in a thread of its own, where nothing is remembered from the round before.
fn time(round: &(impl Fn() -> usize + Sync)) -> Duration {
    std::thread::scope(|scope| {
        let timed = scope.spawn(|| {
            let started = Instant::now();
            black_box(round());
            processor_time().unwrap_or_else(|| started.elapsed())
        });
        timed.join().expect("the round ends")
    })
}

/// How long this thread has had a processor, where the system tells (Linux): what else the machine does hardly counts then.
fn processor_time() -> Option<Duration> {
    let times = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanoseconds = times.split(' ').next()?.parse().ok()?;
    Some(Duration::from_nanos(nanoseconds))
}

fn quartiles(mut values: Vec<f64>) -> String {
    values.sort_by(f64::total_cmp);
    let at = |share: f64| values[((values.len() - 1) as f64 * share) as usize];
    format!("{:.3} ({:.3}–{:.3})", at(0.5), at(0.25), at(0.75))
}

/// KorQuAD's paragraphs when the file is beside the project, else our own articles; with what they are.
fn texts(workspace: &Path) -> (&'static str, Vec<String>) {
    if let Ok(json) = std::fs::read(workspace.join("../shared/data/KorQuAD_v1.0_dev.json")) {
        let json: serde_json::Value = serde_json::from_slice(&json).expect("KorQuAD is JSON");
        let articles = json["data"].as_array().expect("articles");
        let paragraphs = articles
            .iter()
            .flat_map(|article| article["paragraphs"].as_array().expect("paragraphs"))
            .map(|paragraph| paragraph["context"].as_str().expect("a text").to_owned());
        return ("KorQuAD 1.0 dev, paragraphs", paragraphs.collect());
    }
    let files = std::fs::read_dir(workspace.join("core-services/sample/articles"));
    let texts = files
        .expect("our articles")
        .map(|file| std::fs::read_to_string(file.expect("a file").path()).expect("a text"));
    ("our sample articles", texts.collect())
}
