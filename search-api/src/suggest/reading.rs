//! What has been typed, as keys that names are looked up by.

use analyzers::{initials, is_initials, jamo_key, other_keyboard};

use super::alike::Alike;

/// What has been typed, or the same keys on the other keyboard.
pub(super) struct Reading {
    pub(super) text: String,
    /// Its letters; empty when there are none.
    pub(super) key: String,
    /// Its first consonants, when it is nothing else.
    pub(super) initials: Option<String>,
}

/// A way to look names up by a reading.
pub(super) enum Way<'a> {
    /// Names with this beginning, in letters.
    Letters(&'a str),
    /// Names with these first consonants.
    Initials(&'a str),
    /// Names that begin nearly so.
    Alike(&'a Alike),
}

impl Reading {
    pub(super) fn new(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            key: jamo_key(text),
            initials: is_initials(text).then(|| initials(text)),
        }
    }

    /// What the same keys give on the other keyboard, if that makes sense.
    pub(super) fn other_keyboard(&self) -> Option<Self> {
        other_keyboard(&self.text).map(|text| Self::new(&text))
    }

    /// The ways in which it is no mistake.
    pub(super) fn exact_ways(&self) -> impl Iterator<Item = Way<'_>> {
        let letters = (!self.key.is_empty()).then_some(Way::Letters(&self.key));
        let initials = self.initials.as_deref().map(Way::Initials);
        letters.into_iter().chain(initials)
    }
}
