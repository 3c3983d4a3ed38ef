//! Names that are what somebody typed, begin with it, have its first consonants or are spelt alike.

use analyzers::{initials, is_initials, jamo_key, letters_key};
use indexer::schema::{Fields, Keys, WHOLE};
use tantivy::query::{Query, TermQuery};
use tantivy::schema::IndexRecordOption;
use tantivy::{Score, Term};

use crate::alike_query::AlikeQuery;
use crate::spelt_alike::Mistakes;
use crate::text_query::{begins_with, is, scored, sum_of};
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
        Some(sum_of(vec![
            begins_with(keys.words, &self.key, weights::NAME_PREFIX),
            begins_with(keys.whole, &self.key, weights::WHOLE_PREFIX),
        ]))
    }

    /// Names, or later words of names, whose first consonants the query is, or begins with; `None` when it is no such query.
    pub(crate) fn initials(&self, keys: &Keys) -> Option<Box<dyn Query>> {
        let key = self.initials.as_ref()?;
        let (field, whole) = (keys.initials, format!("{WHOLE}{key}"));
        Some(sum_of(vec![
            scored(is(field, &whole), weights::WHOLE_INITIALS),
            begins_with(field, &whole, weights::INITIALS_PREFIX),
            begins_with(field, key, weights::LATER_INITIALS),
        ]))
    }

    /// Names that are spelt alike: by Levenshtein's distance over letters, two neighbours in the wrong order being one mistake, and
    /// over syllables.
    pub(crate) fn alike(&self, fields: &Fields, most: Mistakes) -> Option<Box<dyn Query>> {
        let (count, syllables) = (self.key.chars().count(), self.letters.chars().count());
        if syllables > SYLLABLES_MAX {
            return None;
        }
        let [one, left_out, syllable, two] = weights::ALIKE;
        let mut alike: Vec<Box<dyn Query>> = Vec::new();
        let first: String = self.letters.chars().take(1).collect();
        if count >= ONE_WRONG_MIN {
            let (mistakes, further) = match most {
                Mistakes::Two if count >= TWO_WRONG_MIN => (most, two),
                _ => (Mistakes::One, 0.0),
            };
            let score = move |_: &str, distance| if distance < 2 { one + further } else { further };
            let query = AlikeQuery::new(fields.names.whole, &self.key, mistakes, score);
            alike.push(Box::new(query));
        }
        if syllables >= SYLLABLES_MIN {
            let score = move |letters: &str, _| {
                // One syllable off, and one more: that is the one that was left out.
                let has_one_more = letters.chars().count() == syllables + 1;
                let left_out = if has_one_more { left_out } else { 0.0 };
                syllable + left_out + first_right(letters, &first)
            };
            let field = fields.name_letters;
            let query = AlikeQuery::new(field, &self.letters, Mistakes::One, score);
            alike.push(Box::new(query));
        }
        (!alike.is_empty()).then(|| sum_of(alike))
    }
}

/// What it adds that a name begins right.
fn first_right(name: &str, first: &str) -> Score {
    match name.starts_with(first) {
        true => weights::FIRST_RIGHT,
        false => 0.0,
    }
}
