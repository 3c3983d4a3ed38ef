//! Filter expressions of Meilisearch. Values are quoted here and nowhere else.

use std::fmt::{Display, Write};

use indexer::documents::Point;

use crate::area::{BoundingBox, Polygon};

/// Conditions that must all hold.
pub(crate) struct Filter(String);

impl Filter {
    /// Documents of this noun.
    pub(crate) fn noun(noun: &str) -> Self {
        Self::any_of_nouns(&[noun])
    }

    /// Documents of any of these nouns.
    pub(crate) fn any_of_nouns(nouns: &[&str]) -> Self {
        let mut filter = Self(String::new());
        filter.any_of("noun", nouns);
        filter
    }

    /// And one of these values, unless there are none.
    pub(crate) fn any_of(
        &mut self,
        attribute: &str,
        values: impl IntoIterator<Item = impl AsRef<str>>,
    ) {
        let values = values.into_iter().map(|value| quoted(value.as_ref()));
        let values: Vec<String> = values.collect();
        if !values.is_empty() {
            self.and(format_args!("{attribute} IN [{}]", values.join(", ")));
        }
    }

    /// And that value.
    pub(crate) fn is(&mut self, attribute: &str, value: &str) {
        self.and(format_args!("{attribute} = {}", quoted(value)));
    }

    /// And within so many metres.
    pub(crate) fn within(&mut self, centre: Point, radius_meters: f64) {
        let Point {
            latitude,
            longitude,
        } = centre;
        self.and(format_args!(
            "_geoRadius({latitude}, {longitude}, {radius_meters})"
        ));
    }

    /// And at least so much.
    pub(crate) fn at_least(&mut self, attribute: &str, least: u64) {
        self.and(format_args!("{attribute} >= {least}"));
    }

    /// And in the box.
    pub(crate) fn in_box(&mut self, bounds: BoundingBox) {
        let [west, east] = bounds.longitudes;
        let [south, north] = bounds.latitudes;
        self.and(format_args!(
            "_geoBoundingBox([{north}, {east}], [{south}, {west}])"
        ));
    }

    /// And in the polygon.
    pub(crate) fn in_polygon(&mut self, polygon: &Polygon) {
        let corners = polygon.vertices().iter();
        let corners = corners.map(|point| format!("[{}, {}]", point.latitude, point.longitude));
        let corners: Vec<_> = corners.collect();
        self.and(format_args!("_geoPolygon({})", corners.join(", ")));
    }

    fn and(&mut self, condition: impl Display) {
        if !self.0.is_empty() {
            self.0.push_str(" AND ");
        }
        // Writing into a `String` never fails.
        let _ = write!(self.0, "{condition}");
    }

    pub(crate) fn text(&self) -> &str {
        &self.0
    }
}

fn quoted(value: &str) -> String {
    format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_value_ends_its_quotes() {
        let mut filter = Filter::noun("article");
        filter.any_of("topic", Vec::<String>::new());
        filter.any_of("topic", ["증상", r#"a" OR noun = "position"#, r"b\"]);
        filter.is("slug", "c\"");
        assert_eq!(
            filter.text(),
            r#"noun IN ["article"] AND topic IN ["증상", "a\" OR noun = \"position", "b\\"] AND slug = "c\"""#
        );
    }
}
