//! Tells who has written something where the binlog stands now: there, or further on, the index knows of it.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use cdc::{Position, Server};
use tracing::warn;

/// The header that says so, as `min_position` of the search API takes it.
const POSITION: HeaderName = HeaderName::from_static("jinmaek-position");

/// Puts the position on every reply to something that was written. Without it the client can only not wait.
pub(crate) async fn tell(
    State(database_url): State<Arc<str>>,
    request: Request,
    next: Next,
) -> Response {
    let is_write = !request.method().is_safe();
    let mut response = next.run(request).await;
    if is_write && response.status().is_success() {
        match position(&database_url).await {
            Ok(position) => {
                let position = HeaderValue::try_from(position.to_string());
                let headers = response.headers_mut();
                headers.extend(position.into_iter().map(|position| (POSITION, position)));
            }
            Err(error) => warn!(%error, "the position of what was written is not known"),
        }
    }
    response
}

async fn position(database_url: &str) -> Result<Position, cdc::Error> {
    Server::connect(database_url).await?.position().await
}
