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
