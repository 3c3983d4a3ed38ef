//! A connection to the database server: which of the two it is, where its binlog stands, what its collations mean.

use std::collections::HashMap;
use std::fmt;

use crate::ask;
use crate::charset::Charset;
use crate::error::Error;
use crate::gtid::GtidSet;
use crate::position::Position;
use crate::target::Target;
use mysql_async::Conn;
use mysql_async::prelude::WithParams;

/// The two families of servers, which spell GTIDs and some statements differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flavour {
    /// MariaDB.
    MariaDb,
    /// MySQL and Percona Server.
    MySql,
}

impl fmt::Display for Flavour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::MariaDb => "MariaDB",
            Self::MySql => "MySQL",
        })
    }
}

/// An open connection.
pub struct Server {
    pub(crate) connection: Conn,
    flavour: Flavour,
    version: String,
}

/// Without the connection's options, in which there is the password.
impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("connection", &self.connection.id())
            .field("flavour", &self.flavour)
            .field("version", &self.version)
            .finish()
    }
}

impl Server {
    /// Connects to `mysql://user:password@host:port/database?ssl-mode=…`, as [`Target`] reads it.
    ///
    /// # Errors
    /// When the URL is malformed, the server can't be reached, does not let the account in, or TLS is not what the URL
    /// asks for.
    pub async fn connect(url: &str) -> Result<Self, Error> {
        Self::connect_to(&Target::parse(url).map_err(Error::Url)?).await
    }

    pub(crate) async fn connect_to(target: &Target) -> Result<Self, Error> {
        let mut connection = target.connect().await?;
        let version: Option<String> = ask::first(&mut connection, "select version()")
            .await
            .map_err(Error::Connection)?;
        let version = version.unwrap_or_default();
        let flavour = if version.contains("MariaDB") {
            Flavour::MariaDb
        } else {
            Flavour::MySql
        };
        Ok(Self {
            connection,
            flavour,
            version,
        })
    }

    /// Whether the binlog names the columns of rows (`binlog_row_metadata=FULL`).
    pub(crate) async fn writes_names(&mut self) -> Result<bool, Error> {
        let row: Option<(String, String)> = self
            .first("show global variables like 'binlog_row_metadata'")
            .await?;
        Ok(row.is_some_and(|(_, metadata)| metadata.eq_ignore_ascii_case("FULL")))
    }

    /// Which of the two it is.
    #[must_use]
    pub fn flavour(&self) -> Flavour {
        self.flavour
    }

    /// The server's own word for its version.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The database of the URL, the session's default.
    ///
    /// # Errors
    /// When the connection fails.
    pub async fn database(&mut self) -> Result<String, Error> {
        let name: Option<Option<String>> = self.first("select database()").await?;
        Ok(name.flatten().unwrap_or_default())
    }

    /// The tables of a database, without its views.
    ///
    /// # Errors
    /// When the connection fails.
    pub async fn tables(&mut self, schema: &str) -> Result<Vec<String>, Error> {
        let statement = "select table_name from information_schema.tables \
             where table_schema = ? and table_type in ('BASE TABLE', 'SYSTEM VERSIONED')";
        ask::all(&mut self.connection, statement.with((schema,)))
            .await
            .map_err(Error::Connection)
    }

    /// What tells this server from all others: MySQL's `server_uuid`, MariaDB's `server_uid`; empty on a server that has
    /// neither.
    ///
    /// # Errors
    /// When the connection fails.
    pub async fn identity(&mut self) -> Result<String, Error> {
        let statement =
            "show global variables where variable_name in ('server_uuid', 'server_uid')";
        let row: Option<(String, String)> = self.first(statement).await?;
        Ok(row.map(|(_, identity)| identity).unwrap_or_default())
    }

    /// Where the binlog stands now: a stream that starts here sees every later transaction.
    ///
    /// # Errors
    /// When the binlog is off, or the account may see neither GTIDs nor the binlog's end.
    pub async fn position(&mut self) -> Result<Position, Error> {
        let gtids = match self.flavour {
            Flavour::MariaDb => {
                let text: Option<String> = self.first("select @@global.gtid_binlog_pos").await?;
                text.and_then(|text| GtidSet::parse_mariadb(&text))
            }
            Flavour::MySql => {
                let mode: Option<String> = self.first("select @@global.gtid_mode").await?;
                match mode.as_deref() {
                    // With ON_PERMISSIVE the server refuses to begin at a GTID.
                    Some("ON") => {
                        let text: Option<String> =
                            self.first("select @@global.gtid_executed").await?;
                        text.and_then(|text| GtidSet::parse_mysql(&text))
                    }
                    _ => None,
                }
            }
        };
        let gtids = gtids.unwrap_or_default();
        let (file, offset) = match self.binlog_end().await {
            Ok(end) => end,
            // GTIDs alone are enough; the statement asks for a privilege more.
            Err(_) if !gtids.is_empty() => (String::new(), 0),
            Err(error) => return Err(error),
        };
        Ok(Position {
            gtids,
            file,
            offset,
        })
    }

    /// Whether the server holds all these transactions, those too that it is about to commit: MySQL sends a transaction
    /// before it counts it among the executed ones, and until then a session owns it.
    pub(crate) async fn is_about_to_execute(&mut self, gtids: &GtidSet) -> Result<bool, Error> {
        if self.flavour != Flavour::MySql {
            return Ok(false);
        }
        // One statement, for what is no longer owned a moment later is executed then.
        let sets: Option<(String, String)> = self
            .first("select @@global.gtid_owned, @@global.gtid_executed")
            .await?;
        let (owned, executed) = sets.unwrap_or_default();
        // `uuid:4711#23:4712#24`: behind each # is the session.
        let is_digit = |character: char| character.is_ascii_digit();
        let mut parts = owned.split('#');
        let first = parts.next().unwrap_or_default();
        let others = parts.map(|part| part.trim_start_matches(is_digit));
        let owned: String = [first].into_iter().chain(others).collect();
        let all = GtidSet::parse_mysql(&format!("{owned},{executed}"));
        Ok(all.is_some_and(|all| all.contains(gtids) == Some(true)))
    }

    /// File and offset of the binlog's end.
    async fn binlog_end(&mut self) -> Result<(String, u64), Error> {
        // MySQL 8.4 knows only the first, MariaDB and MySQL 8.0 only the second.
        for statement in ["show binary log status", "show master status"] {
            let row: Result<Option<mysql_async::Row>, _> =
                ask::first(&mut self.connection, statement).await;
            match row {
                Ok(Some(row)) => {
                    let (file, offset) = (row.get_opt(0), row.get_opt(1));
                    return match (file, offset) {
                        (Some(Ok(file)), Some(Ok(offset))) => Ok((file, offset)),
                        _ => Err(Error::Protocol("the end of the binlog is no place")),
                    };
                }
                Ok(None) => break,
                Err(mysql_async::Error::Server(error)) if error.code == 1064 => {}
                Err(error) => return Err(Error::of_stream(error, &Position::default())),
            }
        }
        Err(Error::NoBinlog)
    }

    /// The character set of each collation id.
    pub(crate) async fn charsets(&mut self) -> Result<HashMap<u64, Charset>, Error> {
        // MariaDB's newer collations have their ids only in the second table.
        const STATEMENTS: [&str; 2] = [
            "select id, character_set_name from information_schema.collations \
             where id is not null and character_set_name is not null",
            "select id, character_set_name from information_schema.collation_character_set_applicability \
             where id is not null",
        ];
        let mut charsets = HashMap::new();
        for statement in STATEMENTS {
            let rows: Result<Vec<(u64, String)>, _> =
                ask::all(&mut self.connection, statement).await;
            match rows {
                Ok(rows) => charsets.extend(
                    rows.into_iter()
                        .map(|(id, name)| (id, Charset::named(&name))),
                ),
                Err(mysql_async::Error::Server(_)) => {}
                Err(error) => return Err(Error::Connection(error)),
            }
        }
        Ok(charsets)
    }

    async fn first<T>(&mut self, statement: &str) -> Result<Option<T>, Error>
    where
        T: mysql_async::prelude::FromRow + Send + 'static,
    {
        ask::first(&mut self.connection, statement)
            .await
            .map_err(Error::Connection)
    }
}
