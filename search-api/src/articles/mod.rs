//! Health articles, by words, topics and departments.

mod evidence;
mod explanation;
mod freshness;
pub(crate) mod meilisearch;
mod neighbours;
pub(crate) mod request;
pub(crate) mod routes;
mod search;
mod second_look;
mod statistics;
pub(crate) mod view;
