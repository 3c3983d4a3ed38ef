//! Asking a server for its binlog from a position on: the statements and the request that come before the first event.

use mysql_async::prelude::Queryable;
use mysql_async::{BinlogStream, BinlogStreamRequest, Sid};

use crate::error::Error;
use crate::gtid::{GtidSet, uuid_text};
use crate::position::Position;
use crate::server::{Flavour, Server};
use crate::stream::HEARTBEAT;

/// Seconds the server waits for us to take an event before it gives up; the default of 60 is short when we are busy.
const NET_WRITE_SECONDS: u32 = 600;

pub(crate) async fn open_dump(
    server: Server,
    server_id: u32,
    position: &Position,
) -> Result<BinlogStream, Error> {
    let flavour = server.flavour();
    let is_foreign = match &position.gtids {
        GtidSet::None => false,
        GtidSet::MariaDb(_) => flavour != Flavour::MariaDb,
        GtidSet::MySql(_) => flavour != Flavour::MySql,
    };
    if is_foreign {
        return Err(Error::Diverged {
            position: Box::new(position.clone()),
            message: format!("this is a {flavour} server"),
        });
    }
    let mut connection = server.connection;
    let heartbeat = HEARTBEAT.as_nanos();
    let mut settings = vec![
        format!(
            "set @master_heartbeat_period = {heartbeat}, @source_heartbeat_period = {heartbeat}"
        ),
        format!("set session net_write_timeout = {NET_WRITE_SECONDS}"),
    ];
    match flavour {
        // 4 = MARIA_SLAVE_CAPABILITY_GTID: without it the server hides its GTID events.
        Flavour::MariaDb => {
            settings.push("set @mariadb_slave_capability = 4".to_owned());
            if !position.gtids.is_empty() {
                settings.push(format!("set @slave_connect_state = '{}'", position.gtids));
                settings.push(
                    "set @slave_gtid_strict_mode = 0, @slave_gtid_ignore_duplicates = 0".to_owned(),
                );
            }
        }
        Flavour::MySql => {
            let uuid = uuid_text(rand::random());
            settings.push(format!(
                "set @slave_uuid = '{uuid}', @replica_uuid = '{uuid}'"
            ));
        }
    }
    for setting in settings {
        connection
            .query_drop(setting)
            .await
            .map_err(|error| Error::of_stream(error, position))?;
    }
    let file = position.file.clone().into_bytes();
    let mut request = BinlogStreamRequest::new(server_id);
    match &position.gtids {
        // By `@slave_connect_state`: file and offset must be those of the beginning.
        GtidSet::MariaDb(domains) if !domains.is_empty() => {}
        set @ GtidSet::MySql(_) => {
            request = request.with_gtid().with_gtid_set(sids(set));
        }
        _ => {
            request = request
                .with_filename(&file)
                .with_pos(position.offset.max(4));
        }
    }
    connection
        .get_binlog_stream(request)
        .await
        .map_err(|error| Error::of_stream(error, position))
}

/// The set as the request wants it, a block per source.
fn sids(set: &GtidSet) -> Vec<Sid<'static>> {
    set.to_string()
        .split(',')
        .filter_map(|block| block.parse().ok())
        .collect()
}
