//! `/metrics`: numbers for Prometheus. Each router counts its own requests, so one process can run several.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use axum::extract::{MatchedPath, Request, State as Shared};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use metrics::{
    counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram,
    with_local_recorder,
};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusRecorder};

use crate::error::ApiError;
use crate::index_status::DocumentCounts;
use crate::snapshot::age_milliseconds;
use crate::state::State;
use crate::stream_status;

const REQUESTS: &str = "jinmaek_search_requests_total";
const DURATIONS: &str = "jinmaek_search_request_duration_seconds";
const DOCUMENTS: &str = "jinmaek_index_documents";
const AGE: &str = "jinmaek_index_age_seconds";
const LAG: &str = "jinmaek_index_lag_seconds";
const STALE: &str = "jinmaek_index_stale_tables";
const POSTPONED: &str = "jinmaek_index_postponed_documents";
const BUILT: &str = "jinmaek_index_build_documents";
const BUILD_TOTAL: &str = "jinmaek_index_build_documents_total";
/// From half a millisecond, in which a suggestion is found, to the patience of `min_position`.
const BUCKETS_SECONDS: [f64; 11] = [
    0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1.0, 5.0,
];
/// Observed durations are kept one by one until they are counted; nobody may be asking for them.
const UPKEEP_REQUESTS: u64 = 1_000;

/// The numbers of one router.
pub(crate) struct Metrics {
    recorder: PrometheusRecorder,
    requests: AtomicU64,
}

impl Default for Metrics {
    fn default() -> Self {
        let builder = PrometheusBuilder::new();
        let matcher = Matcher::Full(DURATIONS.to_owned());
        // Fails for an empty list only; the summary that would be there instead is as good.
        let builder = builder
            .set_buckets_for_metric(matcher, &BUCKETS_SECONDS)
            .unwrap_or_default();
        let recorder = builder.build_recorder();
        with_local_recorder(&recorder, || {
            stream_status::describe();
            describe_counter!(REQUESTS, "Requests by route and status");
            describe_histogram!(DURATIONS, "Seconds until a request was answered, by route");
            describe_gauge!(DOCUMENTS, "Documents of the index by noun");
            describe_gauge!(
                AGE,
                "Seconds since the index was last known to be in step with the tables"
            );
            describe_gauge!(
                LAG,
                "Seconds from the last change's commit until it was searchable"
            );
            describe_gauge!(STALE, "Tables that are still to be read again");
            describe_gauge!(POSTPONED, "Documents whose rows an open transaction holds");
            describe_gauge!(BUILT, "Documents done of the last build of an index");
            describe_gauge!(BUILD_TOTAL, "About how many documents that build has");
        });
        Self {
            recorder,
            requests: AtomicU64::new(0),
        }
    }
}

impl Metrics {
    fn count(&self, route: &str, status: StatusCode, duration: Duration) {
        with_local_recorder(&self.recorder, || {
            let status = status.as_str().to_owned();
            counter!(REQUESTS, "route" => route.to_owned(), "status" => status).increment(1);
            histogram!(DURATIONS, "route" => route.to_owned()).record(duration);
        });
        if self.requests.fetch_add(1, Ordering::Relaxed) % UPKEEP_REQUESTS == UPKEEP_REQUESTS - 1 {
            self.recorder.handle().run_upkeep();
        }
    }
}

/// Counts a request under the template of its route, never under what was asked for.
pub(crate) async fn count(Shared(state): Shared<State>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let response = next.run(request).await;
    let route = route.as_ref().map_or("unmatched", MatchedPath::as_str);
    state
        .metrics
        .count(route, response.status(), started.elapsed());
    response
}

/// Numbers for Prometheus
#[utoipa::path(
    get,
    path = "/metrics",
    tag = "operation",
    responses((status = 200, description = "Prometheus text format", body = String))
)]
pub(crate) async fn show(Shared(state): Shared<State>) -> Result<Response, ApiError> {
    let counts = match state.live.current() {
        Some(index) => {
            let age = age_milliseconds(index.reached_at());
            Some((DocumentCounts::of_shown(&state, index).await?, age))
        }
        None => None,
    };
    let progress = state.live.progress();
    with_local_recorder(&state.metrics.recorder, || {
        stream_status::record(&state.live);
        gauge!(LAG).set(Duration::from_millis(progress.lag_milliseconds));
        gauge!(STALE).set(progress.stale_tables.len() as f64);
        gauge!(POSTPONED).set(progress.postponed as f64);
        gauge!(BUILT).set(progress.built as f64);
        gauge!(BUILD_TOTAL).set(progress.build_total as f64);
        let Some((documents, age)) = counts else {
            return;
        };
        gauge!(AGE).set(Duration::from_millis(age));
        gauge!(DOCUMENTS, "noun" => "institution").set(documents.institution as f64);
        gauge!(DOCUMENTS, "noun" => "article").set(documents.article as f64);
        gauge!(DOCUMENTS, "noun" => "holiday").set(documents.holiday as f64);
    });
    let text = state.metrics.recorder.handle().render();
    Ok((
        [(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")],
        text,
    )
        .into_response())
}
