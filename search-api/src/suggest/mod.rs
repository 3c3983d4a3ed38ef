//! Suggestions while typing: departments, places, institutions and articles whose names begin with what has been typed.

mod candidates;
pub(crate) mod meilisearch;
pub(crate) mod routes;
