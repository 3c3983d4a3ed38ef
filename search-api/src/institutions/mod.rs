//! Institutions: hospitals, clinics and pharmacies, by words, filters, distance and opening hours.

mod area_query;
mod bands;
mod distance;
mod filters;
mod meanings;
pub(crate) mod meilisearch;
pub(crate) mod profile;
mod relevance;
pub(crate) mod request;
pub(crate) mod routes;
mod search;
pub(crate) mod view;
