//! Statements, and whether they touch a table.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| cdc::fuzzing::statement(input));
