//! MySQL and MariaDB binlog to change events, in the manner of Debezium.
//!
//! In reading order: a [`Server`] tells what it is, whether its settings allow following it ([`audit()`]) and where its
//! binlog stands ([`Position`]). A [`ChangeStream`] starts at a position and yields [`Message`]s: each [`ChangeEvent`] of a
//! followed table (before, after, source), then the [`Commit`] of its transaction, from whose [`Cursor`] reading may
//! resume; and, where rows don't tell everything (DDL, cascades, what can't be decoded), that a table is [`Stale`].
//! Delivery is at least once, and a transaction is never split by another: whoever stores the cursor of the last commit
//! together with what it made of the changes ends up exactly right.
//!
//! On top of it, each optional: [`Snapshots`] reads tables, or parts of them, between the changes of a stream; a [`Hub`]
//! shares one reading among several subscribers; a [`Lease`] lets one of several instances work; [`run_heartbeat`] and
//! [`Stats`] tell the lag; [`Envelope`] renders events as Debezium does.
//!
//! Inside, from the socket up: `wire` (packets), `dump` (events), `assembler` (transactions), `row` and its neighbours
//! (values), `schemas` (what the table maps do not tell), `stream` (the loop that comes back after every failure).
//!
//! [`private_server`] is a MariaDB or MySQL of our own with the settings that the stream needs.

mod ask;
mod assembler;
mod audit;
mod backlog;
mod binlog_event;
mod bytes;
mod cascades;
mod charset;
mod charset_tables;
mod column_type;
mod compressed;
mod cursor;
mod debezium;
mod decimal;
mod decode_error;
mod definition;
mod dump;
mod error;
mod event;
#[cfg(feature = "testing")]
pub mod fault_proxy;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
mod gtid;
mod heartbeat;
mod hidden;
mod history;
mod hub;
mod json;
mod json_diff;
mod lease;
mod options;
mod place;
mod position;
pub mod private_server;
mod quarantine;
mod row;
mod schemas;
mod select;
mod server;
mod snapshot;
mod statement;
mod stats;
mod stream;
mod table_map;
mod target;
mod temporal;
mod value;
mod wire;

pub use audit::{Finding, Severity, audit};
pub use backlog::{Backlog, Headroom};
pub use cursor::Cursor;
pub use debezium::Envelope;
pub use decode_error::DecodeError;
pub use error::{Error, Policy};
pub use event::{
    Cause, ChangeEvent, Column, Commit, Message, NamedRow, Op, Row, Source, Stale, Table, TableName,
};
pub use gtid::GtidSet;
pub use heartbeat::{Heartbeats, run_heartbeat};
pub use hub::{Hub, LOG_BYTES, OnGap, Subscription};
pub use lease::Lease;
pub use options::Options;
pub use position::{ParsePositionError, Position};
pub use quarantine::Quarantined;
pub use server::{Flavour, Server};
pub use snapshot::{
    Feed, Hex, Key, KeyPart, OnStale, Outcome, Progress, ProgressState, QueueFull, Request, Scope,
    SnapshotControl, SnapshotId, SnapshotMark, SnapshotOptions, SnapshotState, Snapshots,
};
pub use stats::{Counts, Lag, Stats};
pub use stream::{ChangeStream, HEARTBEAT};
pub use target::{Identity, ParseTargetError, SslMode, Target};
pub use value::{Date, DateTime, Value};
