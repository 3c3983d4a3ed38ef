//! What people search for (검색어): counts of a day that the searching processes hand over, without anybody's person. Popular queries
//! are made of them for suggestions, and operators see which queries find nothing.

mod model;
pub(crate) mod routes;
pub mod store;

pub use model::{NewCount, QueryRow, SearchedNoun};
