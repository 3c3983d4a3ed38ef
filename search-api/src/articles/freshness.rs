//! The order of articles: what their words count, and a little for having been revised lately.

use chrono::NaiveDate;
use indexer::schema::{Fields, field_name};
use tantivy::collector::SortKeyComputer;
use tantivy::collector::sort_key::NaturalComparator;
use tantivy::columnar::Column;
use tantivy::schema::Field;
use tantivy::{DocId, Score, SegmentReader};

use crate::beside_words::{Beside, WordsAnd};
use crate::weights;

/// Orders hits by what the words count, and by when they were revised.
#[derive(Clone)]
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

    /// What counts beside the words in a segment.
    pub(super) fn beside(&self, segment: &SegmentReader) -> tantivy::Result<SegmentFresh> {
        let name = field_name(self.revised_day);
        Ok(SegmentFresh {
            // A segment without any date has no column.
            revised: segment.fast_fields().column_opt(&name)?,
            today: i64::from(self.today.to_epoch_days()),
        })
    }
}

impl SortKeyComputer for Fresh {
    type SortKey = Score;
    type Child = WordsAnd<SegmentFresh>;
    type Comparator = NaturalComparator;

    fn requires_scoring(&self) -> bool {
        true
    }

    fn segment_sort_key_computer(&self, segment: &SegmentReader) -> tantivy::Result<Self::Child> {
        self.beside(segment).map(WordsAnd)
    }
}

/// When the articles of one segment were revised.
pub(super) struct SegmentFresh {
    revised: Option<Column<i64>>,
    today: i64,
}

impl Beside for SegmentFresh {
    const MOST: Score = weights::FRESH;

    fn counts(&self, doc: DocId) -> Score {
        let revised = self.revised.as_ref().and_then(|days| days.first(doc));
        revised.map_or(0.0, |day| {
            let age = (self.today - day).max(0) as f64;
            weights::FRESH * (-age / weights::FRESH_DAYS).exp2() as Score
        })
    }
}
