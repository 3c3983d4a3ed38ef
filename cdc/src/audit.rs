//! An audit of the server's settings: what stands in the way of following its binlog, in plain words, and the statement
//! that mends it.

use std::collections::{HashMap, HashSet};
use std::fmt;

use crate::ask;
use crate::definition::definitions;
use crate::error::Error;
use crate::event::TableName;
use crate::server::{Flavour, Server};

/// Below this a weekend's downtime costs a full reindex.
const RETENTION_HOURS_MIN: f64 = 72.0;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Following works, something may surprise later.
    Warning,
    /// Changes would be missed or misread: do not start.
    Fatal,
}

/// One thing that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong and what follows from it.
    pub problem: String,
    /// The statement or setting that mends it.
    pub remedy: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} Remedy: {}", self.problem, self.remedy)
    }
}

/// Looks at the server's settings, the account's privileges, and foreign keys that would change followed tables unseen.
///
/// # Errors
/// When the connection fails.
pub async fn audit(
    server: &mut Server,
    tables: &HashSet<TableName>,
) -> Result<Vec<Finding>, Error> {
    let settings = settings(server).await?;
    let mut findings = binlog_findings(server.flavour(), &settings);
    findings.extend(replica_finding(server.flavour(), &settings));
    findings.extend(filter_findings(server, tables).await?);
    findings.extend(retention_finding(server.flavour(), &settings));
    findings.extend(privilege_findings(server).await?);
    findings.extend(durability_finding(&settings));
    findings.extend(key_findings(server, tables).await?);
    findings.extend(cascade_findings(server, tables).await?);
    Ok(findings)
}

type Settings = HashMap<String, String>;

async fn settings(server: &mut Server) -> Result<Settings, Error> {
    let statement = "show global variables where variable_name in ('log_bin', 'binlog_format', 'binlog_row_image', \
         'binlog_row_metadata', 'binlog_expire_logs_seconds', 'expire_logs_days', 'gtid_mode', \
         'log_slave_updates', 'log_replica_updates', 'gtid_slave_pos', 'time_zone', 'system_time_zone', \
         'sync_binlog')";
    let rows: Vec<(String, String)> = ask::all(&mut server.connection, statement)
        .await
        .map_err(Error::Connection)?;
    Ok(rows.into_iter().collect())
}

fn fatal(problem: &str, remedy: &str) -> Finding {
    Finding {
        severity: Severity::Fatal,
        problem: problem.to_owned(),
        remedy: remedy.to_owned(),
    }
}

fn warning(problem: impl Into<String>, remedy: &str) -> Finding {
    Finding {
        severity: Severity::Warning,
        problem: problem.into(),
        remedy: remedy.to_owned(),
    }
}

fn binlog_findings(flavour: Flavour, settings: &Settings) -> Vec<Finding> {
    let is = |name: &str, value: &str| {
        settings
            .get(name)
            .is_some_and(|found| found.eq_ignore_ascii_case(value))
    };
    let differs = |name: &str, value: &str| settings.contains_key(name) && !is(name, value);
    let mut findings = Vec::new();
    if !is("log_bin", "ON") {
        findings.push(fatal(
            "The binary log is off (log_bin = OFF): there is nothing to follow.",
            "add `log-bin = binlog` and a `server-id` to the server's configuration and restart it",
        ));
    }
    if differs("binlog_format", "ROW") {
        findings.push(fatal(
            "binlog_format is not ROW: the binlog tells statements, not rows.",
            "set global binlog_format = ROW; then let all sessions reconnect",
        ));
    }
    if differs("binlog_row_image", "FULL") {
        findings.push(fatal(
            "binlog_row_image is not FULL: changed rows come without all their columns.",
            "set global binlog_row_image = FULL",
        ));
    }
    if differs("binlog_row_metadata", "FULL") {
        findings.push(warning(
            "binlog_row_metadata is not FULL: rows come without the names of their columns, so after an ALTER a table is read again twice.".to_owned(),
            "set global binlog_row_metadata = FULL",
        ));
    }
    if flavour == Flavour::MySql && differs("gtid_mode", "ON") {
        findings.push(warning(
            "gtid_mode is not ON: positions are file and offset, which do not survive a failover to another server.".to_owned(),
            "switch GTIDs on as the MySQL manual describes in “Enabling GTID Transactions Online”",
        ));
    }
    if settings
        .get("time_zone")
        .is_some_and(|zone| zone == "SYSTEM")
        && settings
            .get("system_time_zone")
            .is_some_and(|zone| !matches!(zone.as_str(), "UTC" | "KST" | ""))
    {
        let zone = &settings["system_time_zone"];
        findings.push(warning(
            format!("The server's time zone is {zone}: now() differs from Korean and universal time. Our sessions set their own."),
            "set global time_zone = '+00:00'",
        ));
    }
    findings
}

/// What a replica gets from its source is in its own binlog only if it is told to write it there. Whether it is one, MariaDB
/// tells by the transactions that it has replicated; with MySQL the setting alone is unusual enough.
fn replica_finding(flavour: Flavour, settings: &Settings) -> Option<Finding> {
    let is_off = ["log_slave_updates", "log_replica_updates"]
        .iter()
        .any(|name| settings.get(*name).is_some_and(|value| value == "OFF"));
    let is_replica = flavour == Flavour::MySql
        || settings
            .get("gtid_slave_pos")
            .is_some_and(|position| !position.is_empty());
    (is_off && is_replica).then(|| {
        let name = match flavour {
            Flavour::MariaDb => "log_slave_updates",
            Flavour::MySql => "log_replica_updates",
        };
        warning(
            format!("{name} is OFF: what this server replicates from another one is not in its binlog."),
            "add `log-slave-updates` (MySQL: `log-replica-updates`) to the server's configuration and restart it, or follow its source",
        )
    })
}

/// Databases that the server leaves out of its binlog (`binlog_do_db`, `binlog_ignore_db`).
async fn filter_findings(
    server: &mut Server,
    tables: &HashSet<TableName>,
) -> Result<Vec<Finding>, Error> {
    let statement = match server.flavour() {
        Flavour::MariaDb => "show master status",
        Flavour::MySql => "show binary log status",
    };
    let row: Option<mysql_async::Row> = match ask::first(&mut server.connection, statement).await {
        Ok(row) => row,
        // It takes a privilege that following does not.
        Err(mysql_async::Error::Server(_)) => None,
        Err(error) => return Err(Error::Connection(error)),
    };
    let list = |index: usize| -> Vec<String> {
        let text = row.as_ref().and_then(|row| row.get_opt::<String, _>(index));
        let text = text.and_then(Result::ok).unwrap_or_default();
        let names = text.split(',').filter(|name| !name.is_empty());
        names.map(str::to_owned).collect()
    };
    let (only, ignored) = (list(2), list(3));
    let schemas: HashSet<&String> = tables.iter().map(|table| &table.schema).collect();
    let is_left_out =
        |schema: &&&String| ignored.contains(schema) || !only.is_empty() && !only.contains(schema);
    let findings = schemas.iter().filter(is_left_out).map(|schema| {
        fatal(
            &format!("The server leaves the database {schema} out of its binlog (binlog_do_db, binlog_ignore_db)."),
            "take these settings out of the server's configuration and restart it",
        )
    });
    Ok(findings.collect())
}

fn retention_finding(flavour: Flavour, settings: &Settings) -> Option<Finding> {
    let number = |name: &str| settings.get(name).and_then(|text| text.parse::<f64>().ok());
    let seconds = number("binlog_expire_logs_seconds").filter(|seconds| *seconds > 0.0);
    let days = number("expire_logs_days").filter(|days| *days > 0.0);
    let hours = seconds
        .map(|seconds| seconds / 3600.0)
        .or(days.map(|days| days * 24.0))?;
    if hours >= RETENTION_HOURS_MIN {
        return None;
    }
    let remedy = match flavour {
        Flavour::MariaDb => "set global expire_logs_days = 7",
        Flavour::MySql => "set global binlog_expire_logs_seconds = 604800",
    };
    Some(warning(
        format!(
            "The binlog is kept for {hours:.1} hours only: after a longer downtime the whole index must be rebuilt."
        ),
        remedy,
    ))
}

async fn privilege_findings(server: &mut Server) -> Result<Vec<Finding>, Error> {
    let grants: Vec<String> = ask::all(&mut server.connection, "show grants")
        .await
        .map_err(Error::Connection)?;
    let may = |privilege: &str| {
        grants.iter().any(|grant| {
            let grant = grant.to_ascii_uppercase();
            grant.contains(privilege) || grant.contains("ALL PRIVILEGES ON *.*")
        })
    };
    let mut findings = Vec::new();
    if !may("REPLICATION SLAVE") && !may("REPLICATION REPLICA") {
        findings.push(fatal(
            "The account may not read the binlog.",
            "grant replication slave on *.* to the account",
        ));
    }
    Ok(findings)
}

/// What a server forgets in a crash may have been read already; it then goes on with another history.
fn durability_finding(settings: &Settings) -> Option<Finding> {
    let is_lax = settings
        .get("sync_binlog")
        .is_some_and(|value| value != "1");
    is_lax.then(|| {
        warning(
            "sync_binlog is not 1: when its machine crashes, the server may lose transactions that were followed already, and following stops.",
            "set global sync_binlog = 1",
        )
    })
}

/// Without a primary key nothing tells which row a change is of, and the table can't be read in chunks.
async fn key_findings(
    server: &mut Server,
    tables: &HashSet<TableName>,
) -> Result<Vec<Finding>, Error> {
    let mut findings = Vec::new();
    for (table, definition) in definitions(server, tables).await? {
        if definition.primary_key.is_empty() {
            findings.push(warning(
                format!("{table} has no primary key: its changes are told, but it can't be read again when they can't be."),
                "add a primary key to the table",
            ));
        }
    }
    findings.sort_by(|one, other| one.problem.cmp(&other.problem));
    Ok(findings)
}

/// A cascade changes rows of the child table without any row event (on MariaDB, and on MySQL before 9.6).
async fn cascade_findings(
    server: &mut Server,
    tables: &HashSet<TableName>,
) -> Result<Vec<Finding>, Error> {
    let statement = "select constraint_schema, table_name, constraint_name \
         from information_schema.referential_constraints \
         where delete_rule in ('CASCADE', 'SET NULL') or update_rule in ('CASCADE', 'SET NULL')";
    let rows: Vec<(String, String, String)> = ask::all(&mut server.connection, statement)
        .await
        .map_err(Error::Connection)?;
    let findings = rows
        .into_iter()
        .filter(|(schema, table, _)| {
            tables.contains(&TableName {
                schema: schema.clone(),
                table: table.clone(),
            })
        })
        .map(|(schema, table, constraint)| {
            warning(
                format!("The foreign key {constraint} of {schema}.{table} cascades: what it changes is not in the binlog."),
                "make the foreign key `on delete restrict on update restrict` and change the child rows by statements",
            )
        });
    Ok(findings.collect())
}
