//! The command line of `jinmaek cdc`, as [`crate::cli`] is that of all others.

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Debug, Subcommand)]
pub(crate) enum Cdc {
    /// Print changes as they are committed, one Debezium event (JSON) a line.
    Tail(Tail),
    /// Publish changes as they are committed to NATS JetStream, as Debezium events (JSON) on the subject
    /// `PREFIX.<schema>.<table>`. Of several with the same stream one publishes and the others wait to take over.
    ///
    /// The header `Jinmaek-Key` of a message is Debezium's message key, the row's primary key as JSON; `Jinmaek-Old-Key` is
    /// the one before, when an update has changed it. A table that must be read again (after DDL, cascades …) gets a message
    /// whose `op` is `stale`.
    Publish(Publish),
}

#[derive(Debug, Args)]
pub(crate) struct Tail {
    /// Only these tables (repeatable, or with commas); without it all that are there, but for the platform's own bookkeeping.
    #[arg(
        long = "table",
        env = "JINMAEK_CDC_TAIL_TABLE",
        value_name = "TABLE",
        value_delimiter = ','
    )]
    pub(crate) tables: Vec<String>,
    /// Take also names in --table that are not there, or not any more; otherwise they are an error.
    #[arg(long, env = "JINMAEK_CDC_TAIL_ALLOW_MISSING", requires = "tables")]
    pub(crate) allow_missing: bool,
    /// Where to start: a position (`0-1-42`, `binlog.000001:4711`), or `now`.
    #[arg(
        long,
        env = "JINMAEK_CDC_TAIL_FROM",
        value_name = "POSITION",
        default_value = "now"
    )]
    pub(crate) from: String,
    /// Only these kinds of change, by Debezium's letters: c (created), u (updated), d (deleted).
    #[arg(
        long = "op",
        env = "JINMAEK_CDC_TAIL_OP",
        value_name = "OP",
        value_delimiter = ',',
        value_parser = ["c", "u", "d"]
    )]
    pub(crate) ops: Vec<String>,
    /// Print Debezium's message key too: {"key": {"id": 1}, "value": …}; null for a table without a primary key.
    #[arg(long, env = "JINMAEK_CDC_TAIL_WITH_KEY")]
    pub(crate) with_key: bool,
    /// End after so many events.
    #[arg(long, env = "JINMAEK_CDC_TAIL_COUNT", value_name = "N")]
    pub(crate) count: Option<u64>,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct Publish {
    /// The NATS server: nats://host:port or tls://host:port, with `user:password@` or `token@` before the host where it asks
    /// for them. Better in the environment than on the command line, which other users can read.
    #[arg(
        long,
        env = "JINMAEK_CDC_PUBLISH_NATS",
        value_name = "URL",
        default_value = "nats://127.0.0.1:4222",
        hide_env_values = true
    )]
    pub(crate) nats: String,
    /// With tls://, the file (PEM) of the authority that has signed the server's certificate [default: the system's].
    #[arg(long, env = "JINMAEK_CDC_PUBLISH_NATS_CA", value_name = "FILE")]
    pub(crate) nats_ca: Option<PathBuf>,
    /// The JetStream stream; made when it is not there. Nobody else may publish to it.
    #[arg(
        long,
        env = "JINMAEK_CDC_PUBLISH_STREAM",
        value_name = "NAME",
        default_value = "JINMAEK",
        value_parser = parse_nats_name
    )]
    pub(crate) stream: String,
    /// What all subjects begin with.
    #[arg(
        long,
        env = "JINMAEK_CDC_PUBLISH_SUBJECT_PREFIX",
        value_name = "PREFIX",
        default_value = "jinmaek",
        value_parser = parse_nats_name
    )]
    pub(crate) subject_prefix: String,
    /// The tables whose rows may leave this machine (repeatable, or with commas). Either this or --all-tables must be given.
    #[arg(
        long = "table",
        env = "JINMAEK_CDC_PUBLISH_TABLE",
        value_name = "TABLE",
        value_delimiter = ','
    )]
    pub(crate) tables: Vec<String>,
    /// Publish all tables that are there at the start, but for the platform's own bookkeeping.
    #[arg(
        long,
        env = "JINMAEK_CDC_PUBLISH_ALL_TABLES",
        conflicts_with = "tables"
    )]
    pub(crate) all_tables: bool,
    /// Take also names in --table that are not there, or not any more; otherwise they are an error.
    #[arg(long, env = "JINMAEK_CDC_PUBLISH_ALLOW_MISSING", requires = "tables")]
    pub(crate) allow_missing: bool,
    /// Where to start when the stream does not tell where it was left: a position (`0-1-42`, `binlog.000001:4711`), or `now`.
    #[arg(
        long,
        env = "JINMAEK_CDC_PUBLISH_FROM",
        value_name = "POSITION",
        default_value = "now"
    )]
    pub(crate) from: String,
    /// Start at `--from` although the stream tells where it was left: what lies between is published again or never. Give it
    /// once: it holds across failures, and every start with it begins anew.
    #[arg(long, env = "JINMAEK_CDC_PUBLISH_ANEW")]
    pub(crate) anew: bool,
}

/// A name that serves as that of a stream and as a token of a subject.
fn parse_nats_name(text: &str) -> Result<String, String> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if text.is_empty() || !text.bytes().all(is_plain) {
        return Err("only letters, digits, `-` and `_` are allowed".to_owned());
    }
    Ok(text.to_owned())
}
