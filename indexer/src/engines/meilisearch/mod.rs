//! Meilisearch as the search engine, for teams that run one: the same documents in an index of a server, and the binlog
//! position in a document of its own beside them.
//!
//! Searches always ask the index of the configured name. The next generation is built in another one beside it, and the two
//! change their names in one step (`swap-indexes`).

mod building;
mod entry;
mod generation;
mod http;
mod lock;
mod server;
mod settings;

pub use building::MeilisearchBuilding;
pub use generation::MeilisearchGeneration;
pub use http::{Http, Key};
pub use server::{Options, Server};
