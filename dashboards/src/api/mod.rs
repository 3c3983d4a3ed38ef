//! The client of the search API and of the operators': typed replies, bounded in time and size, and one meaning for each way to fail.

use std::collections::BTreeMap;
use std::time::Duration;

use reqwest::{Method, RequestBuilder, Response, StatusCode, Url, redirect};
use serde::Deserialize;
use serde::de::DeserializeOwned;

pub(crate) use index_replies::*;
pub(crate) use operators::{List, Operators, Queries, QueryRow, Row, Rows};
pub(crate) use replies::*;

mod index_replies;
mod operators;
mod replies;

/// The API is a neighbour; what does not take the connection by then is down.
const CONNECT_SECONDS_MAX: Duration = Duration::from_secs(2);
/// A patient waits no longer for a page; searches take milliseconds.
const REPLY_SECONDS_MAX: Duration = Duration::from_secs(5);
/// The longest reply that is read: far more than any page of hits, and than any article that a person would read.
const REPLY_BYTES_MAX: usize = 4 * 1024 * 1024;
/// The code by which the API says that the first index is still being built.
const CODE_BUILDING: &str = "index_building";

/// Where the binlog stood after something was written.
const POSITION: &str = "jinmaek-position";

/// What was written.
#[derive(Debug)]
pub(crate) struct Written {
    /// The index knows of it at this position; empty when it was not told.
    pub(crate) position: String,
}

/// What the API says of a request that it did not answer (RFC 9457).
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Problem {
    pub(crate) title: Option<String>,
    pub(crate) detail: Option<String>,
    pub(crate) code: Option<String>,
    pub(crate) parameter: Option<String>,
}

/// Why there is no reply.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ApiError {
    /// The request does not make sense to the API (4xx); the problem says why, in words for people.
    #[error("the API refused the request: {0:?}")]
    Refused(Problem),
    /// There is no such document.
    #[error("the API knows no such document")]
    NotFound,
    /// The first index is being built.
    #[error("the index is being built")]
    Building,
    /// The API failed (5xx, or a redirect, which it never sends).
    #[error("the API failed with {status}: {problem:?}")]
    Failed {
        status: StatusCode,
        problem: Problem,
    },
    /// Nobody answers, or not in time.
    #[error("the API can't be reached")]
    Unreachable(#[from] reqwest::Error),
    /// The reply is longer than any page needs.
    #[error("the API replied more than {REPLY_BYTES_MAX} bytes")]
    TooLong,
    /// The reply is not what was agreed.
    #[error("the API's reply can't be read")]
    Malformed(#[from] serde_json::Error),
}

/// Asks an API.
#[derive(Clone)]
pub(crate) struct Api {
    client: reqwest::Client,
    base: Url,
    /// What opens it; the search API needs none.
    token: Option<String>,
}

impl Api {
    pub(crate) fn new(base: Url) -> Self {
        Self::with_token(base, None)
    }

    fn with_token(base: Url, token: Option<String>) -> Self {
        let client = reqwest::Client::builder()
            .connect_timeout(CONNECT_SECONDS_MAX)
            .timeout(REPLY_SECONDS_MAX)
            .redirect(redirect::Policy::none())
            .no_proxy()
            .build()
            .expect("a client without TLS has nothing that could fail to load");
        Self {
            client,
            base,
            token,
        }
    }

    pub(crate) async fn institutions(
        &self,
        query: &[(&str, &str)],
    ) -> Result<Hits<InstitutionHit>, ApiError> {
        self.get(&["v1", "search", "institutions"], query).await
    }

    pub(crate) async fn institution(&self, id: u64) -> Result<Institution, ApiError> {
        self.get(&["v1", "search", "institutions", &id.to_string()], &[])
            .await
    }

    pub(crate) async fn articles(
        &self,
        query: &[(&str, &str)],
    ) -> Result<Hits<ArticleHit>, ApiError> {
        self.get(&["v1", "search", "articles"], query).await
    }

    pub(crate) async fn article(&self, slug: &str) -> Result<Article, ApiError> {
        self.get(&["v1", "search", "articles", slug], &[]).await
    }

    pub(crate) async fn suggest(&self, query: &[(&str, &str)]) -> Result<Suggestions, ApiError> {
        self.get(&["v1", "search", "suggest"], query).await
    }

    pub(crate) async fn index_state(&self) -> Result<IndexState, ApiError> {
        self.get(&["v1", "index"], &[]).await
    }

    /// The same, if possible after what was written before this position.
    pub(crate) async fn index_state_at(&self, position: &str) -> Result<IndexState, ApiError> {
        self.get(&["v1", "index"], &[("min_position", position)])
            .await
    }

    pub(crate) async fn analyze(&self, text: &str) -> Result<Analysis, ApiError> {
        self.get(&["v1", "search", "analyze"], &[("text", text)])
            .await
    }

    async fn get<Reply: DeserializeOwned>(
        &self,
        path: &[&str],
        query: &[(&str, &str)],
    ) -> Result<Reply, ApiError> {
        let mut url = self.url(path);
        url.query_pairs_mut().extend_pairs(query);
        let response = self.reply(self.client.get(url)).await?;
        let body = read(response).await?;
        Ok(serde_json::from_slice(&body)?)
    }

    /// Changes something, with a JSON body of these fields if there are any.
    async fn send(
        &self,
        method: Method,
        path: &[&str],
        fields: Option<&BTreeMap<&str, &str>>,
    ) -> Result<Written, ApiError> {
        let request = self.client.request(method, self.url(path));
        let request = match fields {
            Some(fields) => request.json(fields),
            None => request,
        };
        let response = self.reply(request).await?;
        let position = response.headers().get(POSITION);
        let position = position.and_then(|position| position.to_str().ok());
        Ok(Written {
            position: position.unwrap_or_default().to_owned(),
        })
    }

    fn url(&self, path: &[&str]) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        url
    }

    /// The reply of a success.
    async fn reply(&self, request: RequestBuilder) -> Result<Response, ApiError> {
        let request = match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        };
        let response = request.send().await?;
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        let body = read(response).await?;
        let problem: Problem = serde_json::from_slice(&body).unwrap_or_default();
        Err(match status {
            StatusCode::NOT_FOUND => ApiError::NotFound,
            _ if problem.code.as_deref() == Some(CODE_BUILDING) => ApiError::Building,
            // Our token, not the request, is wrong.
            StatusCode::UNAUTHORIZED => ApiError::Failed { status, problem },
            _ if status.is_client_error() => ApiError::Refused(problem),
            _ => ApiError::Failed { status, problem },
        })
    }
}

/// The whole body, if it is not too long.
async fn read(mut response: Response) -> Result<Vec<u8>, ApiError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if body.len() + chunk.len() > REPLY_BYTES_MAX {
            return Err(ApiError::TooLong);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}
