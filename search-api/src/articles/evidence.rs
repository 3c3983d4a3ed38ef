//! What of a query speaks for an article: what each that is found has some of, and what the best of these are judged by besides.

use analyzers::bigrams;
use indexer::schema::Fields;
use tantivy::query::{BoostQuery, Query, TermQuery};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{Score, Term};

use super::neighbours::Neighbours;
use super::statistics::Statistics;
use crate::text_query::{TextQuery, best_of, in_each_field, phrase};
use crate::understanding::{Concept, Other};
use crate::weights;

/// One thing that an article may say.
pub(super) struct Sign {
    /// What the query has of it.
    pub(super) terms: String,
    /// The best of them counts, and a little each of the others.
    pub(super) ways: Vec<Box<dyn Query>>,
}

impl Sign {
    /// Articles that say it.
    pub(super) fn query(&self) -> Box<dyn Query> {
        best_of(self.ways.iter().map(|way| way.box_clone()).collect())
    }
}

/// What speaks for an article.
pub(super) struct Evidence {
    /// An article that is found has any of these.
    pub(super) telling: Vec<Sign>,
    /// What counts besides: words that so many articles have that they tell little, …
    pub(super) common: Vec<Sign>,
    /// … pairs of letters …
    pub(super) pairs: Vec<Sign>,
    /// … and terms in a row.
    pub(super) neighbours: Neighbours,
}

impl Evidence {
    pub(super) fn of(text: &TextQuery, fields: &Fields, statistics: &Statistics) -> Self {
        let searched = weights::of_articles(fields);
        let words = text
            .concepts()
            .flat_map(|concept| signs(concept, &searched));
        let (mut common, mut telling): (Vec<Sign>, Vec<Sign>) =
            words.partition(|sign| statistics.is_common(&sign.terms));
        if telling.is_empty() {
            telling.append(&mut common);
        }
        Self {
            telling,
            common,
            pairs: pairs_of_letters(text, fields).collect(),
            neighbours: Neighbours::of(text),
        }
    }
}

/// Each term of a concept, and what else it may be called.
fn signs(concept: &Concept, fields: &[(Field, Score)]) -> Vec<Sign> {
    let synonyms = concept.others.iter().filter_map(|other| match other {
        Other::Synonym(terms) => Some(phrase(terms, fields)),
        // Articles lie in no place, and run no department.
        _ => None,
    });
    let mut synonyms: Vec<_> = synonyms.collect();
    let sign = |token: &String| Sign {
        terms: token.clone(),
        ways: in_each_field(&[token], fields),
    };
    let mut signs: Vec<Sign> = concept.tokens.iter().map(sign).collect();
    if let [only] = &mut signs[..] {
        only.ways.append(&mut synonyms);
    }
    let called = (!synonyms.is_empty()).then(|| Sign {
        terms: concept.tokens.join(" "),
        ways: synonyms,
    });
    signs.extend(called);
    signs
}

/// The query's pairs of letters.
fn pairs_of_letters(text: &TextQuery, fields: &Fields) -> impl Iterator<Item = Sign> {
    let mut pairs = bigrams(text.text());
    pairs.sort_unstable();
    pairs.dedup();
    let field = fields.bigrams;
    pairs.into_iter().map(move |pair| {
        let term = Term::from_field_text(field, &pair);
        let query = TermQuery::new(term, IndexRecordOption::WithFreqs);
        let boosted = BoostQuery::new(Box::new(query), weights::BIGRAMS);
        Sign {
            terms: pair,
            ways: vec![Box::new(boosted)],
        }
    })
}
