//! Judged queries: what people type, and which articles, departments and institutions of a running index answer it.
//!
//! The head of `tests/eval/queries.tsv` tells their form.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, bail};
use reqwest::Client;
use serde::Deserialize;

use super::collections::read;
use super::questions::{ARTICLES, Asked, DEPARTMENTS, INSTITUTIONS, Question};

/// The project's own queries, over the sample data.
const OWN: &str = include_str!("../../../tests/eval/queries.tsv");
/// Institutions of a page of the API.
const PAGE: usize = 50;
/// The API gives so many of one search.
const INSTITUTIONS_MAX: usize = 10_000;

/// The queries that the index at `url` can answer, and how many it can't: nothing in it meets their best rule.
pub(super) async fn questions(
    file: Option<&Path>,
    url: &str,
) -> anyhow::Result<(Vec<Question>, usize)> {
    let (name, text) = match file {
        Some(file) => (file.display().to_string(), read(file)?),
        None => ("queries.tsv".to_owned(), OWN.to_owned()),
    };
    let institutions = institutions(url).await?;
    let (mut questions, mut left_out) = (Vec::new(), 0);
    for (index, line) in text.lines().enumerate() {
        if line.starts_with('#') || line.trim().is_empty() || line.starts_with("kind\t") {
            continue;
        }
        let question = parse(line, &institutions)
            .with_context(|| format!("{name}, line {}: {line:?}", index + 1))?;
        match question {
            Some(question) => questions.push(question),
            None => left_out += 1,
        }
    }
    Ok((questions, left_out))
}

/// An institution as a search shows it.
#[derive(Deserialize)]
struct Institution {
    id: u64,
    name: String,
    kind_label: String,
    sido: Option<String>,
    sigungu: Option<String>,
    departments: Vec<String>,
    services: Vec<String>,
}

#[derive(Deserialize)]
struct Page {
    hits: Vec<Institution>,
    total: usize,
}

/// All institutions of the index.
async fn institutions(url: &str) -> anyhow::Result<Vec<Institution>> {
    let client = Client::new();
    let mut all = Vec::new();
    for page in 1.. {
        let (number, size) = (page.to_string(), PAGE.to_string());
        let request = client
            .get(format!("{url}/v1/search/institutions"))
            .query(&[("page", &number), ("per_page", &size)]);
        let found = request.send().await.with_context(|| {
            format!("cannot ask {url}; is jinmaek running there? (`make run`, or --url)")
        })?;
        let found: Page = found.error_for_status()?.json().await?;
        if found.total > INSTITUTIONS_MAX {
            bail!(
                "the index at {url} has {} institutions: the judged queries are for the sample data, at most {INSTITUTIONS_MAX}",
                found.total
            );
        }
        let is_last = found.hits.len() < PAGE;
        all.extend(found.hits);
        if is_last {
            break;
        }
    }
    Ok(all)
}

/// `kind⇥query⇥judged`; `None` when nothing in the index is among the best answers.
fn parse(line: &str, institutions: &[Institution]) -> anyhow::Result<Option<Question>> {
    let columns: Vec<&str> = line.split('\t').collect();
    let &[kind, text, judged] = &columns[..] else {
        bail!("expected kind, query and judged, separated by tabs");
    };
    let (mut asked, mut grades, mut best) = (None, BTreeMap::<String, u8>::new(), 0);
    for judgement in judged.split(", ") {
        let (what, grade) = judgement.rsplit_once('=').context("expected what=grade")?;
        let grade: u8 = grade.parse().context("a grade is 1 or 2")?;
        let (of, what) = what.split_once(':').context("expected kind:what")?;
        let (here, names): (Asked, Vec<String>) = match of {
            "article" => (ARTICLES, vec![what.to_owned()]),
            "department" => (DEPARTMENTS, vec![what.to_owned()]),
            "institution" => {
                let rule = Rule::parse(what)?;
                let met = institutions.iter().filter(|one| rule.is_met_by(one));
                (INSTITUTIONS, met.map(|one| one.id.to_string()).collect())
            }
            _ => bail!("{of:?} is not article, department or institution"),
        };
        if *asked.get_or_insert(here) != here {
            bail!("answers of two kinds");
        }
        best = best.max(grade);
        for name in names {
            let known = grades.entry(name).or_default();
            *known = grade.max(*known);
        }
    }
    let mut ideal: Vec<u8> = grades.values().copied().collect();
    ideal.sort_unstable_by(|a, b| b.cmp(a));
    let asked = asked.context("no answer")?;
    Ok((ideal.first() == Some(&best)).then(|| Question {
        kind: kind.to_owned(),
        text: text.to_owned(),
        asked,
        grades,
        ideal,
    }))
}

/// Conditions that an institution has to meet, all of them.
struct Rule<'a>(Vec<(&'a str, &'a str)>);

impl<'a> Rule<'a> {
    fn parse(text: &'a str) -> anyhow::Result<Self> {
        let inside = text
            .strip_prefix('{')
            .and_then(|text| text.strip_suffix('}'));
        let conditions = inside.context("a rule is in braces")?.split(',');
        let condition = |condition: &'a str| {
            let (key, value) = condition.split_once('=').context("expected key=value")?;
            match key {
                "kind" | "department" | "sido" | "district" | "name" | "service" => {
                    Ok((key, value))
                }
                _ => bail!("unknown condition {key:?}"),
            }
        };
        conditions
            .map(condition)
            .collect::<anyhow::Result<_>>()
            .map(Self)
    }

    fn is_met_by(&self, one: &Institution) -> bool {
        let has = |list: &[String], value: &str| list.iter().any(|known| known == value);
        self.0.iter().all(|&(key, value)| match key {
            "kind" => one.kind_label == value,
            "department" => has(&one.departments, value),
            "sido" => one.sido.as_deref() == Some(value),
            "district" => one.sigungu.as_deref().is_some_and(|district| {
                district == value || district.split(' ').any(|word| word == value)
            }),
            "name" => one.name.contains(value),
            _ => has(&one.services, value),
        })
    }
}
