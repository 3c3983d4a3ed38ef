//! Lets only our own pages write. There is no login whose cookie could be tied to a token, and none is needed: every browser
//! says by itself, in headers that scripts can't set, which site a form came from, and what sends none of them is no browser.

use std::net::IpAddr;

use axum::extract::Request;
use axum::http::header::{HOST, HeaderName, ORIGIN};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Refuses what would change something and does not come from a page of ours.
pub(crate) async fn require(request: Request, next: Next) -> Response {
    if request.method().is_safe() || is_ours(request.headers()) {
        return next.run(request).await;
    }
    let said = "다른 사이트에서 온 요청이라 받지 않았습니다. 관리 화면을 127.0.0.1이나 localhost 주소로 열어 주세요.\n";
    (StatusCode::FORBIDDEN, said).into_response()
}

fn is_ours(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let Some(host) = text(HOST).and_then(|host| host.parse::<Authority>().ok()) else {
        return false;
    };
    // A name can be made to point here by whoever owns it; then his pages are of the same origin as ours (DNS rebinding).
    let name = host.host().trim_matches(['[', ']']);
    if name != "localhost" && name.parse::<IpAddr>().is_err() {
        return false;
    }
    match text(FETCH_SITE) {
        Some(site) => site == "same-origin",
        // Not sent over plain HTTP to another machine.
        None => text(ORIGIN)
            .and_then(|origin| origin.split_once("://"))
            .is_some_and(|(_, origin)| origin == host.as_str()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asks(headers: &[(HeaderName, &str)]) -> bool {
        let headers = headers.iter();
        let headers = headers.map(|(name, value)| (name.clone(), value.parse().unwrap()));
        is_ours(&headers.collect())
    }

    #[test]
    fn only_pages_of_the_same_origin_may_write() {
        assert!(asks(&[
            (HOST, "127.0.0.1:8082"),
            (FETCH_SITE, "same-origin")
        ]));
        assert!(asks(&[
            (HOST, "localhost:8082"),
            (FETCH_SITE, "same-origin")
        ]));
        assert!(asks(&[
            (HOST, "10.0.0.7:8082"),
            (ORIGIN, "http://10.0.0.7:8082")
        ]));
        for site in ["cross-site", "same-site", "none"] {
            let headers = [
                (HOST, "127.0.0.1:8082"),
                (FETCH_SITE, site),
                (ORIGIN, "http://127.0.0.1:8082"),
            ];
            assert!(!asks(&headers), "{site}");
        }
        assert!(!asks(&[
            (HOST, "evil.example"),
            (FETCH_SITE, "same-origin")
        ]));
        assert!(!asks(&[(HOST, "127.0.0.1:8082"), (ORIGIN, "null")]));
        assert!(!asks(&[
            (HOST, "127.0.0.1:8082"),
            (ORIGIN, "http://127.0.0.1:9999")
        ]));
        assert!(!asks(&[(HOST, "127.0.0.1:8082")]), "no browser");
        assert!(!asks(&[(FETCH_SITE, "same-origin")]), "no host");
    }
}
