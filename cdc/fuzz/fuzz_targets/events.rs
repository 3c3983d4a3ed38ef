//! Binlog events, pushed one after the other.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| cdc::fuzzing::events(input));
