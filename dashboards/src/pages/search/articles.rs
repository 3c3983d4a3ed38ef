//! The search page's list of articles.

use askama::Template;
use axum::response::Response;

use super::chips::{self, Chip, FACETS, Group};
use super::pager::Pager;
use super::{Corrected, Tabs};
use crate::api::{Api, ArticleHit, Hits};
use crate::choices::Choices;
use crate::frame::{Frame, show as reply};
use crate::korean;
use crate::pages::cards::ArticleCard;
use crate::pages::problem::ProblemPage;

#[derive(Template)]
#[template(path = "search/articles.html")]
struct ArticlesPage {
    frame: Frame,
    tabs: Tabs,
    words: String,
    total: String,
    corrected: Option<Corrected>,
    chosen: Vec<Chip>,
    groups: Vec<Group>,
    sorts: Vec<Chip>,
    cards: Vec<ArticleCard>,
    pager: Pager,
}

pub(super) async fn show(api: &Api, choices: &Choices) -> Result<Response, ProblemPage> {
    let mut query = choices.of_articles();
    query.push(FACETS);
    let articles = api.articles(&query).await;
    let articles = articles.map_err(|error| ProblemPage::from(error).of(choices))?;
    Ok(reply(&ArticlesPage::new(choices, articles)))
}

impl ArticlesPage {
    fn new(choices: &Choices, found: Hits<ArticleHit>) -> Self {
        let groups = [
            Group::of_facet("주제", choices, "topic", found.facet("topic")),
            Group::of_facet("진료과", choices, "department", found.facet("department")),
        ];
        Self {
            frame: Frame {
                q: choices.words().to_owned(),
                kept: choices.kept(),
                ..Frame::fresh(&found.index)
            },
            tabs: Tabs::new(choices),
            words: choices.words().to_owned(),
            total: korean::number(found.total),
            corrected: Corrected::new(found.corrected, choices),
            chosen: chips::chosen(choices, &[]),
            groups: groups.into_iter().flatten().collect(),
            sorts: sorts(choices),
            pager: Pager::new(choices, found.page, found.pages),
            cards: found.hits.into_iter().map(ArticleCard::new).collect(),
        }
    }
}

/// By relevance or by date; without words the newest come first anyway.
fn sorts(choices: &Choices) -> Vec<Chip> {
    if choices.words().is_empty() {
        return Vec::new();
    }
    let is_newest = choices.has("sort", "newest");
    vec![
        Chip::sort("관련도 순", &choices.without("sort"), !is_newest),
        Chip::sort("최신 순", &choices.with("sort", "newest"), is_newest),
    ]
}
