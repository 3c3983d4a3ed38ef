//! What the routers work with: where the search API is.

use reqwest::Url;

/// What the routers work with.
#[derive(Clone, Debug)]
pub struct Options {
    pub(crate) api: Url,
}

/// The search API's address is not one that can be asked.
#[derive(Debug, thiserror::Error)]
#[error("the search API's address must be like http://127.0.0.1:3001, not {0:?}")]
pub struct InvalidApiUrl(String);

impl Options {
    /// `api_url` is the search API's address, such as `http://127.0.0.1:3001`.
    ///
    /// # Errors
    /// When it is not an http address.
    pub fn parse(api_url: &str) -> Result<Self, InvalidApiUrl> {
        match Url::parse(api_url) {
            Ok(api) if api.scheme() == "http" && api.has_host() => Ok(Self { api }),
            _ => Err(InvalidApiUrl(api_url.to_owned())),
        }
    }
}
