//! The search page's list of institutions, with filters, and the best articles beside it.

use askama::Template;
use axum::response::Response;
use tracing::warn;

use super::chips::{self, Chip, FACETS, Group};
use super::guidance::Guidance;
use super::pager::Pager;
use super::{Corrected, Tabs};
use crate::api::{Api, ApiError, ArticleHit, Hits, InstitutionHit};
use crate::choices::{AS_TYPED, Choices};
use crate::frame::{Frame, show as reply};
use crate::korean;
use crate::pages::cards::{ArticleCard, InstitutionCard};
use crate::pages::problem::ProblemPage;

/// Articles beside the institutions.
const ARTICLES_MAX: &str = "3";
/// After how many institutions they stand: below what was looked for, above what nobody scrolls to.
const CARDS_BEFORE_ARTICLES: usize = 4;
/// What the form that asks for a moment replaces: another moment, now, and the page.
const OF_MOMENT: [&str; 3] = ["open_at", "open_now", "page"];

#[derive(Template)]
#[template(path = "search/institutions.html")]
struct InstitutionsPage {
    frame: Frame,
    tabs: Tabs,
    words: String,
    total: String,
    relaxed: bool,
    corrected: Option<Corrected>,
    guidance: Option<Guidance>,
    is_near: bool,
    chosen: Vec<Chip>,
    switches: Vec<Chip>,
    groups: Vec<Group>,
    /// The moment that was asked about, as the form shows it.
    open_at: String,
    /// What that form keeps.
    kept: Vec<(&'static str, String)>,
    sorts: Vec<Chip>,
    cards: Vec<InstitutionCard>,
    pager: Pager,
    articles: Vec<ArticleCard>,
    without_words: Option<String>,
    without_filters: Option<String>,
}

pub(super) async fn show(api: &Api, choices: &Choices) -> Result<Response, ProblemPage> {
    let mut query = choices.of_institutions();
    query.push(FACETS);
    let (institutions, articles) =
        tokio::join!(api.institutions(&query), best_articles(api, choices));
    let institutions = institutions.map_err(|error| ProblemPage::from(error).of(choices))?;
    Ok(reply(&InstitutionsPage::new(
        choices,
        institutions,
        articles,
    )))
}

/// The articles that fit the words best. The list of institutions is worth showing without them.
async fn best_articles(api: &Api, choices: &Choices) -> Vec<ArticleHit> {
    if choices.words().is_empty() || choices.get("page").is_some() {
        return Vec::new();
    }
    let mut query = vec![("q", choices.words()), ("per_page", ARTICLES_MAX)];
    query.extend(choices.get(AS_TYPED).map(|on| (AS_TYPED, on)));
    match api.articles(&query).await {
        Ok(articles) => articles.hits,
        Err(ApiError::Refused(_) | ApiError::Building) => Vec::new(),
        Err(error) => {
            warn!(%error, "no articles beside the institutions");
            Vec::new()
        }
    }
}

impl InstitutionsPage {
    fn new(choices: &Choices, found: Hits<InstitutionHit>, articles: Vec<ArticleHit>) -> Self {
        let region = match choices.get("sido") {
            None => Group::of_facet("지역", choices, "sido", found.facet("sido")),
            Some(_) => Group::of_facet("시·군·구", choices, "sigungu", found.facet("sigungu")),
        };
        let groups = [
            Group::of_bounds("거리", choices, "radius_km", found.facet("distance")),
            Group::of_facet("진료과", choices, "department", found.facet("department")),
            Group::of_facet("종류", choices, "kind", found.facet("kind")),
            region,
            Group::of_bounds(
                "전문의",
                choices,
                "specialists_min",
                found.facet("specialists"),
            ),
        ];
        let chosen = chips::chosen(choices, found.facet("kind"));
        let today = korean::now().date_naive();
        Self {
            frame: Frame {
                q: choices.words().to_owned(),
                kept: choices.kept(),
                ..Frame::fresh(&found.index)
            },
            tabs: Tabs::new(choices),
            words: choices.words().to_owned(),
            total: korean::number(found.total),
            relaxed: found.relaxed,
            corrected: Corrected::new(found.corrected.clone(), choices),
            guidance: Guidance::new(found.understood.clone(), choices),
            is_near: choices.get("lat").is_some(),
            switches: chips::switches(choices, found.facet("service")),
            groups: groups.into_iter().flatten().collect(),
            open_at: choices.get("open_at").unwrap_or_default().to_owned(),
            kept: choices.kept_but(&OF_MOMENT),
            sorts: sorts(choices),
            pager: Pager::new(choices, found.page, found.pages),
            without_words: (!chosen.is_empty() && !choices.words().is_empty())
                .then(|| choices.without("q").address()),
            without_filters: (chosen.len() > 1)
                .then(|| Choices::default().with("q", choices.words()).address()),
            chosen,
            cards: found
                .hits
                .into_iter()
                .map(|hit| InstitutionCard::new(hit, today))
                .collect(),
            articles: articles.into_iter().map(ArticleCard::new).collect(),
        }
    }
}

/// By relevance or by distance, where a place was given.
fn sorts(choices: &Choices) -> Vec<Chip> {
    // Without words, nearness is relevance.
    if choices.get("lat").is_none() || choices.words().is_empty() {
        return Vec::new();
    }
    let is_near = choices.has("sort", "distance");
    vec![
        Chip::sort("가까운 순", &choices.with("sort", "distance"), is_near),
        Chip::sort("관련도 순", &choices.without("sort"), !is_near),
    ]
}
