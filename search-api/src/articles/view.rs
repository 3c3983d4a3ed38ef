//! Articles as replies show them.

use chrono::NaiveDate;
use indexer::documents::{ArticleDocument, DepartmentRef};
use serde::Serialize;
use utoipa::ToSchema;

use crate::explanation::Part;
use crate::facets::{Counts, FacetValue};
use crate::highlight::{Marker, Segment};
use crate::snapshot::IndexView;

/// Articles that were found.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ArticlesView {
    /// Those of the page.
    pub(crate) hits: Vec<ArticleHit>,
    /// How many there are on all pages.
    #[schema(example = 42)]
    pub(crate) total: usize,
    /// The page, from 1.
    pub(crate) page: u32,
    /// Hits of a page.
    pub(crate) per_page: u32,
    /// Pages that can be asked for.
    pub(crate) pages: usize,
    /// The query that was searched for instead: typed with the keyboard set to the other language, or with words spelt as documents
    /// have them. `as_typed=true` refuses it.
    #[schema(example = "고혈압")]
    pub(crate) corrected: Option<String>,
    /// Counts over all pages, when `facets=true`.
    pub(crate) facets: Option<ArticleFacets>,
    /// What the reply reflects.
    pub(crate) index: IndexView,
}

/// How many hits have each value; each facet is counted without the filter of its own name.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ArticleFacets {
    /// By topic (주제).
    topic: Vec<FacetValue>,
    /// By department (진료과목).
    department: Vec<FacetValue>,
}

impl ArticleFacets {
    pub(super) fn of(counts: &Counts) -> Self {
        let plain = |facet| counts.values(facet, str::to_owned);
        Self {
            topic: plain("topic"),
            department: plain("department"),
        }
    }
}

/// An article that was found.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ArticleHit {
    /// Our number.
    id: u64,
    /// Name in the address.
    #[schema(example = "cold-or-flu")]
    slug: String,
    /// Title.
    title: String,
    /// One or two sentences.
    summary: String,
    /// Topics (주제).
    topics: Vec<String>,
    /// Departments (진료과목) that treat what it is about.
    departments: Vec<String>,
    /// First published.
    published_on: Option<NaiveDate>,
    /// Last revised.
    revised_on: Option<NaiveDate>,
    /// Who checked it (감수).
    reviewer: Option<String>,
    /// Texts with what was found in them marked.
    highlights: ArticleHighlights,
    /// Relevance, only to be compared with others of the same search; 0 when hits are not ordered by it.
    score: f32,
    /// What the score is made of, with `explain=true`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) explanation: Option<Vec<Part>>,
}

/// Texts in pieces.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ArticleHighlights {
    /// The title.
    title: Vec<Segment>,
    /// The summary.
    summary: Vec<Segment>,
    /// The best part of the text, about 160 characters, without markup.
    body: Vec<Segment>,
}

impl ArticleHit {
    pub(super) fn of(marker: &Marker<'_>, document: ArticleDocument, score: f32) -> Self {
        Self {
            highlights: ArticleHighlights {
                title: marker.mark(&document.title),
                summary: marker.mark(&document.summary),
                body: marker.best_fragment(&document.body),
            },
            id: document.id,
            slug: document.slug,
            title: document.title,
            summary: document.summary,
            topics: document.topics,
            departments: names(document.departments),
            published_on: document.published_on,
            revised_on: document.revised_on,
            reviewer: document.reviewer,
            score,
            explanation: None,
        }
    }
}

fn names(departments: Vec<DepartmentRef>) -> Vec<String> {
    departments
        .into_iter()
        .map(|department| department.name)
        .collect()
}

/// One article.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ArticleView {
    /// Our number.
    id: u64,
    /// Name in the address.
    #[schema(example = "cold-or-flu")]
    slug: String,
    /// Title.
    title: String,
    /// One or two sentences.
    summary: String,
    /// The text in CommonMark; whoever shows it must not let HTML through.
    body: String,
    /// Topics (주제).
    topics: Vec<String>,
    /// KCD (한국표준질병사인분류) codes of what it is about.
    kcd_codes: Vec<String>,
    /// Departments (진료과목) that treat what it is about.
    departments: Vec<String>,
    /// Who checked it (감수).
    reviewer: Option<String>,
    /// First published.
    published_on: Option<NaiveDate>,
    /// Last revised.
    revised_on: Option<NaiveDate>,
    /// What the reply reflects.
    index: IndexView,
}

impl ArticleView {
    pub(super) fn of(document: ArticleDocument, index: IndexView) -> Self {
        Self {
            id: document.id,
            slug: document.slug,
            title: document.title,
            summary: document.summary,
            body: document.body,
            topics: document.topics,
            kcd_codes: document.kcd_codes,
            departments: names(document.departments),
            reviewer: document.reviewer,
            published_on: document.published_on,
            revised_on: document.revised_on,
            index,
        }
    }
}
