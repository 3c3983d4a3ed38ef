//! Documents that are found in any of several ways: the best one counts, and a share of each other. A share of one adds them up.
//!
//! What tantivy has for it ([`DisjunctionMaxQuery`](tantivy::query::DisjunctionMaxQuery), `BooleanQuery::union`) finds and scores all
//! documents of 4,096 in a row, which is best for what is looked through from its beginning to its end. Here the ways are mostly of
//! words beside other, rarer words: only those documents of a way are looked at which the others have, and only hits are scored.

use tantivy::query::{EmptyScorer, EnableScoring, Explanation, Query, Scorer, Weight};
use tantivy::{DocId, DocSet, Score, SegmentReader, TERMINATED, Term};

use crate::explanation::explain;

/// The query.
#[derive(Debug)]
pub(crate) struct BestOf {
    ways: Vec<Box<dyn Query>>,
    /// Which share of its score each way adds that is not the best.
    share: Score,
}

impl BestOf {
    pub(crate) fn new(ways: Vec<Box<dyn Query>>, share: Score) -> Self {
        Self { ways, share }
    }
}

impl Clone for BestOf {
    fn clone(&self) -> Self {
        let ways = self.ways.iter().map(|way| way.box_clone()).collect();
        Self { ways, ..*self }
    }
}

impl Query for BestOf {
    fn weight(&self, scoring: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        let ways = self.ways.iter().map(|way| way.weight(scoring));
        Ok(Box::new(BestOfWeight {
            ways: ways.collect::<tantivy::Result<_>>()?,
            share: self.share,
        }))
    }

    fn query_terms<'a>(&'a self, visitor: &mut dyn FnMut(&'a Term, bool)) {
        for way in &self.ways {
            way.query_terms(visitor);
        }
    }
}

struct BestOfWeight {
    ways: Vec<Box<dyn Weight>>,
    share: Score,
}

impl Weight for BestOfWeight {
    fn scorer(&self, segment: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        let mut ways = Vec::with_capacity(self.ways.len());
        for way in &self.ways {
            let scorer = way.scorer(segment, boost)?;
            if scorer.doc() != TERMINATED {
                ways.push((scorer.doc(), scorer));
            }
        }
        Ok(match ways.len() {
            0 => Box::new(EmptyScorer),
            1 => ways.remove(0).1,
            _ => Box::new(BestOfScorer::new(ways, self.share)),
        })
    }

    fn explain(&self, segment: &SegmentReader, doc: DocId) -> tantivy::Result<Explanation> {
        explain(self, segment, doc)
    }
}

struct BestOfScorer {
    /// Each with its document, of which none is before that of the whole.
    ways: Vec<(DocId, Box<dyn Scorer>)>,
    doc: DocId,
    share: Score,
}

impl BestOfScorer {
    fn new(ways: Vec<(DocId, Box<dyn Scorer>)>, share: Score) -> Self {
        let mut scorer = Self {
            ways,
            doc: 0,
            share,
        };
        scorer.meet();
        scorer
    }

    /// Goes to the first document of any way.
    fn meet(&mut self) -> DocId {
        let docs = self.ways.iter().map(|(doc, _)| *doc);
        self.doc = docs.min().unwrap_or(TERMINATED);
        self.doc
    }
}

impl DocSet for BestOfScorer {
    fn advance(&mut self) -> DocId {
        for (doc, way) in &mut self.ways {
            if *doc == self.doc {
                *doc = way.advance();
            }
        }
        self.meet()
    }

    fn seek(&mut self, target: DocId) -> DocId {
        for (doc, way) in &mut self.ways {
            if *doc < target {
                *doc = way.seek(target);
            }
        }
        self.meet()
    }

    fn doc(&self) -> DocId {
        self.doc
    }

    fn size_hint(&self) -> u32 {
        let hints = self.ways.iter().map(|(_, way)| way.size_hint());
        hints.fold(0, u32::saturating_add)
    }

    fn cost(&self) -> u64 {
        self.ways.iter().map(|(_, way)| way.cost()).sum()
    }
}

impl Scorer for BestOfScorer {
    fn score(&mut self) -> Score {
        let (mut best, mut all): (Score, Score) = (0.0, 0.0);
        for (doc, way) in &mut self.ways {
            if *doc == self.doc {
                let score = way.score();
                best = best.max(score);
                all += score;
            }
        }
        best + self.share * (all - best)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use rand::prelude::*;
    use tantivy::collector::DocSetCollector;
    use tantivy::query::{BooleanQuery, DisjunctionMaxQuery, TermQuery};
    use tantivy::schema::{Field, IndexRecordOption, Schema, TEXT};
    use tantivy::{DocAddress, Index, IndexWriter, Searcher, TantivyDocument};

    use super::*;

    const WORDS: [&str; 6] = ["가", "나", "다", "라", "마", "없음"];

    fn index(random: &mut StdRng) -> (Searcher, Field) {
        let mut schema = Schema::builder();
        let text = schema.add_text_field("text", TEXT);
        let index = Index::create_in_ram(schema.build());
        let mut writer: IndexWriter = index.writer_with_num_threads(1, 15_000_000).unwrap();
        for _ in 0..2 {
            for _ in 0..500 {
                let mut document = TantivyDocument::default();
                for (rarity, word) in (2..).zip(&WORDS[..5]) {
                    if random.random_ratio(1, rarity * rarity) {
                        document.add_text(text, word);
                    }
                }
                writer.add_document(document).unwrap();
            }
            writer.commit().unwrap();
        }
        (index.reader().unwrap().searcher(), text)
    }

    /// What a query finds, each with its score, which is asked for by seeking, since a collector only advances.
    fn scores(searcher: &Searcher, query: &dyn Query) -> BTreeMap<DocAddress, Score> {
        let weight = query.weight(EnableScoring::enabled_from_searcher(searcher));
        let weight = weight.unwrap();
        let found = searcher.search(query, &DocSetCollector).unwrap();
        let score = |address: DocAddress| {
            let segment = searcher.segment_reader(address.segment_ord);
            let mut scorer = weight.scorer(segment, 1.0).unwrap();
            if scorer.doc() < address.doc_id {
                scorer.seek(address.doc_id);
            }
            assert_eq!(scorer.doc(), address.doc_id);
            (address, scorer.score())
        };
        found.into_iter().map(score).collect()
    }

    #[test]
    fn it_finds_and_counts_as_the_queries_of_tantivy_do() {
        let mut random = StdRng::seed_from_u64(1);
        let (searcher, text) = index(&mut random);
        let is = |word: &str| -> Box<dyn Query> {
            let term = Term::from_field_text(text, word);
            Box::new(TermQuery::new(term, IndexRecordOption::WithFreqs))
        };
        for _ in 0..10 {
            let count = random.random_range(0..=WORDS.len());
            let words: Vec<&&str> = WORDS.sample(&mut random, count).collect();
            let ways = || words.iter().map(|word| is(word)).collect::<Vec<_>>();
            let best = DisjunctionMaxQuery::with_tie_breaker(ways(), 0.3);
            let sum = BooleanQuery::union(ways());
            let pairs: [(Box<dyn Query>, _); 2] = [(Box::new(best), 0.3), (Box::new(sum), 1.0)];
            for (expected, share) in pairs {
                let best_of: Box<dyn Query> = Box::new(BestOf::new(ways(), share));
                // Alone; and beside a rarer word, so that it is told where to go.
                for beside in [None, Some("마")] {
                    let [one, other] = [&best_of, &expected].map(|query| {
                        let all = [Some(query.box_clone()), beside.map(is)];
                        scores(
                            &searcher,
                            &BooleanQuery::intersection(all.into_iter().flatten().collect()),
                        )
                    });
                    assert!(one.keys().eq(other.keys()), "{words:?} {beside:?}");
                    let differ = one.values().zip(other.values());
                    let mut differ = differ.map(|(one, other)| (one - other).abs());
                    assert!(
                        differ.all(|differ| differ < 1e-4),
                        "{words:?} {share} {beside:?}"
                    );
                }
            }
        }
    }
}
