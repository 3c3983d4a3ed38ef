//! Names that are what somebody typed, begin with it, have its first consonants or are spelt alike.

use analyzers::{initials, is_initials, jamo_key, letters_key};
use indexer::schema::{Fields, Keys, WHOLE};
use tantivy::Term;
use tantivy::query::{BooleanQuery, FuzzyTermQuery, Occur, Query, RegexQuery, TermQuery};
use tantivy::schema::IndexRecordOption;

use crate::text_query::{begins_with, is, scored};
use crate::weights;

/// Letters of a name in which one may be wrong, and in which two may: fewer leave too many names alike.
const ONE_WRONG_MIN: usize = 6;
const TWO_WRONG_MIN: usize = 12;
/// Syllables of a name of which one may be missing, too many or wrong.
const SYLLABLES_MIN: usize = 3;
/// No name has more syllables; an automaton for a whole sentence would take seconds to make.
const SYLLABLES_MAX: usize = 40;
/// Shorter beginnings, in letters, are those of too many names to tell anything, and cost a look at each.
const PREFIX_LETTERS_MIN: usize = 3;

/// What somebody typed, as the name of something.
#[derive(Clone, Debug)]
pub(crate) struct NameQuery {
    /// The letters.
    key: String,
    /// The same as syllables.
    letters: String,
    /// The first consonants, when the query is nothing else.
    initials: Option<String>,
}

impl NameQuery {
    pub(crate) fn new(text: &str) -> Self {
        Self {
            key: jamo_key(text),
            letters: letters_key(text),
            initials: is_initials(text).then(|| initials(text)),
        }
    }

    /// Names, or later words of names, that are the query; nothing of their score is BM25.
    pub(crate) fn whole(&self, keys: &Keys) -> Box<dyn Query> {
        let term = Term::from_field_text(keys.words, &self.key);
        let query = TermQuery::new(term, IndexRecordOption::Basic);
        scored(Box::new(query), weights::WHOLE_NAME)
    }

    /// Names, or later words of names, that begin with the query, unless it is too short to tell.
    pub(crate) fn prefix(&self, keys: &Keys) -> Option<Box<dyn Query>> {
        if self.key.chars().count() < PREFIX_LETTERS_MIN {
            return None;
        }
        Some(Box::new(BooleanQuery::union(vec![
            begins_with(keys.words, &self.key, weights::NAME_PREFIX),
            begins_with(keys.whole, &self.key, weights::WHOLE_PREFIX),
        ])))
    }

    /// Names, or later words of names, whose first consonants the query is, or begins with; `None` when it is no such query.
    pub(crate) fn initials(&self, keys: &Keys) -> Option<Box<dyn Query>> {
        let key = self.initials.as_ref()?;
        let (field, whole) = (keys.initials, format!("{WHOLE}{key}"));
        Some(Box::new(BooleanQuery::union(vec![
            scored(is(field, &whole), weights::WHOLE_INITIALS),
            begins_with(field, &whole, weights::INITIALS_PREFIX),
            begins_with(field, key, weights::LATER_INITIALS),
        ])))
    }

    /// Names that are spelt alike: by Levenshtein's distance over letters, two neighbours in the wrong order being one mistake, and
    /// over syllables.
    pub(crate) fn alike(&self, fields: &Fields) -> Option<Box<dyn Query>> {
        let fuzzy = |field, text: &str, distance, score| {
            let term = Term::from_field_text(field, text);
            scored(Box::new(FuzzyTermQuery::new(term, distance, true)), score)
        };
        let [one, left_out, syllable, two] = weights::ALIKE;
        let (count, syllables) = (self.key.chars().count(), self.letters.chars().count());
        if syllables > SYLLABLES_MAX {
            return None;
        }
        let mut alike = Vec::new();
        if count >= TWO_WRONG_MIN {
            alike.push(fuzzy(fields.names.whole, &self.key, 2, two));
        }
        if count >= ONE_WRONG_MIN {
            alike.push(fuzzy(fields.names.whole, &self.key, 1, one));
        }
        if syllables >= SYLLABLES_MIN {
            alike.push(fuzzy(fields.name_letters, &self.letters, 1, syllable));
            let with_one_more = one_more(&self.letters);
            let query = RegexQuery::from_pattern(&with_one_more, fields.name_letters);
            alike.extend(query.map(|query| scored(Box::new(query), left_out)));
        }
        let first: String = self.letters.chars().take(1).collect();
        (!alike.is_empty()).then(|| -> Box<dyn Query> {
            let begins_alike = begins_with(fields.name_letters, &first, weights::FIRST_RIGHT);
            Box::new(BooleanQuery::new(vec![
                (Occur::Must, Box::new(BooleanQuery::union(alike))),
                (Occur::Should, begins_alike),
            ]))
        })
    }
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
