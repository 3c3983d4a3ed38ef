//! Where documents are: filters by it, and the order by distance.

use std::ops::Bound;
use std::sync::Arc;

use indexer::LiveIndex;
use indexer::documents::Point;
use indexer::schema::{Fields, field_name};
use tantivy::collector::sort_key::ReverseComparator;
use tantivy::collector::{SegmentSortKeyComputer, SortKeyComputer};
use tantivy::columnar::Column;
use tantivy::index::SegmentId;
use tantivy::query::doc_predicate_query::{DocPredicateQuery, FunctionPredicate};
use tantivy::query::{BooleanQuery, Query, RangeQuery};
use tantivy::{DocId, Score, SegmentReader, Term};

use crate::area::{BoundingBox, Polygon};
use crate::geo::{Vector, bounding_box, distance_meters, square_of_chord, vector};
use crate::segments::{Facts, by_segment, facts_of};
use crate::text_query::unscored;

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

    fn point(&self, doc: DocId) -> Option<Point> {
        let (latitudes, longitudes) = self.columns.as_ref()?;
        Some(Point {
            latitude: latitudes.first(doc)?,
            longitude: longitudes.first(doc)?,
        })
    }

    pub(super) fn distance_meters(&self, doc: DocId, from: Point) -> Option<f64> {
        Some(distance_meters(from, self.point(doc)?))
    }
}

/// What is in the circle: in a box around it first, from which it is cut out exactly, along the great circle.
pub(super) fn within(fields: &Fields, centre: Point, radius_meters: f64) -> Box<dyn Query> {
    let bounds = in_box(fields, bounding_box(centre, radius_meters));
    let circle = where_point(move |point| distance_meters(centre, point) <= radius_meters);
    Box::new(BooleanQuery::intersection(vec![bounds, circle]))
}

/// What is in the box or on its border.
pub(super) fn in_box(fields: &Fields, bounds: BoundingBox) -> Box<dyn Query> {
    let range = |field, [from, to]: [f64; 2]| -> Box<dyn Query> {
        let bound = |degrees| Bound::Included(Term::from_field_f64(field, degrees));
        unscored(Box::new(RangeQuery::new(bound(from), bound(to))))
    };
    Box::new(BooleanQuery::intersection(vec![
        range(fields.latitude, bounds.latitudes),
        range(fields.longitude, bounds.longitudes),
    ]))
}

/// What is in the polygon.
pub(super) fn in_polygon(fields: &Fields, polygon: &Polygon) -> Box<dyn Query> {
    let (bounds, polygon) = (in_box(fields, polygon.bounds()), polygon.clone());
    let inside = where_point(move |point| polygon.contains(point));
    Box::new(BooleanQuery::intersection(vec![bounds, inside]))
}

/// What is at such a point.
fn where_point(is_there: impl Fn(Point) -> bool + Clone + Send + Sync + 'static) -> Box<dyn Query> {
    let predicate = FunctionPredicate::from(move |segment: &SegmentReader| {
        let (points, is_there) = (Points::of(segment)?, is_there.clone());
        Ok(move |doc: DocId| points.point(doc).is_some_and(&is_there))
    });
    let predicate: DocPredicateQuery = predicate.into();
    unscored(Box::new(predicate))
}

/// Orders hits by their distance, what is nowhere last. Of two points of a sphere, the nearer one has the shorter chord, and a chord
/// takes no sines, which were most of what it cost to put 100,000 hits in order.
pub(super) struct ByDistance {
    centre: Vector,
    facts: Vec<(SegmentId, Arc<Facts>)>,
}

impl ByDistance {
    pub(super) fn new(index: &LiveIndex, facts: &[Arc<Facts>], centre: Point) -> Self {
        Self {
            centre: vector(centre),
            facts: by_segment(index, facts),
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
