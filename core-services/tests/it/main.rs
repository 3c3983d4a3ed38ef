//! Tests of the domain against a real MariaDB, one binary.

mod articles;
mod database;
mod dictionary;
mod egen;
mod hira;
mod hostile;
mod operators;
mod queries;
mod sample;
mod support;
