//! The word lists (`dict/*.tsv`) hold no word twice, no wrong parts, and no line that changes nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use analyzers::Analyzer;

use crate::support::{analyzer, ko_dic};

const FILES: [&str; 9] = [
    "departments.tsv",
    "institutions.tsv",
    "brands.tsv",
    "places.tsv",
    "conditions.tsv",
    "symptoms.tsv",
    "body.tsv",
    "procedures.tsv",
    "medicines.tsv",
];
/// What a place is, before where it is.
const PLACE_KINDS: [&str; 4] = ["sido", "sigungu", "dong", "station"];
/// A word that keeps another from being found where it is not meant; it may look as if it changed nothing.
const GUARDS: &str = "guards ";
/// A class of fewer words than this is a slip of the pen, unless it guards.
const CLASS_WORDS_MIN: usize = 3;
/// What stands right beside words: a line is of use if it makes a difference with one of these.
const AFTER: [&str; 24] = [
    "은", "는", "이", "가", "을", "를", "의", "에", "에서", "도", "과", "와", "로", "만", "까지",
    "이나", "병원", "의원", "비용", "치료", "검사", "수술", "환자", "센터",
];
const BEFORE: [&str; 8] = ["소아", "서울", "만성", "급성", "여성", "무료", "재", "신"];

/// A line of a list.
struct Line<'a> {
    file: &'static str,
    number: usize,
    word: &'a str,
    parts: &'a str,
    class: &'a str,
}

impl Line<'_> {
    fn complaint(&self, what: &str) -> String {
        format!(
            "dict/{}, line {}: {} {what}\n",
            self.file, self.number, self.word
        )
    }

    fn guards(&self) -> bool {
        self.class.starts_with(GUARDS)
    }
}

fn texts() -> Vec<(&'static str, String)> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("dict");
    let text = |file| std::fs::read_to_string(directory.join(file)).unwrap();
    FILES.into_iter().map(|file| (file, text(file))).collect()
}

fn lines<'a>(texts: &'a [(&'static str, String)]) -> Vec<Line<'a>> {
    let lines = texts.iter().flat_map(|(file, text)| {
        text.lines()
            .zip(1..)
            .map(move |(line, number)| (*file, number, line))
    });
    lines
        .filter(|(.., line)| !line.is_empty() && !line.starts_with('#'))
        .map(|(file, number, line)| {
            let mut columns = line.split('\t');
            let mut column = || columns.next().unwrap_or_default();
            let (word, parts, class) = (column(), column(), column());
            Line {
                file,
                number,
                word,
                parts,
                class,
            }
        })
        .collect()
}

fn assert_none(complaints: &str) {
    assert!(complaints.is_empty(), "\n{complaints}");
}

#[test]
fn every_list_is_read() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("dict");
    let mut found: BTreeSet<String> = std::fs::read_dir(directory)
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    assert!(found.remove("synonyms.tsv"));
    assert_eq!(found, FILES.map(ToOwned::to_owned).into());
}

#[test]
fn a_word_stands_once() {
    let texts = texts();
    let mut complaints = String::new();
    let mut seen: BTreeMap<String, Line<'_>> = BTreeMap::new();
    for line in lines(&texts) {
        if let Some(first) = seen.get(&line.word.to_lowercase()) {
            let what = if first.parts == line.parts {
                "stands"
            } else {
                "has other parts"
            };
            complaints += &line.complaint(&format!(
                "{what} in dict/{}, line {}, too: keep one of the lines",
                first.file, first.number
            ));
        } else {
            seen.insert(line.word.to_lowercase(), line);
        }
    }
    assert_none(&complaints);
}

#[test]
fn parts_spell_the_word() {
    let texts = texts();
    let mut complaints = String::new();
    for line in lines(&texts) {
        if line.word.trim() != line.word || line.class.is_empty() {
            complaints += &line.complaint("wants three columns: word, parts (or -), class");
        } else if line.parts != "-" && line.parts.split(' ').collect::<String>() != line.word {
            complaints += &line.complaint(&format!(
                "is not {:?} put together: mend the parts",
                line.parts
            ));
        } else if line.parts == line.word {
            complaints += &line.complaint("is its own only part: write -");
        }
    }
    assert_none(&complaints);
}

#[test]
fn a_class_is_one_that_others_have() {
    let texts = texts();
    let lines = lines(&texts);
    let mut sizes: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for line in &lines {
        *sizes.entry((line.file, line.class)).or_default() += 1;
    }
    let mut complaints = String::new();
    for line in lines {
        let is_known = if line.file == "places.tsv" {
            let kind = line.class.split([' ', ';']).next().unwrap_or_default();
            PLACE_KINDS.contains(&kind)
        } else {
            sizes[&(line.file, line.class)] >= CLASS_WORDS_MIN
        };
        if !is_known && !line.guards() {
            complaints += &line.complaint(&format!(
                "has the class {:?}, which is none of the file's: mend it",
                line.class
            ));
        }
    }
    assert_none(&complaints);
}

#[test]
fn a_list_is_in_order() {
    let texts = texts();
    let lines = lines(&texts);
    let mut complaints = String::new();
    let mut closed: BTreeSet<(&str, &str)> = BTreeSet::new();
    for pair in lines.windows(2) {
        let [before, line] = pair else { continue };
        if (before.file, before.class) != (line.file, line.class) {
            closed.insert((before.file, before.class));
            if closed.contains(&(line.file, line.class)) {
                complaints +=
                    &line.complaint("is apart from the others of its class: move it there");
            }
        } else if before.word > line.word {
            complaints += &line.complaint(&format!(
                "comes after {}: sort the class by word",
                before.word
            ));
        }
    }
    assert_none(&complaints);
}

#[test]
fn every_line_changes_something() {
    let texts = texts();
    let lines = lines(&texts);
    let alone = Analyzer::load_with(&ko_dic(), &[]).unwrap();
    let suspects: BTreeSet<(&str, usize)> = lines
        .iter()
        .filter(|line| !line.guards() && is_cut_alike(&alone, line.word))
        .map(|line| (line.file, line.number))
        .collect();
    // A line may still keep the other lines off its word: the lists without all of these tell.
    let fewer: Vec<(&str, String)> = texts
        .iter()
        .map(|(file, text)| {
            let kept = text
                .lines()
                .zip(1..)
                .filter(|(_, number)| !suspects.contains(&(*file, *number)));
            (*file, kept.map(|(line, _)| format!("{line}\n")).collect())
        })
        .collect();
    let fewer: Vec<(&str, &str)> = fewer
        .iter()
        .map(|(file, text)| (*file, text.as_str()))
        .collect();
    let without = Analyzer::load_with(&ko_dic(), &fewer).unwrap();
    let mut complaints = String::new();
    for line in lines
        .iter()
        .filter(|line| suspects.contains(&(line.file, line.number)))
    {
        if is_cut_alike(&without, line.word) {
            complaints += &line.complaint(
                "is cut the same without this line, alone and beside other words: delete it, or make its class \"guards …\"",
            );
        }
    }
    assert_none(&complaints);
}

/// Whether `other` gives a word the same terms, alone and with others written to it.
fn is_cut_alike(other: &Analyzer, word: &str) -> bool {
    let terms = |analyzer: &Analyzer, text: &str| -> Vec<String> {
        analyzer
            .analyze(text)
            .into_iter()
            .map(|token| token.text)
            .collect()
    };
    let is_alike = |text: &str| terms(analyzer(), text) == terms(other, text);
    is_alike(word)
        && AFTER
            .iter()
            .all(|after| is_alike(&format!("{word}{after}")))
        && BEFORE
            .iter()
            .all(|before| is_alike(&format!("{before}{word}")))
}
