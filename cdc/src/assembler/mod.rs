//! Binlog events to messages: which transaction they belong to, which tables are wanted, where each transaction ends.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use crate::binlog_event::{BinlogEvent, TYPE_AT, checksums_follow, code};
use crate::cascades::Cascades;
use crate::charset::Charset;
use crate::compressed::PayloadReader;
use crate::cursor::Cursor;
use crate::decode_error::DecodeError;
use crate::error::Error;
use crate::event::{Cause, Message, TableName};
use crate::gtid::TransactionId;
use crate::heartbeat::Heartbeats;
use crate::place::Place;
use crate::position::Position;
use crate::quarantine::Quarantine;
use crate::schemas::Schemas;
use crate::server::Flavour;
use crate::stats::Stats;

use self::open::{Open, Touched};
use self::prepared::{Held, Prepared};
use self::tables::TableMaps;

mod commits;
mod files;
mod open;
mod prepared;
mod rows;
mod statements;
mod tables;
#[cfg(test)]
mod tests;

/// What is followed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Follow {
    pub(crate) tables: HashSet<TableName>,
    pub(crate) schema: Option<String>,
    pub(crate) except: HashSet<TableName>,
    pub(crate) with_queries: bool,
    pub(crate) heartbeats: Option<Heartbeats>,
}

impl Follow {
    /// Whether it is the table of heartbeat rows, which are handed to nobody.
    fn is_of_heartbeats(&self, table: &TableName) -> bool {
        let heartbeats = self.heartbeats.as_ref();
        heartbeats.is_some_and(|heartbeats| heartbeats.table == *table)
    }

    fn wants(&self, table: &TableName) -> bool {
        self.tables.contains(table)
            || self.is_of_heartbeats(table)
            || self.schema.as_ref() == Some(&table.schema) && !self.except.contains(table)
    }
}

/// What is known of the server on the other side.
#[derive(Clone, Debug)]
pub(crate) struct Facts {
    pub(crate) flavour: Flavour,
    /// What tells it from all others; empty when it does not say.
    pub(crate) identity: Arc<str>,
    /// The character set of each collation id.
    pub(crate) charsets: Arc<HashMap<u64, Charset>>,
    pub(crate) cascades: Cascades,
}

/// Puts transactions together. Holds one event's rows, those of XA transactions, and no other.
#[derive(Debug)]
pub(crate) struct Assembler {
    follow: Follow,
    facts: Facts,
    /// After the last commit.
    position: Position,
    /// The server in whose binlog the position's file and offset are; empty when it is not known.
    seen_at: Arc<str>,
    /// When the position's file was begun there, and when the one was that is being read; 0 for not known.
    file_begun: u32,
    read_file_begun: u32,
    /// Whether the server still looks for the first transaction that we do not know, and tells offsets before it.
    is_resuming: bool,
    place: Place,
    /// Everything up to this offset of the first file has been seen.
    skip_to: Option<u64>,
    /// Not known before the format description has come.
    has_checksums: Option<bool>,
    open: Open,
    /// The compressed transaction under way.
    payload: Option<PayloadReader>,
    maps: TableMaps,
    prepared: Prepared,
    pub(crate) schemas: Schemas,
    quarantine: Quarantine,
    stats: Stats,
    ready: VecDeque<Message>,
}

impl Assembler {
    pub(crate) fn new(cursor: Cursor, follow: Follow, stats: Stats) -> Self {
        let mut schemas = Schemas::new(&cursor.schemas, |table| follow.wants(table));
        let heartbeats = follow.heartbeats.iter().map(|heartbeats| &heartbeats.table);
        for table in follow.tables.iter().chain(heartbeats) {
            schemas.see(table);
        }
        Self {
            facts: Facts {
                flavour: Flavour::MariaDb,
                identity: Arc::default(),
                charsets: Arc::default(),
                cascades: Cascades::default(),
            },
            place: Place::new(&cursor.position),
            schemas,
            follow,
            position: cursor.position,
            seen_at: cursor.server,
            file_begun: cursor.file_begun,
            read_file_begun: 0,
            is_resuming: false,
            skip_to: None,
            has_checksums: None,
            open: Open::default(),
            payload: None,
            maps: TableMaps::default(),
            prepared: Prepared::default(),
            quarantine: Quarantine::default(),
            stats,
            ready: VecDeque::new(),
        }
    }

    pub(crate) fn position(&self) -> &Position {
        &self.position
    }

    /// The server in whose binlog the position's file and offset are; empty when it is not known.
    pub(crate) fn seen_at(&self) -> &str {
        &self.seen_at
    }

    /// What to store to go on from the present position.
    pub(crate) fn cursor(&mut self) -> Cursor {
        Cursor {
            position: self.position.clone(),
            server: Arc::clone(&self.seen_at),
            file_begun: self.file_begun,
            schemas: self.schemas.save(),
            ..Cursor::default()
        }
    }

    pub(crate) fn flavour(&self) -> Flavour {
        self.facts.flavour
    }

    /// Forgets the transaction under way: a new connection sends it again from its start.
    pub(crate) fn restart(&mut self, facts: Facts) {
        self.facts = facts;
        if self.position.gtids.is_empty() {
            self.seen_at = Arc::clone(&self.facts.identity);
        }
        self.place = Place::new(&self.position);
        self.is_resuming = !self.position.gtids.is_empty();
        self.skip_to = None;
        if self.place.is_past_32_bits() && self.position.gtids.is_empty() {
            self.skip_to = Some(self.place.offset);
            self.place.offset = 0;
        }
        self.has_checksums = None;
        self.open = Open::default();
        self.payload = None;
        self.maps.forget();
        self.ready.clear();
    }

    /// Foreign keys may have changed.
    pub(crate) fn learn_cascades(&mut self, cascades: Cascades) {
        self.facts.cascades = cascades;
        self.maps.forget();
    }

    /// The database all of whose tables are followed.
    pub(crate) fn schema(&self) -> Option<String> {
        self.follow.schema.clone()
    }

    /// A table is there; it is followed if that is wanted.
    pub(crate) fn see(&mut self, table: &TableName) {
        if self.follow.wants(table) {
            self.schemas.see(table);
        }
    }

    /// The tables that are followed, without that of the heartbeats.
    pub(crate) fn tables(&self) -> HashSet<TableName> {
        let is_handed_out = |table: &&TableName| !self.follow.is_of_heartbeats(table);
        let tables = self.schemas.tables().filter(is_handed_out);
        tables.cloned().collect()
    }

    /// Whether anything must be read from the server before the next event. Not while rows may follow whose table maps have
    /// come: what is read changes how tables are mapped.
    pub(crate) fn wants_to_learn(&self) -> bool {
        self.schemas.wants() && !self.maps.is_within_statement()
    }

    /// Columns have been read anew.
    pub(crate) fn columns_learnt(&mut self) {
        self.maps.forget();
        if self.tell_settled() {
            self.tell_position(0);
        }
    }

    /// The next message of the events pushed so far.
    pub(crate) fn next_message(&mut self) -> Result<Option<Message>, Error> {
        loop {
            if let Some(message) = self.ready.pop_front() {
                return Ok(Some(message));
            }
            let Some(mut payload) = self.payload.take() else {
                return Ok(None);
            };
            match payload.next() {
                Ok(Some(bytes)) => {
                    let event = BinlogEvent::parse(bytes, false)
                        .map_err(|error| self.undecodable(error))?;
                    if event.header.type_code == code::TRANSACTION_PAYLOAD {
                        // It would take this one's place, and the rest of this one would be lost.
                        return Err(self.undecodable(DecodeError::Malformed(
                            "a compressed transaction inside another",
                        )));
                    }
                    self.handle(&event)?;
                    self.payload = Some(payload);
                }
                Ok(None) => {}
                Err(error) => return Err(self.undecodable(error)),
            }
        }
    }

    /// Takes the bytes of the next event. [`Self::next_message`] must have run dry.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let is_format = bytes.get(TYPE_AT) == Some(&code::FORMAT_DESCRIPTION);
        if is_format {
            // It counts for itself too: one that a server changes on sending has a right checksum only if others have.
            let follow = checksums_follow(bytes).map_err(|error| self.undecodable(error))?;
            self.has_checksums = Some(follow);
        }
        let has_checksum = self.has_checksums == Some(true);
        let event =
            BinlogEvent::parse(bytes, has_checksum).map_err(|error| self.undecodable(error))?;
        if event.header.type_code == code::ROTATE {
            self.maps.end_statement();
            let file = Arc::clone(&self.place.file);
            // The first one comes before the format description, so nothing has told whether a checksum is behind it.
            match self.has_checksums {
                None => self.place.rotate_first(bytes, event.body),
                Some(_) => self.place.rotate(event.body),
            }
            .map_err(|error| self.undecodable(error))?;
            if self.place.file != file {
                // The offset was one of the file that has ended.
                self.skip_to = None;
            }
            if self.is_resuming && *self.place.file == *self.position.file {
                // From its beginning; but nothing is sent of what we know.
                self.place.offset = self.position.offset;
            }
            return Ok(());
        }
        if is_format {
            self.begin_file(event.header.timestamp)?;
        }
        if let code::MARIADB_GTID | code::GTID | code::GTID_TAGGED | code::ANONYMOUS_GTID =
            event.header.type_code
        {
            self.is_resuming = false;
        }
        if !self.is_resuming {
            self.place.advance(event.header.log_pos);
        }
        if let Some(target) = self.skip_to {
            if self.place.offset <= target && !is_format {
                return Ok(());
            }
            if !is_format && event.header.log_pos != 0 {
                self.skip_to = None;
            }
        }
        self.handle(&event)
    }

    fn handle(&mut self, event: &BinlogEvent<'_>) -> Result<(), Error> {
        match event.header.type_code {
            code::FORMAT_DESCRIPTION => self.maps.end_statement(),
            code::HEARTBEAT | code::HEARTBEAT_V2 => self.heartbeat(),
            code::MARIADB_GTID | code::GTID | code::GTID_TAGGED => self.begin(event)?,
            code::ANONYMOUS_GTID => self.open = Open::default(),
            code::TRANSACTION_PAYLOAD => {
                let payload =
                    PayloadReader::open(event.body).map_err(|error| self.undecodable(error))?;
                self.payload = Some(payload);
            }
            code::TABLE_MAP => self.table_map(event.body)?,
            23..=25 | 30..=32 | code::PARTIAL_UPDATE_ROWS => self.rows(event, event.body)?,
            compressed if code::MARIADB_ROWS_COMPRESSED.contains(&compressed) => {
                self.compressed_rows(event)?;
            }
            code::XID => self.commit(event.header.timestamp),
            code::QUERY => self.query(event, event.body)?,
            code::MARIADB_QUERY_COMPRESSED => self.compressed_query(event)?,
            code::XA_PREPARE => self.xa_prepare(event)?,
            code::ROWS_QUERY => self.rows_query(event.body.get(1..).unwrap_or_default()),
            code::MARIADB_ANNOTATE_ROWS => self.rows_query(event.body),
            code::INCIDENT => {
                self.all_stale(&Cause::Lost);
                // It stands alone, with no end of its own.
                if !self.open.has_begun {
                    self.commit(event.header.timestamp);
                }
            }
            known if code::WITHOUT_NEWS.contains(&known) => {}
            _ if event.header.is_ignorable() => {}
            type_code => {
                self.stats.update(|counts| counts.unknown_events += 1);
                return Err(Error::UnknownEvent {
                    type_code,
                    position: Box::new(self.position.clone()),
                });
            }
        }
        Ok(())
    }

    /// A transaction begins. On MariaDB one that is `standalone` is a single statement, with no end of its own; MySQL's
    /// begin with a BEGIN.
    fn begin(&mut self, event: &BinlogEvent<'_>) -> Result<(), Error> {
        let begun = TransactionId::parse(event).map_err(|error| self.undecodable(error))?;
        if self.position.gtids.is_foreign(&begun.id) {
            return Err(
                self.undecodable(DecodeError::Malformed("a GTID of the other kind of server"))
            );
        }
        self.open = Open {
            gtid_text: Some(begun.id.to_string().into()),
            gtid: Some(begun.id),
            has_begun: begun.has_begun,
            committed_microseconds: begun.committed_microseconds,
            held: begun.is_prepared.then(Held::default),
            ..Open::default()
        };
        Ok(())
    }

    fn rows_query(&mut self, text: &[u8]) {
        if self.follow.with_queries {
            self.open.query = Some(String::from_utf8_lossy(text).into());
        }
    }

    fn undecodable(&self, source: DecodeError) -> Error {
        Error::Decode {
            position: Box::new(self.position.clone()),
            source,
        }
    }
}
