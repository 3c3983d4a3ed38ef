//! Looks again and again how far the index is behind the server, and how long the server keeps what is still to be read.

use std::time::Duration;

use cdc::{Error, Server};
use tokio::time::sleep;
use tracing::warn;

use crate::live::LiveHandle;

/// How often the server is asked.
const PERIOD: Duration = Duration::from_secs(10);
/// With less left than this, every look is a warning: a weekend would not be survived.
const HEADROOM_MIN: Duration = Duration::from_secs(24 * 3600);
/// Heartbeat rows are written each second: after so many looks without any, none will come.
const HEARTBEAT_LOOKS: u32 = 4;

/// Reports what lies behind the index to `live` until it is dropped.
pub async fn watch_backlog(url: &str, live: &LiveHandle) -> std::convert::Infallible {
    let mut server = None;
    let mut looks_without_heartbeat = 0;
    loop {
        let counts = live.stream().counts();
        if counts.is_connected && counts.lag().is_none() {
            looks_without_heartbeat += 1;
            if looks_without_heartbeat == HEARTBEAT_LOOKS {
                warn!(
                    "no heartbeat row comes by the binlog, so the lag is known in whole seconds only; grant insert and update on \
                    `heartbeats` to the account, and see that the server is not read-only"
                );
            }
        }
        match look(&mut server, url, live).await {
            Ok(()) => {}
            Err(error) => {
                tracing::debug!(%error, "the server could not be asked for its binlog files");
                server = None;
                // Old numbers would look like new ones.
                live.report_backlog(None);
            }
        }
        sleep(PERIOD).await;
    }
}

async fn look(server: &mut Option<Server>, url: &str, live: &LiveHandle) -> Result<(), Error> {
    let Some(index) = live.current() else {
        return Ok(());
    };
    let connected = match server.take() {
        Some(server) => server,
        None => Server::connect(url).await?,
    };
    let connected = server.insert(connected);
    let committed = live.stream().counts().committed_seconds;
    let backlog = connected.backlog(index.position(), committed).await?;
    if let Some(headroom) = backlog.headroom.left().filter(|left| *left < HEADROOM_MIN) {
        warn!(
            hours = headroom.as_secs() / 3600,
            "the server will soon delete binlog that the index still needs"
        );
    }
    live.report_backlog(Some(backlog));
    Ok(())
}
