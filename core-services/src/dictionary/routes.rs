//! `/v1/dictionary/words`, `/v1/dictionary/synonyms` and `/v1/dictionary/rebuilds`.

use axum::Json;
use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use sqlx::MySqlPool;

use super::model::{NewSynonyms, NewWord, SynonymGroup, Word, normalised};
use super::store::{self, Part, ROWS_MAX};
use crate::problem::ApiError;

/// Rows of a page: a screen of them, unless another number is asked for.
const PER_PAGE: u32 = 50;
const PER_PAGE_MAX: u32 = 200;

/// Which part of a list is asked for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct List {
    #[serde(default)]
    q: String,
    page: Option<u32>,
    per_page: Option<u32>,
}

impl List {
    fn part(&self) -> (u32, Part) {
        let limit = self.per_page.unwrap_or(PER_PAGE).clamp(1, PER_PAGE_MAX);
        // There are never more rows than that.
        let page = self.page.unwrap_or(1).clamp(1, ROWS_MAX);
        let part = Part {
            offset: (page - 1) * limit,
            limit,
        };
        (page, part)
    }
}

/// A page of a list.
#[derive(Debug, Serialize)]
pub(crate) struct PageView<Row> {
    rows: Vec<Row>,
    total: u64,
    page: u32,
    per_page: u32,
}

impl<Row> PageView<Row> {
    fn new((rows, total): (Vec<Row>, u64), page: u32, part: Part) -> Json<Self> {
        Json(Self {
            rows,
            total,
            page,
            per_page: part.limit,
        })
    }
}

type Reply<T> = Result<T, ApiError>;
type Body<T> = Result<Json<T>, JsonRejection>;
type Id = Result<Path<u64>, PathRejection>;

fn was_there(is_there: bool) -> Reply<()> {
    is_there.then_some(()).ok_or(ApiError::NotFound)
}

/// Words (단어).
pub(crate) mod words {
    use super::*;

    /// A word as it is written.
    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    pub(crate) struct WriteWord {
        word: String,
        #[serde(default)]
        parts: String,
        #[serde(default)]
        note: String,
    }

    impl WriteWord {
        fn parse(body: Body<Self>) -> Reply<NewWord> {
            let Json(Self { word, parts, note }) = body?;
            Ok(NewWord::parse(&word, &parts, &note)?)
        }
    }

    pub(crate) async fn list(
        State(pool): State<MySqlPool>,
        list: Result<Query<List>, QueryRejection>,
    ) -> Reply<Json<PageView<Word>>> {
        let Query(list) = list?;
        let (page, part) = list.part();
        let words = store::list_words(&pool, &normalised(&list.q), part).await?;
        Ok(PageView::new(words, page, part))
    }

    pub(crate) async fn show(State(pool): State<MySqlPool>, id: Id) -> Reply<Json<Word>> {
        let Path(id) = id?;
        let word = store::find_word(&pool, id).await?;
        word.map(Json).ok_or(ApiError::NotFound)
    }

    pub(crate) async fn create(
        State(pool): State<MySqlPool>,
        body: Body<WriteWord>,
    ) -> Reply<(StatusCode, Json<Word>)> {
        let new = WriteWord::parse(body)?;
        let id = store::insert_word(&pool, &new).await?;
        let word = show(State(pool), Ok(Path(id))).await?;
        Ok((StatusCode::CREATED, word))
    }

    pub(crate) async fn update(
        State(pool): State<MySqlPool>,
        id: Id,
        body: Body<WriteWord>,
    ) -> Reply<Json<Word>> {
        let Path(id) = id?;
        let new = WriteWord::parse(body)?;
        was_there(store::update_word(&pool, id, &new).await?)?;
        show(State(pool), Ok(Path(id))).await
    }

    pub(crate) async fn delete(State(pool): State<MySqlPool>, id: Id) -> Reply<StatusCode> {
        let Path(id) = id?;
        was_there(store::delete_word(&pool, id).await?)?;
        Ok(StatusCode::NO_CONTENT)
    }
}

/// Groups of synonyms (동의어 묶음).
pub(crate) mod synonyms {
    use super::*;

    /// A group as it is written.
    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    pub(crate) struct WriteSynonyms {
        words: String,
        #[serde(default)]
        class: String,
        #[serde(default)]
        note: String,
    }

    impl WriteSynonyms {
        fn parse(body: Body<Self>) -> Reply<NewSynonyms> {
            let Json(Self { words, class, note }) = body?;
            Ok(NewSynonyms::parse(&words, &class, &note)?)
        }
    }

    pub(crate) async fn list(
        State(pool): State<MySqlPool>,
        list: Result<Query<List>, QueryRejection>,
    ) -> Reply<Json<PageView<SynonymGroup>>> {
        let Query(list) = list?;
        let (page, part) = list.part();
        let groups = store::list_synonyms(&pool, &normalised(&list.q), part).await?;
        Ok(PageView::new(groups, page, part))
    }

    pub(crate) async fn show(State(pool): State<MySqlPool>, id: Id) -> Reply<Json<SynonymGroup>> {
        let Path(id) = id?;
        let group = store::find_synonyms(&pool, id).await?;
        group.map(Json).ok_or(ApiError::NotFound)
    }

    pub(crate) async fn create(
        State(pool): State<MySqlPool>,
        body: Body<WriteSynonyms>,
    ) -> Reply<(StatusCode, Json<SynonymGroup>)> {
        let new = WriteSynonyms::parse(body)?;
        let id = store::insert_synonyms(&pool, &new).await?;
        let group = show(State(pool), Ok(Path(id))).await?;
        Ok((StatusCode::CREATED, group))
    }

    pub(crate) async fn update(
        State(pool): State<MySqlPool>,
        id: Id,
        body: Body<WriteSynonyms>,
    ) -> Reply<Json<SynonymGroup>> {
        let Path(id) = id?;
        let new = WriteSynonyms::parse(body)?;
        was_there(store::update_synonyms(&pool, id, &new).await?)?;
        show(State(pool), Ok(Path(id))).await
    }

    pub(crate) async fn delete(State(pool): State<MySqlPool>, id: Id) -> Reply<StatusCode> {
        let Path(id) = id?;
        was_there(store::delete_synonyms(&pool, id).await?)?;
        Ok(StatusCode::NO_CONTENT)
    }
}

/// Requests to build the index anew (색인 다시 만들기).
pub(crate) mod rebuilds {
    use super::*;

    /// A request that was taken.
    #[derive(Debug, Serialize)]
    pub(crate) struct RequestView {
        /// Counts the requests.
        id: u64,
    }

    pub(crate) async fn create(
        State(pool): State<MySqlPool>,
    ) -> Reply<(StatusCode, Json<RequestView>)> {
        let id = store::request_rebuild(&pool).await?;
        tracing::info!(id, "an operator asks for a new index");
        Ok((StatusCode::ACCEPTED, Json(RequestView { id })))
    }
}
