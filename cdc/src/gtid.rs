//! GTID sets of both servers: which transactions have been seen.
//!
//! MariaDB: one `domain-server-sequence` per replication domain, everything up to the sequence number is in. MySQL:
//! intervals of transaction numbers per server UUID (and tag, since 8.4).

use std::collections::BTreeMap;
use std::fmt;

use mysql_async::binlog::events::{Event, GtidEvent};

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
                    source = format!("{uuid}:{}", part.to_ascii_lowercase());
                }
            }
        }
        Some(set)
    }

    /// Adds a transaction.
    pub(crate) fn add(&mut self, id: &TransactionId) {
        match id {
            TransactionId::MariaDb {
                domain,
                server,
                sequence,
            } => {
                if !matches!(self, Self::MariaDb(_)) {
                    *self = Self::MariaDb(BTreeMap::new());
                }
                if let Self::MariaDb(domains) = self {
                    domains.insert(*domain, (*server, *sequence));
                }
            }
            // A set that does not know what came before can't be made from single transactions.
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
        // The usual case: the next transaction of the newest interval.
        if let Some(last) = intervals
            .last_mut()
            .filter(|last| last.1.checked_add(1) == Some(low))
        {
            last.1 = high;
            return;
        }
        intervals.push((low, high));
        intervals.sort_unstable();
        let mut merged: Vec<(u64, u64)> = Vec::with_capacity(intervals.len());
        for (low, high) in intervals.drain(..) {
            match merged.last_mut() {
                Some(last) if low <= last.1.saturating_add(1) => last.1 = last.1.max(high),
                _ => merged.push((low, high)),
            }
        }
        *intervals = merged;
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
                        seen.iter().any(|span| span.0 <= *low && *high <= span.1)
                    })
                }))
            }
            _ => None,
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

impl TransactionId {
    /// MariaDB's `Gtid_log_event`: sequence 8 bytes, domain 4, flags 1; the server is in the header. Also whether the
    /// transaction is a single statement.
    pub(crate) fn of_mariadb(event: &Event) -> Result<(Self, bool), DecodeError> {
        const FLAG_STANDALONE: u8 = 1;
        let mut body = Bytes::new(event.data());
        let sequence = body.uint_le(8)?;
        let domain = body.uint_le(4)? as u32;
        let is_standalone = body.u8()? & FLAG_STANDALONE != 0;
        let id = Self::MariaDb {
            domain,
            server: event.header().server_id(),
            sequence,
        };
        Ok((id, is_standalone))
    }

    /// MySQL's `Gtid_log_event`, with or without a tag.
    pub(crate) fn of_mysql(event: &Event) -> Result<Self, DecodeError> {
        let gtid: GtidEvent = event
            .read_event()
            .map_err(|_| DecodeError::Malformed("a GTID event"))?;
        let mut source = uuid_text(u128::from_be_bytes(gtid.sid()));
        if let Some(tag) = gtid.tag() {
            source = format!("{source}:{tag}");
        }
        Ok(Self::MySql {
            source,
            number: gtid.gno(),
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
    }
}
