//! Every route of the operators' API. It writes, so it has a listener of its own, and answers nobody who lacks the token.

use std::future::Future;
use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::header::{CACHE_CONTROL, HeaderValue, X_CONTENT_TYPE_OPTIONS};
use axum::middleware::{from_fn_with_state, map_response};
use axum::response::Response;
use axum::routing::{get, post};
use sqlx::MySqlPool;
use tokio::net::TcpListener;

use crate::auth::{OperatorToken, guard};
use crate::dictionary::routes::{rebuilds, synonyms, words};
use crate::position;
use crate::problem::ApiError;
use crate::queries::routes as queries;

/// Far more than the longest group of synonyms with its note.
const BODY_BYTES_MAX: usize = 16 * 1024;

/// The operators' API over a database, whose URL tells where to ask for the position of what was written.
pub fn router(pool: MySqlPool, database_url: &str, token: OperatorToken) -> Router {
    Router::new()
        .route("/v1/dictionary/words", get(words::list).post(words::create))
        .route(
            "/v1/dictionary/words/{id}",
            get(words::show).put(words::update).delete(words::delete),
        )
        .route(
            "/v1/dictionary/synonyms",
            get(synonyms::list).post(synonyms::create),
        )
        .route(
            "/v1/dictionary/synonyms/{id}",
            get(synonyms::show)
                .put(synonyms::update)
                .delete(synonyms::delete),
        )
        .route("/v1/dictionary/rebuilds", post(rebuilds::create))
        .route("/v1/queries", get(queries::list))
        .fallback(async || ApiError::NotFound)
        .method_not_allowed_fallback(async || ApiError::MethodNotAllowed)
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(from_fn_with_state(
            Arc::<str>::from(database_url),
            position::tell,
        ))
        // Outside of everything else, the fallbacks too: without the token nothing can be learnt.
        .layer(from_fn_with_state(token, guard))
        .layer(map_response(secure))
        .with_state(pool)
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

async fn secure(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
