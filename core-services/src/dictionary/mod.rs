//! The dictionary of operators (사전): words that the Korean analysis should know, and groups of synonyms. Both are followed by
//! the index: synonyms hold at once, words from the next build of the index on, for which operators can ask here too.
//! The words that are built into the program are in `analyzers/dict/`, and are not touched by any of this.

mod model;
pub(crate) mod routes;
pub mod store;

pub use model::{Class, Fault, NewSynonyms, NewWord, SynonymGroup, Word};
