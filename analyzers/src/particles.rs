//! Takes the particle off a word that the dictionary does not know at all, such as a foreign name: `뜌레몽까지` is `뜌레몽`.
//!
//! lindera takes such a word for one with whatever hangs on it. Only particles that hardly end a name are taken off, and those of
//! two forms only in the one that fits the sound before them: 를 after a vowel, 을 after a consonant.

use crate::context_ids::ends_in_consonant;

/// A rest of one syllable is more likely half a word.
const SYLLABLES_MIN: usize = 2;
/// Longer ones first.
const AFTER_ANY: [&str; 6] = ["에게서", "에서", "에게", "까지", "부터", "처럼"];
const AFTER_CONSONANT: [&str; 4] = ["으로", "이라는", "을", "은"];
const AFTER_VOWEL: [&str; 3] = ["라는", "를", "는"];

/// An unknown word without the particle at its end, or as it is.
pub(crate) fn without_particle(word: &str) -> &str {
    let rest_before = |particle: &&str| {
        let rest = word.strip_suffix(particle)?;
        let is_fitting = ends_in_consonant(rest) && AFTER_CONSONANT.contains(particle)
            || !ends_in_consonant(rest) && AFTER_VOWEL.contains(particle)
            || AFTER_ANY.contains(particle);
        (is_fitting && rest.chars().count() >= SYLLABLES_MIN).then_some(rest)
    };
    let particles = AFTER_ANY.iter().chain(&AFTER_CONSONANT).chain(&AFTER_VOWEL);
    particles
        .copied()
        .find_map(|particle| rest_before(&particle))
        .unwrap_or(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_fitting_particle_after_two_syllables_goes() {
        for (word, rest) in [
            ("뜌레몽까지", "뜌레몽"),
            ("뀨릅은", "뀨릅"),
            ("뀨르는", "뀨르"),
            ("뀨르은", "뀨르은"),
            ("뀨를", "뀨를"),
            ("뀨릅에게서", "뀨릅"),
            ("뀨릅으로", "뀨릅"),
        ] {
            assert_eq!(without_particle(word), rest);
        }
    }
}
