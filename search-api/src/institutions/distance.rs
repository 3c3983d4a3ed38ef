//! The order of hits by their distance.

use std::sync::Arc;

use indexer::documents::Point;
use tantivy::collector::sort_key::ReverseComparator;
use tantivy::collector::{SegmentSortKeyComputer, SortKeyComputer};
use tantivy::{DocId, Score, SegmentReader};

use crate::geo::{Vector, square_of_chord, vector};
use crate::segments::{Facts, facts_of};

/// Orders hits by their distance, what is nowhere last. Of two points of a sphere, the nearer one has the shorter chord, and a chord
/// takes no sines, which were most of what it cost to put 100,000 hits in order.
pub(super) struct ByDistance {
    centre: Vector,
    facts: Arc<[Arc<Facts>]>,
}

impl ByDistance {
    pub(super) fn new(facts: &Arc<[Arc<Facts>]>, centre: Point) -> Self {
        Self {
            centre: vector(centre),
            facts: Arc::clone(facts),
        }
    }
}

impl SortKeyComputer for ByDistance {
    type SortKey = f64;
    type Child = SegmentDistances;
    type Comparator = ReverseComparator;

    fn segment_sort_key_computer(
        &self,
        segment: &SegmentReader,
    ) -> tantivy::Result<SegmentDistances> {
        Ok(SegmentDistances {
            facts: facts_of(&self.facts, segment)?,
            centre: self.centre,
        })
    }
}

pub(super) struct SegmentDistances {
    facts: Arc<Facts>,
    centre: Vector,
}

impl SegmentSortKeyComputer for SegmentDistances {
    type SortKey = f64;
    type SegmentSortKey = f64;
    type SegmentComparator = ReverseComparator;

    fn segment_sort_key(&mut self, doc: DocId, _score: Score) -> f64 {
        match self.facts.vectors[doc as usize] {
            Some(vector) => square_of_chord(self.centre, vector),
            None => f64::INFINITY,
        }
    }

    fn convert_segment_sort_key(&self, square: f64) -> f64 {
        square
    }
}
