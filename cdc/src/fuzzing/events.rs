//! Events of the binlog, pushed one after the other into the assembler, which must hold to what it promises whatever comes.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::SystemTime;

use crate::assembler::{Assembler, Facts, Follow};
use crate::binlog_event::{HEADER_BYTES, code};
use crate::bytes::Bytes;
use crate::cursor::Cursor;
use crate::debezium::Envelope;
use crate::event::{ChangeEvent, Commit, Message, Op};
use crate::gtid::GtidSet;
use crate::position::Position;
use crate::server::Flavour;
use crate::stats::Stats;

use super::Digest;
use super::frames::Frame;
use super::known::known;

/// Bits of the input's first byte.
const MYSQL: u8 = 1;
const TWICE: u8 = 2;
const WITHOUT_GTIDS: u8 = 4;
const DEFINITIONS: u8 = 8;
const NAMES: u8 = 16;
const QUERIES: u8 = 32;
const PAST_32_BITS: u8 = 64;
const HEARTBEATS: u8 = 128;

/// Messages that a byte of a compressed event can become at most: zstd packs up to 128 KiB into four bytes. Of other events
/// a row has a byte at least, and whatever else an event brings is less than its header has bytes.
const MESSAGES_PER_COMPRESSED_BYTE: usize = 40_000;

/// A byte of mode, then frames: the type of an event, flags, its length (two bytes, little-endian) and its body. An error
/// starts the stream anew, as a reconnect does.
///
/// # Panics
/// When the messages break a promise of [`Message`]'s, or two runs over the same bytes differ.
pub fn events(input: &[u8]) {
    let Some((mode, frames)) = input.split_first() else {
        return;
    };
    let digest = Run::new(*mode).push_all(frames);
    if mode & TWICE != 0 {
        assert_eq!(Run::new(*mode).push_all(frames), digest);
    }
}

struct Run {
    mode: u8,
    assembler: Assembler,
    #[cfg(test)]
    stats: Stats,
    facts: Facts,
    has_checksums: bool,
    /// End of the last event in its file.
    offset: u32,
    /// Of the last commit; `None` when a rotate or a restart came since.
    last: Option<Position>,
    is_stale_open: bool,
    messages: usize,
    messages_max: usize,
    digest: Digest,
}

impl Run {
    fn new(mode: u8) -> Self {
        let known = known();
        let (flavour, gtids) = if mode & MYSQL != 0 {
            (Flavour::MySql, GtidSet::MySql([].into()))
        } else {
            (Flavour::MariaDb, GtidSet::MariaDb([].into()))
        };
        let position = Position {
            gtids: match mode & WITHOUT_GTIDS {
                0 => gtids,
                _ => GtidSet::None,
            },
            file: "binlog.000001".to_owned(),
            offset: match mode & PAST_32_BITS {
                0 => 4,
                _ => (1 << 32) + 4,
            },
        };
        let follow = Follow {
            tables: known.tables.clone(),
            with_queries: mode & QUERIES != 0,
            heartbeats: (mode & HEARTBEATS != 0).then(|| known.heartbeats.clone()),
            ..Follow::default()
        };
        let facts = Facts {
            flavour,
            identity: "f".into(),
            charsets: Arc::clone(&known.charsets),
            cascades: known.cascades.clone(),
        };
        let stats = Stats::default();
        let mut run = Self {
            mode,
            assembler: Assembler::new(Cursor::from(position), follow, stats.clone()),
            #[cfg(test)]
            stats,
            facts,
            has_checksums: false,
            offset: 4,
            last: None,
            is_stale_open: false,
            messages: 0,
            messages_max: 0,
            digest: Digest::default(),
        };
        run.restart();
        run
    }

    /// A new connection, as [`crate::ChangeStream`] makes it.
    fn restart(&mut self) {
        self.assembler.restart(self.facts.clone());
        self.assembler.schemas.want_cascades();
        self.has_checksums = false;
        self.last = None;
        self.is_stale_open = false;
        // The server starts where it was asked to; where 32 bits cannot ask, at the beginning of the file.
        let position = self.assembler.position();
        self.offset = match u32::try_from(position.offset) {
            Err(_) if position.gtids.is_empty() => 4,
            _ => position.offset as u32,
        };
        self.learn();
    }

    /// What is read from the server, when the assembler wants it.
    fn learn(&mut self) {
        if !self.assembler.schemas.wants() {
            return;
        }
        self.assembler.learn_cascades(known().cascades.clone());
        self.assembler.schemas.have_cascades();
        let wanted = self.assembler.schemas.wanted();
        if wanted.is_empty() {
            return;
        }
        let definitions = match self.mode & DEFINITIONS {
            0 => HashMap::new(),
            _ => wanted
                .iter()
                .filter_map(|table| known().definitions.get_key_value(table))
                .map(|(table, definition)| (table.clone(), definition.clone()))
                .collect(),
        };
        let until = self.assembler.position().clone();
        let has_names = self.mode & NAMES != 0;
        self.assembler
            .schemas
            .learn(wanted, definitions, &until, has_names);
        self.assembler.columns_learnt();
    }

    fn push_all(mut self, frames: &[u8]) -> u32 {
        let mut input = Bytes::new(frames);
        let mut event = Vec::new();
        while !input.is_empty() {
            let frame = Frame::next(&mut input);
            self.offset = frame.write(&mut event, self.offset, self.has_checksums);
            self.messages_max += match frame.type_code {
                code::TRANSACTION_PAYLOAD | 165..=168 => MESSAGES_PER_COMPRESSED_BYTE * event.len(),
                _ => event.len(),
            };
            let is_sound = self.assembler.push(&event).is_ok() && self.drain();
            if is_sound {
                self.note(frame.type_code, &event);
            } else {
                self.restart();
            }
            self.learn();
        }
        self.digest.add(&self.assembler.cursor());
        self.digest.0.finalize()
    }

    /// What an event changes for those that follow.
    fn note(&mut self, type_code: u8, event: &[u8]) {
        match type_code {
            // The last byte of its body, before its own checksum.
            code::FORMAT_DESCRIPTION => self.has_checksums = event[event.len() - 5] == 1,
            // Another file, and the lower half of the offset there.
            code::ROTATE => {
                self.last = None;
                self.offset = Bytes::new(&event[HEADER_BYTES..])
                    .uint_le(4)
                    .unwrap_or_default() as u32;
            }
            _ => {}
        }
    }

    /// Takes all messages that are there; false after an error.
    fn drain(&mut self) -> bool {
        loop {
            match self.assembler.next_message() {
                Ok(Some(message)) => self.check(&message),
                Ok(None) => return true,
                Err(_) => return false,
            }
            self.messages += 1;
            assert!(self.messages <= self.messages_max);
        }
    }

    fn check(&mut self, message: &Message) {
        let known = known();
        match message {
            Message::Change(change) => {
                assert!(
                    !self.is_stale_open,
                    "a change between a stale table and its commit"
                );
                assert!(known.tables.contains(&change.table.name));
                check_change(change);
                let envelope =
                    Envelope::new(change, self.facts.flavour, "f", SystemTime::UNIX_EPOCH);
                self.digest.add(&envelope);
            }
            Message::Stale(stale) => {
                assert!(known.tables.contains(&stale.table));
                self.is_stale_open = true;
                self.digest.add(&stale.table);
            }
            Message::Commit(commit) => {
                self.is_stale_open = false;
                self.check_commit(commit);
                self.digest.add(commit.position());
            }
            Message::Heartbeat => assert!(!self.is_stale_open),
            Message::Rewind | Message::Gap | Message::Snapshot(_) => {
                panic!("{message:?} from the assembler")
            }
        }
    }

    /// A position never goes back, unless its file changes.
    fn check_commit(&mut self, commit: &Commit) {
        let position = commit.position();
        if let Some(last) = &self.last {
            assert_eq!(last.file, position.file);
            assert!(last.offset <= position.offset, "{last} then {position}");
            let goes_on = match (&last.gtids, &position.gtids) {
                (GtidSet::None, _) => true,
                // The order of sequence numbers is the server's promise: here they come in any.
                (GtidSet::MariaDb(last), GtidSet::MariaDb(now)) => {
                    last.keys().all(|domain| now.contains_key(domain))
                }
                (last, now) => now.contains(last) == Some(true),
            };
            assert!(goes_on, "{last} then {position}");
        }
        self.last = Some(position.clone());
    }
}

fn check_change(change: &ChangeEvent) {
    assert_eq!(change.before.is_some(), change.op != Op::Create);
    assert_eq!(change.after.is_some(), change.op != Op::Delete);
    for row in [&change.before, &change.after].into_iter().flatten() {
        assert_eq!(row.len(), change.table.columns.len());
    }
    let source = &change.source;
    assert!(1 <= source.table_order && source.table_order <= source.order);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;
    use crate::event::{Cause, Stale};
    use crate::fuzzing::known::table;

    const COMPRESS: u8 = 32;

    fn event(type_code: u8, how: u8, body: &[u8]) -> Vec<u8> {
        let frame = [&[type_code, how, body.len() as u8, 0], body].concat();
        let mut event = Vec::new();
        Frame::next(&mut Bytes::new(&frame)).write(&mut event, 4, false);
        event
    }

    #[test]
    fn a_compressed_transaction_inside_another_is_an_error_and_not_lost() {
        let mut run = Run::new(MYSQL);
        let outer = event(
            code::TRANSACTION_PAYLOAD,
            COMPRESS,
            &[0, code::TRANSACTION_PAYLOAD, 0, 0, 0],
        );
        run.assembler.push(&outer).unwrap();
        let error = run.assembler.next_message().unwrap_err();
        assert!(matches!(error, Error::Decode { .. }), "{error}");
    }

    #[test]
    fn a_gtid_of_the_other_kind_of_server_is_an_error_and_replaces_no_set() {
        let mut run = Run::new(MYSQL);
        let error = run
            .assembler
            .push(&event(code::MARIADB_GTID, 0, &[1; 13]))
            .unwrap_err();
        assert!(matches!(error, Error::Decode { .. }), "{error}");
    }

    #[test]
    fn deletes_in_a_parent_that_cannot_be_read_still_cascade_and_say_nothing_of_the_parent() {
        let mut run = Run::new(0);
        // Table id 1, `f`.`p`, one column, which is COMPRESSED.
        let map = [1, 0, 0, 0, 0, 0, 1, 0, 1, b'f', 0, 1, b'p', 0, 1, 140, 0, 0];
        let delete = [1, 0, 0, 0, 0, 0, 1, 0, 1, 1, 0, 7];
        for event in [
            event(code::TABLE_MAP, 0, &map),
            event(25, 0, &delete),
            event(code::XID, 0, &[0; 8]),
        ] {
            run.assembler.push(&event).unwrap();
        }
        let stale = Stale {
            table: table("d"),
            scope: crate::Scope::Table,
            cause: Cause::Cascade(table("p")),
        };
        assert_eq!(
            run.assembler.next_message().unwrap(),
            Some(Message::Stale(stale))
        );
        let next = run.assembler.next_message().unwrap();
        assert!(matches!(next, Some(Message::Commit(_))), "{next:?}");
        assert!(run.stats.counts().quarantined.is_empty());
    }
}
