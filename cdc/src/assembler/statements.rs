//! Statements of the binlog, and the XA transactions that they prepare, commit and roll back.

use std::sync::Arc;

use crate::binlog_event::BinlogEvent;
use crate::bytes::Bytes;
use crate::compressed::inflate;
use crate::decode_error::DecodeError;
use crate::error::Error;
use crate::event::{Cause, Message, TableName};
use crate::statement::{self, Kind};

use super::Assembler;
use super::prepared::{Held, Outcome, id_text};

/// What a `QUERY_EVENT` says: thread 4 bytes, execution time 4, length of the schema 1, error 2, length of the status
/// variables 2, these, the schema and a zero byte, the statement.
struct Query<'a> {
    thread: u32,
    schema: &'a [u8],
    /// The collation of the client's character set, in which the statement is.
    collation: Option<u64>,
    /// Bytes before the statement.
    head: usize,
    statement: &'a [u8],
}

impl<'a> Query<'a> {
    fn parse(body: &'a [u8]) -> Result<Self, DecodeError> {
        let mut bytes = Bytes::new(body);
        let thread = bytes.uint_le(4)? as u32;
        bytes.take(4)?;
        let schema_length = usize::from(bytes.u8()?);
        bytes.take(2)?;
        let status_length = bytes.size_le(2)?;
        let status = bytes.take(status_length)?;
        let schema = bytes.take(schema_length)?;
        bytes.take(1)?;
        Ok(Self {
            thread,
            schema,
            head: body.len() - bytes.len(),
            collation: client_collation(status),
            statement: bytes.take(bytes.len())?,
        })
    }
}

/// `Q_CHARSET_CODE` of the status variables: the collations of the client, the connection and the server, two bytes each.
/// Both servers write it behind these alone: flags, SQL mode, catalog, `AUTO_INCREMENT`.
fn client_collation(status: &[u8]) -> Option<u64> {
    let mut status = Bytes::new(status);
    loop {
        let length = match status.u8().ok()? {
            0 => 4,
            1 => 8,
            3 => 4,
            4 => return status.uint_le(2).ok(),
            6 => usize::from(status.u8().ok()?),
            _ => return None,
        };
        status.take(length).ok()?;
    }
}

impl Assembler {
    /// MariaDB's compressed statement: the head as ever, then the text compressed.
    pub(super) fn compressed_query(&mut self, event: &BinlogEvent<'_>) -> Result<(), Error> {
        let body = Query::parse(event.body)
            .and_then(|query| {
                let head = event.body.get(..query.head).unwrap_or_default();
                Ok([head, &inflate(query.statement)?].concat())
            })
            .map_err(|error| self.undecodable(error))?;
        self.query(event, &body)
    }

    pub(super) fn query(&mut self, event: &BinlogEvent<'_>, body: &[u8]) -> Result<(), Error> {
        let query = Query::parse(body).map_err(|error| self.undecodable(error))?;
        self.open.thread = Some(query.thread).filter(|thread| *thread != 0);
        let schema = String::from_utf8_lossy(query.schema);
        let charset = query
            .collation
            .and_then(|collation| self.facts.charsets.get(&collation));
        let text = charset.copied().unwrap_or_default().label(query.statement);
        let timestamp = event.header.timestamp;
        match statement::classify(&text) {
            Kind::Begin => self.open.has_begun = true,
            Kind::XaStart => {
                self.open.has_begun = true;
                self.open.held = Some(Held::default());
            }
            Kind::Commit => self.commit(timestamp),
            Kind::Rollback => {
                self.touched_stale();
                self.commit(timestamp);
            }
            Kind::RollbackTo => self.touched_stale(),
            Kind::Mark => {}
            Kind::XaCommit(id) => {
                self.xa_commit(id);
                self.commit(timestamp);
            }
            Kind::XaRollback(id) => {
                self.prepared.take(&id.to_ascii_lowercase());
                self.commit(timestamp);
            }
            kind @ (Kind::Harmless | Kind::Rows | Kind::Other) => {
                if kind != Kind::Harmless {
                    self.statement(&schema, &text, kind == Kind::Rows);
                }
                // What MySQL makes of `create table … select`: the rows follow.
                self.open.has_begun |=
                    kind == Kind::Other && text.trim_end().ends_with("START TRANSACTION");
                if !self.open.has_begun {
                    self.commit(timestamp);
                }
            }
        }
        Ok(())
    }

    /// A statement that may have changed followed tables.
    fn statement(&mut self, schema: &str, text: &str, is_rows: bool) {
        let may_touch = |table: &&TableName| statement::may_touch(text, schema, table);
        let touched: Vec<_> = self.schemas.tables().filter(may_touch).cloned().collect();
        for table in &touched {
            if is_rows {
                self.open.stale(table, Cause::Statement);
            } else {
                self.open
                    .stale(table, Cause::Altered(statement::summary(text)));
                self.schemas.altered(table);
            }
        }
        if is_rows {
            // Every column may have been changed, and rows been deleted.
            let parents = self.facts.cascades.parents().filter(may_touch);
            for (parent, child) in self.facts.cascades.of_any(parents) {
                self.open.stale(child, Cause::Cascade(parent.clone()));
            }
        } else {
            // Foreign keys of tables that nobody follows matter too, when they lie between two that are.
            self.schemas.want_cascades();
            self.maps.forget();
        }
    }

    /// What the rows of this transaction told is not so.
    fn touched_stale(&mut self) {
        let touched = std::mem::take(&mut self.open.touched);
        for touched in &touched {
            self.open.stale(&touched.table.name, Cause::RolledBack);
        }
        self.open.touched = touched;
    }

    /// The rows of an XA transaction come at its PREPARE, long before it is certain that they will be committed.
    pub(super) fn xa_prepare(&mut self, event: &BinlogEvent<'_>) -> Result<(), Error> {
        let parse = || -> Result<(bool, String), DecodeError> {
            let mut body = Bytes::new(event.body);
            let is_one_phase = body.u8()? != 0;
            let format = body.uint_le(4)?;
            let (global, branch) = (body.size_le(4)?, body.size_le(4)?);
            let (global, branch) = (body.take(global)?, body.take(branch)?);
            Ok((is_one_phase, id_text(global, branch, format)))
        };
        let (is_one_phase, id) = parse().map_err(|error| self.undecodable(error))?;
        if let Some(held) = self.open.held.take() {
            self.prepared.prepare(id.clone(), held);
        }
        if is_one_phase {
            self.xa_commit(&id);
        }
        self.commit(event.header.timestamp);
        Ok(())
    }

    fn xa_commit(&mut self, id: &str) {
        match self.prepared.commit(&id.to_ascii_lowercase()) {
            Outcome::Known(changes, left_out) => {
                let changes = changes.into_iter().map(Arc::new).map(Message::Change);
                self.ready.extend(changes);
                for table in &left_out {
                    self.open.stale(table, Cause::Prepared);
                }
            }
            Outcome::Unknown => self.all_stale(&Cause::Prepared),
        }
    }
}
