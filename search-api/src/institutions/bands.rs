//! How many hits are within each of some distances.

use indexer::LiveIndex;
use indexer::documents::Point;
use tantivy::collector::{Collector, SegmentCollector};
use tantivy::query::BooleanQuery;
use tantivy::{DocId, Score, SegmentOrdinal, SegmentReader};

use super::distance::{Points, within};
use crate::error::ApiError;
use crate::facets::Counts;
use crate::filters::{Clauses, Filters};

/// The facet's name.
pub(super) const DISTANCE: &str = "distance";
/// Kilometres that people walk, ride or drive.
const BANDS_KILOMETERS: [f64; 5] = [0.5, 1.0, 3.0, 5.0, 10.0];

/// Adds how many hits are so near, each band with all that is nearer; the radius that is asked for is left aside, and listed.
pub(super) fn add_bands(
    counts: &mut Counts,
    index: &LiveIndex,
    filters: &Filters,
    words: &Clauses,
    centre: Point,
) -> Result<(), ApiError> {
    let mut kilometers = BANDS_KILOMETERS.to_vec();
    let chosen = filters.listed(DISTANCE);
    kilometers.extend(chosen.filter_map(|radius| radius.parse::<f64>().ok()));
    kilometers.sort_by(f64::total_cmp);
    kilometers.dedup();
    let bands = Bands {
        centre,
        meters: kilometers.iter().map(|radius| radius * 1000.0).collect(),
    };
    let widest = bands.meters.last().copied().unwrap_or_default();
    let query = filters.query_without(DISTANCE, words);
    let inside = within(&index.fields, centre, widest);
    let query = BooleanQuery::intersection(vec![Box::new(query), inside]);
    let counted = index.searcher.search(&query, &bands)?;
    let values = kilometers.iter().map(f64::to_string).zip(counted);
    counts.insert(DISTANCE, values.collect());
    Ok(())
}

/// What a band is called.
pub(super) fn band_label(kilometers: &str) -> String {
    match kilometers.parse::<f64>() {
        Ok(radius) if radius < 1.0 => format!("{}m 안", radius * 1000.0),
        _ => format!("{kilometers}km 안"),
    }
}

/// Counts what is within each of these distances, which ascend.
struct Bands {
    centre: Point,
    meters: Vec<f64>,
}

struct SegmentBands {
    points: Points,
    centre: Point,
    meters: Vec<f64>,
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
        Ok(SegmentBands {
            points: Points::of(segment)?,
            centre: self.centre,
            meters: self.meters.clone(),
            counts: vec![0; self.meters.len()],
        })
    }

    fn requires_scoring(&self) -> bool {
        false
    }

    fn merge_fruits(&self, segments: Vec<Vec<u64>>) -> tantivy::Result<Vec<u64>> {
        let band = |at: usize| segments.iter().map(|counts| counts[at]).sum();
        Ok((0..self.meters.len()).map(band).collect())
    }
}

impl SegmentCollector for SegmentBands {
    type Fruit = Vec<u64>;

    fn collect(&mut self, doc: DocId, _: Score) {
        if let Some(away) = self.points.distance_meters(doc, self.centre) {
            for (meters, count) in self.meters.iter().zip(&mut self.counts) {
                *count += u64::from(away <= *meters);
            }
        }
    }

    fn harvest(self) -> Vec<u64> {
        self.counts
    }
}
