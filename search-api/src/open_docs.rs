//! Which documents of a segment are open at a minute. Segments never change and searches ask for the same minute, so it is looked up
//! once for each.

use std::sync::Arc;

use indexer::schema::Fields;
use moka::sync::Cache;
use tantivy::index::SegmentId;
use tantivy::query::Query;
use tantivy::query::doc_predicate_query::{DocPredicateQuery, FunctionPredicate};
use tantivy::schema::IndexRecordOption;
use tantivy::{DocId, DocSet, SegmentReader, TERMINATED, Term};

use crate::text_query::unscored;

/// Segments times minutes that are remembered: an index has about ten segments, and most searches are of now.
const REMEMBERED_MAX: u64 = 256;
const WORD_BITS: u32 = u64::BITS;

/// The documents of a segment that are open.
pub(crate) struct Open(Vec<u64>);

impl Open {
    pub(crate) fn contains(&self, doc: DocId) -> bool {
        let word = self.0.get((doc / WORD_BITS) as usize);
        word.is_some_and(|word| word >> (doc % WORD_BITS) & 1 == 1)
    }
}

/// The open documents of recent segments and minutes.
pub(crate) struct OpenDocs(Cache<(SegmentId, String), Arc<Open>>);

impl Default for OpenDocs {
    fn default() -> Self {
        Self(Cache::new(REMEMBERED_MAX))
    }
}

/// Documents that are open at a minute, which the terms stand for.
pub(crate) fn open_at(
    open_docs: &Arc<OpenDocs>,
    fields: Fields,
    terms: Arc<[String]>,
) -> Box<dyn Query> {
    let open_docs = Arc::clone(open_docs);
    let predicate = FunctionPredicate::from(move |segment: &SegmentReader| {
        let open = open_docs.of(&fields, segment, &terms)?;
        Ok(move |doc: DocId| open.contains(doc))
    });
    let query: DocPredicateQuery = predicate.into();
    unscored(Box::new(query))
}

impl OpenDocs {
    /// Those of the segment with any of the terms, which stand for a minute.
    pub(crate) fn of(
        &self,
        fields: &Fields,
        segment: &SegmentReader,
        terms: &[String],
    ) -> tantivy::Result<Arc<Open>> {
        // The terms follow from the first of them, which is of a single minute of a day, and from the day before.
        let key = (segment.segment_id(), terms.join(" "));
        if let Some(open) = self.0.get(&key) {
            return Ok(open);
        }
        let mut words = vec![0; segment.max_doc().div_ceil(WORD_BITS) as usize];
        let inverted = segment.inverted_index(fields.open)?;
        for term in terms {
            let term = Term::from_field_text(fields.open, term);
            let Some(mut docs) = inverted.read_postings(&term, IndexRecordOption::Basic)? else {
                continue;
            };
            while docs.doc() != TERMINATED {
                words[(docs.doc() / WORD_BITS) as usize] |= 1 << (docs.doc() % WORD_BITS);
                docs.advance();
            }
        }
        let open = Arc::new(Open(words));
        self.0.insert(key, Arc::clone(&open));
        Ok(open)
    }
}
