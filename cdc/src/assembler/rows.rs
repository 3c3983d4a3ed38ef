//! Table maps and row events of the statement under way.

use std::sync::Arc;

use crate::binlog_event::{BinlogEvent, code};
use crate::compressed::inflate;
use crate::decode_error::DecodeError;
use crate::error::Error;
use crate::event::{Cause, ChangeEvent, Message, Op, Row, Source, Table, TableName};
use crate::heartbeat::written_at;
use crate::row::{Images, RowsEvent};
use crate::snapshot::Key;
use crate::table_map;
use crate::value::Value;

use super::tables::{FollowedMap, Mapped};
use super::{Assembler, Touched};

/// Rows that belong to no table, which some servers write to end a statement.
const NO_TABLE: u64 = 0xff_ffff;
/// `TIMESTAMP` of a row that is alive in a system-versioned table: the largest that MariaDB before 11.5 has, microseconds.
const ALIVE_FROM: i64 = 2_147_483_647_000_000;

impl Assembler {
    pub(super) fn table_map(&mut self, body: &[u8]) -> Result<(), Error> {
        let head = table_map::head(body).map_err(|error| self.undecodable(error))?;
        if self.maps.reuse(head.table_id, body) {
            return Ok(());
        }
        let (table_id, name) = (head.table_id, head.name.clone());
        let is_followed = self.follow.wants(&name);
        if is_followed {
            // Of a whole database tables come that nobody has heard of.
            self.schemas.see(&name);
        }
        let mapped = if is_followed || self.facts.cascades.start_at(&name) {
            self.decode_map(head, name, is_followed)
        } else {
            Mapped::Ignored
        };
        self.maps.insert(table_id, body, mapped);
        Ok(())
    }

    fn decode_map(&self, head: table_map::Head<'_>, name: TableName, is_followed: bool) -> Mapped {
        let charsets = &self.facts.charsets;
        let charset_of =
            move |collation: u64| charsets.get(&collation).copied().unwrap_or_default();
        let map = match head.columns(&charset_of) {
            Ok(map) => map,
            Err(error) => return Mapped::Unreadable(name, error),
        };
        let (map, row_end) = match self.schemas.complete(map, self.facts.flavour) {
            Ok(Some(completed)) => completed,
            Ok(None) => return Mapped::Uncertain(name),
            Err(error) => return Mapped::Unreadable(name, error),
        };
        let followed = Arc::new(FollowedMap {
            table: Arc::new(map.table.clone()),
            map,
            row_end,
        });
        if is_followed {
            Mapped::Followed(followed)
        } else {
            Mapped::Parent(followed)
        }
    }

    /// MariaDB's compressed rows: the head as ever, then the rows compressed.
    pub(super) fn compressed_rows(&mut self, event: &BinlogEvent<'_>) -> Result<(), Error> {
        let type_code = event.header.type_code - code::MARIADB_ROWS_COMPRESSED[0] + 23;
        let head = RowsEvent::head_bytes(type_code, event.body)
            .and_then(|length| {
                let (head, compressed) = event
                    .body
                    .split_at_checked(length)
                    .unwrap_or((event.body, &[]));
                Ok([head, &inflate(compressed)?].concat())
            })
            .map_err(|error| self.undecodable(error))?;
        let mut inflated = *event;
        inflated.header.type_code = type_code;
        self.rows(&inflated, &head)
    }

    pub(super) fn rows(&mut self, event: &BinlogEvent<'_>, body: &[u8]) -> Result<(), Error> {
        let rows = RowsEvent::parse(event.header.type_code, body)
            .map_err(|error| self.undecodable(error))?;
        let ends_statement = rows.ends_statement();
        let mapped = self.maps.find(rows.table_id).cloned();
        match mapped {
            Some(Mapped::Ignored) => {}
            Some(Mapped::Parent(parent)) => {
                self.parent_rows(rows, &parent.table.name, Some(&parent));
            }
            Some(Mapped::Followed(followed)) => {
                self.parent_rows(rows, &followed.table.name, Some(&followed));
                self.followed_rows(event, rows, &followed);
            }
            Some(Mapped::Unreadable(table, error)) => {
                self.parent_rows(rows, &table, None);
                if self.follow.wants(&table) {
                    self.quarantine.skip(&table, &error);
                    if matches!(error, DecodeError::Definition(_)) {
                        // Perhaps it was altered by a statement that nobody recognised, or that was not logged.
                        self.schemas.altered(&table);
                    }
                    self.open.stale(&table, Cause::Undecodable(error));
                }
            }
            Some(Mapped::Uncertain(table)) => {
                self.parent_rows(rows, &table, None);
                match &mut self.open.held {
                    Some(held) => held.leave_out(&table),
                    None => self.schemas.skip(&table),
                }
            }
            None if rows.table_id == NO_TABLE => {}
            None => return Err(self.undecodable(DecodeError::NoTableMap(rows.table_id))),
        }
        if ends_statement {
            self.maps.end_statement();
            self.open.query = None;
        }
        Ok(())
    }

    /// Rows of a table that others refer to: where its foreign keys cascade, theirs may have changed with no trace. Without
    /// a map any of its columns may have changed.
    fn parent_rows(&mut self, rows: RowsEvent<'_>, name: &TableName, parent: Option<&FollowedMap>) {
        // MySQL from 9.6 on writes the cascaded rows too, and says so.
        if rows.op() == Op::Create || rows.has_cascades() {
            return;
        }
        if !self.facts.cascades.start_at(name) {
            return;
        }
        let children = if rows.op() == Op::Update {
            let changed = parent.and_then(|parent| changed_columns(rows, parent));
            let changed = changed.unwrap_or_else(|| vec![""]);
            self.facts.cascades.of_update(name, &changed)
        } else {
            self.facts.cascades.of_delete(name)
        };
        for child in children {
            self.open.stale(&child, Cause::Cascade(name.clone()));
        }
    }

    fn followed_rows(
        &mut self,
        event: &BinlogEvent<'_>,
        mut rows: RowsEvent<'_>,
        followed: &FollowedMap,
    ) {
        let table = &followed.table;
        let index = self.touch(table);
        let header_microseconds = u64::from(event.header.timestamp) * 1_000_000;
        let mut source = Source {
            server_id: event.header.server_id,
            gtid: self.open.gtid_text.clone(),
            file: Arc::clone(&self.place.file),
            offset: self.place.offset,
            row: 0,
            timestamp_microseconds: self
                .open
                .committed_microseconds
                .unwrap_or(header_microseconds),
            thread: self.open.thread,
            query: self.open.query.clone(),
            order: self.open.order,
            table_order: 0,
        };
        let mut counts = [0; 3];
        if let Some(touched) = self.open.touched.get(index) {
            counts = touched.counts;
            source.table_order = counts.iter().sum();
        }
        loop {
            match rows.next_row(&followed.map) {
                Ok(None) => {
                    self.quarantine.release(&table.name);
                    break;
                }
                Ok(Some(images)) => {
                    let lacks_document = images.lacks_document;
                    let change = alive(rows.op(), images, followed.row_end);
                    if let Some((op, before, after)) = change {
                        source.order += 1;
                        source.table_order += 1;
                        if let Some(count) = counts.get_mut(op as usize) {
                            *count += 1;
                        }
                        let change = ChangeEvent {
                            op,
                            table: Arc::clone(table),
                            before,
                            after,
                            source: source.clone(),
                        };
                        if lacks_document {
                            self.open.stale_row(&table.name, Key::of(&change));
                        }
                        self.change(change);
                    }
                    source.row += 1;
                }
                Err(error) => {
                    self.quarantine.skip(&table.name, &error);
                    self.open.stale(&table.name, Cause::Undecodable(error));
                    break;
                }
            }
        }
        self.open.order = source.order;
        if let Some(touched) = self.open.touched.get_mut(index) {
            touched.counts = counts;
        }
    }

    /// The index of the table among those that the transaction touches.
    fn touch(&mut self, table: &Arc<Table>) -> usize {
        let touched = &mut self.open.touched;
        let known = touched
            .iter()
            .position(|touched| touched.table.name == table.name);
        known.unwrap_or_else(|| {
            touched.push(Touched {
                table: Arc::clone(table),
                counts: [0; 3],
            });
            touched.len() - 1
        })
    }

    fn change(&mut self, change: ChangeEvent) {
        let heartbeats = self.follow.heartbeats.as_ref();
        if let Some(own) = heartbeats.filter(|own| own.table == change.table.name) {
            if let Some(written) = written_at(&change, &own.name) {
                self.stats.update(|counts| counts.beat(written));
            }
            return;
        }
        match &mut self.open.held {
            Some(held) => self.prepared.hold(held, change),
            None => self.ready.push_back(Message::Change(Arc::new(change))),
        }
    }
}

/// Names of the columns that an update changed; `None` when that can't be read.
fn changed_columns<'a>(mut rows: RowsEvent<'_>, parent: &'a FollowedMap) -> Option<Vec<&'a str>> {
    let columns = &parent.table.columns;
    let mut is_changed = vec![false; columns.len()];
    while let Some(images) = rows.next_row(&parent.map).ok()? {
        let (before, after) = (images.before?, images.after?);
        for (index, changed) in is_changed.iter_mut().enumerate() {
            *changed |= after
                .value(index)
                .is_some_and(|value| before.value(index) != Some(value));
        }
    }
    let changed = columns
        .iter()
        .zip(is_changed)
        .filter(|(_, changed)| *changed);
    Some(changed.map(|(column, _)| column.name.as_str()).collect())
}

/// What a change is to those who look at a table's present rows. In a system-versioned table a row that ends is history:
/// a delete arrives as an update of its end, and the history of an update as an insert.
fn alive(
    op: Op,
    Images { before, after, .. }: Images,
    row_end: Option<usize>,
) -> Option<(Op, Option<Row>, Option<Row>)> {
    let Some(row_end) = row_end else {
        return Some((op, before, after));
    };
    let lives = |row: &Option<Row>| {
        row.as_ref().is_some_and(|row| match row.value(row_end) {
            Some(Value::Timestamp { microseconds, .. }) => {
                microseconds.is_some_and(|microseconds| microseconds >= ALIVE_FROM)
            }
            Some(Value::Unsigned(transaction)) => *transaction == u64::MAX,
            _ => true,
        })
    };
    match (lives(&before), lives(&after)) {
        (true, true) => Some((op, before, after)),
        (true, false) => Some((Op::Delete, before, None)),
        (false, true) => Some((Op::Create, None, after)),
        (false, false) => None,
    }
}
