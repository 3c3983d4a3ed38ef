//! Search engines that hold the index.
//!
//! What an engine promises: `apply` buffers upserts and deletes by key, the later one of a key wins; `commit` makes all of
//! them and the position durable together, in one atomic step, so that after a crash the position is never ahead of the
//! documents and never behind them. Applying the same batch twice changes nothing.

pub mod tantivy;
