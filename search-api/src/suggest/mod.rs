//! Suggestions while typing: departments, places, conditions, institutions, articles and popular queries in one list.
//!
//! What has been typed becomes keys (`reading.rs`): its letters, its first consonants, and what the same keys give on the other
//! keyboard. Names are looked up by keys that begin so or, where those are few, nearly so (`alike.rs`): institutions and articles in
//! the dictionaries of the index itself (`documents.rs`, bounded by `crowds.rs`), all others in dictionaries of the same kind in
//! memory (`names.rs`; `gazetteer.rs` has those that come with the program, `segment.rs` those of the index, `popular.rs` the
//! popular queries). `candidates.rs` chooses which are shown, `marks.rs` says what of them has been typed.

mod alike;
mod candidates;
mod crowds;
mod documents;
mod gazetteer;
mod marks;
pub(crate) mod meilisearch;
mod names;
mod popular;
mod reading;
pub(crate) mod routes;
mod segment;

pub(crate) use documents::Remembered;
pub(crate) use names::Names;
pub(crate) use popular::Popular;
pub(crate) use segment::SegmentNames;
