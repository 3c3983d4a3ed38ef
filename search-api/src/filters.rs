//! The filters of a search. Each knows of which facet it is, so that the facet can be counted without it.

use tantivy::query::{BooleanQuery, Occur, Query};

/// Clauses of a query.
pub(crate) type Clauses = Vec<(Occur, Box<dyn Query>)>;

/// What every hit must be.
#[derive(Default)]
pub(crate) struct Filters {
    filters: Vec<(Option<&'static str>, Box<dyn Query>)>,
    chosen: Vec<(&'static str, String)>,
}

impl Filters {
    /// A filter of no facet.
    pub(crate) fn must(&mut self, filter: Box<dyn Query>) {
        self.filters.push((None, filter));
    }

    /// The filter of a facet, whose values are alternatives: its own counts leave it aside, to tell what another choice would give.
    pub(crate) fn choose(
        &mut self,
        facet: &'static str,
        filter: Box<dyn Query>,
        values: impl IntoIterator<Item = String>,
    ) {
        self.filters.push((Some(facet), filter));
        self.list(facet, values);
    }

    /// Values that the facet lists even if no hit has them.
    pub(crate) fn list(&mut self, facet: &'static str, values: impl IntoIterator<Item = String>) {
        self.chosen
            .extend(values.into_iter().map(|value| (facet, value)));
    }

    /// The values of the facet that are listed in any case.
    pub(crate) fn listed(&self, facet: &str) -> impl Iterator<Item = &str> {
        let of_facet = self.chosen.iter().filter(move |(of, _)| *of == facet);
        of_facet.map(|(_, value)| value.as_str())
    }

    /// Whether the facet has a filter.
    pub(crate) fn has(&self, facet: &str) -> bool {
        self.filters.iter().any(|(of, _)| *of == Some(facet))
    }

    /// What has the words and passes every filter.
    pub(crate) fn query(&self, words: &Clauses) -> BooleanQuery {
        self.query_of(words, |_| true)
    }

    /// What has the words and passes every filter but that of the facet.
    pub(crate) fn query_without(&self, facet: &str, words: &Clauses) -> BooleanQuery {
        self.query_of(words, |of| of != Some(facet))
    }

    fn query_of(&self, words: &Clauses, counts: impl Fn(Option<&str>) -> bool) -> BooleanQuery {
        let filters = self.filters.iter().filter(|(of, _)| counts(*of));
        let filters = filters.map(|(_, filter)| (Occur::Must, filter.box_clone()));
        let words = words.iter();
        let words = words.map(|(occur, clause)| (*occur, clause.box_clone()));
        BooleanQuery::new(filters.chain(words).collect())
    }
}
