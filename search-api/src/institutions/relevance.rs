//! The order of what words find: their score, and beside it how near an institution is and whether it is open.

use std::sync::Arc;

use indexer::LiveIndex;
use indexer::documents::Point;
use indexer::schema::Fields;
use tantivy::collector::SortKeyComputer;
use tantivy::collector::sort_key::NaturalComparator;
use tantivy::{DocId, Score, SegmentReader};

use crate::beside_words::{Beside, WordsAnd};
use crate::geo::{Vector, vector};
use crate::open_docs::{Open, OpenDocs};
use crate::segments::{Facts, facts_of};
use crate::weights;

/// Orders hits by what the words count, and by what counts beside them.
pub(super) struct Relevance {
    fields: Fields,
    /// Where the searcher is.
    centre: Option<Vector>,
    facts: Arc<[Arc<Facts>]>,
    open_docs: Arc<OpenDocs>,
    /// The terms of the minute.
    open_terms: Arc<[String]>,
}

impl Relevance {
    pub(super) fn new(
        index: &LiveIndex,
        facts: &Arc<[Arc<Facts>]>,
        centre: Option<Point>,
        open_docs: Arc<OpenDocs>,
        open_terms: Arc<[String]>,
    ) -> Self {
        Self {
            fields: index.fields,
            centre: centre.map(vector),
            facts: Arc::clone(facts),
            open_docs,
            open_terms,
        }
    }

    /// What counts beside the words in a segment.
    pub(super) fn beside(&self, segment: &SegmentReader) -> tantivy::Result<SegmentRelevance> {
        Ok(SegmentRelevance {
            centre: self.centre,
            facts: facts_of(&self.facts, segment)?,
            open: self.open_docs.of(&self.fields, segment, &self.open_terms)?,
        })
    }
}

impl SortKeyComputer for Relevance {
    type SortKey = Score;
    type Child = WordsAnd<SegmentRelevance>;
    type Comparator = NaturalComparator;

    fn requires_scoring(&self) -> bool {
        true
    }

    fn segment_sort_key_computer(&self, segment: &SegmentReader) -> tantivy::Result<Self::Child> {
        self.beside(segment).map(WordsAnd)
    }
}

/// What counts beside the words, in one segment.
pub(super) struct SegmentRelevance {
    centre: Option<Vector>,
    facts: Arc<Facts>,
    open: Arc<Open>,
}

impl SegmentRelevance {
    /// What it counts that a document is so near.
    pub(super) fn nearness(&self, doc: DocId) -> Score {
        let meters = self
            .centre
            .and_then(|centre| self.facts.meters_from(centre, doc));
        let Some(meters) = meters else {
            return 0.0;
        };
        weights::NEAR / (1.0 + meters / weights::NEAR_METERS) as Score
    }

    /// What it counts that a document is open.
    pub(super) fn openness(&self, doc: DocId) -> Score {
        match self.open.contains(doc) {
            true => weights::OPEN,
            false => 0.0,
        }
    }
}

impl Beside for SegmentRelevance {
    const MOST: Score = weights::NEAR + weights::OPEN;

    fn counts(&self, doc: DocId) -> Score {
        self.nearness(doc) + self.openness(doc)
    }
}
