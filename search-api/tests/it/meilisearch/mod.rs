//! Meilisearch as the engine: against the double, and against a real server when `JINMAEK_TEST_MEILI_URL` names one.

mod again;
mod api;
pub(crate) mod double;
mod follow;
pub(crate) mod server;
mod writer;
