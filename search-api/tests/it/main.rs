//! The API over a real index of a real database.

mod articles_get;
mod errors;
mod following;
mod index_get;
mod institution_get;
mod institutions_get;
mod institutions_open;
mod meilisearch;
mod openapi_get;
mod operation_get;
mod sample;
mod suggest_get;
mod support;
