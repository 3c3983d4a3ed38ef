//! The API over a real index of a real database.

mod analyze_get;
mod articles_get;
mod crowd;
mod errors;
mod following;
mod index_get;
mod institution_get;
mod institutions_facets;
mod institutions_get;
mod institutions_near;
mod institutions_open;
mod institutions_ranking;
mod institutions_services;
mod meilisearch;
mod openapi_get;
mod operation_get;
mod query_counts;
mod sample;
mod suggest_get;
mod support;
