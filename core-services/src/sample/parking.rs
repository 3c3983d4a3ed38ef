//! Where patients of each kind of institution can park.

use rand::prelude::*;

use crate::institutions::Kind;

/// Tells the stream of these draws from that of the rest, so that a seed's other values stay as they were.
const STREAM: u64 = 0x7061_726b;

/// Draws parking; a stream of its own.
pub(super) struct Parking {
    rng: StdRng,
}

impl Parking {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            rng: StdRng::seed_from_u64(seed ^ STREAM),
        }
    }

    /// Spaces, and whether they are free; nothing where the registry would not know.
    pub(super) fn draw(&mut self, kind: Kind) -> (Option<u32>, Option<bool>) {
        let rng = &mut self.rng;
        // How many have any, how many spaces, how many of them for nothing.
        let (share, spaces, free) = match kind {
            Kind::TertiaryHospital => (1.0, 400..=2_000, 0.0),
            Kind::GeneralHospital | Kind::EmergencyCentre => (1.0, 80..=600, 0.1),
            Kind::Hospital | Kind::LongTermCareHospital => (0.9, 10..=120, 0.6),
            Kind::PublicHealthCentre | Kind::PublicHealthSubcentre => (0.95, 5..=80, 0.9),
            Kind::Pharmacy => (0.15, 1..=5, 0.95),
            _ => (0.45, 2..=30, 0.7),
        };
        if rng.random_bool(share) {
            (Some(rng.random_range(spaces)), Some(rng.random_bool(free)))
        } else if rng.random_bool(0.5) {
            (Some(0), None)
        } else {
            (None, None)
        }
    }
}
