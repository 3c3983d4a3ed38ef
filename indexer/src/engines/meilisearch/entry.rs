//! Documents as Meilisearch gets them: the attributes that it searches, filters, counts and sorts by, and the whole document
//! as JSON beside them.

use serde::Serialize;

use crate::dirty::DirtyKey;
use crate::documents::{DepartmentRef, Document, Service};
use crate::error::Error;
use crate::opening;

/// Counts up with every change of the attributes or of the settings; an index of another version is built anew.
pub(super) const ENTRY_VERSION: u32 = 2;

/// The key as Meilisearch takes one: `institution-42`.
pub(super) fn id_of(key: DirtyKey) -> String {
    key.to_string().replacen(':', "-", 1)
}

/// The key of an id; `None` for what is no document.
pub(super) fn key_of(id: &str) -> Option<DirtyKey> {
    id.replacen('-', ":", 1).parse().ok()
}

/// A document with its attributes; what it has not is left out.
#[derive(Default, Serialize)]
pub(super) struct Entry<'a> {
    id: String,
    noun: &'static str,
    /// Equals are listed by it.
    number: u64,
    /// The document as JSON: what searches return and `verify` compares.
    source: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    name: &'a str,
    /// Kind, services, departments with their former names, topics: what else it is called.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    keywords: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    summary: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<&'static str>,
    /// Departments by their current names, to be counted …
    #[serde(skip_serializing_if = "Vec::is_empty")]
    department: Vec<&'a str>,
    /// … and by former ones too, to be asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    any_department: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sido: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sigungu: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    eupmyeondong: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    service: Vec<&'static str>,
    /// When it is open ([`crate::opening`]).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    open: Vec<String>,
    /// Specialists, where the registry tells them.
    #[serde(skip_serializing_if = "Option::is_none")]
    specialists: Option<u32>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    topic: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    slug: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    revised_day: Option<i32>,
    #[serde(rename = "_geo", skip_serializing_if = "Option::is_none")]
    geo: Option<Geo>,
}

#[derive(Serialize)]
struct Geo {
    lat: f64,
    lng: f64,
}

impl<'a> Entry<'a> {
    /// The entry of a document whose JSON is `source`, as JSON on one line.
    pub(super) fn json(document: &Document, source: &str) -> Result<String, Error> {
        serde_json::to_string(&Entry::of(document, source)).map_err(Error::Source)
    }

    fn of(document: &'a Document, source: &'a str) -> Self {
        let key = document.key();
        let entry = Self {
            id: id_of(key),
            noun: key.noun().name(),
            number: key.number(),
            source,
            ..Self::default()
        };
        match document {
            Document::Institution(document) => {
                let services = document.services();
                let labels = services.iter().copied().map(Service::label);
                let keywords = [document.kind.label()].into_iter().chain(labels);
                let spans = document.hours.iter();
                Self {
                    name: &document.name,
                    keywords: keywords.collect(),
                    address: document.address.as_deref(),
                    summary: document.description.as_deref(),
                    kind: Some(document.kind.code()),
                    sido: document.sido.as_deref(),
                    sigungu: document.sigungu.as_deref(),
                    eupmyeondong: document.eupmyeondong.as_deref(),
                    service: services.iter().copied().map(Service::code).collect(),
                    open: spans.flat_map(|span| opening::terms_of(*span)).collect(),
                    specialists: document.specialist_count,
                    geo: document.point.map(|point| Geo {
                        lat: point.latitude,
                        lng: point.longitude,
                    }),
                    ..entry
                }
                .with_departments(&document.departments)
            }
            Document::Article(document) => {
                let topics = document.topics.iter().map(String::as_str);
                let day = document.revised_on.or(document.published_on);
                Self {
                    name: &document.title,
                    keywords: topics.clone().collect(),
                    summary: Some(&document.summary),
                    body: Some(&document.body),
                    topic: topics.collect(),
                    slug: Some(&document.slug),
                    revised_day: day.map(|day| day.to_epoch_days()),
                    ..entry
                }
                .with_departments(&document.departments)
            }
            // Nobody looks for the others.
            _ => entry,
        }
    }

    fn with_departments(mut self, departments: &'a [DepartmentRef]) -> Self {
        for department in departments {
            let former = department.former_name.as_deref();
            let names = [Some(department.name.as_str()), former];
            self.department.push(&department.name);
            self.any_department.extend(names.into_iter().flatten());
        }
        self.keywords.extend(&self.any_department);
        self
    }
}
