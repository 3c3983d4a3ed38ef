//! What of a query speaks for an article: what each that is found has some of, and what the best of these are judged by besides.

use analyzers::bigrams;
use indexer::schema::Fields;
use tantivy::query::{BoostQuery, Query, TermQuery};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{Score, Term};

use super::neighbours::Neighbours;
use super::statistics::Statistics;
use crate::text_query::{TextQuery, in_each_field, phrase};
use crate::understanding::{Concept, Other};
use crate::weights;

/// One thing that an article may say, in ways of which the best counts, and a little each of the others.
pub(super) type Sign = Vec<Box<dyn Query>>;

/// What speaks for an article.
pub(super) struct Evidence {
    /// An article that is found has any of these.
    pub(super) telling: Vec<Sign>,
    /// What counts besides: words that so many articles have that they tell little, pairs of letters …
    pub(super) besides: Vec<Sign>,
    /// … and terms in a row.
    pub(super) neighbours: Neighbours,
}

impl Evidence {
    pub(super) fn of(text: &TextQuery, fields: &Fields, statistics: &Statistics) -> Self {
        let searched = weights::of_articles(fields);
        let words = text
            .concepts()
            .flat_map(|concept| signs(concept, &searched));
        let is_common =
            |token: &Option<&String>| token.is_some_and(|token| statistics.is_common(token));
        let (common, telling): (Vec<_>, Vec<_>) = words.partition(|(token, _)| is_common(token));
        let sign = |(_, sign)| sign;
        let (mut telling, mut besides): (Vec<Sign>, Vec<Sign>) = (
            telling.into_iter().map(sign).collect(),
            common.into_iter().map(sign).collect(),
        );
        if telling.is_empty() {
            telling.append(&mut besides);
        }
        besides.extend(pairs_of_letters(text, fields).map(|pair| vec![pair]));
        Self {
            telling,
            besides,
            neighbours: Neighbours::of(text),
        }
    }
}

/// Each term of a concept, and what else it may be called.
fn signs<'a>(concept: &'a Concept, fields: &[(Field, Score)]) -> Vec<(Option<&'a String>, Sign)> {
    let synonyms = concept.others.iter().filter_map(|other| match other {
        Other::Synonym(terms) => Some(phrase(terms, fields)),
        // Articles lie in no place, and run no department.
        _ => None,
    });
    let mut synonyms: Sign = synonyms.collect();
    if let [token] = &concept.tokens[..] {
        let mut sign = in_each_field(&[token], fields);
        sign.append(&mut synonyms);
        return vec![(Some(token), sign)];
    }
    let tokens = concept.tokens.iter();
    let tokens = tokens.map(|token| (Some(token), in_each_field(&[token], fields)));
    let called = (!synonyms.is_empty()).then_some((None, synonyms));
    tokens.chain(called).collect()
}

/// The query's pairs of letters.
fn pairs_of_letters(text: &TextQuery, fields: &Fields) -> impl Iterator<Item = Box<dyn Query>> {
    let mut pairs = bigrams(text.text());
    pairs.sort_unstable();
    pairs.dedup();
    let field = fields.bigrams;
    pairs.into_iter().map(move |pair| {
        let term = Term::from_field_text(field, &pair);
        let query = TermQuery::new(term, IndexRecordOption::WithFreqs);
        boosted(Box::new(query), weights::BIGRAMS)
    })
}

fn boosted(query: Box<dyn Query>, boost: Score) -> Box<dyn Query> {
    Box::new(BoostQuery::new(query, boost))
}
