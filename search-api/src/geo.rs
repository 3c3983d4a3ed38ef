//! Distances on the earth.

use indexer::documents::Point;

use crate::area::BoundingBox;

/// Mean radius of the earth (IUGG).
const EARTH_METERS: f64 = 6_371_008.8;
/// Degrees by which a box is larger than its circle, so that rounding cuts nothing off: about a centimetre.
const MARGIN_DEGREES: f64 = 1e-7;

/// Metres from one point to another along the great circle (haversine).
pub(crate) fn distance_meters(from: Point, to: Point) -> f64 {
    let (north, east) = (
        (to.latitude - from.latitude).to_radians(),
        (to.longitude - from.longitude).to_radians(),
    );
    let across = from.latitude.to_radians().cos() * to.latitude.to_radians().cos();
    let a = (north / 2.0).sin().powi(2) + across * (east / 2.0).sin().powi(2);
    2.0 * EARTH_METERS * a.sqrt().min(1.0).asin()
}

/// A point of the unit sphere.
pub(crate) type Vector = [f64; 3];

/// Where a place is on the unit sphere.
pub(crate) fn vector(point: Point) -> Vector {
    let (latitude, longitude) = (point.latitude.to_radians(), point.longitude.to_radians());
    [
        latitude.cos() * longitude.cos(),
        latitude.cos() * longitude.sin(),
        latitude.sin(),
    ]
}

/// The square of the straight line between two points of the sphere, through it; it grows with the distance along the great circle.
pub(crate) fn square_of_chord(from: Vector, to: Vector) -> f64 {
    let parts = from.iter().zip(to);
    parts.map(|(one, other)| (other - one).powi(2)).sum()
}

/// Metres along the great circle over a chord.
pub(crate) fn meters_of_chord(square: f64) -> f64 {
    2.0 * EARTH_METERS * (square.sqrt() / 2.0).min(1.0).asin()
}

/// The smallest box that holds a circle, which must not hold a pole.
pub(crate) fn bounding_box(centre: Point, radius_meters: f64) -> BoundingBox {
    let angle = radius_meters / EARTH_METERS;
    let north = angle.to_degrees() + MARGIN_DEGREES;
    let east = (angle.sin() / centre.latitude.to_radians().cos())
        .asin()
        .to_degrees();
    let east = east + MARGIN_DEGREES;
    BoundingBox {
        longitudes: [centre.longitude - east, centre.longitude + east],
        latitudes: [centre.latitude - north, centre.latitude + north],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEOUL: Point = Point {
        latitude: 37.5665,
        longitude: 126.978,
    };
    const BUSAN: Point = Point {
        latitude: 35.1796,
        longitude: 129.0756,
    };

    #[test]
    fn seoul_is_325_km_from_busan() {
        assert!((distance_meters(SEOUL, BUSAN) - 325_000.0).abs() < 1000.0);
        assert_eq!(distance_meters(SEOUL, SEOUL), 0.0);
    }

    #[test]
    fn the_box_holds_the_circle_and_touches_it() {
        let bounds = bounding_box(SEOUL, 10_000.0);
        let ([west, east], [south, north]) = (bounds.longitudes, bounds.latitudes);
        for step in 0..360 {
            let direction = f64::from(step).to_radians();
            let angle = 10_000.0 / EARTH_METERS;
            let latitude = SEOUL.latitude.to_radians();
            let to = (latitude.sin() * angle.cos()
                + latitude.cos() * angle.sin() * direction.cos())
            .asin();
            let over = (direction.sin() * angle.sin() * latitude.cos())
                .atan2(angle.cos() - latitude.sin() * to.sin());
            let point = Point {
                latitude: to.to_degrees(),
                longitude: SEOUL.longitude + over.to_degrees(),
            };
            assert!((distance_meters(SEOUL, point) - 10_000.0).abs() < 0.01);
            assert!(
                (south..=north).contains(&point.latitude)
                    && (west..=east).contains(&point.longitude)
            );
        }
    }
}
