//! Facets of numbers: how many hits are within each of some distances, or have at least so many specialists. Each band holds those
//! before it, as its filter does.

use std::sync::Arc;

use indexer::LiveIndex;
use indexer::documents::Point;
use indexer::schema::field_name;
use tantivy::collector::{Collector, SegmentCollector};
use tantivy::columnar::Column;
use tantivy::query::{BooleanQuery, Query};
use tantivy::{DocId, Score, SegmentOrdinal, SegmentReader};

use super::area_query::within;
use crate::error::ApiError;
use crate::facets::Counts;
use crate::filters::{Clauses, Filters};
use crate::geo::{Vector, vector};
use crate::segments::{Facts, facts_of};

/// The facets' names.
pub(super) const DISTANCE: &str = "distance";
pub(super) const SPECIALISTS: &str = "specialists";
/// Kilometres that people walk, ride or drive.
const KILOMETERS: [f64; 5] = [0.5, 1.0, 3.0, 5.0, 10.0];
/// Specialists of a practice of one, of a few, of a hospital.
const SPECIALISTS_MIN: [f64; 4] = [1.0, 3.0, 5.0, 10.0];

/// Adds both facets, without their own filters; distances only with somewhere to measure from.
pub(super) fn add_bands(
    counts: &mut Counts,
    (index, facts): (&LiveIndex, &Arc<[Arc<Facts>]>),
    filters: &Filters,
    words: &Clauses,
    centre: Option<Point>,
) -> Result<(), ApiError> {
    let bands = Bands {
        of: Measure::Specialists,
        bounds: bounds(&SPECIALISTS_MIN, filters.listed(SPECIALISTS)),
    };
    let query = filters.query_without(SPECIALISTS, words);
    counts.insert(SPECIALISTS, bands.count(index, &query)?);
    let Some(centre) = centre else {
        return Ok(());
    };
    let bands = Bands {
        of: Measure::KilometersFrom(Arc::clone(facts), centre),
        bounds: bounds(&KILOMETERS, filters.listed(DISTANCE)),
    };
    let widest = bands.bounds.last().copied().unwrap_or_default();
    let circle = within(facts, centre, widest * 1000.0);
    let query = Box::new(filters.query_without(DISTANCE, words));
    let query = BooleanQuery::intersection(vec![query, circle]);
    counts.insert(DISTANCE, bands.count(index, &query)?);
    Ok(())
}

/// The usual bounds and the chosen one, ascending.
fn bounds<'a>(usual: &[f64], chosen: impl Iterator<Item = &'a str>) -> Vec<f64> {
    let chosen = chosen.filter_map(|bound| bound.parse().ok());
    let mut bounds: Vec<f64> = usual.iter().copied().chain(chosen).collect();
    bounds.sort_by(f64::total_cmp);
    bounds.dedup();
    bounds
}

/// What a distance is called.
pub(super) fn distance_label(kilometers: &str) -> String {
    match kilometers.parse::<f64>() {
        Ok(radius) if radius < 1.0 => format!("{:.0}m 안", radius * 1000.0),
        _ => format!("{kilometers}km 안"),
    }
}

/// What so many specialists are called.
pub(super) fn specialists_label(least: &str) -> String {
    format!("{least}명 이상")
}

/// What is measured of each hit.
enum Measure {
    /// Up to each bound.
    KilometersFrom(Arc<[Arc<Facts>]>, Point),
    /// From each bound on.
    Specialists,
}

struct Bands {
    of: Measure,
    bounds: Vec<f64>,
}

impl Bands {
    fn count(&self, index: &LiveIndex, query: &dyn Query) -> Result<Vec<(String, u64)>, ApiError> {
        let counted = index.searcher.search(query, self)?;
        let values = self.bounds.iter().map(f64::to_string);
        Ok(values.zip(counted).collect())
    }
}

/// Where the numbers of a segment are; none of one in which nothing has any.
enum Numbers {
    Places(Arc<Facts>, Vector),
    Specialists(Option<Column<u64>>),
}

struct SegmentBands {
    numbers: Numbers,
    bounds: Vec<f64>,
    counts: Vec<u64>,
}

impl Collector for Bands {
    type Fruit = Vec<u64>;
    type Child = SegmentBands;

    fn for_segment(
        &self,
        _: SegmentOrdinal,
        segment: &SegmentReader,
    ) -> tantivy::Result<SegmentBands> {
        let numbers = match &self.of {
            Measure::KilometersFrom(facts, centre) => {
                Numbers::Places(facts_of(facts, segment)?, vector(*centre))
            }
            Measure::Specialists => {
                let (_, fields) = indexer::schema::schema();
                let name = field_name(fields.specialists);
                Numbers::Specialists(segment.fast_fields().column_opt(&name)?)
            }
        };
        Ok(SegmentBands {
            numbers,
            bounds: self.bounds.clone(),
            counts: vec![0; self.bounds.len()],
        })
    }

    fn requires_scoring(&self) -> bool {
        false
    }

    fn merge_fruits(&self, segments: Vec<Vec<u64>>) -> tantivy::Result<Vec<u64>> {
        let band = |at: usize| segments.iter().map(|counts| counts[at]).sum();
        Ok((0..self.bounds.len()).map(band).collect())
    }
}

impl SegmentCollector for SegmentBands {
    type Fruit = Vec<u64>;

    fn collect(&mut self, doc: DocId, _: Score) {
        let bands = self.bounds.iter().zip(&mut self.counts);
        match &self.numbers {
            Numbers::Places(facts, centre) => {
                if let Some(away) = facts.meters_from(*centre, doc) {
                    bands.for_each(|(bound, count)| *count += u64::from(away <= bound * 1000.0));
                }
            }
            Numbers::Specialists(column) => {
                if let Some(has) = column.as_ref().and_then(|column| column.first(doc)) {
                    bands.for_each(|(bound, count)| *count += u64::from(has as f64 >= *bound));
                }
            }
        }
    }

    fn harvest(self) -> Vec<u64> {
        self.counts
    }
}
