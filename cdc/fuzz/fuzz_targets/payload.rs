//! Compressed transactions and compressed events.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| cdc::fuzzing::payload(input));
