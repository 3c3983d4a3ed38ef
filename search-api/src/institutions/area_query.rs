//! Institutions in an area: those of the grid's squares that it touches, of which each that a search comes to is tested exactly.

use std::fmt;
use std::sync::Arc;

use indexer::documents::Point;
use indexer::schema::{field_name, schema};
use tantivy::columnar::Column;
use tantivy::query::{BitSetDocSet, EnableScoring, Explanation, Query, Scorer, Weight};
use tantivy::{BitSet, DocId, DocSet, Score, SegmentReader, TERMINATED};

use crate::area::{BoundingBox, Polygon};
use crate::explanation::explain;
use crate::geo::{bounding_box, vector};
use crate::segments::{Facts, facts_of};

/// What a document counts by where it is; `None` outside of the area.
type ScoreOf = dyn Fn(&Points, DocId) -> Option<Score> + Send + Sync;

/// The query.
#[derive(Clone)]
pub(super) struct AreaQuery {
    facts: Arc<[Arc<Facts>]>,
    bounds: BoundingBox,
    score_of: Arc<ScoreOf>,
}

/// Where the documents of a segment are.
struct Points {
    facts: Arc<Facts>,
    /// Latitudes and longitudes; a segment without any point has none.
    columns: Option<(Column<f64>, Column<f64>)>,
}

impl Points {
    fn point(&self, doc: DocId) -> Option<Point> {
        let (latitudes, longitudes) = self.columns.as_ref()?;
        Some(Point {
            latitude: latitudes.first(doc)?,
            longitude: longitudes.first(doc)?,
        })
    }
}

/// What is in the circle, along the great circle; without a score.
pub(super) fn within(facts: &Arc<[Arc<Facts>]>, centre: Point, meters: f64) -> Box<dyn Query> {
    rings(facts, centre, &[(meters, 0.0)])
}

/// What is in any of the circles around a point, the largest last; each that it is in counts.
pub(super) fn rings(
    facts: &Arc<[Arc<Facts>]>,
    centre: Point,
    rings: &[(f64, Score)],
) -> Box<dyn Query> {
    let widest = rings.last().map_or(0.0, |(meters, _)| *meters);
    let (bounds, rings, centre) = (bounding_box(centre, widest), rings.to_vec(), vector(centre));
    let score_of = move |points: &Points, doc| {
        let away = points.facts.meters_from(centre, doc)?;
        let around = rings.iter().filter(|(meters, _)| away <= *meters);
        (away <= widest).then(|| around.map(|(_, score)| score).sum())
    };
    area(facts, bounds, score_of)
}

/// What is in the box or on its border; without a score.
pub(super) fn in_box(facts: &Arc<[Arc<Facts>]>, bounds: BoundingBox) -> Box<dyn Query> {
    let score_of = move |points: &Points, doc| {
        let is_inside = bounds.contains(points.point(doc)?);
        is_inside.then_some(0.0)
    };
    area(facts, bounds, score_of)
}

/// What is in the polygon; without a score.
pub(super) fn in_polygon(facts: &Arc<[Arc<Facts>]>, polygon: &Polygon) -> Box<dyn Query> {
    let (bounds, polygon) = (polygon.bounds(), polygon.clone());
    let score_of = move |points: &Points, doc| {
        let is_inside = polygon.contains(points.point(doc)?);
        is_inside.then_some(0.0)
    };
    area(facts, bounds, score_of)
}

fn area(
    facts: &Arc<[Arc<Facts>]>,
    bounds: BoundingBox,
    score_of: impl Fn(&Points, DocId) -> Option<Score> + Send + Sync + 'static,
) -> Box<dyn Query> {
    Box::new(AreaQuery {
        facts: Arc::clone(facts),
        bounds,
        score_of: Arc::new(score_of),
    })
}

impl fmt::Debug for AreaQuery {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("AreaQuery")
            .field("bounds", &self.bounds)
            .finish_non_exhaustive()
    }
}

impl Query for AreaQuery {
    fn weight(&self, _: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        Ok(Box::new(self.clone()))
    }
}

impl Weight for AreaQuery {
    fn scorer(&self, segment: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        let (_, fields) = schema();
        let column = |field| segment.fast_fields().column_opt::<f64>(&field_name(field));
        let points = Points {
            facts: facts_of(&self.facts, segment)?,
            columns: column(fields.latitude)?.zip(column(fields.longitude)?),
        };
        let mut near = BitSet::with_max_value(segment.max_doc());
        for doc in points.facts.grid.near(&self.bounds) {
            near.insert(doc);
        }
        let mut scorer = AreaScorer {
            near: BitSetDocSet::from(near),
            points,
            score_of: Arc::clone(&self.score_of),
            score: 0.0,
            boost,
        };
        scorer.settle();
        Ok(Box::new(scorer))
    }

    fn explain(&self, segment: &SegmentReader, doc: DocId) -> tantivy::Result<Explanation> {
        explain(self, segment, doc)
    }
}

struct AreaScorer {
    near: BitSetDocSet,
    points: Points,
    score_of: Arc<ScoreOf>,
    /// Of the document that it is at.
    score: Score,
    boost: Score,
}

impl AreaScorer {
    /// Goes on to a document in the area, if it is not at one.
    fn settle(&mut self) -> DocId {
        loop {
            let doc = self.near.doc();
            if doc == TERMINATED {
                return doc;
            }
            if let Some(score) = (self.score_of)(&self.points, doc) {
                self.score = score;
                return doc;
            }
            self.near.advance();
        }
    }
}

impl DocSet for AreaScorer {
    fn advance(&mut self) -> DocId {
        self.near.advance();
        self.settle()
    }

    fn seek(&mut self, target: DocId) -> DocId {
        self.near.seek(target);
        self.settle()
    }

    fn doc(&self) -> DocId {
        self.near.doc()
    }

    fn size_hint(&self) -> u32 {
        self.near.size_hint()
    }
}

impl Scorer for AreaScorer {
    fn score(&mut self) -> Score {
        self.score * self.boost
    }
}
