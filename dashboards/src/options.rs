//! What the routers work with: where the APIs are.

use reqwest::Url;

/// What the routers work with.
#[derive(Clone)]
pub struct Options {
    pub(crate) api: Url,
    /// Where the operators' API is, and the token that opens it.
    pub(crate) operators: Option<(Url, String)>,
}

/// The address of an API is not one that can be asked.
#[derive(Debug, thiserror::Error)]
#[error("the address of an API must be like http://127.0.0.1:3001, not {0:?}")]
pub struct InvalidApiUrl(String);

impl Options {
    /// `api_url` is the search API's address, such as `http://127.0.0.1:3001`.
    ///
    /// # Errors
    /// When it is not an http address.
    pub fn parse(api_url: &str) -> Result<Self, InvalidApiUrl> {
        Ok(Self {
            api: parse(api_url)?,
            operators: None,
        })
    }

    /// The same with the operators' API, for the back office.
    ///
    /// # Errors
    /// When it is not an http address.
    pub fn with_operators(self, url: &str, token: &str) -> Result<Self, InvalidApiUrl> {
        Ok(Self {
            operators: Some((parse(url)?, token.to_owned())),
            ..self
        })
    }
}

fn parse(text: &str) -> Result<Url, InvalidApiUrl> {
    match Url::parse(text) {
        Ok(url) if url.scheme() == "http" && url.has_host() => Ok(url),
        _ => Err(InvalidApiUrl(text.to_owned())),
    }
}
