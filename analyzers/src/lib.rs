//! Korean text → index terms. Pure and synchronous; the only I/O is loading a dictionary.
//!
//! A text becomes terms in five steps, each in its own file; the same steps make the index and the query, so both agree:
//!
//! | step | file | what happens to `ＭＲＩ검사(비급여)는 39.5만원` |
//! |---|---|---|
//! | normalise | `normalise.rs` | `mri검사 비급여 는 39.5만원` |
//! | segment | `cutter.rs`, lindera with ko-dic | `mri` `검사` `비급여` `는` `39` `.` `5` `만` `원` |
//! | split | `expression.rs` | compounds become their parts (`형태소` → `형태` `소`), verbs their stems (`아파요` → `아프`) |
//! | stop | `tags.rs` | particles and endings go: `mri` `검사` `비급여` `39` `.` `5` `만` `원` |
//! | read numbers | `numbers.rs` | `mri` `검사` `비급여` `395000` `원` |
//!
//! The words of the crate, in reading order:
//!
//! - **ko-dic**: mecab-ko-dic 2.1.1, 816,283 Korean words with *context ids* and *costs*; the cheapest path through a text is its
//!   segmentation (Viterbi). Published compiled by MeCab; [`mecab`] decodes that.
//! - **dictionary**: ko-dic as lindera built it ([`build_dictionary`]), a directory that is opened by memory map.
//! - **user word**: a word of `analyzers/dict/*.tsv`, medical mostly, that ko-dic lacks or cuts wrongly (`words.rs`).
//! - **tag**: part of speech (`NNG` noun, `JKS` particle …), the Sejong tag set; a **stop tag** is one that is not indexed.
//! - **expression**: the column of ko-dic that says what a word is made of, `형태/NNG/*+소/NNG/*`.
//! - [`Analyzer`]: the chain; [`Token`]: a term, where it stood in the original text, and its position among the terms.
//!   It is a `tantivy_tokenizer_api::Tokenizer` too (`tokenizer.rs`).
//! - [`Synonyms`]: what else a query may say; [`Phrases`]: words that are recognised as whole words.
//! - [`jamo_key`] and [`initials`]: the letters of a text, for suggestions while a syllable is still being typed;
//!   [`other_keyboard`]: what was meant when the keyboard was set to the other language.

mod analyzer;
mod bigrams;
mod context_ids;
mod cutter;
mod dictionary;
mod error;
mod expression;
mod jamo;
mod keyboard;
mod kinds;
pub mod mecab;
mod memory;
mod normalise;
mod numbers;
mod particles;
mod phrases;
mod spaces;
mod synonyms;
mod tags;
mod tokenizer;
mod words;

pub use analyzer::{Analyzer, Token};
pub use bigrams::{BigramStream, Bigrams, bigrams};
pub use dictionary::{DictionaryReport, KNOWN_CHECKSUMS, STAMP_FILE, build_dictionary, checksum};
pub use error::Error;
pub use jamo::{initials, is_initials, jamo_key, letters_key};
pub use keyboard::other_keyboard;
pub use normalise::normalised;
pub use phrases::{Phrases, Words, terms};
pub use synonyms::{Synonym, Synonyms};
pub use tokenizer::AnalyzerStream;
pub use words::conditions;
