//! `dict/synonyms.tsv` as data: it keeps the rules that its head comment gives.

use std::collections::BTreeMap;
use std::path::Path;

use crate::support::terms;

const CLASSES: [&str; 10] = [
    "department",
    "institution",
    "test",
    "procedure",
    "condition",
    "symptom",
    "body",
    "medicine",
    "spelling",
    "service",
];
/// Longer groups make a query of too many words.
const GROUP_WORDS_MAX: usize = 12;

/// A line: one group, or the words that are found by those left of the arrow.
struct Line {
    number: usize,
    class: String,
    left: Vec<String>,
    right: Vec<String>,
    goes_both_ways: bool,
}

impl Line {
    fn complaint(&self, what: &str) -> String {
        format!("dict/synonyms.tsv, line {}: {what}\n", self.number)
    }

    fn words(&self) -> impl Iterator<Item = &String> {
        self.left.iter().chain(&self.right)
    }
}

fn parse(text: &str) -> Vec<Line> {
    let words = |list: &str| list.split(", ").map(str::to_lowercase).collect::<Vec<_>>();
    let lines = text
        .lines()
        .zip(1..)
        .filter(|(line, _)| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|(line, number)| {
            let (class, group) = line.split_once('\t').unwrap_or(("", line));
            let sides = group.split_once(" => ");
            Line {
                number,
                class: class.to_owned(),
                left: words(sides.map_or(group, |(left, _)| left)),
                right: sides.map(|(_, right)| words(right)).unwrap_or_default(),
                goes_both_ways: sides.is_none(),
            }
        })
        .collect()
}

/// What is wrong with the lines, each with where and what to do.
fn complaints(lines: &[Line]) -> String {
    let mut found = String::new();
    let mut groups: BTreeMap<&str, usize> = BTreeMap::new();
    let mut lefts: BTreeMap<&str, usize> = BTreeMap::new();
    for line in lines {
        if !CLASSES.contains(&line.class.as_str()) {
            found += &line.complaint(&format!(
                "{:?} is no class: take one of the head",
                line.class
            ));
        }
        let count = line.words().count();
        if count < 2 {
            found += &line.complaint("a group of one word means nothing: add a word or delete it");
        }
        if count > GROUP_WORDS_MAX {
            found += &line.complaint(&format!(
                "{count} words are more than {GROUP_WORDS_MAX}: part the group"
            ));
        }
        if !line.goes_both_ways && line.left.len() != 1 {
            found += &line.complaint("one word stands left of an arrow: write a line for each");
        }
        for (at, word) in line.words().enumerate() {
            if word.trim() != word || terms(word).is_empty() {
                found += &line.complaint(&format!("{word:?} is no word: mend it"));
            }
            if line.words().take(at).any(|other| other == word) {
                found += &line.complaint(&format!("{word} stands twice: keep one"));
            }
        }
        let seen = if line.goes_both_ways {
            &mut groups
        } else {
            &mut lefts
        };
        for word in &line.left {
            if let Some(first) = seen.insert(word, line.number) {
                found += &line.complaint(&format!(
                    "{word} stands in line {first}, too: make them one"
                ));
            }
        }
    }
    for line in lines.iter().filter(|line| !line.goes_both_ways) {
        for word in &line.left {
            if let Some(group) = groups.get(word.as_str()) {
                found += &line.complaint(&format!(
                    "{word} is in the group of line {group}: it can't go one way, too"
                ));
            }
        }
        for word in &line.right {
            if let Some(left) = lefts.get(word.as_str()) {
                found += &line.complaint(&format!(
                    "{word} is left of the arrow in line {left}: name what it finds instead"
                ));
            }
        }
    }
    found
}

#[test]
fn the_synonyms_keep_their_rules() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("dict/synonyms.tsv");
    let found = complaints(&parse(&std::fs::read_to_string(file).unwrap()));
    assert!(found.is_empty(), "\n{found}");
}

#[test]
fn each_broken_rule_is_named() {
    let cases = [
        ("symptom\t복통", "a group of one word"),
        ("pain\t복통, 배아픔", "is no class"),
        (
            "symptom\t복통, 배아픔\nsymptom\t복통, 위통",
            "복통 stands in line 1, too",
        ),
        ("symptom\t복통, 복통", "복통 stands twice"),
        ("symptom\t복통, !", "\"!\" is no word"),
        (
            "symptom\t복통, 배아픔\nsymptom\t복통 => 통증",
            "복통 is in the group of line 1",
        ),
        (
            "symptom\t복통 => 통증\nsymptom\t위통 => 복통",
            "복통 is left of the arrow in line 1",
        ),
        ("symptom\t복통, 위통 => 통증", "one word stands left"),
        (
            "symptom\t복통 => 통증\nsymptom\t복통 => 아픔",
            "복통 stands in line 1, too",
        ),
    ];
    for (text, expected) in cases {
        let found = complaints(&parse(text));
        assert!(found.contains(expected), "{text:?}: {found:?}");
    }
    assert_eq!(
        complaints(&parse(
            "symptom\t복통, 배아픔\nmedicine\t타이레놀 => 아세트아미노펜"
        )),
        ""
    );
}
