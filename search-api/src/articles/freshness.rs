//! The order of articles: what their words count, and a little for having been revised lately.

use std::cmp::Ordering;

use chrono::NaiveDate;
use indexer::schema::{Fields, field_name};
use tantivy::collector::sort_key::NaturalComparator;
use tantivy::collector::{SegmentSortKeyComputer, SortKeyComputer};
use tantivy::columnar::Column;
use tantivy::schema::Field;
use tantivy::{DocId, Score, SegmentReader};

use crate::weights;

/// Orders hits by what the words count, and by when they were revised.
pub(super) struct Fresh {
    revised_day: Field,
    today: NaiveDate,
}

impl Fresh {
    pub(super) fn new(fields: &Fields, today: NaiveDate) -> Self {
        Self {
            revised_day: fields.revised_day,
            today,
        }
    }
}

impl SortKeyComputer for Fresh {
    type SortKey = Score;
    type Child = SegmentFresh;
    type Comparator = NaturalComparator;

    fn requires_scoring(&self) -> bool {
        true
    }

    fn segment_sort_key_computer(&self, segment: &SegmentReader) -> tantivy::Result<SegmentFresh> {
        let name = field_name(self.revised_day);
        Ok(SegmentFresh {
            // A segment without any date has no column.
            revised: segment.fast_fields().column_opt(&name)?,
            today: i64::from(self.today.to_epoch_days()),
        })
    }
}

/// The order in one segment.
pub(super) struct SegmentFresh {
    revised: Option<Column<i64>>,
    today: i64,
}

impl SegmentFresh {
    fn freshness(&self, doc: DocId) -> Score {
        let revised = self.revised.as_ref().and_then(|days| days.first(doc));
        revised.map_or(0.0, |day| {
            let age = (self.today - day).max(0) as f64;
            weights::FRESH * (-age / weights::FRESH_DAYS).exp2() as Score
        })
    }
}

impl SegmentSortKeyComputer for SegmentFresh {
    type SortKey = Score;
    type SegmentSortKey = Score;
    type SegmentComparator = NaturalComparator;

    fn segment_sort_key(&mut self, doc: DocId, score: Score) -> Score {
        score + self.freshness(doc)
    }

    /// Most hits are out of reach, whatever their dates.
    fn accept_sort_key_lazy(
        &mut self,
        doc: DocId,
        score: Score,
        threshold: &Score,
    ) -> Option<(Ordering, Score)> {
        if score + weights::FRESH < *threshold {
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
