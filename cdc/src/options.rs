//! What a stream follows, and as whom.

use std::collections::HashSet;
use std::fmt;

use crate::event::TableName;
use crate::heartbeat::Heartbeats;
use crate::stats::Stats;

/// What to follow, and as whom.
#[derive(Clone)]
pub struct Options {
    /// `mysql://user:password@host:port/database`; the account needs `replication slave`, and `select` on the followed
    /// tables.
    pub url: String,
    /// The tables to follow; rows of all others are skipped undecoded.
    pub tables: HashSet<TableName>,
    /// A database all of whose tables are followed besides, those too that are created later …
    pub schema: Option<String>,
    /// … but for these.
    pub except: HashSet<TableName>,
    /// Our number among the server's replicas; drawn from a high range when not given.
    pub server_id: Option<u32>,
    /// Whether changes come with the statement that made them, where the server logs it (MariaDB's
    /// `binlog_annotate_row_events`, MySQL's `binlog_rows_query_log_events`). Statements hold what rows hold: mind who
    /// sees them.
    pub with_queries: bool,
    /// The heartbeat rows ([`crate::run_heartbeat`]) that tell the lag; those of their table are handed to nobody.
    pub heartbeats: Option<Heartbeats>,
    /// Where the numbers go.
    pub stats: Stats,
}

/// Without the URL, which holds a password.
impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("tables", &self.tables)
            .field("schema", &self.schema)
            .field("server_id", &self.server_id)
            .finish_non_exhaustive()
    }
}

impl Options {
    /// Follows these tables as a replica with a drawn number.
    pub fn new(url: impl Into<String>, tables: impl IntoIterator<Item = TableName>) -> Self {
        Self {
            url: url.into(),
            tables: tables.into_iter().collect(),
            schema: None,
            except: HashSet::new(),
            server_id: None,
            with_queries: false,
            heartbeats: None,
            stats: Stats::default(),
        }
    }

    /// Follows all tables of a database, those too that are created later.
    pub fn of_schema(url: impl Into<String>, schema: impl Into<String>) -> Self {
        Self {
            schema: Some(schema.into()),
            ..Self::new(url, [])
        }
    }
}
