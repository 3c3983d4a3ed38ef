//! Tests of the index against real servers and a real dictionary.
mod dictionary;
mod follow;
mod hammer;
mod locks;
mod stale;
mod support;
mod verify;
