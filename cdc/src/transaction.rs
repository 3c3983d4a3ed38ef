//! Binlog events to messages: which transaction they belong to, which tables are wanted, where each transaction ends.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use mysql_async::binlog::events::{Event, GtidEvent, QueryEvent, RotateEvent};

use crate::bytes::Bytes;
use crate::decode_error::DecodeError;
use crate::error::Error;
use crate::event::{ChangeEvent, Commit, Message, Source, Statement, Table, TableName};
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
    gtid: Option<Gtid>,
    /// Between BEGIN and its end; a statement outside is a transaction of its own.
    has_begun: bool,
    /// Inside a compressed transaction the events' own offsets mean nothing.
    is_compressed: bool,
}

#[derive(Clone, Debug)]
enum Gtid {
    MariaDb {
        domain: u32,
        server: u32,
        sequence: u64,
    },
    MySql {
        source: String,
        number: u64,
    },
}

/// Puts transactions together. Holds at most one event's rows.
#[derive(Debug)]
pub(crate) struct Assembler {
    flavour: Flavour,
    tables: HashSet<TableName>,
    charsets: Charsets,
    /// After the last commit.
    position: Position,
    /// Where reading stands inside the file.
    file: Arc<str>,
    offset: u64,
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
            file: position.file.as_str().into(),
            offset: position.offset,
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
        self.file = self.position.file.as_str().into();
        self.offset = self.position.offset;
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
        self.advance(type_code, header.log_pos());
        match type_code {
            code::ROTATE => self.rotate(&event)?,
            code::FORMAT_DESCRIPTION => self.maps.clear(),
            code::HEARTBEAT | code::HEARTBEAT_V2 => self.heartbeat(),
            code::MARIADB_GTID => self.mariadb_gtid(&event)?,
            code::GTID | code::GTID_TAGGED => self.mysql_gtid(&event)?,
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

    /// The header has 32 bits for the offset, a file may be longer: the upper bits are counted here.
    fn advance(&mut self, type_code: u8, log_pos: u32) {
        if log_pos == 0 || self.open.is_compressed || type_code == code::ROTATE {
            return;
        }
        let upper = self.offset & !u64::from(u32::MAX);
        let mut offset = upper | u64::from(log_pos);
        if offset < self.offset && self.offset - offset > u64::from(u32::MAX / 2) {
            offset += 1 << 32;
        }
        self.offset = offset;
    }

    fn rotate(&mut self, event: &Event) -> Result<(), Error> {
        let header = event.header();
        // Made up by the server at the start of a stream. Its name carries checksum bytes that the reader can't tell
        // apart before the format description, so it is used only as far as it is a file name.
        let is_artificial = header.timestamp() == 0 && header.log_pos() == 0;
        let rotate: RotateEvent<'_> = event
            .read_event()
            .map_err(|_| self.malformed("a rotate event"))?;
        let name: String = rotate
            .name_raw()
            .iter()
            .map(|byte| char::from(*byte))
            .take_while(char::is_ascii_graphic)
            .collect();
        let name = match (is_artificial, name.rfind('.')) {
            (true, Some(dot)) => {
                let digits = name[dot + 1..]
                    .bytes()
                    .take_while(u8::is_ascii_digit)
                    .count();
                name[..=dot + digits].to_owned()
            }
            _ => name,
        };
        self.file = name.into();
        self.offset = rotate.position();
        self.maps.clear();
        Ok(())
    }

    /// MariaDB's `Gtid_log_event`: sequence 8 bytes, domain 4, flags 1; the server is in the header.
    fn mariadb_gtid(&mut self, event: &Event) -> Result<(), Error> {
        const STANDALONE: u8 = 1;
        let mut body = Bytes::new(event.data());
        let mut read = || -> Result<(u64, u32, u8), DecodeError> {
            Ok((body.uint_le(8)?, body.uint_le(4)? as u32, body.u8()?))
        };
        let (sequence, domain, flags) = read().map_err(|error| self.undecodable(None, error))?;
        self.open = Open {
            gtid: Some(Gtid::MariaDb {
                domain,
                server: event.header().server_id(),
                sequence,
            }),
            has_begun: flags & STANDALONE == 0,
            is_compressed: false,
        };
        Ok(())
    }

    fn mysql_gtid(&mut self, event: &Event) -> Result<(), Error> {
        let gtid: GtidEvent = event
            .read_event()
            .map_err(|_| self.malformed("a GTID event"))?;
        let hex: String = gtid
            .sid()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let mut source = format!(
            "{}-{}-{}-{}-{}",
            &hex[..8],
            &hex[8..12],
            &hex[12..16],
            &hex[16..20],
            &hex[20..]
        );
        if let Some(tag) = gtid.tag() {
            source = format!("{source}:{tag}");
        }
        self.open = Open {
            gtid: Some(Gtid::MySql {
                source,
                number: gtid.gno(),
            }),
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
            file: Arc::clone(&self.file),
            offset: self.offset,
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
        match self.maps.values().flatten().next() {
            Some((_, table)) => Err(Error::Xa {
                table: table.name.clone(),
            }),
            None => {
                self.commit(0);
                Ok(())
            }
        }
    }

    fn commit(&mut self, timestamp_seconds: u32) {
        match self.open.gtid.take() {
            Some(Gtid::MariaDb {
                domain,
                server,
                sequence,
            }) => {
                self.position.gtids.add_mariadb(domain, server, sequence);
            }
            Some(Gtid::MySql { source, number }) => {
                self.position.gtids.add_mysql(&source, number, number);
            }
            None => {}
        }
        self.open = Open::default();
        self.note_place();
        self.ready.push_back(Message::Commit(Commit {
            position: self.position.clone(),
            timestamp_seconds,
        }));
    }

    /// An idle server stands at the end of its binlog; where no transaction is open, so do we.
    fn heartbeat(&mut self) {
        if self.open.gtid.is_none() && !self.open.has_begun {
            self.note_place();
        }
        self.ready.push_back(Message::Heartbeat);
    }

    fn note_place(&mut self) {
        if *self.position.file != *self.file {
            self.position.file = self.file.to_string();
        }
        self.position.offset = self.offset;
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

impl std::fmt::Display for Gtid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::MariaDb {
                domain,
                server,
                sequence,
            } => write!(f, "{domain}-{server}-{sequence}"),
            Self::MySql { source, number } => write!(f, "{source}:{number}"),
        }
    }
}
