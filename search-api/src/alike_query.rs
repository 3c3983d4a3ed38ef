//! Documents with a term that is spelt nearly like a text, each scored by its term: how far that is, and what else it tells.

use std::fmt;
use std::sync::Arc;

use tantivy::query::{EnableScoring, Explanation, Query, Scorer, Weight};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocId, DocSet, Score, SegmentReader, TERMINATED};

use crate::explanation::explain;
use crate::spelt_alike::{Mistakes, SpeltAlike};

/// What a term counts that is so many mistakes away.
type ScoreOf = dyn Fn(&str, u8) -> Score + Send + Sync;

/// The query.
#[derive(Clone)]
pub(crate) struct AlikeQuery {
    field: Field,
    automaton: Arc<SpeltAlike>,
    score_of: Arc<ScoreOf>,
}

impl AlikeQuery {
    pub(crate) fn new(
        field: Field,
        text: &str,
        mistakes: Mistakes,
        score_of: impl Fn(&str, u8) -> Score + Send + Sync + 'static,
    ) -> Self {
        Self {
            field,
            automaton: Arc::new(SpeltAlike::new(text, mistakes)),
            score_of: Arc::new(score_of),
        }
    }
}

impl fmt::Debug for AlikeQuery {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let field = self.field;
        formatter
            .debug_struct("AlikeQuery")
            .field("field", &field)
            .finish_non_exhaustive()
    }
}

impl Query for AlikeQuery {
    fn weight(&self, _: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        Ok(Box::new(self.clone()))
    }
}

impl Weight for AlikeQuery {
    fn scorer(&self, segment: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        let inverted = segment.inverted_index(self.field)?;
        let mut terms = inverted.terms().search(&*self.automaton).into_stream()?;
        let mut docs: Vec<(DocId, Score)> = Vec::new();
        while terms.advance() {
            let distance = self.automaton.distance(terms.key());
            let Some((term, distance)) = std::str::from_utf8(terms.key()).ok().zip(distance) else {
                continue;
            };
            let score = (self.score_of)(term, distance) * boost;
            let mut postings =
                inverted.read_postings_from_terminfo(terms.value(), IndexRecordOption::Basic)?;
            while postings.doc() != TERMINATED {
                docs.push((postings.doc(), score));
                postings.advance();
            }
        }
        // A document may have several of the terms: its best one counts.
        docs.sort_unstable_by(|(doc, score), (other_doc, other)| {
            doc.cmp(other_doc).then(other.total_cmp(score))
        });
        docs.dedup_by_key(|(doc, _)| *doc);
        Ok(Box::new(ScoredDocs { docs, at: 0 }))
    }

    fn explain(&self, segment: &SegmentReader, doc: DocId) -> tantivy::Result<Explanation> {
        explain(self, segment, doc)
    }
}

/// Documents with their scores, ascending.
struct ScoredDocs {
    docs: Vec<(DocId, Score)>,
    at: usize,
}

impl DocSet for ScoredDocs {
    fn advance(&mut self) -> DocId {
        self.at += 1;
        self.doc()
    }

    fn seek(&mut self, target: DocId) -> DocId {
        let rest = self.docs.get(self.at..).unwrap_or_default();
        self.at += rest.partition_point(|(doc, _)| *doc < target);
        self.doc()
    }

    fn doc(&self) -> DocId {
        self.docs.get(self.at).map_or(TERMINATED, |(doc, _)| *doc)
    }

    fn size_hint(&self) -> u32 {
        self.docs.len() as u32
    }
}

impl Scorer for ScoredDocs {
    fn score(&mut self) -> Score {
        self.docs.get(self.at).map_or(0.0, |(_, score)| *score)
    }
}
