//! A second look at the best hits, by what would cost too much to ask of each (Lucene's `QueryRescorer`).

use indexer::LiveIndex;
use tantivy::query::EnableScoring;
use tantivy::{DocAddress, DocSet, Score};

use super::evidence::Evidence;
use super::statistics::Statistics;
use crate::error::ApiError;
use crate::weights;

/// A hit with its score so far and the number of its document.
pub(super) struct Hit {
    pub(super) score: Score,
    pub(super) id: u64,
    pub(super) address: DocAddress,
}

/// Adds what counts besides, and puts the hits in order.
pub(super) fn look_again(
    index: &LiveIndex,
    statistics: &Statistics,
    evidence: &Evidence,
    hits: &mut [Hit],
) -> Result<(), ApiError> {
    let searcher = &index.searcher;
    let searched = weights::of_articles(&index.fields);
    hits.sort_unstable_by_key(|hit| hit.address);
    // Of each hit the best way of a sign, and all of its ways.
    let mut counted: Vec<(Score, Score)> = vec![(0.0, 0.0); hits.len()];
    for sign in evidence.common.iter().chain(&evidence.pairs) {
        counted.fill((0.0, 0.0));
        for way in &sign.ways {
            let scoring = EnableScoring::enabled_from_statistics_provider(statistics, searcher);
            let weight = way.weight(scoring)?;
            let mut rest = hits.iter().zip(&mut counted).peekable();
            while let Some((first, _)) = rest.peek() {
                let segment = first.address.segment_ord;
                let mut found = weight.scorer(searcher.segment_reader(segment), 1.0)?;
                while let Some((hit, counted)) =
                    rest.next_if(|(hit, _)| hit.address.segment_ord == segment)
                {
                    let doc = hit.address.doc_id;
                    if found.doc() < doc {
                        found.seek(doc);
                    }
                    if found.doc() == doc {
                        let score = found.score();
                        *counted = (counted.0.max(score), counted.1 + score);
                    }
                }
            }
        }
        for (hit, (best, all)) in hits.iter_mut().zip(&counted) {
            hit.score += best + weights::TIE_BREAKER * (all - best);
        }
    }
    evidence
        .neighbours
        .add(searcher, statistics, &searched, hits)?;
    hits.sort_by(|one, other| {
        let better = other.score.total_cmp(&one.score);
        better.then(one.id.cmp(&other.id))
    });
    Ok(())
}
