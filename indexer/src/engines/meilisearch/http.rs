//! How Meilisearch is spoken to: its SDK over the HTTP client that the platform has anyway.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::io::{AsyncRead, AsyncReadExt};
use meilisearch_sdk::errors::Error;
use meilisearch_sdk::request::{HttpClient, Method, parse_response};
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A server that does not even take the connection within this is away.
const CONNECT_PATIENCE: Duration = Duration::from_secs(5);
/// Meilisearch takes a batch on at once and works it off later; a search has a cutoff of 1.5 s.
const ANSWER_PATIENCE: Duration = Duration::from_secs(30);

/// An API key. It shows itself to nobody.
#[derive(Clone, PartialEq, Eq)]
pub struct Key(String);

impl From<&str> for Key {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}

/// The client that the SDK asks by.
#[derive(Clone, Debug)]
pub struct Http(reqwest::Client);

impl Http {
    pub(super) fn new(key: Option<&Key>) -> Result<Self, Error> {
        let mut headers = HeaderMap::new();
        if let Some(Key(key)) = key {
            let bearer = HeaderValue::try_from(format!("Bearer {key}"));
            let mut bearer = bearer.map_err(|_| Error::InvalidRequest)?;
            bearer.set_sensitive(true);
            headers.insert(AUTHORIZATION, bearer);
        }
        let client = reqwest::Client::builder()
            .default_headers(headers)
            .connect_timeout(CONNECT_PATIENCE)
            .timeout(ANSWER_PATIENCE)
            .build();
        client.map(Self).map_err(other)
    }
}

#[async_trait]
impl HttpClient for Http {
    async fn stream_request<Query, Body, Output>(
        &self,
        url: &str,
        method: Method<Query, Body>,
        content_type: &str,
        expected_status_code: u16,
    ) -> Result<Output, Error>
    where
        Query: Serialize + Send + Sync,
        Body: AsyncRead + Send + Sync + 'static,
        Output: DeserializeOwned + 'static,
    {
        let verb = match method {
            Method::Get { .. } => reqwest::Method::GET,
            Method::Post { .. } => reqwest::Method::POST,
            Method::Patch { .. } => reqwest::Method::PATCH,
            Method::Put { .. } => reqwest::Method::PUT,
            Method::Delete { .. } => reqwest::Method::DELETE,
        };
        let mut request = self.0.request(verb, url).query(method.query());
        if let Some(body) = method.into_body() {
            let mut bytes = Vec::new();
            let mut body = std::pin::pin!(body);
            body.read_to_end(&mut bytes).await.map_err(other)?;
            request = request.header(CONTENT_TYPE, content_type).body(bytes);
        }
        let response = request.send().await.map_err(other)?;
        let status = response.status().as_u16();
        let text = response.text().await.map_err(other)?;
        let text = if text.is_empty() { "null" } else { &text };
        parse_response(status, expected_status_code, text, url.to_owned())
    }
}

fn other(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::Other(Box::new(error))
}
