//! Words of a query that don't tell one institution from another.

use std::collections::HashSet;

use analyzers::{Analyzer, terms};
use indexer::documents::{Kind, Service};

/// Terms of words that people put into queries and that say nothing of what they look for.
const FILLERS: [&str; 41] = [
    "어디",
    "어느",
    "무슨",
    "어떤",
    "어떻",
    "추천",
    "잘하",
    "잘",
    "좋",
    "유명",
    "괜찮",
    "곳",
    "데",
    "근처",
    "주변",
    "인근",
    "부근",
    "앞",
    "가깝",
    "찾",
    "알려주",
    "가르쳐주",
    "싶",
    "가",
    "하",
    "되",
    "있",
    "보",
    "열",
    "연",
    "문",
    "영업",
    "지금",
    "오늘",
    "현재",
    "받",
    "주",
    "좀",
    "쪽",
    "여",
    "넘",
];
/// What institutions are called, beside the labels of their kinds and services.
const KINDS: [&str; 6] = ["병원", "의원", "응급실", "클리닉", "센터", "종합병원"];

/// The terms of the kinds of institutions and of their services.
pub(super) fn kinds(analyzer: &Analyzer) -> HashSet<String> {
    let kinds = Kind::ALL.into_iter().map(Kind::label);
    let services = Service::ALL.into_iter().map(Service::label);
    let all = kinds.chain(services).chain(KINDS);
    all.flat_map(|kind| terms(analyzer, kind)).collect()
}

/// Whether a term is of a word that says nothing.
pub(super) fn is_filler(token: &str) -> bool {
    FILLERS.contains(&token)
}
