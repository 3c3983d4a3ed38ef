//! Meilisearch as the engine: against the double, and against a real server when `JINMAEK_TEST_MEILI_URL` names one.

pub(crate) mod double;
pub(crate) mod server;
mod writer;
