//! `GET /search`: institutions or articles for some words and filters.

use axum::extract::{Query, State};
use axum::response::Response;

use crate::api::Api;
use crate::choices::{AS_TYPED, Choices};
use crate::pages::problem::ProblemPage;

mod articles;
mod chips;
mod guidance;
mod institutions;
mod pager;

/// Query pairs are read as they come: no address of this page is wrong, at worst it finds nothing.
pub(crate) async fn show(
    State(api): State<Api>,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Response, ProblemPage> {
    let choices = Choices::parse(pairs);
    if choices.wants_articles() {
        articles::show(&api, &choices).await
    } else {
        institutions::show(&api, &choices).await
    }
}

/// What was searched for instead of the words, and the way back to them.
struct Corrected {
    text: String,
    as_typed: String,
}

impl Corrected {
    fn new(text: Option<String>, choices: &Choices) -> Option<Self> {
        let as_typed = choices.with(AS_TYPED, "true").address();
        text.map(|text| Self { text, as_typed })
    }
}

/// The two tabs, of which one is shown.
struct Tabs {
    institutions: String,
    articles: String,
    shows_articles: bool,
}

impl Tabs {
    fn new(choices: &Choices) -> Self {
        Self {
            institutions: choices.in_tab("institutions").address(),
            articles: choices.in_tab("articles").address(),
            shows_articles: choices.wants_articles(),
        }
    }
}
