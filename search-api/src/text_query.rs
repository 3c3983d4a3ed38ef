//! What somebody typed as queries of the index: documents that say each of its concepts, in one way or another.

use std::ops::Bound;

use analyzers::{bigrams, other_keyboard};
use indexer::schema::Fields;
use indexer::{LiveIndex, Noun};
use tantivy::collector::Count;
use tantivy::query::{
    BooleanQuery, BoostQuery, ConstScoreQuery, DisjunctionMaxQuery, Occur, PhraseQuery, Query,
    RangeQuery, TermQuery, TermSetQuery,
};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{Score, Term};

use crate::error::ApiError;
use crate::name_query::NameQuery;
use crate::understanding::{Concept, Language, Other, Understanding};
use crate::weights;

/// Pairs of neighbouring terms that are looked for: those of a long sentence.
const PAIRS_MAX: usize = 24;

/// A query that has been understood.
#[derive(Clone)]
pub(crate) struct TextQuery {
    text: String,
    pub(crate) understood: Understanding,
    pub(crate) name: NameQuery,
}

/// How a place, a department or an emergency is looked for; `None` where documents have no such thing.
pub(crate) type Resolve<'a> = &'a dyn Fn(&Other) -> Option<Box<dyn Query>>;

impl TextQuery {
    pub(crate) fn new(language: &Language, text: &str, noun: Noun) -> Self {
        Self {
            understood: language.understand(text, noun),
            name: NameQuery::new(text),
            text: text.to_owned(),
        }
    }

    /// What was typed.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// What the same keys give with the keyboard set to the other language, if that makes sense.
    pub(crate) fn other_keyboard(&self, language: &Language, noun: Noun) -> Option<Self> {
        let other = other_keyboard(&self.text)?;
        Some(Self::new(language, &other, noun))
    }

    /// The query with words in it spelt as documents spell them, if there are some that none has.
    pub(crate) fn corrected(
        &self,
        language: &Language,
        index: &LiveIndex,
        noun: Noun,
        fields: &[(Field, Score)],
    ) -> Result<Option<Self>, ApiError> {
        let occurs = |terms: &[String]| occurs(index, noun, fields, terms);
        let corrected = language.corrected(&self.text, occurs)?;
        Ok(corrected.map(|text| Self::new(language, &text, noun)))
    }

    /// The distinct terms of the query itself.
    pub(crate) fn tokens(&self) -> Vec<String> {
        let concepts = self.understood.concepts.iter();
        let mut tokens: Vec<String> = Vec::new();
        for token in concepts.flat_map(|concept| &concept.tokens) {
            if !tokens.contains(token) {
                tokens.push(token.clone());
            }
        }
        tokens
    }

    /// What is marked where a hit has it: rows of terms.
    pub(crate) fn marks(&self) -> Vec<Vec<String>> {
        let synonyms = self.understood.concepts.iter().flat_map(|concept| {
            concept.others.iter().filter_map(|other| match other {
                Other::Synonym(terms) => Some(terms.clone()),
                _ => None,
            })
        });
        let tokens = self.tokens().into_iter().map(|token| vec![token]);
        tokens.chain(synonyms).collect()
    }

    fn concepts(&self) -> impl Iterator<Item = &Concept> {
        let concepts = self.understood.concepts.iter();
        concepts.filter(|concept| !concept.is_filler)
    }

    /// How many concepts it has, but for what says nothing.
    pub(crate) fn count(&self) -> usize {
        self.concepts().count()
    }

    /// How many concepts are more than half of them.
    pub(crate) fn majority(&self) -> usize {
        self.count() / 2 + 1
    }

    /// Documents that say every concept, each in any of the fields or in another way, by BM25 with the fields' boosts.
    pub(crate) fn every(&self, fields: &[(Field, Score)], resolve: Resolve<'_>) -> Box<dyn Query> {
        let concepts = self.concepts();
        let concepts = concepts.map(|concept| said(concept, Terms::All, fields, resolve));
        Box::new(BooleanQuery::intersection(concepts.collect()))
    }

    /// For each concept its words, and the documents that say it.
    pub(crate) fn concept_queries(
        &self,
        fields: &[(Field, Score)],
        resolve: Resolve<'_>,
    ) -> Vec<(String, Box<dyn Query>)> {
        let concepts = self.concepts().map(|concept| {
            let query = said(concept, Terms::All, fields, resolve);
            (concept.tokens.join(" "), query)
        });
        concepts.collect()
    }

    /// Documents that say at least so many of the concepts; if one is enough, any term is.
    pub(crate) fn at_least(
        &self,
        count: usize,
        fields: &[(Field, Score)],
        resolve: Resolve<'_>,
    ) -> Box<dyn Query> {
        let terms = if count == 1 { Terms::Any } else { Terms::All };
        let concepts = self
            .concepts()
            .map(|concept| (Occur::Should, said(concept, terms, fields, resolve)));
        let concepts = concepts.collect();
        Box::new(BooleanQuery::with_minimum_required_clauses(concepts, count))
    }

    /// Documents that have neighbouring terms of the query in a row, by BM25; `None` for a query of one term.
    pub(crate) fn neighbours(&self, fields: &[(Field, Score)]) -> Option<Box<dyn Query>> {
        let terms: Vec<&String> = self
            .understood
            .concepts
            .iter()
            .flat_map(|concept| &concept.tokens)
            .collect();
        let near = |pair: &[&String], &(field, boost): &(Field, Score)| -> Box<dyn Query> {
            let terms = pair.iter().map(|term| Term::from_field_text(field, term));
            let query = PhraseQuery::new(terms.collect());
            Box::new(BoostQuery::new(
                Box::new(query),
                boost * weights::NEIGHBOURS,
            ))
        };
        let pairs = terms.windows(2).take(PAIRS_MAX);
        let pairs: Vec<_> = pairs
            .flat_map(|pair| fields.iter().map(move |field| near(pair, field)))
            .collect();
        (!pairs.is_empty()).then(|| -> Box<dyn Query> { Box::new(BooleanQuery::union(pairs)) })
    }

    /// Documents that have any of the query's pairs of letters, by BM25.
    pub(crate) fn bigrams(&self, fields: &Fields, boost: Score) -> Box<dyn Query> {
        let mut pairs = bigrams(&self.text);
        pairs.sort_unstable();
        pairs.dedup();
        let of_pair = |pair: String| -> Box<dyn Query> {
            let term = Term::from_field_text(fields.bigrams, &pair);
            Box::new(TermQuery::new(term, IndexRecordOption::WithFreqs))
        };
        let pairs = BooleanQuery::union(pairs.into_iter().map(of_pair).collect());
        Box::new(BoostQuery::new(Box::new(pairs), boost))
    }
}

/// Which terms of a concept a document must have.
#[derive(Clone, Copy)]
enum Terms {
    All,
    Any,
}

/// Documents that say a concept: all its terms, or any of them where that is enough, or one of its other ways, whichever counts most.
fn said(
    concept: &Concept,
    terms: Terms,
    fields: &[(Field, Score)],
    resolve: Resolve<'_>,
) -> Box<dyn Query> {
    let tokens = concept.tokens.iter();
    let tokens: Vec<_> = tokens.map(|token| in_any_field(token, fields)).collect();
    let itself: Box<dyn Query> = Box::new(match terms {
        Terms::All => BooleanQuery::intersection(tokens),
        Terms::Any => BooleanQuery::union(tokens),
    });
    let others = concept.others.iter().filter_map(|other| match other {
        Other::Synonym(terms) => Some(phrase(terms, fields)),
        other => resolve(other),
    });
    let ways: Vec<_> = [itself].into_iter().chain(others).collect();
    Box::new(DisjunctionMaxQuery::with_tie_breaker(
        ways,
        weights::TIE_BREAKER,
    ))
}

/// Documents that have a synonym's terms in a row in any field.
pub(crate) fn phrase(terms: &[String], fields: &[(Field, Score)]) -> Box<dyn Query> {
    let query = match terms {
        [term] => in_any_field(term, fields),
        terms => {
            let in_field = |&(field, boost): &(Field, Score)| -> Box<dyn Query> {
                let terms = terms.iter().map(|term| Term::from_field_text(field, term));
                let query = PhraseQuery::new(terms.collect());
                Box::new(BoostQuery::new(Box::new(query), boost))
            };
            let disjuncts = fields.iter().map(in_field).collect();
            Box::new(DisjunctionMaxQuery::with_tie_breaker(
                disjuncts,
                weights::TIE_BREAKER,
            ))
        }
    };
    Box::new(BoostQuery::new(query, weights::SYNONYM))
}

fn in_any_field(token: &str, fields: &[(Field, Score)]) -> Box<dyn Query> {
    let in_field = |&(field, boost): &(Field, Score)| -> Box<dyn Query> {
        let query = TermQuery::new(
            Term::from_field_text(field, token),
            IndexRecordOption::WithFreqs,
        );
        Box::new(BoostQuery::new(Box::new(query), boost))
    };
    let disjuncts = fields.iter().map(in_field).collect();
    Box::new(DisjunctionMaxQuery::with_tie_breaker(
        disjuncts,
        weights::TIE_BREAKER,
    ))
}

/// Whether any document of a noun has the terms in a row in any of the fields.
fn occurs(
    index: &LiveIndex,
    noun: Noun,
    fields: &[(Field, Score)],
    terms: &[String],
) -> Result<bool, ApiError> {
    if terms.is_empty() {
        return Ok(false);
    }
    let clauses = vec![is(index.fields.noun, noun.name()), phrase(terms, fields)];
    let query = BooleanQuery::intersection(clauses);
    Ok(index.searcher.search(&query, &Count)? > 0)
}

pub(crate) fn begins_with(field: Field, key: &str, score: Score) -> Box<dyn Query> {
    let term = |text: &str| Term::from_field_text(field, text);
    // No letter's encoding begins with a larger byte than this character's.
    let end = format!("{key}{}", char::MAX);
    let query = RangeQuery::new(Bound::Included(term(key)), Bound::Excluded(term(&end)));
    scored(Box::new(query), score)
}

pub(crate) fn scored(query: Box<dyn Query>, score: Score) -> Box<dyn Query> {
    Box::new(ConstScoreQuery::new(query, score))
}

/// Documents that have any of the terms; without a score.
pub(crate) fn any_of(
    field: Field,
    values: impl IntoIterator<Item = impl AsRef<str>>,
) -> Box<dyn Query> {
    let terms = values
        .into_iter()
        .map(|value| Term::from_field_text(field, value.as_ref()));
    unscored(Box::new(TermSetQuery::new(terms)))
}

/// Documents that have the term; without a score.
pub(crate) fn is(field: Field, value: &str) -> Box<dyn Query> {
    let query = TermQuery::new(
        Term::from_field_text(field, value),
        IndexRecordOption::Basic,
    );
    unscored(Box::new(query))
}

/// The same documents, which get nothing for it.
pub(crate) fn unscored(query: Box<dyn Query>) -> Box<dyn Query> {
    scored(query, 0.0)
}
