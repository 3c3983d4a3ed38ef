//! GTID sets of both servers: which transactions have been seen.
//!
//! MariaDB: one `domain-server-sequence` per replication domain, everything up to the sequence number is in. MySQL:
//! intervals of transaction numbers per server UUID (and tag, since 8.4).

use std::collections::BTreeMap;
use std::fmt;

use mysql_common::binlog::BinlogCtx;
use mysql_common::binlog::consts::BinlogVersion;
use mysql_common::binlog::events::{FormatDescriptionEvent, GtidEvent};
use mysql_common::io::ParseBuf;
use mysql_common::proto::MyDeserialize;

use crate::binlog_event::{BinlogEvent, code};
use crate::bytes::Bytes;
use crate::decode_error::DecodeError;

/// The transactions up to a position.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum GtidSet {
    /// No GTIDs: positions are file and offset only.
    #[default]
    None,
    /// MariaDB's: domain → (server, sequence).
    MariaDb(BTreeMap<u32, (u32, u64)>),
    /// MySQL's: source (`uuid` or `uuid:tag`, lower case) → sorted, disjoint intervals with both ends in.
    MySql(BTreeMap<String, Vec<(u64, u64)>>),
}

impl GtidSet {
    /// Reads `0-1-42,1-7-3`; the empty text is the empty set.
    #[must_use]
    pub fn parse_mariadb(text: &str) -> Option<Self> {
        let mut domains = BTreeMap::new();
        for gtid in text
            .split(',')
            .map(str::trim)
            .filter(|gtid| !gtid.is_empty())
        {
            let mut numbers = gtid.split('-');
            let domain = numbers.next()?.parse().ok()?;
            let server = numbers.next()?.parse().ok()?;
            let sequence = numbers.next()?.parse().ok()?;
            if numbers.next().is_some() {
                return None;
            }
            domains.insert(domain, (server, sequence));
        }
        Some(Self::MariaDb(domains))
    }

    /// Reads `3e11fa47-…:1-5:11-18,…`, with tags (`uuid:tag:1-3`); the empty text is the empty set.
    #[must_use]
    pub fn parse_mysql(text: &str) -> Option<Self> {
        let mut set = Self::MySql(BTreeMap::new());
        for block in text
            .split(',')
            .map(str::trim)
            .filter(|block| !block.is_empty())
        {
            let mut parts = block.split(':').map(str::trim);
            let uuid = parts.next()?.to_ascii_lowercase();
            if uuid.len() != 36
                || !uuid
                    .bytes()
                    .all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
            {
                return None;
            }
            let mut source = uuid.clone();
            for part in parts {
                if part.starts_with(|first: char| first.is_ascii_digit()) {
                    let (low, high) = part.split_once('-').unwrap_or((part, part));
                    let (low, high) = (low.parse().ok()?, high.parse().ok()?);
                    if low == 0 || high < low {
                        return None;
                    }
                    set.add_mysql(&source, low, high);
                } else {
                    // A tag: anything else would not be read back from what it is written as.
                    let is_of_tag = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
                    if part.is_empty() || !part.bytes().all(is_of_tag) {
                        return None;
                    }
                    source = format!("{uuid}:{}", part.to_ascii_lowercase());
                }
            }
        }
        Some(set)
    }

    /// Whether a domain of both ends with the same transaction. Only MariaDB has domains.
    pub(crate) fn has_common_end(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::MariaDb(domains), Self::MariaDb(others)) => domains
                .iter()
                .any(|(domain, end)| others.get(domain) == Some(end)),
            _ => false,
        }
    }

    /// Whether the transaction is of the other kind of server, whose GTIDs this set has no place for.
    pub(crate) fn is_foreign(&self, id: &TransactionId) -> bool {
        matches!(
            (self, id),
            (Self::MariaDb(_), TransactionId::MySql { .. })
                | (Self::MySql(_), TransactionId::MariaDb { .. })
        )
    }

    /// Adds a transaction.
    pub(crate) fn add(&mut self, id: &TransactionId) {
        match id {
            TransactionId::MariaDb {
                domain,
                server,
                sequence,
            } => {
                // A set that does not know what came before, also in other domains, can't be made from single transactions.
                if let Self::MariaDb(domains) = self {
                    domains.insert(*domain, (*server, *sequence));
                }
            }
            TransactionId::MySql { source, number } if matches!(self, Self::MySql(_)) => {
                self.add_mysql(source, *number, *number);
            }
            TransactionId::MySql { .. } => {}
        }
    }

    /// Adds MySQL's transactions `low..=high` of a source.
    fn add_mysql(&mut self, source: &str, low: u64, high: u64) {
        let Self::MySql(sources) = self else { return };
        let intervals = sources.entry(source.to_owned()).or_default();
        // Those that the new one overlaps or touches: few, in a set that may have thousands.
        let first = intervals.partition_point(|interval| interval.1.saturating_add(1) < low);
        let touched = intervals
            .iter()
            .skip(first)
            .take_while(|interval| interval.0 <= high.saturating_add(1));
        let mut merged = (low, high);
        let mut end = first;
        for interval in touched {
            merged = (merged.0.min(interval.0), merged.1.max(interval.1));
            end += 1;
        }
        intervals.splice(first..end, [merged]);
    }

    /// Whether every transaction of `other` is in this set; `None` when the two are not comparable.
    #[must_use]
    pub fn contains(&self, other: &Self) -> Option<bool> {
        match (self, other) {
            (Self::MariaDb(mine), Self::MariaDb(theirs)) => {
                Some(theirs.iter().all(|(domain, (_, sequence))| {
                    mine.get(domain).is_some_and(|(_, seen)| seen >= sequence)
                }))
            }
            (Self::MySql(mine), Self::MySql(theirs)) => {
                Some(theirs.iter().all(|(source, intervals)| {
                    let seen = mine.get(source).map_or(&[][..], Vec::as_slice);
                    intervals.iter().all(|(low, high)| {
                        let nearest = seen.partition_point(|span| span.1 < *low);
                        seen.get(nearest)
                            .is_some_and(|span| span.0 <= *low && *high <= span.1)
                    })
                }))
            }
            _ => None,
        }
    }

    /// About how much memory it takes beside itself, bytes.
    pub(crate) fn bytes(&self) -> usize {
        /// Of an entry in a tree, with what the tree keeps free.
        const ENTRY: usize = 48;
        match self {
            Self::None => 0,
            Self::MariaDb(domains) => domains.len() * ENTRY,
            Self::MySql(sources) => {
                let interval = size_of::<(u64, u64)>();
                let of_source = |(source, intervals): (&String, &Vec<(u64, u64)>)| {
                    2 * ENTRY + source.len() + intervals.len() * interval
                };
                sources.iter().map(of_source).sum()
            }
        }
    }

    /// Whether there is no transaction in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match self {
            Self::None => true,
            Self::MariaDb(domains) => domains.is_empty(),
            Self::MySql(sources) => sources.is_empty(),
        }
    }
}

/// The server's own spelling, which `gtid_slave_pos` and `gtid_executed` take.
impl fmt::Display for GtidSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        match self {
            Self::None => {}
            Self::MariaDb(domains) => {
                for (domain, (server, sequence)) in domains {
                    write!(f, "{separator}{domain}-{server}-{sequence}")?;
                    separator = ",";
                }
            }
            Self::MySql(sources) => {
                for (source, intervals) in sources {
                    write!(f, "{separator}{source}")?;
                    separator = ",";
                    for (low, high) in intervals {
                        if low == high {
                            write!(f, ":{low}")?;
                        } else {
                            write!(f, ":{low}-{high}")?;
                        }
                    }
                }
            }
        }
        Ok(())
    }
}

/// The GTID of one transaction.
#[derive(Clone, Debug)]
pub(crate) enum TransactionId {
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

/// What a GTID event says of the transaction that it begins.
#[derive(Debug)]
pub(crate) struct Begun {
    pub(crate) id: TransactionId,
    /// Whether more than one statement follows up to an end; MySQL tells that by a BEGIN.
    pub(crate) has_begun: bool,
    /// Whether it is an XA transaction up to its PREPARE; MySQL tells that by an `XA START`.
    pub(crate) is_prepared: bool,
    /// When it was committed on this server; MariaDB does not tell.
    pub(crate) committed_microseconds: Option<u64>,
}

impl TransactionId {
    /// Reads the GTID event of either server.
    pub(crate) fn parse(event: &BinlogEvent<'_>) -> Result<Begun, DecodeError> {
        if event.header.type_code == code::MARIADB_GTID {
            Self::parse_mariadb(event)
        } else {
            Self::parse_mysql(event)
        }
    }

    /// MariaDB's `Gtid_log_event`: sequence 8 bytes, domain 4, flags 1; the server is in the header.
    fn parse_mariadb(event: &BinlogEvent<'_>) -> Result<Begun, DecodeError> {
        const STANDALONE: u8 = 1;
        const PREPARED_XA: u8 = 64;
        let mut body = Bytes::new(event.body);
        let sequence = body.uint_le(8)?;
        let domain = body.uint_le(4)? as u32;
        let flags = body.u8()?;
        Ok(Begun {
            id: Self::MariaDb {
                domain,
                server: event.header.server_id,
                sequence,
            },
            has_begun: flags & STANDALONE == 0,
            is_prepared: flags & PREPARED_XA != 0,
            committed_microseconds: None,
        })
    }

    /// MySQL's `Gtid_event` and `Gtid_tagged_log_event`.
    fn parse_mysql(event: &BinlogEvent<'_>) -> Result<Begun, DecodeError> {
        const MALFORMED: DecodeError = DecodeError::Malformed("a GTID event");
        let format = FormatDescriptionEvent::new(BinlogVersion::Version4);
        let context = BinlogCtx::new(event.body.len(), &format, event.header.type_code);
        let gtid =
            GtidEvent::deserialize(context, &mut ParseBuf(event.body)).map_err(|_| MALFORMED)?;
        let mut source = uuid_text(u128::from_be_bytes(gtid.sid()));
        if let Some(tag) = gtid.tag() {
            source = format!("{source}:{tag}");
        }
        Ok(Begun {
            id: Self::MySql {
                source,
                number: gtid.gno(),
            },
            has_begun: false,
            is_prepared: false,
            committed_microseconds: Some(gtid.immediate_commit_timestamp())
                .filter(|microseconds| *microseconds != 0),
        })
    }
}

/// The server's own spelling.
impl fmt::Display for TransactionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
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

/// `3e11fa47-71ca-11e1-9e33-c80aa9429562`.
pub(crate) fn uuid_text(uuid: u128) -> String {
    let hex = format!("{uuid:032x}");
    format!(
        "{}-{}-{}-{}-{}",
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..]
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const UUID: &str = "3e11fa47-71ca-11e1-9e33-c80aa9429562";

    #[test]
    fn a_mariadb_set_keeps_every_domain() {
        let mut set = GtidSet::parse_mariadb("0-1-42,7-2-3").unwrap();
        set.add(&TransactionId::MariaDb {
            domain: 0,
            server: 9,
            sequence: 43,
        });
        assert_eq!(set.to_string(), "0-9-43,7-2-3");
        let older = GtidSet::parse_mariadb("0-1-43").unwrap();
        assert_eq!(set.contains(&older), Some(true));
        assert_eq!(older.contains(&set), Some(false));
        assert_eq!(GtidSet::parse_mariadb("0-1"), None);
    }

    #[test]
    fn a_mysql_set_merges_intervals_and_keeps_tags_apart() {
        let mut set = GtidSet::parse_mysql(&format!("{UUID}:1-5:8,\n{UUID}:red:1")).unwrap();
        set.add_mysql(UUID, 6, 6);
        set.add_mysql(UUID, 7, 7);
        assert_eq!(set.to_string(), format!("{UUID}:1-8,{UUID}:red:1"));
        let inner = GtidSet::parse_mysql(&format!("{UUID}:2-4")).unwrap();
        assert_eq!(set.contains(&inner), Some(true));
        let beyond = GtidSet::parse_mysql(&format!("{UUID}:2-9")).unwrap();
        assert_eq!(set.contains(&beyond), Some(false));
        assert_eq!(GtidSet::parse_mysql("not-a-uuid:1"), None);
        assert_eq!(GtidSet::parse_mysql(&format!("{UUID}:5-4")), None);
        let highest = format!("{UUID}:18446744073709551615:5");
        assert!(GtidSet::parse_mysql(&highest).is_some());
    }

    #[test]
    fn sets_of_different_servers_are_not_comparable() {
        let mariadb = GtidSet::parse_mariadb("0-1-1").unwrap();
        assert_eq!(mariadb.contains(&GtidSet::None), None);
        let id = TransactionId::MySql {
            source: UUID.to_owned(),
            number: 1,
        };
        assert!(mariadb.is_foreign(&id));
        assert!(!GtidSet::None.is_foreign(&id));
    }
}
