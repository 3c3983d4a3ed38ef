//! The back office: its addresses. It has a port of its own, and no public page leads to it.

use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use axum::{Router, middleware};

use crate::options::Options;
use crate::pages::back_office::{dictionary, events, index, office::Office, queries};
use crate::{assets, headers, same_origin};

/// Far more than the longest form of ours.
const FORM_BYTES_MAX: usize = 16 * 1024;

/// The routes of the back office.
pub fn router(options: Options) -> Router {
    Router::new()
        .route("/", get(index::show))
        .route("/events", get(events::show))
        .route("/dictionary", get(dictionary::begin))
        .route(
            "/dictionary/{list}",
            get(dictionary::show).post(dictionary::create),
        )
        .route("/dictionary/{list}/rebuild", post(dictionary::rebuild))
        .route("/dictionary/{list}/{id}", post(dictionary::update))
        .route("/dictionary/{list}/{id}/delete", post(dictionary::delete))
        .route("/queries", get(queries::show))
        .route("/assets/{name}", get(assets::serve))
        .route("/robots.txt", get(async || "User-agent: *\nDisallow: /\n"))
        .route("/livez", get(async || "ok\n"))
        .layer(DefaultBodyLimit::max(FORM_BYTES_MAX))
        .layer(middleware::from_fn(same_origin::require))
        .layer(middleware::map_response(headers::protect))
        .with_state(Office::new(options))
}
