//! Asking a server for its binlog from a position on, and taking its events one by one.
//!
//! Source: MySQL's `sql/rpl_replica.cc` (`request_dump`) and MariaDB's `sql/slave.cc`, which say what a replica sends first.

use std::time::Duration;

use mysql_common::packets::{
    BinlogDumpFlags, ComBinlogDump, ComBinlogDumpGtid, ComRegisterSlave, Sid,
};
use mysql_common::proto::MySerialize;

use crate::error::Error;
use crate::gtid::{GtidSet, uuid_text};
use crate::position::Position;
use crate::server::Flavour;
use crate::stream::HEARTBEAT;
use crate::target::Target;
use crate::wire::Wire;

/// Seconds the server waits for us to take an event before it gives up; the default of 60 is short when we are busy.
const NET_WRITE_SECONDS: u32 = 600;
/// How long a registration may take.
const ANSWER_MAX: Duration = Duration::from_secs(10);
/// First bytes of a binlog file, which no event starts before.
const FILE_HEADER_BYTES: u32 = 4;

/// What is asked for.
pub(crate) struct Request<'a> {
    pub(crate) server_id: u32,
    pub(crate) position: &'a Position,
    /// Whether the statements that changed rows are to come with them.
    pub(crate) with_queries: bool,
}

/// A connection on which events come.
#[derive(Debug)]
pub(crate) struct Dump {
    wire: Wire,
}

impl Dump {
    pub(crate) async fn open(
        target: &Target,
        flavour: Flavour,
        request: &Request<'_>,
    ) -> Result<Self, Error> {
        let position = request.position;
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
        let located = |error: Error| error.at(position);
        let mut wire = Wire::connect(target).await?;
        for setting in settings(flavour, position) {
            wire.execute(&setting).await.map_err(located)?;
        }
        let mut command = Vec::new();
        ComRegisterSlave::new(request.server_id).serialize(&mut command);
        send(&mut wire, &command).await?;
        wire.packet(ANSWER_MAX).await.map_err(located)?;
        let command = dump_command(flavour, request);
        send(&mut wire, &command).await?;
        Ok(Self { wire })
    }

    /// The bytes of the next event, with its checksum if it has one. Cancel-safe.
    pub(crate) async fn next(&mut self, silence_max: Duration) -> Result<&[u8], Error> {
        match self.wire.packet(silence_max).await?.split_first() {
            Some((0, event)) => Ok(event),
            _ => Err(Error::Protocol("a packet that holds no event")),
        }
    }
}

async fn send(wire: &mut Wire, command: &[u8]) -> Result<(), Error> {
    match command.split_first() {
        Some((code, body)) => wire.send(*code, body).await,
        None => Ok(()),
    }
}

fn settings(flavour: Flavour, position: &Position) -> Vec<String> {
    let heartbeat = HEARTBEAT.as_nanos();
    let mut settings = vec![
        // What we can read, whatever the server writes now: it may be switched while we read.
        "set @master_binlog_checksum = 'CRC32', @source_binlog_checksum = 'CRC32'".to_owned(),
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
    settings
}

fn dump_command(flavour: Flavour, request: &Request<'_>) -> Vec<u8> {
    // MariaDB's name for the flag that MySQL uses for GTIDs.
    const SEND_ANNOTATE_ROWS: u16 = 2;
    let position = request.position;
    let mut command = Vec::new();
    if let set @ GtidSet::MySql(_) = &position.gtids {
        ComBinlogDumpGtid::new(request.server_id)
            .with_pos(u64::from(FILE_HEADER_BYTES))
            .with_sids(sids(set))
            .serialize(&mut command);
        return command;
    }
    let mut flags = BinlogDumpFlags::empty();
    if flavour == Flavour::MariaDb && request.with_queries {
        flags = BinlogDumpFlags::from_bits_retain(SEND_ANNOTATE_ROWS);
    }
    let dump = ComBinlogDump::new(request.server_id).with_flags(flags);
    // By `@slave_connect_state`: file and offset must be those of the beginning.
    if position.gtids.is_empty() {
        // An offset that 32 bits cannot name is reached by reading the file from its beginning.
        let offset = u32::try_from(position.offset).unwrap_or(FILE_HEADER_BYTES);
        dump.with_filename(position.file.as_bytes())
            .with_pos(offset.max(FILE_HEADER_BYTES))
            .serialize(&mut command);
    } else {
        dump.with_pos(FILE_HEADER_BYTES).serialize(&mut command);
    }
    command
}

/// The set as the request wants it, a block per source.
fn sids(set: &GtidSet) -> Vec<Sid<'static>> {
    set.to_string()
        .split(',')
        .filter_map(|block| block.parse().ok())
        .collect()
}
