//! What the change stream yields becomes messages, and what was published before is left out.
//!
//! A transaction's messages are its changes in order, and then one for each table that must be read again, by the tables'
//! names. So the last message tells what was published of its transaction, also when on another reading other tables must
//! be read again: that depends on what is known of the tables at the time.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Context;
use cdc::{Cause, ChangeEvent, Envelope, Flavour, Position, Scope, Stale, TableName};
use serde_json::json;

use super::jet_stream::{Left, Message};
use super::key::Key;
use super::publish::Failure;

/// The end of the ids of messages that say that a table must be read again.
const STALE: &str = "/stale";

/// Makes messages of what the change stream yields, and leaves out those that were published before.
pub(super) struct Messages<'a> {
    subject_prefix: &'a str,
    /// Where the transaction under way begins.
    begin: Position,
    /// The last message that was published before; what comes before it was too.
    last: Option<Last>,
    /// Tables of the transaction under way of which changes were left out, by their paths.
    left_out: BTreeMap<String, TableName>,
    /// The last change of the transaction under way.
    latest_id: Option<String>,
    /// Tables that must be read again after the transaction under way, by their paths.
    stale: BTreeMap<String, Stale>,
    /// Those of which that was said where the transaction under way begins.
    told: BTreeSet<String>,
}

enum Last {
    /// A change, by its id.
    Change(String),
    /// That the table of this path must be read again, said at the end of a transaction.
    Stale { end: Position, path: String },
}

impl Last {
    fn of(id: String) -> Self {
        let stale = || {
            let (end, path) = id.strip_suffix(STALE)?.split_once('/')?;
            let (end, path) = (end.parse().ok()?, path.to_owned());
            Some(Self::Stale { end, path })
        };
        stale().unwrap_or(Self::Change(id))
    }
}

impl<'a> Messages<'a> {
    pub(super) fn new(subject_prefix: &'a str, left: Left) -> Self {
        let mut last = left.last_id.map(Last::of);
        let mut told = BTreeSet::new();
        if let Some(Last::Stale { end, path }) = &last
            && left.position.covers(end) == Some(true)
        {
            // The last message of its transaction.
            told.insert(path.clone());
            last = None;
        }
        Self {
            subject_prefix,
            begin: left.position,
            last,
            left_out: BTreeMap::new(),
            latest_id: None,
            stale: BTreeMap::new(),
            told,
        }
    }

    /// The message of a change, unless it was published before.
    pub(super) fn of_change(
        &mut self,
        change: &ChangeEvent,
        flavour: Flavour,
    ) -> Result<Option<Message>, Failure> {
        let source = &change.source;
        // The same on every reading, whichever tables are followed.
        let transaction = match &source.gtid {
            Some(gtid) => gtid.to_string(),
            None => format!("{}:{}", source.file, source.offset),
        };
        let name = &change.table.name;
        let path = path(name);
        let id = format!("{transaction}/{path}/{}", source.table_order);
        if let Some(last) = &self.last {
            if matches!(last, Last::Change(last) if *last == id) {
                self.latest_id = Some(id);
                self.last = None;
            }
            self.left_out.entry(path).or_insert_with(|| name.clone());
            return Ok(None);
        }
        let envelope = Envelope::new(change, flavour, self.subject_prefix, SystemTime::now());
        let header = |key: Option<Key<'_>>| key.map(|key| key.to_header()).transpose();
        let written = || {
            Ok((
                serde_json::to_vec(&envelope)?,
                header(Key::of(change))?,
                header(Key::old(change))?,
            ))
        };
        let written: serde_json::Result<_> = written();
        let (payload, key, old_key) = written
            .with_context(|| format!("{id} can't be written as JSON"))
            .map_err(Failure::Final)?;
        self.latest_id = Some(id.clone());
        Ok(Some(Message {
            subject: format!("{}.{path}", self.subject_prefix),
            id,
            position: self.begin.to_string(),
            key,
            old_key,
            payload,
        }))
    }

    /// A table must be read again, which is said at the transaction's end.
    pub(super) fn stale(&mut self, stale: Stale) {
        let path = path(&stale.table);
        let scope = stale.scope.clone();
        let known = self.stale.entry(path).or_insert(stale);
        if known.scope != scope {
            known.scope = Scope::Table;
        }
    }

    /// The transaction under way ends here: what is to be said of its tables, unless that was published before.
    pub(super) fn commit(&mut self, end: &Position) -> Result<Vec<Message>, Failure> {
        let mut stale = std::mem::take(&mut self.stale);
        let left_out = std::mem::take(&mut self.left_out);
        if let Some(Last::Stale { end: last, path }) = &self.last
            && end.covers(last) != Some(false)
        {
            // It may have been said of these the last time, and not arrived: then their changes were not published.
            for (path, table) in left_out {
                stale.entry(path).or_insert_with(|| Stale {
                    table,
                    scope: Scope::Table,
                    cause: Cause::ColumnsUnknown,
                });
            }
            stale.retain(|other, _| other > path);
            self.last = None;
        }
        if *end != self.begin {
            self.told.clear();
        }
        // Said once, it holds as long as nothing happens.
        stale.retain(|path, _| self.told.insert(path.clone()));
        let count = stale.len();
        let stale = stale.into_iter().enumerate();
        // With the last message of a transaction all of it is published.
        let begin = |number: usize| {
            if number + 1 == count {
                end
            } else {
                &self.begin
            }
        };
        let messages = stale
            .map(|(number, (path, stale))| self.of_stale(&path, &stale, begin(number), end))
            .collect();
        self.begin.clone_from(end);
        self.latest_id = None;
        messages
    }

    /// Debezium has no such event: whoever holds rows of the table, or those of its keys, must read them again.
    fn of_stale(
        &self,
        path: &str,
        stale: &Stale,
        position: &Position,
        end: &Position,
    ) -> Result<Message, Failure> {
        let since_epoch = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let event = json!({
            "op": "stale",
            "scope": stale.scope,
            "cause": stale.cause.to_string(),
            "source": { "db": stale.table.schema, "table": stale.table.table },
            "ts_ms": since_epoch.as_millis(),
        });
        Ok(Message {
            subject: format!("{}.{path}", self.subject_prefix),
            id: format!("{end}/{path}{STALE}"),
            position: position.to_string(),
            key: None,
            old_key: None,
            payload: event.to_string().into_bytes(),
        })
    }

    /// The transaction under way comes again from its start.
    pub(super) fn rewind(&mut self) {
        let latest = self.latest_id.take().map(Last::Change);
        self.last = self.last.take().or(latest);
        self.left_out.clear();
        self.stale.clear();
    }

    /// Whether all that was handed in was published before or handed out.
    pub(super) fn has_caught_up(&self) -> bool {
        self.last.is_none()
    }

    /// Whether, at the end of the first transaction with messages, the change that was published last did not come, as it
    /// should have.
    pub(super) fn last_is_elsewhere(&self) -> bool {
        let has_messages = !self.left_out.is_empty() || !self.stale.is_empty();
        has_messages && matches!(self.last, Some(Last::Change(_)))
    }

    /// Leaves out nothing any more; tells where the transaction under way begins, with which to go on.
    pub(super) fn publish_all(&mut self) -> Position {
        self.last = None;
        self.left_out.clear();
        self.stale.clear();
        self.begin.clone()
    }
}

/// `schema.table` as two tokens of a subject; what a token can't hold is written as in a URL, so that no two tables become
/// the same.
fn path(table: &TableName) -> String {
    let mut path = String::new();
    for name in [&table.schema, &table.table] {
        if !path.is_empty() {
            path.push('.');
        }
        for character in name.chars() {
            let is_special = matches!(character, '.' | '*' | '>' | '%' | '/');
            if is_special || character.is_whitespace() || character.is_control() {
                let mut bytes = [0; 4];
                for byte in character.encode_utf8(&mut bytes).bytes() {
                    // Writing to a string can't fail.
                    let _ = write!(path, "%{byte:02X}");
                }
            } else {
                path.push(character);
            }
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use cdc::{Op, Source, Table};

    use super::*;

    fn name(table: &str) -> TableName {
        TableName {
            schema: "s".to_owned(),
            table: table.to_owned(),
        }
    }

    fn stale(table: &str) -> Stale {
        Stale {
            table: name(table),
            scope: Scope::Table,
            cause: Cause::Statement,
        }
    }

    fn change(table: &str) -> ChangeEvent {
        ChangeEvent {
            op: Op::Create,
            table: Arc::new(Table {
                name: name(table),
                columns: Vec::new(),
                primary_key: Vec::new(),
            }),
            before: None,
            after: None,
            source: Source {
                server_id: 1,
                gtid: Some("0-1-2".into()),
                file: "b.1".into(),
                offset: 4,
                row: 0,
                timestamp_microseconds: 0,
                thread: None,
                query: None,
                order: 1,
                table_order: 1,
            },
        }
    }

    fn left(position: &str, last_id: Option<&str>) -> Left {
        Left {
            position: position.parse().unwrap(),
            last_id: last_id.map(str::to_owned),
        }
    }

    /// Ids and positions of what comes of a transaction 0-1-2 with these changes and stale tables.
    fn of_transaction(left: Left, changes: &[&str], tables: &[&str]) -> Vec<(String, String)> {
        let mut messages = Messages::new("p", left);
        let mut made = Vec::new();
        for table in changes {
            let message = messages.of_change(&change(table), Flavour::MariaDb);
            made.extend(message.unwrap_or_else(|_| panic!("a message")));
        }
        for table in tables {
            messages.stale(stale(table));
        }
        let end = messages.commit(&"0-1-2".parse().unwrap());
        made.extend(end.unwrap_or_else(|_| panic!("messages")));
        assert!(messages.has_caught_up());
        let told = |message: Message| (message.id, message.position);
        made.into_iter().map(told).collect()
    }

    fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
        let pair = |&(id, position): &(&str, &str)| (id.to_owned(), position.to_owned());
        list.iter().map(pair).collect()
    }

    #[test]
    fn stale_tables_follow_the_changes_by_name_and_with_the_last_one_the_transaction_is_complete() {
        let made = of_transaction(left("0-1-1", None), &["t"], &["c", "a"]);
        let expected = [
            ("0-1-2/s.t/1", "0-1-1"),
            ("0-1-2/s.a/stale", "0-1-1"),
            ("0-1-2/s.c/stale", "0-1-2"),
        ];
        assert_eq!(made, pairs(&expected));
    }

    #[test]
    fn after_a_stale_table_as_the_last_message_only_what_follows_it_is_published_whatever_is_known_now()
     {
        let after = |last, changes: &[&str], stale: &[&str]| {
            of_transaction(left("0-1-1", Some(last)), changes, stale)
        };
        let last = "0-1-2/s.b/stale";
        assert_eq!(after(last, &["b"], &["a", "b"]), []);
        assert_eq!(
            after(last, &["a"], &["c"]),
            pairs(&[("0-1-2/s.c/stale", "0-1-2")])
        );
        // The table was stale on the first reading, and its message may not have arrived: its changes weren't published.
        assert_eq!(
            after(last, &["c"], &[]),
            pairs(&[("0-1-2/s.c/stale", "0-1-2")])
        );
        // Nothing of it comes again.
        assert_eq!(after(last, &[], &[]), []);
        // After a change, all stale tables follow.
        assert_eq!(
            after("0-1-2/s.t/1", &["t"], &["a"]),
            pairs(&[("0-1-2/s.a/stale", "0-1-2")])
        );
    }

    #[test]
    fn what_was_said_of_a_table_is_not_said_again_before_anything_happens() {
        let mut messages = Messages::new("p", left("0-1-2", Some("0-1-2/s.a/stale")));
        let mut said_at = |position: &str| {
            messages.stale(stale("a"));
            let said = messages.commit(&position.parse().unwrap());
            said.map_or(0, |said| said.len())
        };
        assert_eq!(said_at("0-1-2"), 0);
        assert_eq!(said_at("0-1-3"), 1);
        assert_eq!(said_at("0-1-3"), 0);
    }

    #[test]
    fn the_names_of_tables_become_tokens_of_a_subject() {
        let path_of = |schema: &str, table: &str| {
            path(&TableName {
                schema: schema.to_owned(),
                table: table.to_owned(),
            })
        };
        assert_eq!(path_of("shop", "orders"), "shop.orders");
        assert_eq!(path_of("a.b", "c d*>%"), "a%2Eb.c%20d%2A%3E%25");
        assert_eq!(path_of("병원", "표\u{3000}1"), "병원.표%E3%80%801");
    }
}
