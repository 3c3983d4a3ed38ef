//! `/openapi.json` and `/docs`: the description of the API, for programs and for people.

use utoipa::OpenApi;
use utoipa_swagger_ui::SwaggerUi;

use crate::{analyze, articles, health, index_status, institutions, metrics, suggest};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Jinmaek search API (진맥 검색 API)",
        version = "1",
        description = "Hospitals, clinics, pharmacies and health articles of Korea, from an index that follows the database's \
            binlog. Each reply says in `index` which position it reflects; a client that has just written may wait for its own \
            change by `min_position`. Read-only, without authentication. Errors are RFC 9457 problem details with a stable `code`."
    ),
    tags(
        (name = "search", description = "Searching (검색)"),
        (name = "operation", description = "State of the index and of the process (운영)"),
    ),
    paths(
        institutions::routes::search,
        institutions::routes::show,
        articles::routes::search,
        articles::routes::show,
        suggest::routes::suggest,
        analyze::analyze,
        index_status::show,
        health::livez,
        health::readyz,
        metrics::show,
    )
)]
struct Document;

/// The page with the description, which comes out of the program itself.
pub(crate) fn docs() -> SwaggerUi {
    SwaggerUi::new("/docs").url("/openapi.json", Document::openapi())
}
