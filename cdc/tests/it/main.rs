//! Tests of the change stream against real servers.
mod audit;
mod private_server;
mod stream;
mod support;
mod values;
