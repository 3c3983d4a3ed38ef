//! The patients' site: its addresses.

use axum::routing::get;
use axum::{Router, middleware};

use crate::api::Api;
use crate::options::Options;
use crate::pages::{article, home, institution, problem, search, suggest};
use crate::{assets, headers};

/// Lets robots read pages, but not ask searches for ever.
const ROBOTS: &str = "User-agent: *\nDisallow: /search\nDisallow: /suggest\n";

/// The routes of the patients' site.
pub fn router(options: Options) -> Router {
    Router::new()
        .route("/", get(home::show))
        .route("/search", get(search::show))
        .route("/suggest", get(suggest::show))
        .route("/institutions/{id}", get(institution::show))
        .route("/articles/{slug}", get(article::show))
        .route("/assets/{name}", get(assets::serve))
        .route("/robots.txt", get(async || ROBOTS))
        .route("/livez", get(async || "ok\n"))
        .fallback(problem::not_found)
        .layer(middleware::map_response(headers::protect))
        .with_state(Api::new(options.api))
}
