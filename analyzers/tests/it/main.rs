//! The crate's tests: what a reader may rely on, file by file.

mod analyzer;
mod dictionary;
mod golden;
mod jamo;
mod mecab;
mod numbers;
mod offsets;
mod support;
mod tokenizer;
