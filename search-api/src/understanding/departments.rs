//! Departments that a query names, by their current names or former ones.

use std::collections::BTreeMap;
use std::sync::Arc;

use analyzers::{Analyzer, Phrases, Words, initials, terms};

use crate::segments::Facts;

/// The departments of an index by what they are called.
#[derive(Debug, Default)]
pub(crate) struct Departments {
    phrases: Phrases<String>,
    names: BTreeMap<String, Option<String>>,
}

impl Departments {
    pub(crate) fn new(analyzer: &Analyzer, facts: &[Arc<Facts>]) -> Self {
        let mut departments = Self::default();
        let known = facts.iter().flat_map(|facts| &facts.departments);
        departments.names = known
            .map(|(name, former)| (name.clone(), former.clone()))
            .collect();
        for (current, former) in &departments.names {
            for called in [Some(current), former.as_ref()].into_iter().flatten() {
                if let Some(name) = departments.phrases.entry(terms(analyzer, called)) {
                    name.clone_from(current);
                }
            }
        }
        departments
    }

    /// Current names and former ones.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        let names = self.names.iter();
        let names = names.flat_map(|(name, former)| [Some(name), former.as_ref()]);
        names.flatten().map(String::as_str)
    }

    pub(crate) fn has_all(&self, facts: &[Arc<Facts>]) -> bool {
        let mut known = facts.iter().flat_map(|facts| &facts.departments);
        known.all(|(name, former)| self.names.get(name) == Some(former))
    }

    /// The department that is named from a term on.
    pub(crate) fn longest(&self, words: &Words<'_>, at: usize, end: usize) -> Option<&str> {
        let (_, name) = self.phrases.longest(words, at, end)?;
        Some(name)
    }

    /// The department with these first consonants.
    pub(crate) fn with_initials(&self, key: &str) -> Option<&str> {
        let mut names = self.names.keys().map(String::as_str);
        names.find(|name| initials(name) == key)
    }

    /// The department that is called by these terms.
    pub(crate) fn called(&self, terms: &[String]) -> Option<&str> {
        self.phrases.get(terms).map(String::as_str)
    }
}
