//! Meilisearch as the engine of the API: the server finds, orders, counts and marks by its own rules, and the replies have the
//! same shape as Tantivy's. Of what it can't do each reply's `index.unsupported` has the list.

pub(crate) mod filter;
pub(crate) mod question;

use async_trait::async_trait;
use indexer::LiveServer;

use crate::articles::request::SearchArticles;
use crate::articles::view::{ArticleView, ArticlesView};
use crate::engine::Engine;
use crate::error::ApiError;
use crate::institutions::profile::InstitutionView;
use crate::institutions::request::SearchInstitutions;
use crate::institutions::view::InstitutionsView;
use crate::state::State;
use crate::suggest::routes::{Suggest, SuggestionsView};
use crate::{articles, institutions, suggest};

/// What Tantivy's replies have and these have not:
/// - `understood`: queries are words only; complaints, places and departments are not read out of them;
/// - `initials`: names by their first consonants;
/// - `spelling`: words spelt nearly right are found, but `corrected` does not say them;
/// - `snapshot`: a reply may show changes later than its position, and two pages two states of the tables;
/// - `bands`: specialists and distances are not counted as facets;
/// - `explain`: what a score is made of;
/// - `words`: the operators' words and synonyms;
/// - `segments`: `/v1/index` knows neither segments nor size.
pub(crate) const UNSUPPORTED: [&str; 8] = [
    "understood",
    "initials",
    "spelling",
    "snapshot",
    "bands",
    "explain",
    "words",
    "segments",
];

/// A Meilisearch server with the live index. It bounds its searches itself, and says when it is busy.
pub(crate) struct MeilisearchEngine {
    pub(crate) state: State,
    pub(crate) live: LiveServer,
}

#[async_trait]
impl Engine for MeilisearchEngine {
    async fn institutions(
        &self,
        request: SearchInstitutions,
    ) -> Result<InstitutionsView, ApiError> {
        institutions::meilisearch::search(&self.state, &self.live, &request).await
    }

    async fn institution(&self, id: u64) -> Result<InstitutionView, ApiError> {
        institutions::meilisearch::find_by_id(&self.state, &self.live, id).await
    }

    async fn articles(&self, request: SearchArticles) -> Result<ArticlesView, ApiError> {
        articles::meilisearch::search(&self.live, &request).await
    }

    async fn article(&self, slug: String) -> Result<ArticleView, ApiError> {
        articles::meilisearch::find_by_slug(&self.live, &slug).await
    }

    async fn suggest(&self, request: Suggest) -> Result<SuggestionsView, ApiError> {
        suggest::meilisearch::find(&self.live, &request).await
    }
}
