//! What somebody typed as queries of the index: documents that say each of its concepts, in one way or another.

use std::ops::Bound;

use analyzers::other_keyboard;
use indexer::{LiveIndex, Noun};
use tantivy::query::{
    BooleanQuery, BoostQuery, ConstScoreQuery, EnableScoring, Occur, PhraseQuery, Query,
    RangeQuery, TermQuery,
};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocSet, Score, Searcher, TERMINATED, Term};

use crate::best_of::BestOf;
use crate::error::ApiError;
use crate::name_query::NameQuery;
use crate::understanding::{Concept, Language, Other, Understanding};
use crate::weights;

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
        let occurs = |terms: &[String]| occurs(index, fields, terms);
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

    pub(crate) fn concepts(&self) -> impl Iterator<Item = &Concept> {
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
    let itself: Box<dyn Query> = match terms {
        Terms::All => Box::new(BooleanQuery::intersection(tokens)),
        Terms::Any => sum_of(tokens),
    };
    let others = concept.others.iter().filter_map(|other| match other {
        Other::Synonym(terms) => Some(phrase(terms, fields)),
        other => resolve(other),
    });
    best_of([itself].into_iter().chain(others).collect())
}

/// Documents that have a synonym's terms in a row in any field.
pub(crate) fn phrase(terms: &[String], fields: &[(Field, Score)]) -> Box<dyn Query> {
    let query = best_of(in_each_field(terms, fields));
    Box::new(BoostQuery::new(query, weights::SYNONYM))
}

fn in_any_field(token: &str, fields: &[(Field, Score)]) -> Box<dyn Query> {
    best_of(in_each_field(&[token], fields))
}

/// For each field the documents that have a term, or at least two in a row, by BM25 with the field's boost.
pub(crate) fn in_each_field(
    terms: &[impl AsRef<str>],
    fields: &[(Field, Score)],
) -> Vec<Box<dyn Query>> {
    let in_field = |&(field, boost): &(Field, Score)| -> Box<dyn Query> {
        let term = |text: &_| Term::from_field_text(field, AsRef::as_ref(text));
        let query: Box<dyn Query> = match terms {
            [text] => Box::new(TermQuery::new(term(text), IndexRecordOption::WithFreqs)),
            terms => Box::new(PhraseQuery::new(terms.iter().map(term).collect())),
        };
        Box::new(BoostQuery::new(query, boost))
    };
    fields.iter().map(in_field).collect()
}

/// Documents that are found in any of the ways; the best one counts, and a little each of the others.
pub(crate) fn best_of(ways: Vec<Box<dyn Query>>) -> Box<dyn Query> {
    Box::new(BestOf::new(ways, weights::TIE_BREAKER))
}

/// Documents that are found in any of the ways; what they count adds up.
pub(crate) fn sum_of(ways: Vec<Box<dyn Query>>) -> Box<dyn Query> {
    Box::new(BestOf::new(ways, 1.0))
}

/// Whether any document has the terms in a row in any of the fields.
fn occurs(
    index: &LiveIndex,
    fields: &[(Field, Score)],
    terms: &[String],
) -> Result<bool, ApiError> {
    if terms.is_empty() {
        return Ok(false);
    }
    for query in in_each_field(terms, fields) {
        if exists(&index.searcher, &query)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether any document is found.
pub(crate) fn exists(searcher: &Searcher, query: &dyn Query) -> Result<bool, ApiError> {
    let weight = query.weight(EnableScoring::disabled_from_searcher(searcher))?;
    for segment in searcher.segment_readers() {
        let mut documents = weight.scorer(segment, 1.0)?;
        while documents.doc() != TERMINATED {
            if !segment.is_deleted(documents.doc()) {
                return Ok(true);
            }
            documents.advance();
        }
    }
    Ok(false)
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
    let values = values.into_iter();
    let terms: Vec<_> = values.map(|value| is(field, value.as_ref())).collect();
    unscored(Box::new(BooleanQuery::union(terms)))
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
