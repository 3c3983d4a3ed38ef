//! The commands that do one thing and end.

pub(crate) mod cdc;
pub(crate) mod database;
pub(crate) mod dictionary;
pub(crate) mod eval;
pub(crate) mod import;
pub(crate) mod reindex;
pub(crate) mod sample;
pub(crate) mod verify;

use crate::cli::Settings;
use crate::database::Database;

/// What the indexer works with in this run. Only the role that follows for ever takes the configured `server_id`: a server
/// ends the stream of the older of two replicas with the same one.
pub(crate) fn indexer_options(
    settings: &Settings,
    database: &Database,
    server_id: Option<u32>,
) -> indexer::Options {
    indexer::Options {
        database_url: database.url.clone(),
        directory: settings.index_directory(),
        meilisearch: settings.meilisearch(),
        server_id,
    }
}
