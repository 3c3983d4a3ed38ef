//! Texts that are spelt nearly like another: by Levenshtein's distance over letters, two neighbours in the wrong order being one mistake
//! (Schulz and Mihov 2002).

use std::sync::LazyLock;

use levenshtein_automata::{DFA, Distance, LevenshteinAutomatonBuilder, SINK_STATE};
use tantivy_fst::Automaton;

/// Tables for one mistake and for two.
static AUTOMATA: LazyLock<[LevenshteinAutomatonBuilder; 2]> =
    LazyLock::new(|| [1, 2].map(|distance| LevenshteinAutomatonBuilder::new(distance, true)));

/// Mistakes that are forgiven.
#[derive(Clone, Copy)]
pub(crate) enum Mistakes {
    One,
    Two,
}

/// The automaton of the texts that are near to one.
pub(crate) struct SpeltAlike(DFA);

impl SpeltAlike {
    pub(crate) fn new(text: &str, mistakes: Mistakes) -> Self {
        let [one, two] = &*AUTOMATA;
        let automaton = match mistakes {
            Mistakes::One => one,
            Mistakes::Two => two,
        };
        Self(automaton.build_dfa(text))
    }

    /// How many mistakes away a text is, if not too many.
    pub(crate) fn distance(&self, text: &[u8]) -> Option<u8> {
        exact(self.0.eval(text))
    }
}

fn exact(distance: Distance) -> Option<u8> {
    match distance {
        Distance::Exact(distance) => Some(distance),
        Distance::AtLeast(_) => None,
    }
}

impl Automaton for &SpeltAlike {
    type State = u32;

    fn start(&self) -> u32 {
        self.0.initial_state()
    }

    fn is_match(&self, state: &u32) -> bool {
        exact(self.0.distance(*state)).is_some()
    }

    fn can_match(&self, state: &u32) -> bool {
        *state != SINK_STATE
    }

    fn accept(&self, state: &u32, byte: u8) -> u32 {
        self.0.transition(*state, byte)
    }
}
