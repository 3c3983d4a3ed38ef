//! Suggestions at every keystroke: how long the server takes, and whether its memory stays where it is.
//!
//! Synthetic institutions (`JINMAEK_BENCH_INSTITUTIONS`, 100,000) in an index that follows nothing; keystrokes on the way to their
//! names (`JINMAEK_BENCH_KEYSTROKES`, 1,000,000) from a fixed seed: as an input method shows them, as first consonants, with the
//! keyboard set to English, with a wrong vowel. First by the router alone, then a tenth of them over HTTP.

use std::time::Instant;

use analyzers::Analyzer;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::Request;
use indexer::documents::{Document, InstitutionDocument, parse_source};
use rand::prelude::*;
use tower::ServiceExt;

const SEED: u64 = 20_261_121;
/// Points of the run at which memory is told.
const POINTS: usize = 10;
const BRANDS: &str = "서울 연세 우리 튼튼 미소 하나 한마음 새봄 중앙 성모 강남 행복 푸른 바른 참 삼성 현대 고척 부산 속초 365 베스트 라온 온누리";
const KINDS: &str = "내과의원 치과의원 정형외과 소아청소년과의원 이비인후과의원 한의원 약국 병원 피부과의원 안과의원";
/// The keys of first consonants and of vowels.
const FIRST_KEYS: &str = "r R s e E f a q Q t T d w W c z x v g";
const VOWEL_KEYS: &str = "k o i O j p u P h hk ho hl y n nj np nl b m ml l";
const FIRST: &str = "ㄱ ㄲ ㄴ ㄷ ㄸ ㄹ ㅁ ㅂ ㅃ ㅅ ㅆ ㅇ ㅈ ㅉ ㅊ ㅋ ㅌ ㅍ ㅎ";

fn pick<'a>(list: &'a str, random: &mut StdRng) -> &'a str {
    list.split(' ').choose(random).unwrap_or_default()
}

fn nth(list: &str, index: usize) -> &str {
    list.split(' ').nth(index).unwrap_or_default()
}

fn number(variable: &str, usual: usize) -> usize {
    let told = std::env::var(variable).ok();
    told.and_then(|told| told.parse().ok()).unwrap_or(usual)
}

/// A brand, perhaps with syllables of its own and another brand, and a kind: very many begin alike.
fn name(random: &mut StdRng) -> String {
    let mut name = pick(BRANDS, random).to_owned();
    for _ in 0..random.random_range(0..3) {
        name.extend(char::from_u32(0xac00 + random.random_range(0..11_172)));
    }
    if random.random_bool(0.5) {
        name.push_str(if random.random_bool(0.3) { " " } else { "" });
        name.push_str(pick(BRANDS, random));
    }
    name + pick(KINDS, random)
}

fn institution(id: usize, name: &str) -> Document {
    let source = serde_json::json!({
        "id": id + 1, "registry": "sample", "official_code": id.to_string(), "name": name, "kind": "clinic",
        "sido": "서울특별시", "sigungu": "강남구", "eupmyeondong": "역삼동",
        "address": format!("서울특별시 강남구 큰길 {id}"), "has_emergency_room": false, "departments": [],
        "hours": [{"day": 1, "opens": 540, "closes": 1080}],
    });
    let document: InstitutionDocument = parse_source(&source.to_string()).expect("a document");
    Document::Institution(Box::new(document))
}

/// First consonant, vowel and last consonant of a syllable, as numbers.
fn parts(letter: char) -> Option<(usize, usize, usize)> {
    let index = (u32::from(letter) as usize).checked_sub(0xac00)?;
    (index < 11_172).then_some((index / 588, index / 28 % 21, index % 28))
}

fn syllable(first: usize, vowel: usize, last: usize) -> String {
    let code = 0xac00 + (first * 21 + vowel) * 28 + last;
    char::from_u32(code as u32)
        .map(String::from)
        .unwrap_or_default()
}

/// A keystroke on the way to a name.
fn keystroke(name: &str, random: &mut StdRng) -> String {
    let letters: Vec<char> = name.chars().collect();
    let at = random.random_range(0..letters.len());
    let before: String = letters[..at].iter().collect();
    let typed = &letters[..=at];
    let Some((first, vowel, last)) = parts(letters[at]) else {
        return typed.iter().collect();
    };
    match random.random_range(0..10) {
        0..2 => before + nth(FIRST, first),
        2..4 => before + &syllable(first, vowel, 0),
        4..6 => before + &syllable(first, vowel, last),
        6 => {
            let initial = |letter: &char| match parts(*letter) {
                Some((first, ..)) => nth(FIRST, first).to_owned(),
                None => letter.to_string(),
            };
            typed.iter().map(initial).collect()
        }
        7 => {
            // Without last consonants, which costs as much.
            let keys = |letter: &char| match parts(*letter) {
                Some((first, vowel, _)) => {
                    nth(FIRST_KEYS, first).to_owned() + nth(VOWEL_KEYS, vowel)
                }
                None => letter.to_string(),
            };
            typed.iter().map(keys).collect()
        }
        _ => {
            let rest: String = letters[at + 1..].iter().collect();
            before + &syllable(first, (vowel + 1) % 21, last) + &rest
        }
    }
}

fn memory_mib() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let kib = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<f64>().ok());
    kib.unwrap_or_default() / 1024.0
}

fn address(typed: &str) -> String {
    let url = reqwest::Url::parse_with_params("http://x/v1/search/suggest", [("q", typed)]);
    let url = url.expect("an address");
    format!("{}?{}", url.path(), url.query().unwrap_or_default())
}

/// How long keystrokes took, in microseconds. It takes all its memory at once, so as not to look like the server's.
struct Taken {
    all: Vec<u32>,
    slowest: (u32, String),
}

impl Taken {
    fn new(count: usize) -> Self {
        let mut all = vec![1; count];
        all.clear();
        Self {
            all,
            slowest: (0, String::new()),
        }
    }

    fn add(&mut self, began: Instant, typed: String) {
        let taken = began.elapsed().as_micros() as u32;
        self.all.push(taken);
        if taken > self.slowest.0 {
            self.slowest = (taken, typed);
        }
    }

    fn print(mut self, what: &str) {
        self.all.sort_unstable();
        let last = (self.all.len() - 1) as f64;
        let at = |share: f64| f64::from(self.all[(last * share) as usize]) / 1000.0;
        let shares = [
            ("p50", 0.5),
            ("p90", 0.9),
            ("p99", 0.99),
            ("p99.9", 0.999),
            ("max", 1.0),
        ];
        let shares = shares.map(|(name, share)| format!("{name} {:.2} ms", at(share)));
        let count = self.all.len();
        println!("{what}: {count} keystrokes, {}", shares.join(", "));
        println!("  the slowest: {}", self.slowest.1);
    }
}

async fn by_router(router: &Router, names: &[String], count: usize, random: &mut StdRng) {
    let mut taken = Taken::new(count);
    for point in 1..=POINTS {
        for _ in 0..count / POINTS {
            let typed = keystroke(names.choose(random).expect("a name"), random);
            let request = Request::get(address(&typed)).body(Body::empty());
            let began = Instant::now();
            let reply = router.clone().oneshot(request.expect("a request"));
            let reply = reply.await.expect("a reply");
            assert!(reply.status().is_success(), "{typed}");
            to_bytes(reply.into_body(), usize::MAX)
                .await
                .expect("a body");
            taken.add(began, typed);
        }
        println!("  {point}/{POINTS}: {:.0} MiB resident", memory_mib());
    }
    taken.print("router alone");
}

async fn over_http(url: &str, names: &[String], count: usize, random: &mut StdRng) {
    let client = reqwest::Client::new();
    let mut taken = Taken::new(count);
    for _ in 0..count {
        let typed = keystroke(names.choose(random).expect("a name"), random);
        let began = Instant::now();
        let reply = client.get(format!("{url}{}", address(&typed))).send();
        let reply = reply.await.expect("a reply");
        assert!(reply.status().is_success(), "{typed}");
        reply.bytes().await.expect("a body");
        taken.add(began, typed);
    }
    taken.print("over HTTP");
}

#[tokio::main]
async fn main() {
    let count = number("JINMAEK_BENCH_INSTITUTIONS", 100_000).max(1);
    let keystrokes = number("JINMAEK_BENCH_KEYSTROKES", 1_000_000).max(POINTS * 10);
    let dictionary = concat!(env!("CARGO_MANIFEST_DIR"), "/../.jinmaek/ko-dic");
    let analyzer = Analyzer::load(dictionary.as_ref()).expect("the dictionary (make ko-dic)");
    let mut random = StdRng::seed_from_u64(SEED);
    let names: Vec<String> = (0..count).map(|_| name(&mut random)).collect();
    let directory = tempfile::tempdir().expect("a directory");
    let documents = names.iter().enumerate();
    let documents = documents.map(|(id, name)| institution(id, name));
    let live = indexer::detached(directory.path(), &analyzer, documents).expect("an index");
    println!(
        "{count} institutions, seed {SEED}, {:.0} MiB resident",
        memory_mib()
    );
    let router = search_api::router(live, &search_api::Options::default());
    // The first request reads what is known of each segment.
    let began = Instant::now();
    let first = Request::get(address("ㅅ"))
        .body(Body::empty())
        .expect("a request");
    router.clone().oneshot(first).await.expect("a reply");
    println!(
        "the first took {:.0} ms",
        began.elapsed().as_secs_f64() * 1000.0
    );
    by_router(&router, &names, keystrokes, &mut random).await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(search_api::serve(listener, router, std::future::pending()));
    over_http(&url, &names, keystrokes / 10, &mut random).await;
}
