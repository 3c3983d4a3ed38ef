//! The change stream as `/v1/index` shows it and `/metrics` counts it.

use std::time::{Duration, SystemTime};

use indexer::LiveHandle;
use metrics::{counter, describe_counter, describe_gauge, gauge};
use serde::Serialize;
use utoipa::ToSchema;

const CHANGES: &str = "jinmaek_cdc_changes_total";
const STALE: &str = "jinmaek_cdc_stale_tables_total";
const RECONNECTS: &str = "jinmaek_cdc_reconnects_total";
const UNKNOWN: &str = "jinmaek_cdc_unknown_events_total";
const CONNECTED: &str = "jinmaek_cdc_connected";
const LAG: &str = "jinmaek_cdc_lag_seconds";
const BEHIND: &str = "jinmaek_cdc_bytes_behind";
const HEADROOM: &str = "jinmaek_cdc_retention_headroom_seconds";
const QUARANTINED: &str = "jinmaek_cdc_quarantined_tables";

/// How the change stream goes.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(crate) struct StreamView {
    /// Whether the connection to the binlog holds.
    pub(crate) connected: bool,
    /// Connections that were lost since the start.
    pub(crate) reconnects: u64,
    /// Milliseconds from the writing of a heartbeat row until it came by the binlog, over the last ten minutes; null
    /// before the first.
    pub(crate) lag: Option<LagView>,
    /// Whether the server could not be asked lately; the next two are not known then.
    pub(crate) backlog_unknown: bool,
    /// Bytes of binlog between the index and the server's present; null when the account may not see that.
    pub(crate) bytes_behind: Option<u64>,
    /// Seconds until the server deletes binlog that the index still needs, at least; null when it deletes none, or when
    /// nobody knows.
    pub(crate) headroom_seconds: Option<u64>,
    /// Whether the server deletes no binlog by itself.
    pub(crate) keeps_binlog: bool,
    /// Tables whose rows can't be decoded; they are read again instead.
    pub(crate) quarantined: Vec<QuarantinedView>,
}

/// Milliseconds.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LagView {
    /// Of the last heartbeat row.
    newest: f64,
    /// Half of them took at most so long.
    p50: f64,
    /// 95 of 100.
    p95: f64,
    /// 99 of 100.
    p99: f64,
}

/// A table that is set aside.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct QuarantinedView {
    /// Its name with its database's.
    table: String,
    /// Why its rows can't be decoded.
    reason: String,
    /// What the operator can do about it.
    remedy: String,
    /// For how long.
    seconds: u64,
    /// Row events that were skipped.
    skipped: u64,
}

impl StreamView {
    pub(crate) fn of(live: &LiveHandle) -> Self {
        let counts = live.stream().counts();
        let is_unknown = live.backlog().is_none();
        let backlog = live.backlog().unwrap_or_default();
        let milliseconds = |duration: Duration| duration.as_secs_f64() * 1_000.0;
        let quarantined = counts.quarantined.iter().map(|table| QuarantinedView {
            table: table.table.to_string(),
            reason: table.reason.to_string(),
            remedy: table.remedy().to_owned(),
            seconds: SystemTime::now()
                .duration_since(table.since)
                .unwrap_or_default()
                .as_secs(),
            skipped: table.skipped,
        });
        Self {
            connected: counts.is_connected,
            reconnects: counts.reconnects,
            lag: counts.lag().map(|lag| LagView {
                newest: milliseconds(lag.newest),
                p50: milliseconds(lag.p50),
                p95: milliseconds(lag.p95),
                p99: milliseconds(lag.p99),
            }),
            backlog_unknown: is_unknown,
            bytes_behind: backlog.bytes,
            headroom_seconds: backlog.headroom.left().map(|headroom| headroom.as_secs()),
            keeps_binlog: backlog.headroom.is_unlimited(),
            quarantined: quarantined.collect(),
        }
    }
}

/// Says what the numbers are; once for each recorder.
pub(crate) fn describe() {
    describe_counter!(CHANGES, "Changed rows by table and what happened (c, u, d)");
    describe_counter!(STALE, "How often a table had to be read again, by table");
    describe_counter!(RECONNECTS, "Connections to the binlog that were lost");
    describe_counter!(
        UNKNOWN,
        "Binlog events of unknown types; each ends the stream"
    );
    describe_gauge!(CONNECTED, "1 while the connection to the binlog holds");
    describe_gauge!(
        LAG,
        "Seconds from the writing of a heartbeat row until it came, by quantile"
    );
    describe_gauge!(
        BEHIND,
        "Bytes of binlog between the index and the server's present"
    );
    describe_gauge!(
        HEADROOM,
        "Seconds until the server deletes binlog that is still needed, at least"
    );
    describe_gauge!(QUARANTINED, "Tables whose rows can't be decoded");
}

/// Puts the numbers of now into the present recorder.
pub(crate) fn record(live: &LiveHandle) {
    let counts = live.stream().counts();
    for ((table, op), count) in &counts.changes {
        counter!(CHANGES, "table" => table.to_string(), "op" => *op).absolute(*count);
    }
    for (table, count) in &counts.stale {
        counter!(STALE, "table" => table.to_string()).absolute(*count);
    }
    counter!(RECONNECTS).absolute(counts.reconnects);
    counter!(UNKNOWN).absolute(counts.unknown_events);
    gauge!(CONNECTED).set(f64::from(u8::from(counts.is_connected)));
    gauge!(QUARANTINED).set(counts.quarantined.len() as f64);
    if let Some(lag) = counts.lag() {
        for (quantile, lag) in [("0.5", lag.p50), ("0.95", lag.p95), ("0.99", lag.p99)] {
            gauge!(LAG, "quantile" => quantile).set(lag.as_secs_f64());
        }
    }
    // What is not known must not look like what was known last.
    let backlog = live.backlog();
    let bytes = backlog.and_then(|backlog| backlog.bytes);
    gauge!(BEHIND).set(bytes.map_or(f64::NAN, |bytes| bytes as f64));
    let headroom = backlog.and_then(|backlog| backlog.headroom.left());
    gauge!(HEADROOM).set(headroom.map_or(f64::NAN, |left| left.as_secs_f64()));
}
