//! Areas drawn on a map: boxes and polygons. Korea is small, so their edges are straight in longitude and latitude, as RFC 7946
//! has them; over 100 km that is at most some 150 m beside the great circle.

use indexer::documents::Point;

/// Corners of a polygon: fewer enclose nothing, more cost too much at each document.
const VERTICES: std::ops::RangeInclusive<usize> = 3..=100;

/// Meridians and parallels around an area; both belong to it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct BoundingBox {
    /// West and east, WGS84 degrees.
    pub(crate) longitudes: [f64; 2],
    /// South and north, WGS84 degrees.
    pub(crate) latitudes: [f64; 2],
}

impl BoundingBox {
    /// `west,south,east,north`
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut sides = text.split(',').map(degrees);
        let mut next = || sides.next().flatten();
        let (west, south, east, north) = (next()?, next()?, next()?, next()?);
        let is_box =
            is_place(west, south) && is_place(east, north) && west <= east && south <= north;
        (is_box && sides.next().is_none()).then_some(Self {
            longitudes: [west, east],
            latitudes: [south, north],
        })
    }

    /// Whether a point is in it or on its border.
    pub(crate) fn contains(&self, point: Point) -> bool {
        let is_between = |[least, most]: [f64; 2], degrees| (least..=most).contains(&degrees);
        is_between(self.longitudes, point.longitude) && is_between(self.latitudes, point.latitude)
    }
}

/// A polygon, closed from its last corner to its first one.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Polygon {
    vertices: Vec<Point>,
}

impl Polygon {
    /// `lng,lat;lng,lat;lng,lat`
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let vertex = |pair: &str| {
            let (longitude, latitude) = pair.split_once(',')?;
            let (longitude, latitude) = (degrees(longitude)?, degrees(latitude)?);
            is_place(longitude, latitude).then_some(Point {
                latitude,
                longitude,
            })
        };
        let vertices: Vec<Point> = text.split(';').map(vertex).collect::<Option<_>>()?;
        VERTICES
            .contains(&vertices.len())
            .then_some(Self { vertices })
    }

    /// Its corners.
    pub(crate) fn vertices(&self) -> &[Point] {
        &self.vertices
    }

    /// The smallest box around it.
    pub(crate) fn bounds(&self) -> BoundingBox {
        let range = |of: fn(&Point) -> f64| {
            let degrees = self.vertices.iter().map(of);
            let (from, to) = (
                degrees.clone().fold(f64::INFINITY, f64::min),
                degrees.fold(f64::NEG_INFINITY, f64::max),
            );
            [from, to]
        };
        BoundingBox {
            longitudes: range(|point| point.longitude),
            latitudes: range(|point| point.latitude),
        }
    }

    /// By the even-odd rule: it is inside if its parallel crosses an odd number of edges to the east of it. Of two polygons that share
    /// an edge, exactly one has the points on it.
    pub(crate) fn contains(&self, point: Point) -> bool {
        let next = self.vertices.iter().cycle().skip(1);
        let edges = self.vertices.iter().zip(next);
        let is_crossed = |&(one, other): &(&Point, &Point)| {
            // Always from the south, so that neighbours calculate the same of the edge that they share.
            let (south, north) = if one.latitude <= other.latitude {
                (one, other)
            } else {
                (other, one)
            };
            if !(south.latitude..north.latitude).contains(&point.latitude) {
                return false;
            }
            let share = (point.latitude - south.latitude) / (north.latitude - south.latitude);
            point.longitude < south.longitude + share * (north.longitude - south.longitude)
        };
        edges.filter(is_crossed).count() % 2 == 1
    }
}

fn degrees(text: &str) -> Option<f64> {
    text.trim().parse().ok()
}

fn is_place(longitude: f64, latitude: f64) -> bool {
    (-180.0..=180.0).contains(&longitude) && (-90.0..=90.0).contains(&latitude)
}

#[cfg(test)]
mod tests {
    use rand::prelude::*;

    use super::*;

    fn polygon(text: &str) -> Polygon {
        Polygon::parse(text).unwrap_or_else(|| panic!("{text}"))
    }

    fn has(polygon: &Polygon, longitude: f64, latitude: f64) -> bool {
        polygon.contains(Point {
            latitude,
            longitude,
        })
    }

    #[test]
    fn areas_are_parsed() {
        assert_eq!(
            BoundingBox::parse("126.9, 37.4,127.1,37.6"),
            Some(BoundingBox {
                longitudes: [126.9, 127.1],
                latitudes: [37.4, 37.6]
            })
        );
        for wrong in [
            "",
            "126,37,127",
            "126,37,127,38,39",
            "127,37,126,38",
            "126,38,127,37",
            "126,37,x,38",
            "126,NaN,127,38",
            "126,37,181,38",
            "126,37,127,inf",
        ] {
            assert_eq!(BoundingBox::parse(wrong), None, "{wrong}");
        }
        assert_eq!(
            polygon("127,37;128,37;127.5,38").bounds(),
            BoundingBox {
                longitudes: [127.0, 128.0],
                latitudes: [37.0, 38.0]
            }
        );
        let many = |count: usize| vec!["127,37"; count].join(";");
        assert!(Polygon::parse(&many(100)).is_some());
        for wrong in [
            "",
            "127,37;128,37",
            "127,37;128,37;",
            "127,37;128,37;127",
            "127,37;128,37;127,91",
            &*many(101),
        ] {
            assert_eq!(Polygon::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_star_has_a_hole_by_the_even_odd_rule() {
        // A pentagram in one stroke.
        let star = polygon("0,10;5.88,-8.09;-9.51,3.09;9.51,3.09;-5.88,-8.09");
        assert!(has(&star, 0.0, 8.0) && has(&star, -4.8, -6.0) && !has(&star, 0.0, 0.0));
        let square = polygon("127,37;128,37;128,38;127,38");
        let closed = polygon("127,37;128,37;128,38;127,38;127,37");
        for (longitude, latitude, is_inside) in [
            (127.5, 37.5, true),
            (127.0, 37.5, true),
            (127.5, 37.0, true),
            (127.0, 37.0, true),
            (128.0, 37.5, false),
            (127.5, 38.0, false),
            (126.9, 37.5, false),
        ] {
            assert_eq!(
                has(&square, longitude, latitude),
                is_inside,
                "{longitude} {latitude}"
            );
            assert_eq!(has(&closed, longitude, latitude), is_inside);
        }
    }

    #[test]
    fn neighbours_share_no_point_and_leave_none_out() {
        let mut rng = StdRng::seed_from_u64(3);
        for _ in 0..2_000 {
            // A square in four triangles around a point somewhere in it.
            let (x, y) = (rng.random::<f64>() + 127.0, rng.random::<f64>() + 37.0);
            let corners = [(127.0, 37.0), (128.0, 37.0), (128.0, 38.0), (127.0, 38.0)];
            let triangle = |at: usize| {
                let (one, other) = (corners[at], corners[(at + 1) % 4]);
                polygon(&format!(
                    "{},{};{},{};{x},{y}",
                    one.0, one.1, other.0, other.1
                ))
            };
            let triangles = [0, 1, 2, 3].map(triangle);
            // On the edge from a corner to the middle, as exactly as numbers can tell.
            let (corner, share) = (corners[rng.random_range(0..4_usize)], rng.random::<f64>());
            let on_edge = (
                corner.0 + share * (x - corner.0),
                corner.1 + share * (y - corner.1),
            );
            for (longitude, latitude) in [on_edge, (x, y)] {
                let holders = triangles.iter();
                let holders = holders.filter(|triangle| has(triangle, longitude, latitude));
                assert_eq!(holders.count(), 1, "{longitude} {latitude}");
            }
        }
    }
}
