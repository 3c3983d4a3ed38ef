//! Why an article stands where it does: what each sign of relevance counts for it.

use indexer::LiveIndex;
use tantivy::DocAddress;
use tantivy::query::{EnableScoring, Query};

use super::evidence::{Evidence, Sign};
use super::freshness::Fresh;
use super::second_look::Hit;
use super::statistics::Statistics;
use crate::beside_words::Beside;
use crate::error::ApiError;
use crate::explanation::{ConceptPart, Part, score};
use crate::weights;

/// What a search has looked for.
pub(super) struct Explainer<'a> {
    pub(super) index: &'a LiveIndex,
    pub(super) statistics: &'a Statistics,
    pub(super) evidence: &'a Evidence,
    /// Ways to be found by the title, by the names of their parts of the score.
    pub(super) names: &'a [(&'static str, Box<dyn Query>)],
    pub(super) fresh: &'a Fresh,
}

impl Explainer<'_> {
    /// What counts for a hit, which is one of those that were judged by all that counts, or not.
    pub(super) fn explain(
        &self,
        address: DocAddress,
        is_judged: bool,
    ) -> Result<Vec<Part>, ApiError> {
        let evidence = self.evidence;
        let common = evidence.common.iter().filter(|_| is_judged);
        let mut words = Part::new("words", 0.0);
        for sign in evidence.telling.iter().chain(common) {
            words.concepts.extend(self.sign(sign, address)?);
        }
        words.score = words.concepts.iter().map(|concept| concept.score).sum();
        let mut parts = vec![words];
        for (part, way) in self.names {
            let counts = score(self.scoring(), way, address)?;
            parts.extend(counts.map(|counts| Part::new(part, counts)));
        }
        if is_judged {
            let mut pairs = Part::new("pairs", 0.0);
            for pair in &evidence.pairs {
                pairs.score += self.sign(pair, address)?.map_or(0.0, |pair| pair.score);
            }
            parts.extend([pairs, self.in_a_row(address)?]);
        }
        let segment = self.index.searcher.segment_reader(address.segment_ord);
        let fresh = self.fresh.beside(segment)?;
        parts.push(Part::new("fresh", fresh.counts(address.doc_id)));
        Ok(parts)
    }

    fn scoring(&self) -> EnableScoring<'_> {
        EnableScoring::enabled_from_statistics_provider(self.statistics, &self.index.searcher)
    }

    fn sign(&self, sign: &Sign, address: DocAddress) -> Result<Option<ConceptPart>, ApiError> {
        let counts = score(self.scoring(), &sign.query(), address)?;
        Ok(counts.map(|score| ConceptPart {
            terms: sign.terms.clone(),
            score,
        }))
    }

    fn in_a_row(&self, address: DocAddress) -> Result<Part, ApiError> {
        let searched = weights::of_articles(&self.index.fields);
        let mut hit = [Hit {
            score: 0.0,
            id: 0,
            address,
        }];
        let neighbours = &self.evidence.neighbours;
        neighbours.add(&self.index.searcher, self.statistics, &searched, &mut hit)?;
        Ok(Part::new("in_a_row", hit[0].score))
    }
}
