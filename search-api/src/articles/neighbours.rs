//! Neighbouring terms of a query that stand in a row in an article, as phrases of two by BM25. It reads the places of each term once, where
//! a phrase query for each two would read them twice, and look through the whole index for the first document of each.

use tantivy::postings::{Postings, SegmentPostings};
use tantivy::query::Bm25Weight;
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocId, DocSet, Score, Searcher, SegmentReader, Term};

use super::second_look::Hit;
use super::statistics::Statistics;
use crate::error::ApiError;
use crate::text_query::TextQuery;
use crate::weights;

/// Pairs of neighbouring terms that are looked for: those of a long sentence.
const PAIRS_MAX: usize = 24;

/// The neighbouring terms of a query.
pub(super) struct Neighbours {
    /// Distinct.
    terms: Vec<String>,
    /// Two of the terms, in their order.
    pairs: Vec<(usize, usize)>,
}

impl Neighbours {
    pub(super) fn of(text: &TextQuery) -> Self {
        let mut terms: Vec<String> = Vec::new();
        let concepts = text.understood.concepts.iter();
        let places = concepts.flat_map(|concept| &concept.tokens).map(|token| {
            let known = terms.iter().position(|term| term == token);
            known.unwrap_or_else(|| {
                terms.push(token.clone());
                terms.len() - 1
            })
        });
        let places: Vec<usize> = places.take(PAIRS_MAX + 1).collect();
        Self {
            pairs: places.windows(2).map(|pair| (pair[0], pair[1])).collect(),
            terms,
        }
    }

    /// Adds what they count to hits that are ordered by address.
    pub(super) fn add(
        &self,
        searcher: &Searcher,
        statistics: &Statistics,
        fields: &[(Field, Score)],
        hits: &mut [Hit],
    ) -> Result<(), ApiError> {
        for &(field, boost) in fields {
            let term = |place: usize| Term::from_field_text(field, &self.terms[place]);
            let weight = |&(one, other): &(usize, usize)| {
                let weight = Bm25Weight::for_terms(statistics, &[term(one), term(other)])?;
                Ok(weight.boost_by(boost * weights::NEIGHBOURS))
            };
            let weights: Vec<Bm25Weight> = self
                .pairs
                .iter()
                .map(weight)
                .collect::<tantivy::Result<_>>()?;
            let of_segment =
                |one: &Hit, other: &Hit| one.address.segment_ord == other.address.segment_ord;
            for hits in hits.chunk_by_mut(of_segment) {
                let segment = searcher.segment_reader(hits[0].address.segment_ord);
                let norms = segment.get_fieldnorms_reader(field)?;
                let mut places = Places::of(segment, field, &self.terms)?;
                for hit in hits {
                    let doc = hit.address.doc_id;
                    places.read(doc);
                    for ((one, other), weight) in self.pairs.iter().zip(&weights) {
                        let count = in_a_row(&places.read[*one], &places.read[*other]);
                        if count > 0 {
                            hit.score += weight.score(norms.fieldnorm_id(doc), count);
                        }
                    }
                }
            }
        }
        Ok(())
    }
}

/// Where terms stand in the documents of a segment.
struct Places {
    postings: Vec<Option<SegmentPostings>>,
    /// Of the document that was read last, ascending.
    read: Vec<Vec<u32>>,
}

impl Places {
    fn of(segment: &SegmentReader, field: Field, terms: &[String]) -> tantivy::Result<Self> {
        let inverted = segment.inverted_index(field)?;
        let postings = terms.iter().map(|term| {
            let term = Term::from_field_text(field, term);
            Ok(inverted.read_postings(&term, IndexRecordOption::WithFreqsAndPositions)?)
        });
        Ok(Self {
            postings: postings.collect::<tantivy::Result<_>>()?,
            read: vec![Vec::new(); terms.len()],
        })
    }

    /// Reads those of a document, which comes after those that were read.
    fn read(&mut self, doc: DocId) {
        for (postings, read) in self.postings.iter_mut().zip(&mut self.read) {
            read.clear();
            let Some(postings) = postings else {
                continue;
            };
            if postings.doc() < doc {
                postings.seek(doc);
            }
            if postings.doc() == doc {
                postings.positions(read);
            }
        }
    }
}

/// How often a place of the second follows one of the first.
fn in_a_row(first: &[u32], second: &[u32]) -> u32 {
    let mut rest = second.iter().peekable();
    let follows = |place: &&u32| {
        while rest.next_if(|next| **next <= **place).is_some() {}
        rest.peek().is_some_and(|next| **next == *place + 1)
    };
    first.iter().filter(follows).count() as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_follows_is_counted() {
        assert_eq!(in_a_row(&[1, 5, 9], &[2, 3, 10]), 2);
        assert_eq!(in_a_row(&[1, 2, 3], &[1, 2, 3]), 2);
        assert_eq!(in_a_row(&[4], &[3, 4]), 0);
        assert_eq!(in_a_row(&[], &[1]), 0);
    }
}
