//! MySQL's binary JSON.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| cdc::fuzzing::json(input));
