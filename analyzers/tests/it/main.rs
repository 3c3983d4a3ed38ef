//! The crate's tests: what a reader may rely on, file by file.

mod analyzer;
mod dictionary;
mod dictionary_check;
mod golden;
mod jamo;
mod mecab;
mod numbers;
mod offsets;
mod support;
mod synonyms_check;
mod tokenizer;
