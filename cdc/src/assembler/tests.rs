//! Events that no server at hand writes.

use std::collections::HashSet;

use super::*;

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

#[test]
fn an_unknown_event_is_an_error_unless_the_server_says_that_it_may_be_skipped() {
    const IGNORABLE: u16 = 0x80;
    let follow = Follow {
        tables: HashSet::new(),
        with_queries: false,
        heartbeats: None,
    };
    let mut assembler = Assembler::new(Cursor::default(), follow, Stats::default());
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
    let follow = Follow {
        tables: HashSet::new(),
        with_queries: false,
        heartbeats: None,
    };
    let mut assembler = Assembler::new(end_of_file.into(), follow, Stats::default());
    let facts = assembler.facts.clone();
    assembler.restart(facts);
    assembler.push(&event(code::XID, 0)).unwrap();
    assert_eq!(assembler.next_message().unwrap(), None);
    let mut rotate = event(code::ROTATE, 0);
    rotate.truncate(19);
    rotate.extend_from_slice(&4_u64.to_le_bytes());
    rotate.extend_from_slice(b"binlog.000002");
    rotate[9] = rotate.len() as u8;
    assembler.push(&rotate).unwrap();
    assembler.push(&event(code::XID, 0)).unwrap();
    let Some(Message::Commit(commit)) = assembler.next_message().unwrap() else {
        panic!("the first transaction of the next file is lost");
    };
    assert_eq!(commit.position().to_string(), "binlog.000002:4711");
}
