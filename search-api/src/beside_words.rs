//! The order of hits by what their words count, and what counts beside them.

use std::cmp::Ordering;

use tantivy::collector::SegmentSortKeyComputer;
use tantivy::collector::sort_key::NaturalComparator;
use tantivy::{DocId, Score};

/// What counts beside the words in one segment.
pub(crate) trait Beside: 'static {
    /// The most that it counts for any document.
    const MOST: Score;

    /// What it counts for a document.
    fn counts(&self, doc: DocId) -> Score;
}

/// Orders the hits of a segment by both.
pub(crate) struct WordsAnd<B>(pub(crate) B);

impl<B: Beside> SegmentSortKeyComputer for WordsAnd<B> {
    type SortKey = Score;
    type SegmentSortKey = Score;
    type SegmentComparator = NaturalComparator;

    fn segment_sort_key(&mut self, doc: DocId, score: Score) -> Score {
        score + self.0.counts(doc)
    }

    /// Most hits are out of reach, whatever counts beside.
    fn accept_sort_key_lazy(
        &mut self,
        doc: DocId,
        score: Score,
        threshold: &Score,
    ) -> Option<(Ordering, Score)> {
        if score + B::MOST < *threshold {
            return None;
        }
        let key = self.segment_sort_key(doc, score);
        let order = key.total_cmp(threshold);
        (order != Ordering::Less).then_some((order, key))
    }

    fn convert_segment_sort_key(&self, score: Score) -> Score {
        score
    }
}
