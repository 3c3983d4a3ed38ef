//! Tables that have gone stale are read again by themselves, but not without a pause when it happens again and again.

use std::collections::HashMap;
use std::time::Duration;

use tokio::time::Instant;

use crate::event::TableName;

/// The pause before a table is read again that has just been; doubled each time.
const PAUSE_MIN: Duration = Duration::from_secs(1);
/// A table that has not gone stale for so long is read at once again: twice the longest pause, unless that is set.
const QUIET: Duration = Duration::from_secs(120);

/// When which table has gone stale.
#[derive(Debug, Default)]
pub(super) struct Repairs {
    tables: HashMap<TableName, Repeated>,
}

#[derive(Debug)]
struct Repeated {
    pause: Duration,
    last: Instant,
}

impl Repairs {
    /// How long to wait before a table is read again that has gone stale.
    pub(super) fn pause(
        &mut self,
        table: &TableName,
        now: Instant,
        pause_max: Duration,
    ) -> Duration {
        let Some(repeated) = self.tables.get_mut(table) else {
            let pause = Duration::ZERO;
            let repeated = Repeated { pause, last: now };
            self.tables.insert(table.clone(), repeated);
            return pause;
        };
        repeated.pause = if now.duration_since(repeated.last) > QUIET {
            Duration::ZERO
        } else {
            (repeated.pause * 2).max(PAUSE_MIN).min(pause_max)
        };
        repeated.last = now;
        repeated.pause
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_that_goes_stale_again_and_again_is_read_ever_more_seldom_until_it_is_quiet() {
        let table = |name: &str| TableName {
            schema: "s".to_owned(),
            table: name.to_owned(),
        };
        let mut repairs = Repairs::default();
        let mut now = Instant::now();
        let mut seconds = |table: &TableName, after: u64| {
            now += Duration::from_secs(after);
            repairs.pause(table, now, Duration::from_secs(60)).as_secs()
        };
        let (t, u) = (table("t"), table("u"));
        let pauses: Vec<_> = (0..8).map(|_| seconds(&t, 1)).collect();
        assert_eq!(pauses, [0, 1, 2, 4, 8, 16, 32, 60]);
        assert_eq!(seconds(&u, 0), 0);
        assert_eq!(seconds(&t, 61), 60);
        assert_eq!(seconds(&t, 121), 0);
        assert_eq!(seconds(&t, 1), 1);
    }
}
