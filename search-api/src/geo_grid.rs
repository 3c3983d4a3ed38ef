//! Where the documents of a segment are, by squares of a hundredth of a degree (about a kilometre), so that what lies near a place is
//! found without a look at what lies elsewhere.

use indexer::documents::Point;
use tantivy::DocId;

use crate::area::BoundingBox;

const SQUARES_PER_DEGREE: f64 = 100.0;
/// Rows from the south pole to the north, and squares of a row around the earth; the last of each begins where the earth ends.
const ROWS: u32 = 180 * 100 + 1;
const COLUMNS: u32 = 360 * 100 + 1;

/// The documents of a segment that are somewhere.
#[derive(Debug)]
pub(crate) struct GeoGrid {
    /// By their squares: row by row from the south, from west to east.
    docs: Vec<(u32, DocId)>,
}

impl GeoGrid {
    pub(crate) fn of(points: impl Iterator<Item = (DocId, Point)>) -> Self {
        let square = |point: Point| row(point.latitude) * COLUMNS + column(point.longitude);
        let docs = points.map(|(doc, point)| (square(point), doc));
        let mut docs: Vec<(u32, DocId)> = docs.collect();
        docs.sort_unstable();
        Self { docs }
    }

    /// What is in the squares that a box touches.
    pub(crate) fn near(&self, bounds: &BoundingBox) -> impl Iterator<Item = DocId> {
        let [west, east] = bounds.longitudes.map(column);
        let [south, north] = bounds.latitudes.map(row);
        let place = |square: u32| self.docs.partition_point(|(of, _)| *of < square);
        let in_row = move |row: u32| {
            let places = place(row * COLUMNS + west)..place(row * COLUMNS + east + 1);
            &self.docs[places]
        };
        let docs = (south..=north).flat_map(in_row);
        docs.map(|(_, doc)| *doc)
    }
}

fn row(latitude: f64) -> u32 {
    square(latitude + 90.0, ROWS)
}

fn column(longitude: f64) -> u32 {
    square(longitude + 180.0, COLUMNS)
}

/// What lies beyond the last square is in it.
fn square(degrees: f64, squares: u32) -> u32 {
    ((degrees * SQUARES_PER_DEGREE) as u32).min(squares - 1)
}

#[cfg(test)]
mod tests {
    use rand::prelude::*;

    use super::*;

    #[test]
    fn nothing_in_a_box_is_missed_and_little_around_it_is_met() {
        let mut random = StdRng::seed_from_u64(1);
        let mut point = |margin: f64| Point {
            latitude: random.random_range(33.0 - margin..39.0 + margin),
            longitude: random.random_range(124.0 - margin..132.0 + margin),
        };
        let points: Vec<Point> = (0..20_000).map(|_| point(0.0)).collect();
        let grid = GeoGrid::of((0..).zip(points.iter().copied()));
        for _ in 0..200 {
            let (one, other) = (point(1.0), point(1.0));
            let sides = |one: f64, other: f64| [one.min(other), one.max(other)];
            let bounds = BoundingBox {
                longitudes: sides(one.longitude, other.longitude),
                latitudes: sides(one.latitude, other.latitude),
            };
            let is_in = |point: Point, margin: f64| {
                let is_between = |[least, most]: [f64; 2], degrees: f64| {
                    (least - margin..=most + margin).contains(&degrees)
                };
                is_between(bounds.longitudes, point.longitude)
                    && is_between(bounds.latitudes, point.latitude)
            };
            let mut near: Vec<DocId> = grid.near(&bounds).collect();
            near.sort_unstable();
            let inside = (0..).zip(&points).filter(|(_, point)| is_in(**point, 0.0));
            for (doc, _) in inside {
                assert!(near.binary_search(&doc).is_ok());
            }
            let margin = 1.0 / SQUARES_PER_DEGREE + 1e-9;
            assert!(near.iter().all(|doc| is_in(points[*doc as usize], margin)));
        }
    }

    #[test]
    fn the_ends_of_the_earth_are_on_it() {
        let corners = [(-90.0, -180.0), (90.0, 180.0), (90.0, -180.0), (0.0, 0.0)];
        let point = |(latitude, longitude)| Point {
            latitude,
            longitude,
        };
        let grid = GeoGrid::of((0..).zip(corners.map(point)));
        // A circle at the end of the map reaches beyond it.
        let world = BoundingBox {
            longitudes: [-181.0, 181.0],
            latitudes: [-91.0, 91.0],
        };
        assert_eq!(grid.near(&world).count(), corners.len());
    }
}
