//! Questions with known answers, and asking them of the search API.

use std::collections::{BTreeMap, HashMap};
use std::io::{self, IsTerminal};

use reqwest::Client;
use serde_json::Value;

use super::measures::{DEPTH, Measures};

/// A question.
#[derive(Clone, Debug)]
pub(super) struct Question {
    /// What questions it is measured with.
    pub(super) kind: String,
    pub(super) text: String,
    pub(super) asked: Asked,
    /// The answers by name; what is not here is wrong.
    pub(super) grades: BTreeMap<String, u8>,
    /// The grades of the best ranking that there is, best first.
    pub(super) ideal: Vec<u8>,
}

/// Where a question is asked, and how the reply's answers are called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Asked {
    path: &'static str,
    /// JSON pointer to the list of answers.
    answers: &'static str,
    /// The field of an answer that names it.
    name: &'static str,
}

/// Articles by their slugs.
pub(super) const ARTICLES: Asked = Asked {
    path: "/v1/search/articles",
    answers: "/hits",
    name: "slug",
};
/// Institutions by their names.
pub(super) const NAMES: Asked = Asked {
    path: "/v1/search/institutions",
    answers: "/hits",
    name: "name",
};
/// Institutions by their numbers.
pub(super) const INSTITUTIONS: Asked = Asked {
    name: "id",
    ..NAMES
};
/// The departments that a search for institutions was understood to be about.
pub(super) const DEPARTMENTS: Asked = Asked {
    answers: "/understood/departments",
    ..NAMES
};

/// Asks every question of the API at `url`, and prints so many of each kind whose best answer was not first.
pub(super) async fn ask(
    url: &str,
    questions: &[Question],
    misses: usize,
) -> anyhow::Result<Measures> {
    let client = Client::new();
    let mut measures = Measures::default();
    let mut missed = HashMap::<&str, usize>::new();
    for (index, question) in questions.iter().enumerate() {
        if index % 100 == 0 && io::stderr().is_terminal() {
            eprint!("\r{index}/{}", questions.len());
        }
        let answers = question.answers(&client, url).await?;
        let grade = |name: &String| question.grades.get(name).copied().unwrap_or(0);
        let mut grades: Vec<u8> = answers.iter().map(grade).collect();
        if question.ideal.len() == 1 {
            // One answer is enough: a second one brings nothing.
            let first = grades.iter().position(|grade| *grade > 0);
            grades.truncate(first.map_or(0, |first| first + 1));
        }
        measures.add(&question.kind, &grades, &question.ideal);
        let best = question.ideal.first().copied().unwrap_or(0);
        let missed = missed.entry(&question.kind).or_default();
        if grades.first() != Some(&best) && *missed < misses {
            *missed += 1;
            let wanted = question.grades.iter().find(|(_, grade)| **grade == best);
            let wanted = wanted.map_or("", |(name, _)| name);
            let (text, kind) = (&question.text, &question.kind);
            let got = &answers[..answers.len().min(3)];
            println!("{kind}: {text} → {wanted}? {got:?}, grades {grades:?}");
        }
    }
    if io::stderr().is_terminal() {
        eprint!("\r");
    }
    Ok(measures)
}

impl Question {
    /// The names of the answers in their order.
    async fn answers(&self, client: &Client, url: &str) -> anyhow::Result<Vec<String>> {
        let depth = DEPTH.to_string();
        let request = client
            .get(format!("{url}{}", self.asked.path))
            .query(&[("q", self.text.as_str()), ("per_page", &depth)]);
        let reply: Value = request.send().await?.error_for_status()?.json().await?;
        let answers = reply.pointer(self.asked.answers).and_then(Value::as_array);
        let name = |answer: &Value| match &answer[self.asked.name] {
            Value::String(name) => Some(name.clone()),
            Value::Number(id) => Some(id.to_string()),
            _ => None,
        };
        Ok(answers.into_iter().flatten().filter_map(name).collect())
    }
}
