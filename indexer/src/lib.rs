//! Change events to dirty keys to documents to the index.
//!
//! In reading order: [`followed_tables`] is what the index listens to; a change makes a [`DirtyKey`] dirty; its
//! [`documents::Document`] is read anew from the tables and put into the index under that key ([`schema`],
//! [`opening`]); the commit carries the binlog position ([`engines`]). The [`Indexer`] does that for ever, builds new
//! generations beside the live one ([`Generations`]) and verifies the index against the tables. Searches read the
//! [`Shown`] index that they get from the [`LiveHandle`]; it is held by Tantivy or by Meilisearch ([`engines`]).

mod backlog;
mod builder;
mod detached;
mod dictionary;
mod dirty;
pub mod documents;
pub mod engines;
mod error;
mod generations;
mod indexer;
mod live;
pub mod opening;
mod pipeline;
mod reference;
pub mod schema;
mod shown;
mod verify;

pub use backlog::watch_backlog;
pub use detached::detached;
pub use dictionary::{Analysis, Dictionary, Pending};
pub use dirty::{DirtyKey, Noun, followed_tables, heartbeat_table, heartbeats};
pub use error::Error;
pub use generations::{Building, Generations};
pub use indexer::{Indexer, Options};
pub use live::{LiveHandle, LiveIndex, Progress};
pub use shown::{LiveServer, Shown};
pub use verify::{Difference, DifferenceKind, Report};
