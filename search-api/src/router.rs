//! Every route of the API, and the server.

use std::future::Future;

use axum::Router;
use axum::http::header::{HeaderName, HeaderValue, X_CONTENT_TYPE_OPTIONS};
use axum::middleware::{from_fn, from_fn_with_state, map_response};
use axum::response::Response;
use axum::routing::get;
use indexer::LiveHandle;
use tokio::net::TcpListener;

use crate::error::{ApiError, render};
use crate::state::{Options, State};
use crate::{analyze, articles, health, index_status, institutions, metrics, openapi, suggest};

/// The API over an index.
pub fn router(live: LiveHandle, options: &Options) -> Router {
    let state = State::new(live, options);
    state.warm();
    Router::new()
        .route("/v1/search/institutions", get(institutions::routes::search))
        .route(
            "/v1/search/institutions/{id}",
            get(institutions::routes::show),
        )
        .route("/v1/search/articles", get(articles::routes::search))
        .route("/v1/search/articles/{slug}", get(articles::routes::show))
        .route("/v1/search/suggest", get(suggest::routes::suggest))
        .route("/v1/search/analyze", get(analyze::analyze))
        .route("/v1/index", get(index_status::show))
        .route("/livez", get(health::livez))
        .route("/readyz", get(health::readyz))
        .route("/metrics", get(metrics::show))
        // `/docs` and `/openapi.json`
        .merge(openapi::docs())
        .fallback(async || ApiError::NotFound("there is no such route; see /docs".to_owned()))
        .method_not_allowed_fallback(async || ApiError::MethodNotAllowed)
        .layer(from_fn_with_state(state.clone(), metrics::count))
        .layer(from_fn(render))
        .layer(map_response(secure))
        .with_state(state)
}

/// Answers requests until `shutdown` resolves, and then those that are under way.
///
/// # Errors
/// When the listener fails.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    axum::serve(listener, router)
        .with_graceful_shutdown(shutdown)
        .await
}

/// Nothing here is to be guessed at or put into somebody's frame.
async fn secure(mut response: Response) -> Response {
    const REFERRER_POLICY: HeaderName = HeaderName::from_static("referrer-policy");
    const FRAME_OPTIONS: HeaderName = HeaderName::from_static("x-frame-options");
    let headers = response.headers_mut();
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    response
}
