//! Who may ask: operators have no logins yet, so whoever has the installation's token, at an address that no other site can reach.

use std::fmt;
use std::net::IpAddr;

use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::http::header::{AUTHORIZATION, HOST};
use axum::http::uri::Authority;
use axum::middleware::Next;
use axum::response::Response;
use rand::distr::{Alphanumeric, SampleString};
use subtle::ConstantTimeEq;

use crate::problem::ApiError;

/// About 190 bits of 62 letters; and the least that a configured token may have.
const TOKEN_LENGTH: usize = 32;

/// The secret that the back office and this service share. It is never printed.
#[derive(Clone)]
pub struct OperatorToken(String);

/// The token is too short, or can't stand in a header.
#[derive(Debug, thiserror::Error)]
#[error(
    "the operators' token must be {TOKEN_LENGTH} or more printable ASCII characters without spaces"
)]
pub struct InvalidToken;

impl OperatorToken {
    /// A new one, for a back office in the same process.
    #[must_use]
    pub fn generate() -> Self {
        Self(Alphanumeric.sample_string(&mut rand::rng(), TOKEN_LENGTH))
    }

    /// One that was configured.
    ///
    /// # Errors
    /// When it is too short to be a secret, or can't stand in a header.
    pub fn parse(text: &str) -> Result<Self, InvalidToken> {
        let is_printable = text.bytes().all(|byte| byte.is_ascii_graphic());
        if text.len() < TOKEN_LENGTH || !is_printable {
            return Err(InvalidToken);
        }
        Ok(Self(text.to_owned()))
    }

    /// For the one who must send it.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Takes the same time wherever the first difference is.
    fn is(&self, offered: &str) -> bool {
        self.0.as_bytes().ct_eq(offered.as_bytes()).into()
    }
}

impl fmt::Debug for OperatorToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OperatorToken(…)")
    }
}

/// Lets nobody pass without the token, to whatever address.
pub(crate) async fn guard(
    State(token): State<OperatorToken>,
    request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let headers = request.headers();
    if !is_plain_host(headers) {
        return Err(ApiError::ForeignHost);
    }
    match bearer(headers) {
        Some(offered) if token.is(offered) => Ok(next.run(request).await),
        _ => Err(ApiError::Unauthorized),
    }
}

/// Whether the browser was told to come here by an address, not by a name: a name can be made to point here by whoever owns
/// it, after which his pages count as ours (DNS rebinding).
fn is_plain_host(headers: &HeaderMap) -> bool {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    let host = host.and_then(|host| host.parse::<Authority>().ok());
    host.is_some_and(|authority| {
        let host = authority.host().trim_matches(['[', ']']);
        host == "localhost" || host.parse::<IpAddr>().is_ok()
    })
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_long_and_never_printed() {
        let token = OperatorToken::generate();
        assert!(OperatorToken::parse(token.reveal()).is_ok());
        assert!(token.is(token.reveal()) && !token.is("") && !token.is(&token.reveal()[1..]));
        assert!(!format!("{token:?}").contains(token.reveal()));
        for wrong in ["short", &"가".repeat(32), &" x".repeat(32)] {
            assert!(OperatorToken::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn hosts_are_addresses() {
        let is_plain = |host: &str| {
            let headers = HeaderMap::from_iter([(HOST, host.parse().unwrap())]);
            is_plain_host(&headers)
        };
        for host in ["127.0.0.1:8083", "[::1]:8083", "localhost:8083", "10.0.0.7"] {
            assert!(is_plain(host), "{host}");
        }
        for host in [
            "evil.example",
            "localhost.evil.example:8083",
            "127.0.0.1.nip.io",
            "",
        ] {
            assert!(!is_plain(host), "{host}");
        }
    }
}
