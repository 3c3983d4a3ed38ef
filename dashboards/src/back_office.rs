//! The back office: its addresses. It has a port of its own, and no public page leads to it.

use axum::routing::get;
use axum::{Router, middleware};

use crate::api::Api;
use crate::options::Options;
use crate::pages::back_office::{events, index, lookout::Lookout};
use crate::{assets, headers};

/// The routes of the back office.
pub fn router(options: Options) -> Router {
    Router::new()
        .route("/", get(index::show))
        .route("/events", get(events::show))
        .route("/assets/{name}", get(assets::serve))
        .route("/robots.txt", get(async || "User-agent: *\nDisallow: /\n"))
        .route("/livez", get(async || "ok\n"))
        .layer(middleware::map_response(headers::protect))
        .with_state(Lookout::new(Api::new(options.api)))
}
