//! Popular queries as names, made anew when the index has others.

use std::sync::Arc;

use indexer::documents::QueryDocument;

use super::names::{Name, Names, SuggestionType};

/// The popular queries of the index that was asked last.
#[derive(Default)]
pub(crate) struct Popular {
    queries: Arc<[QueryDocument]>,
    names: Arc<Names>,
}

impl Popular {
    /// The names of these queries.
    pub(crate) fn of(&mut self, queries: &Arc<[QueryDocument]>) -> Arc<Names> {
        if !Arc::ptr_eq(&self.queries, queries) {
            self.names = Arc::new(Names::new(queries.iter().map(|query| {
                let name = Name {
                    // The more frequent first.
                    level: u64::from(u32::MAX - query.searches),
                    ..Name::new(
                        SuggestionType::Query,
                        &query.query,
                        "인기 검색어".to_owned(),
                    )
                };
                (name, Vec::new())
            })));
            self.queries = Arc::clone(queries);
        }
        Arc::clone(&self.names)
    }
}
