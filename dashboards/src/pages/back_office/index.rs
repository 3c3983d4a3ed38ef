//! The back office's `GET /`: the index, live.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use tracing::warn;

use super::lookout::Lookout;
use super::pending::Pending;
use super::stream::{StreamFigures, span};
use crate::api::{ApiError, BuildState, IndexState};
use crate::frame::show as reply;
use crate::korean;

/// Ages above that are worth a look: the stream is asked for its position far more often.
const AGE_SECONDS_CALM: u64 = 30;
/// So is a lag above that.
const LAG_SECONDS_CALM: u64 = 10;
/// Characters of a segment's id that tell it from the others.
const SEGMENT_ID_SHOWN: usize = 8;
/// What is in the index.
const NOUNS: [(&str, &str); 5] = [
    ("institution", "병원·약국"),
    ("article", "건강 정보"),
    ("holiday", "공휴일"),
    ("word", "사전 단어"),
    ("synonyms", "동의어 묶음"),
];

#[derive(Template)]
#[template(path = "back_office/index.html")]
struct IndexPage {
    live: Live,
}

/// The part of the page that changes; events carry it alone.
#[derive(Template)]
#[template(path = "back_office/live.html")]
pub(crate) struct LivePiece {
    pub(crate) live: Live,
}

/// How the index stands, in words.
#[derive(Clone)]
pub(crate) struct Live {
    /// For the stylesheet: `good`, `busy` or `bad`.
    class: &'static str,
    state: String,
    sentence: String,
    problem: Option<String>,
    /// At which time of day somebody looked.
    looked_at: String,
    figures: Option<Figures>,
}

/// The figures, when there are any.
#[derive(Clone)]
struct Figures {
    documents: Vec<(String, String)>,
    position: String,
    generation: String,
    age: String,
    lag: String,
    waiting: String,
    size: String,
    counts: [(&'static str, String); 5],
    /// Version of the analysis, and the operators' words in it.
    analysis: (String, String),
    pending: Pending,
    stream: StreamFigures,
    segments: Vec<Segment>,
}

#[derive(Clone)]
struct Segment {
    id: String,
    documents: String,
    deleted: String,
    /// Per cent of its documents that are deleted and wait for a merge.
    deleted_percent: String,
}

pub(crate) async fn show(State(lookout): State<Lookout>) -> Response {
    reply(&IndexPage {
        live: lookout.look().await,
    })
}

impl Live {
    pub(crate) fn new(index: Result<IndexState, ApiError>) -> Self {
        let looked_at = korean::now().format("%H:%M:%S").to_string();
        let index = match index {
            Ok(index) => index,
            Err(error) => {
                warn!(?error, "{error}");
                return Self {
                    class: "bad",
                    state: "연결 안 됨".to_owned(),
                    sentence: "검색 API에 물어볼 수 없습니다. 검색 API가 떠 있는지, 주소가 맞는지 확인하세요.".to_owned(),
                    problem: Some(chain(&error)),
                    looked_at,
                    figures: None,
                };
            }
        };
        let (class, state, sentence) = words(&index);
        Self {
            class,
            state: state.to_owned(),
            sentence,
            problem: index.problem.clone(),
            looked_at,
            figures: Some(Figures::new(index)),
        }
    }
}

/// The state in one word and one sentence.
fn words(index: &IndexState) -> (&'static str, &'static str, String) {
    let age_seconds = index.age_milliseconds / 1000;
    let lag_seconds = index.lag_milliseconds / 1000;
    let built = korean::number(index.built);
    match index.state.as_str() {
        "starting" => (
            "busy",
            "시작하는 중",
            "색인기가 막 떠서 색인을 여는 중입니다.".to_owned(),
        ),
        "building" => (
            "busy",
            "만드는 중",
            format!(
                "표에서 새 색인을 만드는 중입니다. 지금까지 문서 {built}건을 넣었습니다.{}",
                index.build.as_ref().map(outlook).unwrap_or_default()
            ),
        ),
        "following" if age_seconds > AGE_SECONDS_CALM => (
            "bad",
            "뒤처짐",
            format!("{age_seconds}초 동안 데이터베이스의 소식이 없습니다. 연결을 확인하세요."),
        ),
        "following" if lag_seconds > LAG_SECONDS_CALM => (
            "busy",
            "따라잡는 중",
            format!("마지막 변경이 검색에 나타나기까지 {lag_seconds}초 걸렸습니다."),
        ),
        "following" => (
            "good",
            "따라가는 중",
            "데이터베이스의 변경이 곧바로 검색에 반영되고 있습니다.".to_owned(),
        ),
        "waiting" => (
            "bad",
            "기다리는 중",
            "문제가 생겨 잠시 뒤 다시 시도합니다. 그동안 검색은 마지막 색인으로 답합니다."
                .to_owned(),
        ),
        _ => (
            "busy",
            "알 수 없음",
            format!("색인기가 스스로를 ‘{}’ 상태라고 합니다.", index.state),
        ),
    }
}

/// How a build goes on: ` 모두 약 30,000건, 초당 2,100건, 남은 시간 약 1분.`
fn outlook(build: &BuildState) -> String {
    let total = korean::number(build.documents_total);
    let rate = korean::number(build.documents_per_second as u64);
    let left = match build.remaining_seconds {
        None => "아직 모름".to_owned(),
        Some(seconds @ 0..60) => format!("약 {seconds}초"),
        Some(seconds) => format!("약 {}", span(seconds)),
    };
    format!(" 모두 약 {total}건, 초당 {rate}건, 남은 시간 {left}.")
}

/// What the index is still to read again: of that it may be older than its position.
fn waiting(index: &IndexState) -> String {
    let documents = match index.postponed {
        0 => None,
        count => Some(format!("잠긴 문서 {}건", korean::number(count))),
    };
    let parts: Vec<_> = index
        .stale_tables
        .iter()
        .cloned()
        .chain(documents)
        .collect();
    if parts.is_empty() {
        "없음".to_owned()
    } else {
        parts.join(", ")
    }
}

impl Figures {
    fn new(index: IndexState) -> Self {
        let has_index = !index.position.is_empty();
        let once_there = |text: String| {
            if has_index {
                text
            } else {
                "아직 없음".to_owned()
            }
        };
        let counts = [
            ("바뀐 행", index.changes),
            ("넣은 문서", index.upserts),
            ("지운 문서", index.deletes),
            ("커밋", index.commits),
            ("새로 만든 문서", index.built),
        ];
        Self {
            waiting: waiting(&index),
            pending: Pending::of(&index),
            analysis: (
                once_there(index.dictionary.version),
                korean::number(index.dictionary.words),
            ),
            documents: documents(&index.documents),
            age: once_there(format!("{} 전", seconds(index.age_milliseconds))),
            generation: once_there(index.generation.to_string()),
            position: once_there(index.position),
            lag: seconds(index.lag_milliseconds),
            size: format!("{:.1} MB", index.size_bytes as f64 / 1e6),
            counts: counts.map(|(name, count)| (name, korean::number(count))),
            stream: StreamFigures::new(index.stream),
            segments: index.segments.into_iter().map(Segment::new).collect(),
        }
    }
}

impl Segment {
    fn new(segment: crate::api::IndexSegment) -> Self {
        let all = segment.documents + segment.deleted;
        let percent = if all == 0 {
            0.0
        } else {
            segment.deleted as f64 * 100.0 / all as f64
        };
        Self {
            id: segment.id.chars().take(SEGMENT_ID_SHOWN).collect(),
            documents: korean::number(segment.documents),
            deleted: korean::number(segment.deleted),
            deleted_percent: format!("{percent:.1}%"),
        }
    }
}

/// The documents' nouns in Korean, in the order of their importance; one that we do not know comes last.
fn documents(counts: &BTreeMap<String, u64>) -> Vec<(String, String)> {
    let known = NOUNS
        .iter()
        .filter_map(|(noun, korean)| Some((*korean, *counts.get(*noun)?)));
    let is_known = |noun: &str| NOUNS.iter().any(|(known, _)| *known == noun);
    let others = counts
        .iter()
        .filter(|(noun, _)| !is_known(noun))
        .map(|(noun, count)| (noun.as_str(), *count));
    known
        .chain(others)
        .map(|(noun, count)| (noun.to_owned(), korean::number(count)))
        .collect()
}

fn seconds(milliseconds: u64) -> String {
    format!(
        "{}.{}초",
        korean::number(milliseconds / 1000),
        milliseconds % 1000 / 100
    )
}

/// An error with its causes on one line.
fn chain(error: &ApiError) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
