//! What somebody typed, analysed once, as queries of the index.

use std::ops::Bound;

use analyzers::{Analyzer, bigrams, initials, is_initials, jamo_key, letters_key, other_keyboard};
use indexer::schema::{Fields, WHOLE};
use tantivy::query::{
    BooleanQuery, BoostQuery, ConstScoreQuery, DisjunctionMaxQuery, FuzzyTermQuery, Occur, Query,
    RangeQuery, RegexQuery, TermQuery, TermSetQuery,
};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{Score, Term};

/// A token in several fields counts as its best one, plus this much of each other.
const TIE_BREAKER: Score = 0.1;
/// What a whole name counts, and the beginning of one: more than any sum of BM25 of the tokens.
const WHOLE_NAME_SCORE: Score = 2000.0;
const NAME_PREFIX_SCORE: Score = 1000.0;
/// What names count whose first consonants are the query, or begin with it, and whose later words' do: less than literal ones.
const WHOLE_INITIALS_SCORE: Score = 400.0;
const INITIALS_PREFIX_SCORE: Score = 300.0;
const LATER_INITIALS_SCORE: Score = 200.0;
/// What names count that are spelt alike: less than any that has the words. One letter off, a syllable left out, another
/// syllable, two letters off.
const ALIKE_SCORES: [Score; 4] = [0.04, 0.03, 0.02, 0.01];
/// What it adds that the first syllable is right: people rarely get that wrong.
const FIRST_RIGHT_SCORE: Score = 0.015;
/// What names count that begin with the query, above those of which a later word does.
const WHOLE_PREFIX_SCORE: Score = 100.0;
/// Letters of a name in which one may be wrong, and in which two may: fewer leave too many names alike.
const ONE_WRONG_MIN: usize = 6;
const TWO_WRONG_MIN: usize = 12;
/// Syllables of a name of which one may be missing, too many or wrong.
const SYLLABLES_MIN: usize = 3;
/// No name has more syllables; an automaton for a whole sentence would take seconds to make.
const SYLLABLES_MAX: usize = 40;
/// Shorter beginnings, in letters, are those of too many names to tell anything, and cost a look at each.
const PREFIX_LETTERS_MIN: usize = 3;

/// An analysed query.
pub(crate) struct TextQuery {
    text: String,
    /// The distinct tokens.
    tokens: Vec<String>,
    /// The letters.
    key: String,
    /// The same as syllables.
    letters: String,
    /// The first consonants, when the query is nothing else.
    initials: Option<String>,
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
            text: text.to_owned(),
            key: jamo_key(text),
            letters: letters_key(text),
            initials: is_initials(text).then(|| initials(text)),
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

    /// Names, or later words of names, that are the query; nothing of their score is BM25.
    pub(crate) fn whole_name(&self, fields: &Fields) -> Box<dyn Query> {
        let term = Term::from_field_text(fields.suggest, &self.key);
        let query = TermQuery::new(term, IndexRecordOption::Basic);
        scored(Box::new(query), WHOLE_NAME_SCORE)
    }

    /// Names, or later words of names, that begin with the query, unless it is too short to tell.
    pub(crate) fn name_prefix(&self, fields: &Fields) -> Option<Box<dyn Query>> {
        if self.key.chars().count() < PREFIX_LETTERS_MIN {
            return None;
        }
        Some(Box::new(BooleanQuery::union(vec![
            begins_with(fields.suggest, &self.key, NAME_PREFIX_SCORE),
            begins_with(fields.name_key, &self.key, WHOLE_PREFIX_SCORE),
        ])))
    }

    /// Names, or later words of names, whose first consonants the query is, or begins with; `None` when it is no such query.
    pub(crate) fn initials(&self, fields: &Fields) -> Option<Box<dyn Query>> {
        let key = self.initials.as_ref()?;
        let (field, whole) = (fields.name_initials, format!("{WHOLE}{key}"));
        Some(Box::new(BooleanQuery::union(vec![
            scored(is(field, &whole), WHOLE_INITIALS_SCORE),
            begins_with(field, &whole, INITIALS_PREFIX_SCORE),
            begins_with(field, key, LATER_INITIALS_SCORE),
        ])))
    }

    /// Names that are spelt alike: by Levenshtein's distance over letters, two neighbours in the wrong order being one mistake, and
    /// over syllables.
    pub(crate) fn alike(&self, fields: &Fields) -> Option<Box<dyn Query>> {
        let fuzzy = |field, text: &str, distance, score| {
            let term = Term::from_field_text(field, text);
            scored(Box::new(FuzzyTermQuery::new(term, distance, true)), score)
        };
        let [one, left_out, syllable, two] = ALIKE_SCORES;
        let (count, syllables) = (self.key.chars().count(), self.letters.chars().count());
        if syllables > SYLLABLES_MAX {
            return None;
        }
        let mut alike = Vec::new();
        if count >= TWO_WRONG_MIN {
            alike.push(fuzzy(fields.name_key, &self.key, 2, two));
        }
        if count >= ONE_WRONG_MIN {
            alike.push(fuzzy(fields.name_key, &self.key, 1, one));
        }
        if syllables >= SYLLABLES_MIN {
            alike.push(fuzzy(fields.name_letters, &self.letters, 1, syllable));
            let with_one_more = one_more(&self.letters);
            let query = RegexQuery::from_pattern(&with_one_more, fields.name_letters);
            alike.extend(query.map(|query| scored(Box::new(query), left_out)));
        }
        let first: String = self.letters.chars().take(1).collect();
        (!alike.is_empty()).then(|| -> Box<dyn Query> {
            let begins_alike = begins_with(fields.name_letters, &first, FIRST_RIGHT_SCORE);
            Box::new(BooleanQuery::new(vec![
                (Occur::Must, Box::new(BooleanQuery::union(alike))),
                (Occur::Should, begins_alike),
            ]))
        })
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

/// A pattern for the texts of which this one leaves out one letter. It is letters and digits, of which none means anything in a
/// pattern.
fn one_more(letters: &str) -> String {
    let places = letters
        .char_indices()
        .map(|(place, _)| place)
        .chain([letters.len()]);
    let patterns = places.map(|place| {
        let (before, after) = letters.split_at(place);
        format!("{before}.{after}")
    });
    patterns.collect::<Vec<_>>().join("|")
}

/// A query, and what its keys give with the keyboard set to the other language, if that makes sense.
pub(crate) fn readings(text: Option<&str>) -> Vec<String> {
    let other = text.and_then(other_keyboard);
    text.map(str::to_owned).into_iter().chain(other).collect()
}

fn begins_with(field: Field, key: &str, score: Score) -> Box<dyn Query> {
    let term = |text: &str| Term::from_field_text(field, text);
    // No letter's encoding begins with a larger byte than this character's.
    let end = format!("{key}{}", char::MAX);
    let query = RangeQuery::new(Bound::Included(term(key)), Bound::Excluded(term(&end)));
    scored(Box::new(query), score)
}

fn scored(query: Box<dyn Query>, score: Score) -> Box<dyn Query> {
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
