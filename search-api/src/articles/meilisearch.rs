//! Articles by Meilisearch.

use indexer::LiveServer;
use indexer::documents::ArticleDocument;

use super::request::SearchArticles;
use super::search::FACETS;
use super::view::{ArticleFacets, ArticleHit, ArticleView, ArticlesView};
use crate::error::ApiError;
use crate::highlight::Marker;
use crate::meilisearch::filter::Filter;
use crate::meilisearch::question::{Found, Question, Words, ask, first};
use crate::snapshot::IndexView;

/// Articles that have some of the words; if there are none, for what the keys give on the other keyboard.
pub(crate) async fn search(
    live: &LiveServer,
    request: &SearchArticles,
) -> Result<ArticlesView, ApiError> {
    let filter = filter(request);
    let index = live.server.searched();
    let sort: &[&str] = if request.newest_first() {
        &["revised_day:desc", "number:asc"]
    } else {
        &[]
    };
    let find = async |text: Option<&str>| -> Result<Found<ArticleDocument>, ApiError> {
        let question = Question {
            text,
            words: Words::Some,
            filter: &filter,
            sort,
            facets: if request.facets { &FACETS } else { &[] },
            page: request.page(),
        };
        ask(&index, live.server.analyzer(), &question).await
    };
    let typed = request.q.as_deref();
    let mut found = find(typed).await?;
    let mut corrected = None;
    if found.total == 0
        && !request.as_typed
        && let Some(other) = typed.and_then(analyzers::other_keyboard)
    {
        found = find(Some(&other)).await?;
        corrected = Some(other).filter(|_| found.total > 0);
    }
    let marker = Marker::new(live.server.analyzer(), &found.marks);
    let hits = found.hits.into_iter();
    let hits = hits.map(|(document, score)| ArticleHit::of(&marker, document, score));
    Ok(ArticlesView {
        hits: hits.collect(),
        total: found.total,
        page: request.page,
        per_page: request.per_page,
        pages: request.page().count(found.total),
        corrected,
        facets: request.facets.then(|| ArticleFacets::of(&found.facets)),
        index: IndexView::of_server(live),
    })
}

/// The article of this very name: Meilisearch does not tell large letters from small ones.
pub(crate) async fn find_by_slug(live: &LiveServer, slug: &str) -> Result<ArticleView, ApiError> {
    let mut filter = Filter::noun("article");
    filter.is("slug", slug);
    let document: Option<ArticleDocument> = first(&live.server.searched(), &filter).await?;
    let document = document.filter(|document| document.slug == slug);
    let missing = || ApiError::NotFound("there is no such article".to_owned());
    let document = document.ok_or_else(missing)?;
    Ok(ArticleView::of(document, IndexView::of_server(live)))
}

/// The filters of the request. Each field is named, so that none that is added is forgotten here.
fn filter(request: &SearchArticles) -> Filter {
    let SearchArticles {
        topic,
        department,
        // No filters.
        q: _,
        sort: _,
        page: _,
        per_page: _,
        min_position: _,
        as_typed: _,
        facets: _,
        explain: _,
    } = request;
    let mut filter = Filter::noun("article");
    filter.choose("topic", "topic", topic);
    filter.choose("department", "any_department", department);
    filter
}
