//! `/livez` and `/readyz`: for whoever restarts the process and sends requests to it.

use std::time::{Duration, SystemTime};

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
pub(crate) const LAG_MAX: Duration = Duration::from_secs(30);

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
            let age = age_milliseconds(index.reached_at());
            if age > AGE_MILLISECONDS_MAX {
                reasons.push(format!(
                    "the index is {age} ms old; at most {AGE_MILLISECONDS_MAX} ms are right"
                ));
            }
        }
    }
    let progress = state.live.progress();
    let late = late_by(
        progress.committed_seconds,
        state.live.stream().counts().lag().map(|lag| lag.newest),
        state.live.backlog().and_then(|backlog| backlog.bytes),
        SystemTime::now(),
    );
    if late > state.lag_max {
        reasons.push(format!(
            "changes come {} s late from the database; at most {} s are right",
            late.as_secs(),
            state.lag_max.as_secs()
        ));
    }
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

/// How late what is read comes from the database: by when it was committed, in whole seconds, and by the last heartbeat row.
/// Nothing is late when there is nothing more to read.
fn late_by(
    committed_seconds: Option<u64>,
    heartbeat: Option<Duration>,
    bytes_behind: Option<u64>,
    now: SystemTime,
) -> Duration {
    let Some(seconds) = committed_seconds.filter(|_| bytes_behind != Some(0)) else {
        return Duration::ZERO;
    };
    let committed = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
    // A clock that was set back makes no lag.
    let age = now.duration_since(committed).unwrap_or_default();
    age.max(heartbeat.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_that_catches_up_is_late_with_or_without_heartbeat_rows() {
        let seconds = Duration::from_secs;
        let now = SystemTime::UNIX_EPOCH + seconds(100_000);
        let late = |committed, heartbeat, bytes| late_by(committed, heartbeat, bytes, now);
        assert_eq!(late(Some(64_000), None, Some(5_000)), seconds(36_000));
        assert_eq!(late(Some(64_000), None, None), seconds(36_000));
        assert_eq!(late(Some(99_990), Some(seconds(40)), None), seconds(40));
        // On a quiet server the last commit may be old.
        assert_eq!(late(Some(64_000), None, Some(0)), Duration::ZERO);
        assert_eq!(late(None, Some(seconds(40)), None), Duration::ZERO);
        assert_eq!(late(Some(100_005), None, None), Duration::ZERO);
    }
}
