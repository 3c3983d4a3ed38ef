//! Which tables are followed: those that were named, which must be there, or all but the platform's own bookkeeping.

use anyhow::bail;
use cdc::{Options, Server, TableName};

/// Where sqlx notes which migrations have run; the name is its own.
const MIGRATIONS: &str = "_sqlx_migrations";
/// An error names so many tables at most.
const NAMED_MAX: usize = 50;

/// The tables of these names. One that is not there would be waited for in vain, so it is an error, unless `allow_missing`.
pub(super) async fn named(
    url: &str,
    server: &mut Server,
    names: Vec<String>,
    allow_missing: bool,
) -> anyhow::Result<Options> {
    let schema = server.database().await?;
    let there = server.tables(&schema).await?;
    let missing = names.iter().find(|name| !there.contains(name));
    if let Some(missing) = missing.filter(|_| !allow_missing) {
        bail!(
            "the database `{schema}` has no table `{missing}` (or this account may not see it); it has: {}. \
                 `--allow-missing` follows it all the same",
            list(there)
        );
    }
    let table = |table| TableName {
        schema: schema.clone(),
        table,
    };
    Ok(Options::new(url, names.into_iter().map(table)))
}

/// All tables, those too that are created later, but for those that tell of nothing but the platform's own running.
pub(super) async fn all(url: &str, server: &mut Server) -> anyhow::Result<Options> {
    let schema = server.database().await?;
    let migrations = TableName {
        schema: schema.clone(),
        table: MIGRATIONS.to_owned(),
    };
    let except = [indexer::heartbeat_table(&schema), migrations].into();
    Ok(Options {
        except,
        ..Options::of_schema(url, schema)
    })
}

/// What publishing must be told, since it sends what rows hold to another machine.
pub(super) async fn ask(server: &mut Server) -> anyhow::Error {
    let there = match server.database().await {
        Ok(schema) => server.tables(&schema).await.map(list).unwrap_or_default(),
        Err(_) => String::new(),
    };
    anyhow::anyhow!(
        "publishing sends what rows hold to NATS, so say of which tables: `--table NAME` for each, or `--all-tables`; the \
         database has: {there}"
    )
}

/// The names on one line, as many as a person reads.
fn list(mut names: Vec<String>) -> String {
    names.sort_unstable();
    let more = names.len().saturating_sub(NAMED_MAX);
    names.truncate(NAMED_MAX);
    match (names.is_empty(), more) {
        (true, _) => "none".to_owned(),
        (_, 0) => names.join(", "),
        (_, more) => format!("{} and {more} more", names.join(", ")),
    }
}
