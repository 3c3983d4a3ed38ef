//! Keys that begin nearly as something typed: Levenshtein's distance over letters to the beginning of a key, two neighbours in the
//! wrong order being one mistake (Schulz and Mihov 2002).

use std::sync::LazyLock;

use levenshtein_automata::{DFA, Distance, LevenshteinAutomatonBuilder, SINK_STATE};
use tantivy_fst::Automaton;

/// Letters in which one may be wrong, and in which two may: shorter beginnings are near to too many names.
pub(super) const ONE_WRONG_MIN: usize = 5;
const TWO_WRONG_MIN: usize = 12;
/// Making an automaton for more letters takes longer than all else; who has typed so many has seen what there is.
const LETTERS_MAX: usize = 32;

/// Tables for one mistake and for two.
static AUTOMATA: LazyLock<[LevenshteinAutomatonBuilder; 2]> =
    LazyLock::new(|| [1, 2].map(|distance| LevenshteinAutomatonBuilder::new(distance, true)));

/// What keys are compared with.
pub(super) struct Alike {
    /// People rarely get the first letter wrong, and keys that begin with another need not be looked at.
    pub(super) first: String,
    beginnings: DFA,
}

impl Alike {
    /// `None` for fewer letters than these, or too many.
    pub(super) fn new(key: &str, letters_min: usize) -> Option<Self> {
        let letters = key.chars().count();
        if !(letters_min..=LETTERS_MAX).contains(&letters) {
            return None;
        }
        let [one, two] = &*AUTOMATA;
        let builder = if letters < TWO_WRONG_MIN { one } else { two };
        Some(Self {
            first: key.chars().take(1).collect(),
            beginnings: builder.build_prefix_dfa(key),
        })
    }

    /// How many mistakes away the beginning of a key is.
    pub(super) fn distance(&self, key: &[u8]) -> Option<u8> {
        exact(self.beginnings.eval(key))
    }
}

fn exact(distance: Distance) -> Option<u8> {
    match distance {
        Distance::Exact(distance) => Some(distance),
        Distance::AtLeast(_) => None,
    }
}

/// The keys that begin nearly so.
impl Automaton for &Alike {
    type State = u32;

    fn start(&self) -> u32 {
        self.beginnings.initial_state()
    }

    fn is_match(&self, state: &u32) -> bool {
        exact(self.beginnings.distance(*state)).is_some()
    }

    fn can_match(&self, state: &u32) -> bool {
        *state != SINK_STATE
    }

    fn accept(&self, state: &u32, byte: u8) -> u32 {
        self.beginnings.transition(*state, byte)
    }
}
