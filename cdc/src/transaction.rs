//! Binlog events to messages: which transaction they belong to, which tables are wanted, where each transaction ends.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use mysql_async::binlog::events::{Event, QueryEvent};

use crate::decode_error::DecodeError;
use crate::error::Error;
use crate::event::{ChangeEvent, Commit, Message, Source, Statement, Table, TableName};
use crate::gtid::TransactionId;
use crate::place::Place;
use crate::position::Position;
use crate::row::RowsEvent;
use crate::server::Flavour;
use crate::statement;
use crate::stream::Charsets;
use crate::table_map::{self, TableMap};

/// Codes of event types: MySQL's `Log_event_type` and MariaDB's from 160 on.
mod code {
    pub(super) const QUERY: u8 = 2;
    pub(super) const ROTATE: u8 = 4;
    pub(super) const FORMAT_DESCRIPTION: u8 = 15;
    pub(super) const XID: u8 = 16;
    pub(super) const TABLE_MAP: u8 = 19;
    pub(super) const HEARTBEAT: u8 = 27;
    pub(super) const GTID: u8 = 33;
    pub(super) const ANONYMOUS_GTID: u8 = 34;
    pub(super) const XA_PREPARE: u8 = 38;
    pub(super) const TRANSACTION_PAYLOAD: u8 = 40;
    pub(super) const HEARTBEAT_V2: u8 = 41;
    pub(super) const GTID_TAGGED: u8 = 42;
    pub(super) const MARIADB_GTID: u8 = 162;
    /// Events that say nothing about rows or positions: stop, intvar, rand, user var, ignorable, rows query, previous
    /// GTIDs, transaction context, view change; MariaDB's annotate, checkpoint, GTID list, start encryption.
    pub(super) const WITHOUT_NEWS: [u8; 13] =
        [3, 5, 13, 14, 28, 29, 35, 36, 37, 160, 161, 163, 164];
}

/// A reader may skip an event of an unknown type that carries this flag (`LOG_EVENT_IGNORABLE_F`).
const IGNORABLE: u16 = 0x80;

/// The transaction under way.
#[derive(Debug, Default)]
struct Open {
    gtid: Option<TransactionId>,
    /// Between BEGIN and its end; a statement outside is a transaction of its own.
    has_begun: bool,
    /// Inside a compressed transaction the events' own offsets mean nothing.
    is_compressed: bool,
    /// A followed table that it changes.
    followed: Option<TableName>,
}

/// Puts transactions together. Holds at most one event's rows.
#[derive(Debug)]
pub(crate) struct Assembler {
    flavour: Flavour,
    tables: HashSet<TableName>,
    charsets: Charsets,
    /// After the last commit.
    position: Position,
    place: Place,
    open: Open,
    /// By table id; `None` for tables that nobody follows. Dropped with each file, since ids are used again.
    maps: HashMap<u64, Option<(TableMap, Arc<Table>)>>,
    ready: VecDeque<Message>,
}

impl Assembler {
    pub(crate) fn new(position: Position, tables: HashSet<TableName>) -> Self {
        Self {
            flavour: Flavour::MariaDb,
            tables,
            charsets: Charsets::default(),
            place: Place::new(&position),
            position,
            open: Open::default(),
            maps: HashMap::new(),
            ready: VecDeque::new(),
        }
    }

    pub(crate) fn position(&self) -> &Position {
        &self.position
    }

    pub(crate) fn flavour(&self) -> Flavour {
        self.flavour
    }

    /// Forgets the transaction under way: a new connection sends it again from its start.
    pub(crate) fn restart(&mut self, flavour: Flavour, charsets: Charsets) {
        self.flavour = flavour;
        self.charsets = charsets;
        self.place = Place::new(&self.position);
        self.open = Open::default();
        self.maps.clear();
        self.ready.clear();
    }

    pub(crate) fn next_message(&mut self) -> Option<Message> {
        self.ready.pop_front()
    }

    /// Takes the next event; the first message that it makes, if any, is returned, further ones by
    /// [`Self::next_message`].
    pub(crate) fn push(&mut self, event: Event) -> Result<Option<Message>, Error> {
        let header = event.header();
        let type_code = header.event_type_raw();
        if type_code != code::ROTATE {
            self.verify_checksum(&event)?;
        }
        if !self.open.is_compressed && type_code != code::ROTATE {
            self.place.advance(header.log_pos());
        }
        match type_code {
            code::ROTATE => {
                self.place
                    .rotate(&event)
                    .map_err(|error| self.undecodable(None, error))?;
                self.maps.clear();
            }
            code::FORMAT_DESCRIPTION => self.maps.clear(),
            code::HEARTBEAT | code::HEARTBEAT_V2 => self.heartbeat(),
            code::MARIADB_GTID => self.begin(TransactionId::of_mariadb(&event))?,
            code::GTID | code::GTID_TAGGED => {
                self.begin(TransactionId::of_mysql(&event).map(|id| (id, true)))?;
            }
            code::ANONYMOUS_GTID => self.open.gtid = None,
            code::TRANSACTION_PAYLOAD => self.open.is_compressed = true,
            code::TABLE_MAP => self.table_map(&event)?,
            23..=25 | 30..=32 => self.rows(type_code, &event)?,
            code::XID => self.commit(header.timestamp()),
            code::QUERY => self.query(&event)?,
            code::XA_PREPARE => self.xa_prepare()?,
            known if code::WITHOUT_NEWS.contains(&known) => {}
            _ if header.flags_raw() & IGNORABLE != 0 => {}
            _ => {
                return Err(Error::UnknownEvent {
                    type_code,
                    position: Box::new(self.position.clone()),
                });
            }
        }
        Ok(self.ready.pop_front())
    }

    fn verify_checksum(&self, event: &Event) -> Result<(), Error> {
        let algorithm = event.footer().get_checksum_alg().ok().flatten();
        let (Some(algorithm), Some(checksum)) = (algorithm, event.checksum()) else {
            return Ok(());
        };
        // Events inside a compressed transaction have none; the payload around them has.
        if self.open.is_compressed || u32::from_le_bytes(checksum) == event.calc_checksum(algorithm)
        {
            return Ok(());
        }
        Err(self.undecodable(None, DecodeError::Checksum))
    }

    /// A transaction begins. One that is `standalone` is a single statement; it has no end of its own.
    fn begin(&mut self, id: Result<(TransactionId, bool), DecodeError>) -> Result<(), Error> {
        let (id, is_standalone) = id.map_err(|error| self.undecodable(None, error))?;
        self.open = Open {
            gtid: Some(id),
            has_begun: !is_standalone,
            ..Open::default()
        };
        Ok(())
    }

    fn table_map(&mut self, event: &Event) -> Result<(), Error> {
        let head = table_map::head(event.data()).map_err(|error| self.undecodable(None, error))?;
        let (table_id, name) = (head.table_id, head.name.clone());
        if !self.tables.contains(&name) {
            self.maps.insert(table_id, None);
            return Ok(());
        }
        let charsets = Arc::clone(&self.charsets);
        let charset_of =
            move |collation: u64| charsets.get(&collation).cloned().unwrap_or_default();
        let map = head
            .columns(&charset_of)
            .map_err(|error| self.undecodable(Some(&name), error))?;
        if map
            .table
            .columns
            .iter()
            .any(|column| column.name.is_empty())
        {
            return Err(Error::NoColumnNames { table: name });
        }
        self.open.followed = Some(map.table.name.clone());
        let table = Arc::new(map.table.clone());
        self.maps.insert(table_id, Some((map, table)));
        Ok(())
    }

    fn rows(&mut self, type_code: u8, event: &Event) -> Result<(), Error> {
        let mut rows = RowsEvent::parse(type_code, event.data())
            .map_err(|error| self.undecodable(None, error))?;
        let (map, table) = match self.maps.get(&rows.table_id) {
            Some(Some(followed)) => followed,
            Some(None) => return Ok(()),
            None => return Err(self.undecodable(None, DecodeError::NoTableMap(rows.table_id))),
        };
        let header = event.header();
        let mut source = Source {
            server_id: header.server_id(),
            gtid: self.open.gtid.as_ref().map(ToString::to_string),
            file: Arc::clone(&self.place.file),
            offset: self.place.offset,
            row: 0,
            timestamp_seconds: header.timestamp(),
        };
        loop {
            match rows.next_row(map) {
                Ok(None) => return Ok(()),
                Ok(Some((before, after))) => {
                    self.ready.push_back(Message::Change(ChangeEvent {
                        op: rows.op(),
                        table: Arc::clone(table),
                        before,
                        after,
                        source: source.clone(),
                    }));
                    source.row += 1;
                }
                Err(error) => return Err(self.undecodable(Some(&table.name), error)),
            }
        }
    }

    fn query(&mut self, event: &Event) -> Result<(), Error> {
        let query: QueryEvent<'_> = event
            .read_event()
            .map_err(|_| self.malformed("a query event"))?;
        let (schema, text) = (query.schema().into_owned(), query.query().into_owned());
        let timestamp = event.header().timestamp();
        match statement::classify(&text) {
            statement::Kind::Begin => self.open.has_begun = true,
            statement::Kind::End => self.commit(timestamp),
            // Savepoints come inside a transaction and end nothing.
            statement::Kind::Savepoint => {}
            statement::Kind::Other => {
                let touched = self
                    .tables
                    .iter()
                    .any(|table| statement::may_touch(&text, &schema, table));
                let ends = !self.open.has_begun;
                if touched {
                    self.ready.push_back(Message::Statement(Statement {
                        schema,
                        text,
                        position: self.position.clone(),
                    }));
                }
                if ends {
                    self.commit(timestamp);
                }
            }
        }
        Ok(())
    }

    /// The rows of an XA transaction come at its PREPARE, long before it is certain that they will be committed.
    fn xa_prepare(&mut self) -> Result<(), Error> {
        match self.open.followed.take() {
            Some(table) => Err(Error::Xa { table }),
            None => {
                self.commit(0);
                Ok(())
            }
        }
    }

    fn commit(&mut self, timestamp_seconds: u32) {
        if let Some(id) = self.open.gtid.take() {
            self.position.gtids.add(&id);
        }
        self.open = Open::default();
        self.place.note(&mut self.position);
        self.ready.push_back(Message::Commit(Commit {
            position: self.position.clone(),
            timestamp_seconds,
        }));
    }

    /// An idle server stands at the end of its binlog; where no transaction is open, so do we.
    fn heartbeat(&mut self) {
        if self.open.gtid.is_none() && !self.open.has_begun {
            self.place.note(&mut self.position);
        }
        self.ready.push_back(Message::Heartbeat);
    }

    fn malformed(&self, what: &'static str) -> Error {
        self.undecodable(None, DecodeError::Malformed(what))
    }

    fn undecodable(&self, table: Option<&TableName>, source: DecodeError) -> Error {
        Error::Decode {
            table: table.cloned(),
            position: Box::new(self.position.clone()),
            source,
        }
    }
}
