//! `/v1/search/articles` and `/v1/search/articles/{slug}`.

use axum::Json;
use axum::extract::State as Shared;
use indexer::documents::{ArticleDocument, parse_source};
use indexer::engines::tantivy::{find_source_by, source_of};
use indexer::{LiveIndex, Noun};
use tantivy::{DocAddress, TantivyDocument, Term};

use super::request::SearchArticles;
use super::search;
use super::view::{ArticleFacets, ArticleHit, ArticleView, ArticlesView};
use crate::engine::engine;
use crate::error::{ApiError, Problem};
use crate::highlight::Marker;
use crate::parameters::{InPath, Parameters};
use crate::snapshot::IndexView;
use crate::state::State;

/// Search health articles (건강 정보 검색)
///
/// Finds articles that have any word of `q`, by BM25 over title, topics, departments, summary and text. Where there are thousands of
/// articles, a word that more than one in twenty of them has finds none by itself, but counts beside the others.
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
    let engine = engine(&state, request.min_position.as_deref()).await?;
    let (typed, page, is_narrowed) = (request.q.clone(), request.page, request.is_narrowed());
    let view = engine.articles(request).await?;
    if let Some(text) = view.corrected.as_ref().or(typed.as_ref()) {
        let found_nothing = view.total == 0 && !is_narrowed;
        state.count(Noun::Article, text, page, found_nothing);
    }
    Ok(Json(view))
}

pub(crate) fn find(
    state: &State,
    index: &LiveIndex,
    request: &SearchArticles,
) -> Result<ArticlesView, ApiError> {
    let facts = state.segments.facts(index)?;
    let language = state.segments.language(index, &facts);
    let found = search::search(index, &facts, &language, request, state.now().date())?;
    let marker = Marker::new(&index.analyzer, &found.marks);
    let hits = found.hits.into_iter();
    let hits =
        hits.map(|(score, address)| Ok(ArticleHit::of(&marker, document(index, address)?, score)));
    let mut hits: Vec<_> = hits.collect::<Result<_, ApiError>>()?;
    for (hit, parts) in hits.iter_mut().zip(found.explanations) {
        hit.explanation = Some(parts);
    }
    Ok(ArticlesView {
        hits,
        total: found.total,
        page: request.page,
        per_page: request.per_page,
        pages: request.page().count(found.total),
        corrected: found.corrected,
        facets: found.facets.as_ref().map(ArticleFacets::of),
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
    let engine = engine(&state, None).await?;
    engine.article(slug).await.map(Json)
}

pub(crate) fn find_by_slug(index: &LiveIndex, slug: &str) -> Result<ArticleView, ApiError> {
    let term = Term::from_field_text(index.fields.slug, slug);
    let Some(source) = find_source_by(&index.searcher, &index.fields, term)? else {
        return Err(ApiError::NotFound("there is no such article".to_owned()));
    };
    let document: ArticleDocument = parse_source(&source)?;
    Ok(ArticleView::of(document, IndexView::of(index)))
}
