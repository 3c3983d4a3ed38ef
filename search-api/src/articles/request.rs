//! What can be asked of articles.

use utoipa::{IntoParams, ToSchema};

use crate::error::ApiError;
use crate::parameters::{Page, Parameters};

/// Order of the hits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ToSchema)]
#[schema(rename_all = "snake_case")]
pub(crate) enum Sort {
    Relevance,
    Newest,
}

/// Parameters of a search for articles. The values of one list are alternatives.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct SearchArticles {
    /// What is searched for (검색어), in words or a sentence of at most 200 characters. Empty: all articles, the newest first.
    #[param(nullable = false, example = "아이가 열이 나요", max_length = 200)]
    pub(crate) q: Option<String>,
    /// Topics (주제), repeated or separated by commas.
    #[param(required = false, example = json!(["증상"]))]
    pub(crate) topic: Vec<String>,
    /// Departments (진료과목) by their names, former ones too, repeated or separated by commas.
    #[param(required = false, example = json!(["소아청소년과"]))]
    pub(crate) department: Vec<String>,
    /// `relevance` (the default), or `newest`.
    #[param(inline, nullable = false)]
    pub(crate) sort: Option<Sort>,
    /// Page, from 1; `page` times `per_page` is at most 10,000.
    #[param(required = false, minimum = 1, default = 1)]
    pub(crate) page: u32,
    /// Hits of a page.
    #[param(required = false, minimum = 1, maximum = 50, default = 20)]
    pub(crate) per_page: u32,
    /// Waits, up to 5 s, until the index covers this position of the database's binlog; then 503 `index_behind`.
    #[param(nullable = false)]
    pub(crate) min_position: Option<String>,
    /// Only what was typed is searched for: neither what the keys give on the other keyboard nor words spelt otherwise. `corrected` is
    /// null.
    #[param(value_type = bool, required = false)]
    pub(crate) as_typed: bool,
    /// Whether to count the hits by topic and department.
    #[param(value_type = bool, required = false)]
    pub(crate) facets: bool,
    /// Whether each hit says what its score is made of.
    #[param(value_type = bool, required = false)]
    pub(crate) explain: bool,
}

impl SearchArticles {
    pub(crate) fn parse(mut parameters: Parameters) -> Result<Self, ApiError> {
        let from = &mut parameters;
        let page = from.page()?;
        let request = Self {
            q: from.query()?,
            topic: from.list("topic")?,
            department: from.list("department")?,
            sort: from.parsed("sort", "`relevance` or `newest`", |text| match text {
                "relevance" => Some(Sort::Relevance),
                "newest" => Some(Sort::Newest),
                _ => None,
            })?,
            page: page.number,
            per_page: page.size,
            min_position: from.min_position()?,
            as_typed: from.flag("as_typed")?,
            facets: from.flag("facets")?,
            explain: from.flag("explain")?,
        };
        parameters.finish()?;
        Ok(request)
    }

    /// Whether anything but the words narrows it down.
    pub(crate) fn is_narrowed(&self) -> bool {
        !self.topic.is_empty() || !self.department.is_empty()
    }

    pub(crate) fn page(&self) -> Page {
        Page {
            number: self.page,
            size: self.per_page,
        }
    }

    pub(crate) fn newest_first(&self) -> bool {
        self.sort == Some(Sort::Newest) || self.q.is_none()
    }
}
