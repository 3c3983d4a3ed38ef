//! The change stream on the back office's page: lag, backlog, retention and tables set aside, in words.

use crate::api::{QuarantinedTable, StreamState};
use crate::korean;

/// With less left than a day, a weekend without us costs a rebuild.
const HEADROOM_SECONDS_CALM: u64 = 86_400;
/// The server could not be asked.
const UNKNOWN: &str = "지금은 알 수 없음";

/// The figures of the stream.
#[derive(Clone)]
pub(crate) struct StreamFigures {
    pub(crate) connection: String,
    pub(crate) lag: String,
    pub(crate) behind: String,
    pub(crate) headroom: String,
    /// Whether the headroom is worth a look.
    pub(crate) is_short: bool,
    pub(crate) quarantined: Vec<SetAside>,
}

/// A table whose rows can't be decoded.
#[derive(Clone)]
pub(crate) struct SetAside {
    pub(crate) table: String,
    pub(crate) reason: String,
    pub(crate) remedy: String,
    pub(crate) skipped: String,
}

impl StreamFigures {
    pub(crate) fn new(stream: StreamState) -> Self {
        let headroom = stream.headroom_seconds;
        let lag = stream
            .lag
            .map(|lag| format!("{:.0} / {:.0} / {:.0} ms", lag.p50, lag.p95, lag.p99));
        Self {
            connection: match (stream.connected, stream.reconnects) {
                (true, 0) => "이어져 있음".to_owned(),
                (true, lost) => format!("이어져 있음 (다시 이음 {}번)", korean::number(lost)),
                (false, _) => "끊어짐, 다시 잇는 중".to_owned(),
            },
            lag: lag.unwrap_or_else(|| "아직 없음".to_owned()),
            behind: match stream.bytes_behind {
                Some(behind) => bytes(behind),
                None if stream.backlog_unknown => UNKNOWN.to_owned(),
                None => "볼 권한이 없음".to_owned(),
            },
            headroom: match headroom {
                Some(headroom) => span(headroom),
                None if stream.keeps_binlog => "지우지 않음".to_owned(),
                None => UNKNOWN.to_owned(),
            },
            is_short: headroom.is_some_and(|left| left < HEADROOM_SECONDS_CALM),
            quarantined: stream.quarantined.into_iter().map(SetAside::new).collect(),
        }
    }
}

impl SetAside {
    fn new(table: QuarantinedTable) -> Self {
        Self {
            table: table.table,
            reason: table.reason,
            remedy: table.remedy,
            skipped: korean::number(table.skipped),
        }
    }
}

fn bytes(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{:.1} kB", bytes as f64 / 1e3),
        _ => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}

/// `6일 23시간`.
pub(super) fn span(seconds: u64) -> String {
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60);
    match (days, hours) {
        (0, 0) => format!("{minutes}분"),
        (0, _) => format!("{hours}시간 {minutes}분"),
        _ => format!("{days}일 {hours}시간"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_and_sizes_are_written_as_people_say_them() {
        assert_eq!(span(7 * 86_400 - 1), "6일 23시간");
        assert_eq!(span(3_700), "1시간 1분");
        assert_eq!(span(59), "0분");
        assert_eq!(bytes(999), "999 B");
        assert_eq!(bytes(1_500), "1.5 kB");
        assert_eq!(bytes(2_000_000), "2.0 MB");
    }
}
