//! What people look at: patients' pages and the back office. HTTP only: both ask the search API like any client, and the
//! back office the operators' API, which writes.
//!
//! In reading order: [`site`] and [`back_office`] are two routers for two ports; each address leads to one file of
//! `pages/`, where a struct says what the page holds, its handler fills it, and the template of the same name in
//! `templates/` shows it. `api/` asks the search API; `choices.rs` is the search page's address; `korean.rs` says numbers,
//! distances and times as people do; `assets/` is served by `assets.rs` under names that change with the content.

mod api;
mod assets;
pub mod back_office;
mod choices;
mod frame;
mod headers;
mod korean;
mod options;
mod pages;
mod same_origin;
mod serve;
pub mod site;

pub use options::{InvalidApiUrl, Options};
pub use serve::serve;
