//! What somebody typed, analysed once, as queries of the index.

use std::ops::Bound;

use analyzers::{Analyzer, jamo_key};
use indexer::schema::Fields;
use tantivy::query::{
    BooleanQuery, BoostQuery, ConstScoreQuery, DisjunctionMaxQuery, Occur, Query, RangeQuery,
    TermQuery, TermSetQuery,
};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{Score, Term};

/// A token in several fields counts as its best one, plus this much of each other.
const TIE_BREAKER: Score = 0.1;
/// What a whole name counts, and the beginning of one: more than any sum of BM25 of the tokens.
const WHOLE_NAME_SCORE: Score = 2000.0;
const NAME_PREFIX_SCORE: Score = 1000.0;
/// Shorter beginnings, in letters, are those of too many names to tell anything, and cost a look at each.
const PREFIX_LETTERS_MIN: usize = 3;

/// An analysed query.
pub(crate) struct TextQuery {
    /// The distinct tokens.
    tokens: Vec<String>,
    /// The letters.
    key: String,
}

impl TextQuery {
    pub(crate) fn analyse(analyzer: &Analyzer, text: &str) -> Self {
        let mut tokens: Vec<String> = Vec::new();
        for token in analyzer.analyze(text) {
            if !tokens.contains(&token.text) {
                tokens.push(token.text);
            }
        }
        Self {
            tokens,
            key: jamo_key(text),
        }
    }

    pub(crate) fn tokens(&self) -> &[String] {
        &self.tokens
    }

    /// How many tokens are more than half of them.
    pub(crate) fn majority(&self) -> usize {
        self.tokens.len() / 2 + 1
    }

    /// Documents that have at least so many of the tokens, each in any of the fields, by BM25 with the fields' boosts.
    pub(crate) fn at_least(&self, count: usize, fields: &[(Field, Score)]) -> Box<dyn Query> {
        let tokens = self.tokens.iter().map(|token| in_any_field(token, fields));
        if count >= self.tokens.len() {
            return Box::new(BooleanQuery::intersection(tokens.collect()));
        }
        let tokens = tokens.map(|query| (Occur::Should, query)).collect();
        Box::new(BooleanQuery::with_minimum_required_clauses(tokens, count))
    }

    /// Names, or later words of names, that are the query; nothing of their score is BM25.
    pub(crate) fn whole_name(&self, fields: &Fields) -> Box<dyn Query> {
        let term = Term::from_field_text(fields.suggest, &self.key);
        let query = TermQuery::new(term, IndexRecordOption::Basic);
        Box::new(ConstScoreQuery::new(Box::new(query), WHOLE_NAME_SCORE))
    }

    /// Names, or later words of names, that begin with the query, unless it is too short to tell.
    pub(crate) fn name_prefix(&self, fields: &Fields) -> Option<Box<dyn Query>> {
        if self.key.chars().count() < PREFIX_LETTERS_MIN {
            return None;
        }
        let term = |text: &str| Term::from_field_text(fields.suggest, text);
        // No letter's encoding begins with a larger byte than this character's.
        let end = format!("{}{}", self.key, char::MAX);
        let query = RangeQuery::new(
            Bound::Included(term(&self.key)),
            Bound::Excluded(term(&end)),
        );
        Some(Box::new(ConstScoreQuery::new(
            Box::new(query),
            NAME_PREFIX_SCORE,
        )))
    }
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
        TIE_BREAKER,
    ))
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
    Box::new(ConstScoreQuery::new(query, 0.0))
}
