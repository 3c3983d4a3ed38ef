//! Tests of the whole platform, as its user starts it: the binary, a private MariaDB, the real dictionary.
mod arrows;
mod command_line;
mod eval;
mod kill;
mod meilisearch;
mod nats;
mod operators;
mod platform;
mod publish;
mod publish_access;
mod publishing;
mod seoul;
mod support;
