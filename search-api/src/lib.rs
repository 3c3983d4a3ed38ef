//! HTTP over the index. Read-only; no SQL.
//!
//! A request's way: [`router()`] lists every route → the slice of its noun (`institutions`, `articles`, `suggest`) parses its
//! parameters (`parameters.rs`) → a snapshot of the live index (`snapshot.rs`) → the slice's search, on a thread of its own and
//! one of a bounded number (`state.rs`, `slots.rs`) → views, with the position that they reflect. What goes wrong is an
//! `ApiError` (`error.rs`), written as RFC 9457 problem details.

mod alike_query;
mod analyze;
mod area;
mod articles;
mod beside_words;
mod best_of;
mod engine;
mod error;
mod explanation;
mod facets;
mod filters;
mod geo;
mod geo_grid;
mod health;
mod highlight;
mod index_status;
mod institutions;
mod meilisearch;
mod metrics;
mod name_query;
mod open_docs;
mod openapi;
mod opening_state;
mod parameters;
mod query_counts;
mod router;
mod segments;
mod slots;
mod snapshot;
mod spelt_alike;
mod state;
mod stream_status;
mod suggest;
mod text_query;
mod understanding;
mod weights;

pub use query_counts::{QueryCount, QueryCounts};
pub use router::{router, serve};
pub use state::{Options, korean_time};
