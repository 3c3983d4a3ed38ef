//! Keys whose rows an open transaction holds. They are part of each commit until they could be read, so that neither a
//! long transaction keeps the others waiting nor a crash forgets them.

use std::collections::BTreeSet;
use std::time::Duration;

use tokio::time::Instant;

use crate::dirty::DirtyKey;
use crate::documents::Patience;

/// With more than these the noun is scanned instead.
const KEYS_MAX: usize = 1_000;
/// Trying takes a tenth of the time at most.
const PAUSE_TRIES: u32 = 10;
/// A transaction that is just being committed is through after this.
const PAUSE_MIN: Duration = Duration::from_millis(50);

/// The keys, and when they are tried again.
#[derive(Debug, Default)]
pub(super) struct Postponed {
    keys: BTreeSet<DirtyKey>,
    has_changed: bool,
    due_at: Option<Instant>,
}

impl Postponed {
    pub(super) fn new(keys: BTreeSet<DirtyKey>) -> Self {
        Self {
            keys,
            ..Self::default()
        }
    }

    pub(super) fn set(&self) -> &BTreeSet<DirtyKey> {
        &self.keys
    }

    pub(super) fn keys(&self) -> Vec<DirtyKey> {
        self.keys.iter().copied().collect()
    }

    /// `false` when there are too many already.
    pub(super) fn insert(&mut self, key: DirtyKey) -> bool {
        if self.keys.contains(&key) {
            return true;
        }
        let has_room = self.keys.len() < KEYS_MAX;
        if has_room {
            self.keys.insert(key);
            self.has_changed = true;
        }
        has_room
    }

    pub(super) fn remove(&mut self, key: DirtyKey) {
        self.has_changed |= self.keys.remove(&key);
    }

    /// While one transaction is known to be open, the next reads don't wait for it.
    pub(super) fn patience(&self) -> Patience {
        if self.keys.is_empty() {
            Patience::Brief
        } else {
            Patience::None
        }
    }

    pub(super) fn is_due(&self) -> bool {
        !self.keys.is_empty() && self.due_at.is_none_or(|at| at <= Instant::now())
    }

    /// They were tried, which took so long.
    pub(super) fn tried(&mut self, took: Duration) {
        self.due_at = Some(Instant::now() + PAUSE_MIN.max(took * PAUSE_TRIES));
    }

    /// Whether there is something to store.
    pub(super) fn has_changed(&self) -> bool {
        self.has_changed
    }

    pub(super) fn stored(&mut self) {
        self.has_changed = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_room_for_a_bounded_number() {
        let mut postponed = Postponed::default();
        for id in 0..KEYS_MAX as u64 {
            assert!(postponed.insert(DirtyKey::Article(id)));
        }
        assert!(postponed.insert(DirtyKey::Article(0)), "there already");
        assert!(!postponed.insert(DirtyKey::Institution(0)));
        postponed.remove(DirtyKey::Article(0));
        assert!(postponed.insert(DirtyKey::Institution(0)));
    }
}
