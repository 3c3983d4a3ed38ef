//! Words that are spelt nearly like a known one: `뇌졸증` → 뇌졸중, `이빈후과` → 이비인후과.
//!
//! The distance is Levenshtein's over jamo, two neighbours in the wrong order being one mistake (Schulz and Mihov 2002): a wrong
//! vowel or a final consonant too many is one of a dozen letters rather than one of four syllables.

use std::collections::BTreeMap;

use analyzers::jamo_key;
use tantivy_fst::{IntoStreamer, Map, Streamer};

use crate::spelt_alike::{Mistakes, SpeltAlike};

/// Letters of a word in which one may be wrong, and in which two may: shorter words are too near to each other.
const ONE_WRONG_MIN: usize = 6;
const TWO_WRONG_MIN: usize = 10;
/// Known words that are looked at for a word.
const CANDIDATES_MAX: usize = 8;

/// The words that a query may mean.
pub(crate) struct Spelling {
    words: Vec<String>,
    /// Jamo key → place in `words`.
    by_key: Option<Map<Vec<u8>>>,
}

impl Spelling {
    pub(crate) fn new(words: impl Iterator<Item = String>) -> Self {
        let keys: BTreeMap<String, String> = words.map(|word| (jamo_key(&word), word)).collect();
        Self {
            // It is made, since the keys are sorted and distinct.
            by_key: Map::from_iter(keys.keys().zip(0..)).ok(),
            words: keys.into_values().collect(),
        }
    }

    /// The known word that has these letters, whatever stands between them.
    pub(crate) fn known(&self, letters: &str) -> Option<&str> {
        let place = self.by_key.as_ref()?.get(jamo_key(letters))?;
        Some(&self.words[place as usize])
    }

    /// The known words nearest to a word that is not known, the nearest first.
    pub(crate) fn near(&self, word: &str) -> Vec<&str> {
        let key = jamo_key(word);
        let letters = key.chars().count();
        let known = self.by_key.as_ref();
        let Some(by_key) = known.filter(|known| !known.contains_key(&key)) else {
            return Vec::new();
        };
        if letters < ONE_WRONG_MIN {
            return Vec::new();
        }
        let mistakes = if letters < TWO_WRONG_MIN {
            Mistakes::One
        } else {
            Mistakes::Two
        };
        let near = SpeltAlike::new(&key, mistakes);
        let mut found = by_key.search(&near).into_stream();
        let mut candidates = Vec::new();
        while let Some((known, place)) = found.next() {
            let distance = near.distance(known).unwrap_or(u8::MAX);
            let word = self.words[place as usize].as_str();
            // People rarely get the first letter wrong.
            let begins_otherwise = known.get(..3) != key.as_bytes().get(..3);
            candidates.push((distance, begins_otherwise, word));
        }
        candidates.sort_unstable();
        candidates.truncate(CANDIDATES_MAX);
        candidates.into_iter().map(|(.., word)| word).collect()
    }
}
