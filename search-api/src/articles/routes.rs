//! `/v1/search/articles` and `/v1/search/articles/{slug}`.

use std::sync::Arc;

use axum::Json;
use axum::extract::State as Shared;
use indexer::documents::{ArticleDocument, parse_source};
use indexer::engines::tantivy::{find_source, source_of};
use indexer::{DirtyKey, LiveIndex, Noun};
use tantivy::{DocAddress, TantivyDocument};

use super::request::SearchArticles;
use super::search;
use super::view::{ArticleFacets, ArticleHit, ArticleView, ArticlesView};
use crate::error::{ApiError, Problem};
use crate::parameters::{InPath, Parameters};
use crate::segments::Facts;
use crate::snapshot::{IndexView, snapshot};
use crate::state::State;

/// Search health articles (건강 정보 검색)
///
/// Finds articles that have any word of `q`, by BM25 over title, topics, departments, summary and text.
#[utoipa::path(
    get,
    path = "/v1/search/articles",
    tag = "search",
    params(SearchArticles),
    responses(
        (status = 200, description = "Articles that were found", body = ArticlesView),
        (status = 400, description = "A parameter is not valid", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "No index yet, behind `min_position`, or busy", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn search(
    Shared(state): Shared<State>,
    parameters: Parameters,
) -> Result<Json<ArticlesView>, ApiError> {
    let request = SearchArticles::parse(parameters)?;
    let index = snapshot(&state, request.min_position.as_deref()).await?;
    state
        .search(move |state| find(state, &index, &request))
        .await
        .map(Json)
}

fn find(
    state: &State,
    index: &LiveIndex,
    request: &SearchArticles,
) -> Result<ArticlesView, ApiError> {
    let facts = state.segments.facts(index)?;
    let language = state.language(index, &facts);
    let found = search::search(index, &facts, &language, request)?;
    let text = found.corrected.as_ref().or(request.q.as_ref());
    if let Some(text) = text {
        let is_narrowed = !request.topic.is_empty() || !request.department.is_empty();
        let found_nothing = found.total == 0 && !is_narrowed;
        state.count(Noun::Article, text, request.page, found_nothing);
    }
    let hits = found.hits.into_iter().map(|(score, address)| {
        Ok(ArticleHit::of(
            &index.analyzer,
            &found.marks,
            document(index, address)?,
            score,
        ))
    });
    Ok(ArticlesView {
        hits: hits.collect::<Result<_, ApiError>>()?,
        total: found.total,
        page: request.page,
        per_page: request.per_page,
        pages: request.page().count(found.total),
        corrected: found.corrected,
        facets: ArticleFacets::of(&found.facets),
        index: IndexView::of(index),
    })
}

fn document(index: &LiveIndex, address: DocAddress) -> Result<ArticleDocument, ApiError> {
    let document: TantivyDocument = index.searcher.doc(address)?;
    Ok(parse_source(
        source_of(&document, &index.fields).unwrap_or_default(),
    )?)
}

/// One health article (건강 정보)
#[utoipa::path(
    get,
    path = "/v1/search/articles/{slug}",
    tag = "search",
    params(("slug" = String, Path, description = "Name of the article in the address", example = "cold-or-flu")),
    responses(
        (status = 200, description = "The article", body = ArticleView),
        (status = 400, description = "A parameter is not valid", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "There is no such article", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "No index yet, or busy", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn show(
    Shared(state): Shared<State>,
    InPath(slug): InPath,
    parameters: Parameters,
) -> Result<Json<ArticleView>, ApiError> {
    parameters.finish()?;
    let index = snapshot(&state, None).await?;
    let show = move |state: &State| {
        let facts = state.segments.facts(&index)?;
        let Some(document) = find_by_slug(&index, &facts, &slug)? else {
            return Err(ApiError::NotFound("there is no such article".to_owned()));
        };
        Ok(ArticleView::of(document, IndexView::of(&index)))
    };
    state.search(show).await.map(Json)
}

fn find_by_slug(
    index: &LiveIndex,
    facts: &[Arc<Facts>],
    slug: &str,
) -> Result<Option<ArticleDocument>, ApiError> {
    for id in facts.iter().filter_map(|facts| facts.slugs.get(slug)) {
        let source = find_source(&index.searcher, &index.fields, DirtyKey::Article(*id))?;
        let document = source
            .map(|source| parse_source::<ArticleDocument>(&source))
            .transpose()?;
        // A segment remembers what has since been deleted or called otherwise.
        if let Some(document) = document.filter(|document| document.slug == slug) {
            return Ok(Some(document));
        }
    }
    Ok(None)
}
