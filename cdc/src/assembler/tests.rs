//! Events that no server at hand writes.

use std::collections::HashSet;

use super::*;
use crate::event::Stale;
use crate::snapshot::Scope;

/// An event without a checksum.
fn event(type_code: u8, flags: u16) -> Vec<u8> {
    let mut bytes = vec![0; 4];
    bytes.push(type_code);
    bytes.extend_from_slice(&1_u32.to_le_bytes());
    bytes.extend_from_slice(&23_u32.to_le_bytes());
    bytes.extend_from_slice(&4711_u32.to_le_bytes());
    bytes.extend_from_slice(&flags.to_le_bytes());
    bytes.extend_from_slice(b"body");
    bytes
}

fn table() -> TableName {
    TableName {
        schema: "s".to_owned(),
        table: "t".to_owned(),
    }
}

fn assembler(cursor: impl Into<Cursor>) -> Assembler {
    let follow = Follow {
        tables: HashSet::from([table()]),
        ..Follow::default()
    };
    let mut assembler = Assembler::new(cursor.into(), follow, Stats::default());
    let facts = assembler.facts.clone();
    assembler.restart(facts);
    assembler
}

fn rotate(file: &str) -> Vec<u8> {
    let mut rotate = event(code::ROTATE, 0);
    rotate.truncate(19);
    rotate.extend_from_slice(&4_u64.to_le_bytes());
    rotate.extend_from_slice(file.as_bytes());
    rotate[9] = rotate.len() as u8;
    rotate
}

#[test]
fn an_unknown_event_is_an_error_unless_the_server_says_that_it_may_be_skipped() {
    const IGNORABLE: u16 = 0x80;
    let mut assembler = assembler(Cursor::default());
    for type_code in [43, 99, 159, 169, 255] {
        let error = assembler.push(&event(type_code, 0)).unwrap_err();
        assert!(
            matches!(error, Error::UnknownEvent { type_code: told, .. } if told == type_code),
            "{error}"
        );
        assert!(matches!(error.policy(), crate::Policy::Stop(_)));
        assembler.push(&event(type_code, IGNORABLE)).unwrap();
        assert_eq!(assembler.next_message().unwrap(), None);
    }
}

#[test]
fn what_is_skipped_up_to_an_offset_past_4_gib_ends_with_its_file() {
    let end_of_file: Position = "binlog.000001:5000000000".parse().unwrap();
    let mut assembler = assembler(end_of_file);
    assembler.push(&event(code::XID, 0)).unwrap();
    assert_eq!(assembler.next_message().unwrap(), None);
    assembler.push(&rotate("binlog.000002")).unwrap();
    assembler.push(&event(code::XID, 0)).unwrap();
    let Some(Message::Commit(commit)) = assembler.next_message().unwrap() else {
        panic!("the first transaction of the next file is lost");
    };
    assert_eq!(commit.position().to_string(), "binlog.000002:4711");
}

#[test]
fn a_server_that_lost_events_makes_every_table_stale() {
    let mut assembler = assembler(Cursor::default());
    assembler.push(&event(code::INCIDENT, 0)).unwrap();
    let stale = Stale {
        table: table(),
        scope: Scope::Table,
        cause: Cause::Lost,
    };
    let told = assembler.next_message().unwrap();
    assert_eq!(told, Some(Message::Stale(stale)));
    let end = assembler.next_message().unwrap();
    assert!(matches!(end, Some(Message::Commit(_))), "{end:?}");
}

#[test]
fn what_a_server_tells_while_it_looks_for_the_first_new_transaction_is_no_place_of_ours() {
    let known: Position = "0-1-7@binlog.000002:5000000000".parse().unwrap();
    let mut assembler = assembler(known.clone());
    for file in ["binlog.000001", "binlog.000002"] {
        assembler.push(&rotate(file)).unwrap();
        assembler.push(&event(code::HEARTBEAT, 0)).unwrap();
        assert_eq!(assembler.next_message().unwrap(), Some(Message::Heartbeat));
        assert_eq!(*assembler.position(), known);
    }
    let mut gtid = event(code::MARIADB_GTID, 0);
    gtid.truncate(19);
    gtid.extend_from_slice(&8_u64.to_le_bytes());
    gtid.extend_from_slice(&[0; 11]);
    gtid[9] = gtid.len() as u8;
    gtid[13..17].copy_from_slice(&(5_000_000_100_u64 as u32).to_le_bytes());
    assembler.push(&gtid).unwrap();
    let mut end = event(code::XID, 0);
    end[13..17].copy_from_slice(&(5_000_000_200_u64 as u32).to_le_bytes());
    assembler.push(&end).unwrap();
    let Some(Message::Commit(commit)) = assembler.next_message().unwrap() else {
        panic!("no commit");
    };
    let expected = "0-1-8@binlog.000002:5000000200";
    assert_eq!(commit.position().to_string(), expected);
}
