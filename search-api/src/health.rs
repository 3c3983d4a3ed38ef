//! `/livez` and `/readyz`: for whoever restarts the process and sends requests to it.

use std::time::Duration;

use axum::Json;
use axum::extract::State as Shared;
use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use crate::snapshot::age_milliseconds;
use crate::state::State;

/// An index that has not heard from the database for so long is not known to be right any more; heartbeats come each second.
const AGE_MILLISECONDS_MAX: u64 = 30_000;

/// Changes that take so long to come from the database come too late for “now open”.
const LAG_MAX: Duration = Duration::from_secs(30);

/// Whether the process is ready to answer searches.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Readiness {
    /// Whether searches should be sent here.
    ready: bool,
    /// What is missing; empty when it is ready.
    reasons: Vec<String>,
}

/// The process lives
#[utoipa::path(get, path = "/livez", tag = "operation", responses((status = 200, description = "Always", body = String)))]
pub(crate) async fn livez() -> &'static str {
    "ok\n"
}

/// The process is ready to answer searches, and the index follows the tables
#[utoipa::path(
    get,
    path = "/readyz",
    tag = "operation",
    responses(
        (status = 200, description = "Ready", body = Readiness),
        (status = 503, description = "Not ready", body = Readiness),
    )
)]
pub(crate) async fn readyz(Shared(state): Shared<State>) -> (StatusCode, Json<Readiness>) {
    let mut reasons = Vec::new();
    match state.live.current() {
        None => reasons.push("there is no index yet".to_owned()),
        Some(index) => {
            let age = age_milliseconds(&index);
            if age > AGE_MILLISECONDS_MAX {
                reasons.push(format!(
                    "the index is {age} ms old; at most {AGE_MILLISECONDS_MAX} ms are right"
                ));
            }
        }
    }
    let lag = state.live.stream().counts().lag().map(|lag| lag.newest);
    if let Some(lag) = lag.filter(|lag| *lag > LAG_MAX) {
        reasons.push(format!(
            "changes come {} s late from the database; at most {} s are right",
            lag.as_secs(),
            LAG_MAX.as_secs()
        ));
    }
    let progress = state.live.progress();
    if progress.state != "following" {
        reasons.push(format!("the indexer is {}", progress.state));
    }
    let ready = reasons.is_empty();
    let status = if ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (status, Json(Readiness { ready, reasons }))
}
