//! What a query means: its words with their synonyms, the places it names, the departments it is about, what it complains of.
//!
//! A query becomes a row of *concepts*. A concept is a stretch of the query that stands for one thing, with other ways in which
//! a document may say the same: a synonym, lying in the place that is named, running the department that a complaint belongs to.
//! Whoever searches asks for documents that have every concept in one way or another.

mod complaints;
mod departments;
mod places;
mod plain_words;
mod spelling;
#[cfg(test)]
mod tests;
pub(crate) mod view;

use std::collections::HashSet;
use std::sync::Arc;

use analyzers::{Analyzer, Synonyms, Token, Words, initials, is_initials, terms};
use indexer::{LiveIndex, Noun};

use self::complaints::{Complaint, Complaints};
use self::departments::Departments;
use self::places::Places;
use self::plain_words::{is_filler, kinds};
use self::spelling::Spelling;
use crate::error::ApiError;
use crate::segments::Facts;

pub(crate) use self::complaints::Urgency;
pub(crate) use self::places::{KnownPlace, PlaceKind, known_places};

/// Places of one query: each is looked for in rings of its own, and a query of nothing but names has hundreds.
const PLACES_MAX: usize = 32;
/// Words that one word may have been written as.
const WORDS_JOINED_MAX: usize = 4;

/// What queries are understood with.
pub(crate) struct Language {
    analyzer: Analyzer,
    /// The operators' groups of synonyms.
    groups: Arc<[String]>,
    synonyms: Synonyms,
    places: Places,
    complaints: Complaints,
    departments: Departments,
    spelling: Spelling,
    /// Terms of the kinds of institutions.
    kinds: HashSet<String>,
}

/// A stretch of a query that stands for one thing.
#[derive(Clone, Debug)]
pub(crate) struct Concept {
    /// Its terms; a document that has them all says it.
    pub(crate) tokens: Vec<String>,
    /// How else a document may say it.
    pub(crate) others: Vec<Other>,
    /// Says nothing of what is looked for.
    pub(crate) is_filler: bool,
}

/// Another way to say the same.
#[derive(Clone, Debug)]
pub(crate) enum Other {
    /// These terms in a row.
    Synonym(Vec<String>),
    /// Lying there.
    Place(Arc<KnownPlace>),
    /// Running a department, whose name has these terms and which is meant so much.
    Department {
        name: String,
        terms: Vec<String>,
        weight: f32,
    },
    /// Running an emergency room.
    Emergency,
}

/// A query, understood.
#[derive(Clone, Debug, Default)]
pub(crate) struct Understanding {
    pub(crate) concepts: Vec<Concept>,
    /// The departments that it is about, by their current names, the usual one first.
    pub(crate) departments: Vec<(String, f32)>,
    pub(crate) places: Vec<Arc<KnownPlace>>,
    pub(crate) complaint: Option<Arc<Complaint>>,
}

impl Language {
    /// For an index whose segments have these facts, with its operators' synonyms.
    pub(crate) fn new(index: &LiveIndex, facts: &[Arc<Facts>]) -> Self {
        Self::with(&index.analyzer, Arc::clone(&index.synonym_groups), facts)
    }

    fn with(analyzer: &Analyzer, groups: Arc<[String]>, facts: &[Arc<Facts>]) -> Self {
        let synonyms = Synonyms::new(analyzer, groups.iter().map(String::as_str));
        let places = Places::new(analyzer);
        let departments = Departments::new(analyzer, facts);
        let words = synonyms
            .words()
            .chain(places.names())
            .chain(departments.names());
        Self {
            analyzer: analyzer.clone(),
            groups,
            spelling: Spelling::new(words.map(str::to_owned).chain(analyzer.user_words())),
            complaints: Complaints::new(analyzer),
            kinds: kinds(analyzer),
            synonyms,
            places,
            departments,
        }
    }

    /// Whether it is what [`Self::new`] would make.
    pub(crate) fn is_of(&self, index: &LiveIndex, facts: &[Arc<Facts>]) -> bool {
        self.analyzer.version() == index.analyzer.version()
            && self.groups == index.synonym_groups
            && self.departments.has_all(facts)
    }

    /// Understands a query for documents of a noun. Where institutions are looked for, what is complained of is a way to departments,
    /// and not every word needs to be theirs; to articles, every word may lead.
    pub(crate) fn understand(&self, text: &str, noun: Noun) -> Understanding {
        let tokens = self.analyzer.analyze(text);
        let words = Words::new(text, &tokens);
        let mut understood = Understanding::default();
        let mut at = 0;
        while at < tokens.len() {
            at += self.concept(&words, text, &tokens, at, noun, &mut understood);
        }
        if noun != Noun::Institution {
            return understood;
        }
        if is_initials(text)
            && let Some(name) = self.departments.with_initials(&initials(text))
        {
            understood.add_department(name, 1.0);
            let department = self.department(name, 1.0);
            for concept in &mut understood.concepts {
                concept.others.push(department.clone());
            }
        }
        self.hear(text, &tokens, &mut understood);
        if understood.concepts.iter().all(|concept| concept.is_filler) {
            for concept in &mut understood.concepts {
                concept.is_filler = false;
            }
        }
        understood
    }

    /// The same text with known words in place of those that no document has and that are spelt nearly like them; `None` when there
    /// are none. `occurs` says whether any document has a row of terms.
    pub(crate) fn corrected(
        &self,
        text: &str,
        occurs: impl Fn(&[String]) -> Result<bool, ApiError>,
    ) -> Result<Option<String>, ApiError> {
        let mut words: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
        let mut is_corrected = false;
        for word in &mut words {
            if occurs(&terms(&self.analyzer, word))? {
                continue;
            }
            for near in self.spelling.near(word) {
                if occurs(&terms(&self.analyzer, near))? {
                    near.clone_into(word);
                    is_corrected = true;
                    break;
                }
            }
        }
        Ok(is_corrected.then(|| words.join(" ")))
    }

    /// Adds the concept that begins at a term, and tells how many terms it takes.
    fn concept(
        &self,
        words: &Words<'_>,
        text: &str,
        all: &[Token],
        at: usize,
        noun: Noun,
        understood: &mut Understanding,
    ) -> usize {
        let terms_of = |length: usize| -> Vec<String> {
            let tokens = &all[at..at + length];
            tokens.iter().map(|token| token.text.clone()).collect()
        };
        let (length, others) = if let Some((length, joined)) = self.joined(words, text, all, at) {
            if let Some(name) = self.departments.called(&joined) {
                understood.add_department(name, 1.0);
            }
            (length, vec![Other::Synonym(joined)])
        } else if understood.places.len() < PLACES_MAX
            && let Some(named) = self.places.find(words, at, all.len())
        {
            understood.places.extend(named.places.iter().cloned());
            let others = named.places.into_iter().map(Other::Place);
            (named.length, others.collect())
        } else if let Some(synonym) = self.synonyms.find(words, at, all.len()) {
            for other in synonym.others {
                if let Some(name) = self.departments.called(other) {
                    understood.add_department(name, 1.0);
                }
            }
            let others = synonym.others.iter().cloned().map(Other::Synonym);
            (synonym.length, others.collect())
        } else {
            (1, Vec::new())
        };
        let department = self.departments.longest(words, at, all.len());
        if let Some(name) = department {
            understood.add_department(name, 1.0);
        }
        let tokens = terms_of(length);
        let is_known = understood
            .concepts
            .iter()
            .any(|known| known.tokens == tokens);
        if !is_known {
            let is_filler = noun == Noun::Institution
                && others.is_empty()
                && words.word(at).all(|at| is_filler(&all[at].text));
            understood.concepts.push(Concept {
                tokens,
                others,
                is_filler,
            });
        }
        length
    }

    /// A known word that is written as several from a term on: how many terms these are, and its own terms.
    fn joined(
        &self,
        words: &Words<'_>,
        text: &str,
        tokens: &[Token],
        at: usize,
    ) -> Option<(usize, Vec<String>)> {
        let mut end = words.is_boundary(at).then(|| words.word(at).end)?;
        let mut longest = None;
        for _ in 1..WORDS_JOINED_MAX {
            if end == tokens.len() {
                break;
            }
            end = words.word(end).end;
            // With what was taken for a particle: 과 in `청소년 과`.
            let after = &text[tokens[end - 1].end..];
            let particle = after.find(char::is_whitespace).unwrap_or(after.len());
            let joined = &text[tokens[at].start..tokens[end - 1].end + particle];
            if let Some(word) = self.spelling.known(joined) {
                let terms = terms(&self.analyzer, word);
                let is_other = terms
                    .iter()
                    .ne(tokens[at..end].iter().map(|token| &token.text));
                longest = is_other.then_some((end - at, terms));
            }
        }
        longest
    }

    /// Hears a complaint in what names no place and no kind of institution.
    fn hear(&self, text: &str, tokens: &[Token], understood: &mut Understanding) {
        if !understood.departments.is_empty() {
            return;
        }
        let is_apart = |concept: &Concept| {
            let is_place = matches!(concept.others.first(), Some(Other::Place(_)));
            is_place
                || concept
                    .tokens
                    .iter()
                    .all(|token| self.kinds.contains(token))
        };
        let (apart, said): (Vec<_>, Vec<_>) =
            understood.concepts.iter().cloned().partition(is_apart);
        let is_said = |at: usize| {
            let token = &tokens[at].text;
            said.iter().any(|concept| concept.tokens.contains(token))
        };
        let words = Words::new(text, tokens);
        let (mut sentence, mut at) = (String::new(), 0);
        while at < tokens.len() {
            let word = words.word(at);
            at = word.end;
            sentence.push(' ');
            if word.clone().all(is_said) {
                // With its ending, which may tell: 시큰거려요.
                let rest = &text[tokens[word.start].start..];
                let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
                sentence.push_str(&rest[..end]);
            } else {
                let tokens = word.filter(|at| is_said(*at)).map(|at| &tokens[at]);
                tokens.for_each(|token| sentence.push_str(&text[token.start..token.end]));
            }
        }
        let Some(found) = self.complaints.find(&self.analyzer, &sentence) else {
            return;
        };
        let mut others: Vec<Other> = Vec::new();
        if found.complaint.urgency == Urgency::Emergency {
            others.push(Other::Emergency);
        }
        for (name, weight) in &found.departments {
            understood.add_department(name, *weight);
            others.push(self.department(name, *weight));
        }
        understood.complaint = Some(Arc::clone(found.complaint));
        let tokens = said.into_iter().flat_map(|concept| concept.tokens);
        let complaint = Concept {
            tokens: tokens.collect(),
            others,
            is_filler: false,
        };
        understood.concepts = apart.into_iter().chain([complaint]).collect();
    }

    fn department(&self, name: &str, weight: f32) -> Other {
        Other::Department {
            name: name.to_owned(),
            terms: terms(&self.analyzer, name),
            weight,
        }
    }
}

impl Understanding {
    fn add_department(&mut self, name: &str, weight: f32) {
        if !self.departments.iter().any(|(known, _)| known == name) {
            self.departments.push((name.to_owned(), weight));
        }
    }
}
