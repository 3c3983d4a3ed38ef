//! The domain over MySQL: what the tables mean, how registries' files and sample data get into them.
//!
//! # Glossary
//!
//! - **institution** (요양기관): a hospital, clinic, pharmacy or other place that treats patients. Its [`institutions::Kind`] is its 종별.
//! - **registry**: who gave an institution its **official code**: E-Gen (HPID), HIRA (암호화요양기호), or our synthetic sample.
//!   (registry, official code) is an institution's identity; our `id` is only its number here.
//! - **department** (진료과목): a speciality, by its current official name; registries and patients also use its former name.
//! - **opening span**: one stretch of opening hours on one day; a lunch break is the gap between two. How a registry's figures become
//!   spans is told in [`institutions::OpeningSpan`].
//! - **article**: a health text of our own, Markdown with TOML front matter.
//! - **form**: the layout of a registry's file, told by its header.
//! - **upsert**: insert what is new, update what differs, touch nothing that is equal: an equal row leaves no event in the binlog.
//! - **dictionary** (사전): what operators add to the words and synonyms of the Korean analysis.
//! - **query** (검색어): what people searched for, as counts of a day without anybody's person.
//! - **reject**: a row of a file that cannot be used, written down with its line, column and reason.

pub mod articles;
mod auth;
pub mod db;
pub mod departments;
pub mod dictionary;
mod error;
pub mod import;
pub mod institutions;
mod position;
mod problem;
pub mod queries;
mod router;
pub mod sample;

pub use auth::{InvalidToken, OperatorToken};
pub use axum::Router;
pub use error::{Error, Unreadable};
pub use router::{router, serve};

/// The schema of the domain. Every role runs the same migrations; tests run them on their own databases.
pub static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!();
