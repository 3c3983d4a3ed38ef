//! Institutions: hospitals, clinics and pharmacies, by words, filters, distance and opening hours.

mod distance;
mod filters;
mod meanings;
pub(crate) mod meilisearch;
pub(crate) mod profile;
pub(crate) mod request;
pub(crate) mod routes;
mod search;
pub(crate) mod view;
