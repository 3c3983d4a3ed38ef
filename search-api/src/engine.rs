//! The engine that answers. Routes ask this trait; Tantivy's answers are the slices' own searches, Meilisearch's stand in
//! `meilisearch.rs` of each slice.

use async_trait::async_trait;
use indexer::{LiveIndex, Shown};

use crate::articles::request::SearchArticles;
use crate::articles::view::{ArticleView, ArticlesView};
use crate::error::ApiError;
use crate::institutions::profile::InstitutionView;
use crate::institutions::request::SearchInstitutions;
use crate::institutions::view::InstitutionsView;
use crate::meilisearch::MeilisearchEngine;
use crate::snapshot::snapshot;
use crate::state::State;
use crate::suggest::routes::{Suggest, SuggestionsView};
use crate::{articles, institutions, suggest};

/// What can be asked of an engine. Both give replies of the same shape, which name it.
#[async_trait]
pub(crate) trait Engine: Send + Sync {
    async fn institutions(&self, request: SearchInstitutions)
    -> Result<InstitutionsView, ApiError>;

    async fn institution(&self, id: u64) -> Result<InstitutionView, ApiError>;

    async fn articles(&self, request: SearchArticles) -> Result<ArticlesView, ApiError>;

    async fn article(&self, slug: String) -> Result<ArticleView, ApiError>;

    async fn suggest(&self, request: Suggest) -> Result<SuggestionsView, ApiError>;
}

/// The engine with the live index, after waiting for a position when one is given.
pub(crate) async fn engine(
    state: &State,
    min_position: Option<&str>,
) -> Result<Box<dyn Engine>, ApiError> {
    let state_of_it = state.clone();
    Ok(match snapshot(state, min_position).await? {
        Shown::Tantivy(index) => Box::new(TantivyEngine {
            state: state_of_it,
            index,
        }),
        Shown::Meilisearch(live) => Box::new(MeilisearchEngine {
            state: state_of_it,
            live,
        }),
    })
}

/// Tantivy in the process: a search keeps a processor busy, so each waits for its turn.
struct TantivyEngine {
    state: State,
    index: LiveIndex,
}

impl TantivyEngine {
    async fn search<T: Send + 'static>(
        &self,
        search: impl FnOnce(&State, &LiveIndex) -> Result<T, ApiError> + Send + 'static,
    ) -> Result<T, ApiError> {
        let index = self.index.clone();
        self.state.search(move |state| search(state, &index)).await
    }
}

#[async_trait]
impl Engine for TantivyEngine {
    async fn institutions(
        &self,
        request: SearchInstitutions,
    ) -> Result<InstitutionsView, ApiError> {
        let find = move |state: &State, index: &LiveIndex| {
            institutions::routes::find(state, index, &request)
        };
        self.search(find).await
    }

    async fn institution(&self, id: u64) -> Result<InstitutionView, ApiError> {
        self.search(move |state, index| institutions::routes::find_by_id(state, index, id))
            .await
    }

    async fn articles(&self, request: SearchArticles) -> Result<ArticlesView, ApiError> {
        self.search(move |state, index| articles::routes::find(state, index, &request))
            .await
    }

    async fn article(&self, slug: String) -> Result<ArticleView, ApiError> {
        self.search(move |_, index| articles::routes::find_by_slug(index, &slug))
            .await
    }

    async fn suggest(&self, request: Suggest) -> Result<SuggestionsView, ApiError> {
        self.search(move |state, index| suggest::routes::find(state, index, &request))
            .await
    }
}
