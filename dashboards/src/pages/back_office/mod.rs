//! The pages of the back office.

pub(crate) mod dictionary;
pub(crate) mod events;
pub(crate) mod index;
pub(crate) mod lookout;
pub(crate) mod office;
mod pending;
pub(crate) mod queries;
mod stream;
