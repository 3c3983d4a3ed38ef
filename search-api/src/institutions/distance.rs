//! How far away the documents of a segment are, and the order by it.

use indexer::documents::Point;
use indexer::schema::field_name;
use tantivy::collector::sort_key::ReverseComparator;
use tantivy::collector::{SegmentSortKeyComputer, SortKeyComputer};
use tantivy::columnar::Column;
use tantivy::{DocId, Score, SegmentReader};

use crate::geo::distance_meters;

/// Where the documents of a segment are.
pub(super) struct Points {
    columns: Option<(Column<f64>, Column<f64>)>,
}

impl Points {
    pub(super) fn of(segment: &SegmentReader) -> tantivy::Result<Self> {
        let (_, fields) = indexer::schema::schema();
        let column = |field| segment.fast_fields().column_opt::<f64>(&field_name(field));
        // A segment without any point has no columns.
        let columns = column(fields.latitude)?.zip(column(fields.longitude)?);
        Ok(Self { columns })
    }

    pub(super) fn distance_meters(&self, doc: DocId, from: Point) -> Option<f64> {
        let (latitudes, longitudes) = self.columns.as_ref()?;
        let to = Point {
            latitude: latitudes.first(doc)?,
            longitude: longitudes.first(doc)?,
        };
        Some(distance_meters(from, to))
    }
}

/// Orders hits by their distance, what is nowhere last.
pub(super) struct ByDistance {
    pub(super) centre: Point,
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
            points: Points::of(segment)?,
            centre: self.centre,
        })
    }
}

pub(super) struct SegmentDistances {
    points: Points,
    centre: Point,
}

impl SegmentSortKeyComputer for SegmentDistances {
    type SortKey = f64;
    type SegmentSortKey = f64;
    type SegmentComparator = ReverseComparator;

    fn segment_sort_key(&mut self, doc: DocId, _score: Score) -> f64 {
        self.points
            .distance_meters(doc, self.centre)
            .unwrap_or(f64::INFINITY)
    }

    fn convert_segment_sort_key(&self, meters: f64) -> f64 {
        meters
    }
}
