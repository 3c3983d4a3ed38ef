//! Whether a server's binlog is still the one in which a position was seen.
//!
//! A server that was reset numbers its transactions from 1 again under its old name, so as soon as it has written enough,
//! its GTIDs look as if they held the position. But what stands at the position's file and offset is something else.

use mysql_async::prelude::WithParams;

use crate::ask;
use crate::cursor::Cursor;
use crate::error::Error;
use crate::gtid::GtidSet;
use crate::position::Position;
use crate::server::{Flavour, Server};

/// Whether the binlog of this server, at which the position was seen and which stands at `now`, shows another history at the
/// position's file and offset. `false` also when it can't be told, since the file is gone or the account may not look.
///
/// # Errors
/// When the connection fails.
pub(crate) async fn is_another(
    server: &mut Server,
    cursor: &Cursor,
    now: &Position,
) -> Result<bool, Error> {
    let position = &cursor.position;
    if position.gtids.is_empty() || position.file.is_empty() {
        return Ok(false);
    }
    if now.place().covers(&position.place()) == Some(false) {
        return Ok(true);
    }
    let told = match server.flavour() {
        Flavour::MariaDb => mariadb(server, position).await,
        Flavour::MySql => mysql(server, cursor).await,
    };
    match told {
        Err(mysql_async::Error::Server(_)) => Ok(false),
        told => told.map_err(Error::Connection),
    }
}

/// MariaDB tells the last transaction of each domain before an offset, and nothing when no event ends there or the file is
/// gone. The transaction that ended there must be the one we know; other domains may have been read ahead, at another server.
async fn mariadb(server: &mut Server, position: &Position) -> Result<bool, mysql_async::Error> {
    let statement = "select binlog_gtid_pos(?, 4), binlog_gtid_pos(?, ?)";
    let file = &position.file;
    let question = statement.with((file, file, position.offset));
    let told: Option<(Option<String>, Option<String>)> =
        ask::first(&mut server.connection, question).await?;
    Ok(match told {
        Some((_, Some(there))) => GtidSet::parse_mariadb(&there)
            .is_some_and(|there| !position.gtids.has_common_end(&there)),
        Some((Some(_), None)) => true,
        _ => false,
    })
}

/// MySQL shows the event that follows: it must be the beginning of a transaction that we do not know. After a failover we
/// may well know it, from a server that committed in another order; so where the time tells at which the file was begun,
/// which comes with the file itself, that is left to it.
async fn mysql(server: &mut Server, cursor: &Cursor) -> Result<bool, mysql_async::Error> {
    const BAD_OFFSET: u16 = 1220;
    let position = &cursor.position;
    let file = position.file.replace('\'', "''");
    let statement = format!(
        "show binlog events in '{file}' from {} limit 1",
        position.offset
    );
    let row: Option<mysql_async::Row> = match ask::first(&mut server.connection, statement).await {
        Err(mysql_async::Error::Server(error)) if error.code == BAD_OFFSET => {
            return Ok(!error.message.contains("Could not find target log"));
        }
        row => row?,
    };
    let column = |index: usize| -> String {
        let text = row.as_ref().and_then(|row| row.get_opt(index));
        text.and_then(Result::ok).unwrap_or_default()
    };
    let (event, info) = (column(2), column(5));
    // SET @@SESSION.GTID_NEXT= 'uuid:4711'
    let next = info.split('\'').nth(1).and_then(GtidSet::parse_mysql);
    Ok(match next {
        _ if cursor.file_begun != 0 => false,
        Some(next) if event.starts_with("Gtid") => position.gtids.contains(&next) == Some(true),
        _ => false,
    })
}
