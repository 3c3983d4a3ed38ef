//! Which documents of a segment are open at a minute. Segments never change and searches ask for the same minute, so it is looked up
//! once for each.

use std::sync::Arc;

use indexer::schema::Fields;
use moka::policy::EvictionPolicy;
use moka::sync::Cache;
use tantivy::index::SegmentId;
use tantivy::query::Query;
use tantivy::query::doc_predicate_query::{DocPredicateQuery, FunctionPredicate};
use tantivy::schema::IndexRecordOption;
use tantivy::{DocId, DocSet, SegmentReader, TERMINATED, Term};

use crate::text_query::unscored;

/// Bytes that are remembered, a bit for each document and minute: some 25 minutes of ten million documents, and most searches are of
/// now.
const REMEMBERED_BYTES_MAX: u64 = 32 * 1024 * 1024;
/// What each segment and minute takes beside the bits, for its key and the cache's own accounts: about that, and most where segments
/// are small.
const ENTRY_BYTES: usize = 512;
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
        let bytes = |_: &_, open: &Arc<Open>| {
            u32::try_from(ENTRY_BYTES + size_of_val(open.0.as_slice())).unwrap_or(u32::MAX)
        };
        let remembered = Cache::builder().weigher(bytes);
        let remembered = remembered.max_capacity(REMEMBERED_BYTES_MAX);
        // A minute that is over is not asked for again, however often it was.
        let remembered = remembered.eviction_policy(EvictionPolicy::lru());
        Self(remembered.build())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_minutes_are_remembered_up_to_so_many_bytes() {
        let OpenDocs(remembered) = OpenDocs::default();
        let segment = SegmentId::generate_random();
        let key = |minute: u32| (segment, minute.to_string());
        for minute in 0..60 {
            let words = 10_000_000_u32.div_ceil(WORD_BITS);
            let open = Open(vec![0; words as usize]);
            remembered.insert(key(minute), Arc::new(open));
            remembered.run_pending_tasks();
        }
        let bytes = remembered.iter().map(|(_, open)| open.0.len() * 8);
        assert!(bytes.sum::<usize>() as u64 <= REMEMBERED_BYTES_MAX);
        let kept: Vec<u32> = (0..60)
            .filter(|minute| remembered.contains_key(&key(*minute)))
            .collect();
        assert_eq!(kept, (34..60).collect::<Vec<_>>());
    }
}
