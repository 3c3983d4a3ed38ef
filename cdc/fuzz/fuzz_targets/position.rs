//! Positions and GTID sets, written and read back.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| cdc::fuzzing::position(input));
