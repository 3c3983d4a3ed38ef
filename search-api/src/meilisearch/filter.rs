//! Filter expressions of Meilisearch. Values are quoted here and nowhere else.

use std::fmt::Display;

use indexer::documents::Point;

use crate::area::{BoundingBox, Polygon};

/// Conditions that must all hold, each with the facet that it chooses values of.
pub(crate) struct Filter(Vec<(Option<&'static str>, String)>);

impl Filter {
    /// Documents of this noun.
    pub(crate) fn noun(noun: &str) -> Self {
        Self::any_of_nouns(&[noun])
    }

    /// Documents of any of these nouns.
    pub(crate) fn any_of_nouns(nouns: &[&str]) -> Self {
        let mut filter = Self(Vec::new());
        filter.any_of("noun", nouns);
        filter
    }

    /// And one of these values of a facet, unless there are none; the attribute may be another than the one that is counted.
    pub(crate) fn choose(
        &mut self,
        facet: &'static str,
        attribute: &str,
        values: impl IntoIterator<Item = impl AsRef<str>>,
    ) {
        let others = self.0.len();
        self.any_of(attribute, values);
        for (of, _) in &mut self.0[others..] {
            *of = Some(facet);
        }
    }

    /// Whether values of the facet are chosen.
    pub(crate) fn has(&self, facet: &str) -> bool {
        self.0.iter().any(|(of, _)| *of == Some(facet))
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
        self.0.push((None, condition.to_string()));
    }

    pub(crate) fn text(&self) -> String {
        self.text_without(None)
    }

    /// The same without what chooses values of the facet.
    pub(crate) fn text_without(&self, facet: Option<&str>) -> String {
        let conditions = self.0.iter();
        let conditions = conditions.filter(|(of, _)| of.is_none() || *of != facet);
        let conditions: Vec<&str> = conditions.map(|(_, text)| text.as_str()).collect();
        conditions.join(" AND ")
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
