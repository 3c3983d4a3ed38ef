//! A change event in Debezium's JSON envelope, so that tools and people recognise it.
//!
//! Source: Debezium 3's documentation of its MySQL and MariaDB connectors, “Data change events” (the value's payload) and
//! “Transaction metadata”. `source.name` is the logical name that Debezium calls the topic prefix.

use std::time::SystemTime;

use serde::Serialize;

use crate::event::{ChangeEvent, NamedRow, Op};
use crate::server::Flavour;

/// The envelope's `payload`.
#[derive(Debug, Serialize)]
pub struct Envelope<'a> {
    before: Option<NamedRow<'a>>,
    after: Option<NamedRow<'a>>,
    source: SourceBlock<'a>,
    transaction: Option<TransactionBlock<'a>>,
    op: &'static str,
    /// When the event was rendered.
    #[serde(flatten)]
    rendered: Timestamps,
}

#[derive(Debug, Serialize)]
struct SourceBlock<'a> {
    version: &'static str,
    connector: &'static str,
    name: &'a str,
    /// When the change was made.
    #[serde(flatten)]
    made: Timestamps,
    snapshot: &'static str,
    db: &'a str,
    /// Other connectors' word for a place in the log.
    sequence: Option<&'a str>,
    table: &'a str,
    server_id: u32,
    gtid: Option<&'a str>,
    file: &'a str,
    pos: u64,
    row: u32,
    thread: Option<u32>,
    query: Option<&'a str>,
}

/// One moment in three units, since the epoch.
#[derive(Debug, Serialize)]
struct Timestamps {
    ts_ms: u64,
    ts_us: u64,
    ts_ns: u64,
}

impl Timestamps {
    fn of_microseconds(microseconds: u64) -> Self {
        Self {
            ts_ms: microseconds / 1_000,
            ts_us: microseconds,
            ts_ns: microseconds.saturating_mul(1_000),
        }
    }
}

#[derive(Debug, Serialize)]
struct TransactionBlock<'a> {
    id: &'a str,
    total_order: u64,
    data_collection_order: u64,
}

impl<'a> Envelope<'a> {
    /// Wraps an event. `name` is the logical name of the server, `now` the time of rendering.
    #[must_use]
    pub fn new(event: &'a ChangeEvent, flavour: Flavour, name: &'a str, now: SystemTime) -> Self {
        let source = &event.source;
        let now = now
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default();
        let now = u64::try_from(now.as_micros()).unwrap_or(u64::MAX);
        let transaction = source.gtid.as_deref().map(|id| TransactionBlock {
            id,
            total_order: source.order,
            data_collection_order: source.table_order,
        });
        Self {
            before: event.before.as_ref().map(|row| event.named(row)),
            after: event.after.as_ref().map(|row| event.named(row)),
            source: SourceBlock {
                version: env!("CARGO_PKG_VERSION"),
                connector: match flavour {
                    Flavour::MariaDb => "mariadb",
                    Flavour::MySql => "mysql",
                },
                name,
                made: Timestamps::of_microseconds(source.timestamp_microseconds),
                snapshot: match event.op {
                    Op::Read => "incremental",
                    Op::Create | Op::Update | Op::Delete => "false",
                },
                db: &event.table.name.schema,
                sequence: None,
                table: &event.table.name.table,
                server_id: source.server_id,
                gtid: source.gtid.as_deref(),
                file: &source.file,
                pos: source.offset,
                row: source.row,
                thread: source.thread,
                query: source.query.as_deref(),
            },
            transaction,
            op: event.op.letter(),
            rendered: Timestamps::of_microseconds(now),
        }
    }
}
