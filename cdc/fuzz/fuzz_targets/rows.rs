//! A table map, and rows of it.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| cdc::fuzzing::rows(input));
