//! A change event in Debezium's JSON envelope, so that tools and people recognise it.
//!
//! Source: Debezium's MySQL and MariaDB connector documentation, “Data change events”. `source.name` is the logical name
//! that Debezium calls the topic prefix.

use serde::Serialize;

use crate::event::{ChangeEvent, NamedRow};
use crate::server::Flavour;

/// The envelope's `payload`.
#[derive(Debug, Serialize)]
pub struct Envelope<'a> {
    before: Option<NamedRow<'a>>,
    after: Option<NamedRow<'a>>,
    source: SourceBlock<'a>,
    op: &'static str,
    /// When the event was rendered, milliseconds since the epoch.
    ts_ms: u64,
    transaction: Option<TransactionBlock<'a>>,
}

#[derive(Debug, Serialize)]
struct SourceBlock<'a> {
    version: &'static str,
    connector: &'static str,
    name: &'a str,
    ts_ms: u64,
    snapshot: &'static str,
    db: &'a str,
    sequence: Option<&'a str>,
    table: &'a str,
    server_id: u32,
    gtid: Option<&'a str>,
    file: &'a str,
    pos: u64,
    row: u32,
    thread: Option<u64>,
    query: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct TransactionBlock<'a> {
    id: &'a str,
}

impl<'a> Envelope<'a> {
    /// Wraps an event. `name` is the logical name of the server, `now_milliseconds` the time of rendering.
    #[must_use]
    pub fn new(
        event: &'a ChangeEvent,
        flavour: Flavour,
        name: &'a str,
        now_milliseconds: u64,
    ) -> Self {
        let source = &event.source;
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
                ts_ms: u64::from(source.timestamp_seconds) * 1000,
                snapshot: "false",
                db: &event.table.name.schema,
                sequence: None,
                table: &event.table.name.table,
                server_id: source.server_id,
                gtid: source.gtid.as_deref(),
                file: &source.file,
                pos: source.offset,
                row: source.row,
                thread: None,
                query: None,
            },
            op: event.op.letter(),
            ts_ms: now_milliseconds,
            transaction: source.gtid.as_deref().map(|id| TransactionBlock { id }),
        }
    }
}
