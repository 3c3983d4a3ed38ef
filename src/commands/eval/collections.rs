//! Sets of documents and questions from files, that are no data of ours: KorQuAD, and real names with queries made of them. They are
//! put into an index of their own.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use analyzers::{initials, jamo_key};
use anyhow::{Context, bail};
use encoding_rs::EUC_KR;
use indexer::documents::Document;
use serde::Deserialize;
use serde_json::json;

use super::questions::{ARTICLES, NAMES, Question};

/// What is searched, and by what.
pub(super) struct Collection {
    pub(super) documents: Vec<Document>,
    pub(super) questions: Vec<Question>,
}

#[derive(Deserialize)]
struct KorQuad {
    data: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    title: String,
    paragraphs: Vec<Paragraph>,
}

#[derive(Deserialize)]
struct Paragraph {
    context: String,
    qas: Vec<Asked>,
}

#[derive(Deserialize)]
struct Asked {
    question: String,
}

/// KorQuAD 1.0: each paragraph with its title is an article, each question is answered by its paragraph.
pub(super) fn korquad(file: &Path) -> anyhow::Result<Collection> {
    let text = read(file)?;
    let set: KorQuad = serde_json::from_str(&text)
        .with_context(|| format!("{} is not KorQuAD 1.0", file.display()))?;
    let (mut documents, mut questions) = (Vec::new(), Vec::new());
    for entry in set.data {
        for paragraph in entry.paragraphs {
            let id = documents.len() as u64 + 1;
            let slug = format!("paragraph-{id}");
            documents.push(serde_json::from_value(json!({
                "noun": "article", "id": id, "slug": slug, "title": entry.title.replace('_', " "), "summary": "",
                "body": paragraph.context, "topics": [], "kcd_codes": [], "departments": [],
            }))?);
            questions.extend(paragraph.qas.into_iter().map(|asked| Question {
                kind: "korquad".to_owned(),
                text: asked.question,
                asked: ARTICLES,
                grades: [(slug.clone(), 1)].into(),
                ideal: vec![1],
            }));
        }
    }
    Ok(Collection {
        documents,
        questions,
    })
}

/// A file of `kind⇥query⇥target⇥same_key` over the names of files with a name a line. Where many names share the key that a query
/// is made of, each of them is right.
pub(super) fn names(queries: &Path, names: &[String]) -> anyhow::Result<Collection> {
    let names: BTreeSet<&str> = names.iter().map(String::as_str).collect();
    let keys = Keys::new(&names);
    let mut questions = Vec::new();
    for (index, line) in read(queries)?.lines().enumerate().skip(1) {
        let mut columns = line.split('\t');
        let (Some(kind), Some(query), Some(target)) =
            (columns.next(), columns.next(), columns.next())
        else {
            bail!(
                "{}, line {}: expected `kind⇥query⇥target`",
                queries.display(),
                index + 1
            );
        };
        let mut answers = keys.answers(kind, query);
        answers.insert(target.to_owned());
        questions.push(Question {
            kind: kind.to_owned(),
            text: query.to_owned(),
            asked: NAMES,
            grades: answers
                .into_iter()
                .map(|name| (name, 1))
                .collect::<BTreeMap<_, _>>(),
            // Any of them is as good as all.
            ideal: vec![1],
        });
    }
    let mut documents = Vec::with_capacity(names.len());
    for (name, id) in names.iter().zip(1_u64..) {
        let kind = match name.ends_with("약국") {
            true => "pharmacy",
            false => "clinic",
        };
        documents.push(serde_json::from_value(json!({
            "noun": "institution", "id": id, "registry": "none", "official_code": id.to_string(), "name": name, "kind": kind,
            "has_emergency_room": false, "departments": [], "hours": [],
        }))?);
    }
    Ok(Collection {
        documents,
        questions,
    })
}

/// The names by what a query may hold of them.
struct Keys<'a> {
    initials: Vec<(String, &'a str)>,
    letters: Vec<(String, &'a str)>,
}

impl<'a> Keys<'a> {
    fn new(names: &BTreeSet<&'a str>) -> Self {
        let sorted = |key: fn(&str) -> String| {
            let mut keys: Vec<_> = names.iter().map(|name| (key(name), *name)).collect();
            keys.sort_unstable();
            keys
        };
        Self {
            initials: sorted(initials),
            letters: sorted(jamo_key),
        }
    }

    fn answers(&self, kind: &str, query: &str) -> BTreeSet<String> {
        let (keys, key) = match kind {
            "initials_full" | "initials_prefix" => (&self.initials, initials(query)),
            kind if kind.starts_with("ime_") => (&self.letters, jamo_key(query)),
            _ => return BTreeSet::new(),
        };
        let first = keys.partition_point(|(known, _)| *known < key);
        let is_whole = kind == "initials_full";
        keys.iter()
            .skip(first)
            .take_while(|(known, _)| known.starts_with(&key))
            .filter(|(known, _)| !is_whole || *known == key)
            .map(|(_, name)| (*name).to_owned())
            .collect()
    }
}

/// Columns of registries that hold names.
const NAME_COLUMNS: [&str; 3] = ["요양기관명", "약국명", "name"];

/// The names of CSV files, in UTF-8 or CP949, with a header.
pub(super) fn read_names(files: &[PathBuf]) -> anyhow::Result<Vec<String>> {
    let mut names = Vec::new();
    for file in files {
        let bytes = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
        let text = match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => EUC_KR.decode(error.as_bytes()).0.into_owned(),
        };
        let mut rows = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
        let is_name = |column: &str| NAME_COLUMNS.contains(&column.trim());
        let Some(column) = rows.headers()?.iter().position(is_name) else {
            bail!(
                "{} has no column {}",
                file.display(),
                NAME_COLUMNS.join(" or ")
            );
        };
        for row in rows.records() {
            names.extend(row?.get(column).map(|name| name.trim().to_owned()));
        }
    }
    Ok(names)
}

pub(super) fn read(file: &Path) -> anyhow::Result<String> {
    fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))
}
