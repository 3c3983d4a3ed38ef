//! The pages of the back office.

pub(crate) mod events;
pub(crate) mod index;
pub(crate) mod lookout;
mod stream;
