//! Keys that begin nearly as something typed: Levenshtein's distance over letters to the beginning of a key, two neighbours in the
//! wrong order being one mistake. Every way to make so many mistakes is tried at once, each a bit (Wu and Manber 1992, with Hyyrö's
//! swapped neighbours 2003), so that nothing need be built before a dictionary is walked.

use tantivy_fst::Automaton;

/// Letters in which one may be wrong, and in which two may: shorter beginnings are near to too many names.
pub(super) const ONE_WRONG_MIN: usize = 5;
const TWO_WRONG_MIN: usize = 12;
/// Who has typed more letters has seen what there is; and each after the first has a bit.
const LETTERS_MAX: usize = 32;
const MISTAKES_MAX: usize = 2;

/// What keys are compared with.
pub(super) struct Alike {
    /// People rarely get the first letter wrong: keys begin with it.
    pub(super) first: String,
    /// The letters after the first, each as the bytes of its UTF-8 in a row, with the places that it stands at.
    letters: Vec<(u32, u32)>,
    /// The place after all letters.
    end: u32,
    mistakes_max: usize,
}

/// Which places among the letters a key may have come to, after so many of its bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Places {
    /// With no mistake, with one at most, with two at most.
    with: [u32; MISTAKES_MAX + 1],
    /// The places before the key's last letter, where that is the letter after the next: the next may follow it.
    swapped: [u32; MISTAKES_MAX],
    /// The bytes of a letter that is not whole yet.
    bytes: u32,
}

/// Before the first letter, and with another letter there: no places are like these otherwise.
const START: Places = Places::only([1; 3]);
const NOWHERE: Places = Places::only([0; 3]);
/// After the first letter; some after it may be missing.
const AFTER_FIRST: Places = Places::only([0b1, 0b11, 0b111]);

impl Places {
    const fn only(with: [u32; MISTAKES_MAX + 1]) -> Self {
        Self {
            with,
            swapped: [0; MISTAKES_MAX],
            bytes: 0,
        }
    }
}

impl Alike {
    /// `None` for fewer letters than these, or too many.
    pub(super) fn new(key: &str, letters_min: usize) -> Option<Self> {
        let count = key.chars().count();
        if !(letters_min..=LETTERS_MAX).contains(&count) {
            return None;
        }
        let mut letters: Vec<(u32, u32)> = Vec::with_capacity(count);
        for (place, letter) in key.chars().skip(1).enumerate() {
            let letter = bytes(letter);
            match letters.iter_mut().find(|(known, _)| *known == letter) {
                Some((_, places)) => *places |= 1 << place,
                None => letters.push((letter, 1 << place)),
            }
        }
        Some(Self {
            first: key.chars().take(1).collect(),
            letters,
            end: 1 << (count - 1),
            mistakes_max: if count < TWO_WRONG_MIN { 1 } else { 2 },
        })
    }

    /// How many mistakes away the beginning of a key is.
    pub(super) fn distance(&self, key: &[u8]) -> Option<u8> {
        let rest = key.strip_prefix(self.first.as_bytes())?.iter();
        let places = rest.fold(AFTER_FIRST, |places, byte| self.accept(&places, *byte));
        let mut distances = 0..=self.mistakes_max;
        let distance = distances.find(|distance| places.with[*distance] & self.end != 0);
        distance.map(|distance| distance as u8)
    }

    /// After one more letter of a key.
    fn after(&self, before: &Places, letter: u32) -> Places {
        if before.with == START.with {
            let is_first = self.first.chars().all(|first| bytes(first) == letter);
            return if is_first { AFTER_FIRST } else { NOWHERE };
        }
        let known = self.letters.iter().find(|(known, _)| *known == letter);
        let from = known.map_or(0, |(_, places)| *places);
        let mut after = NOWHERE;
        for mistakes in 0..=self.mistakes_max {
            // It is the next letter; or all letters have come, and it is any.
            let mut places = (before.with[mistakes] & from) << 1 | before.with[mistakes] & self.end;
            if let Some(fewer) = mistakes.checked_sub(1) {
                // It is one too many, or in place of another; or follows one that is missing, or is swapped with the one before.
                places |= before.with[fewer] | before.with[fewer] << 1;
                places |= after.with[fewer] << 1 | (before.swapped[fewer] & from) << 2;
                after.swapped[fewer] = before.with[fewer] & from >> 1;
            }
            after.with[mistakes] = places & (self.end | (self.end - 1));
        }
        after
    }
}

/// The bytes of a letter in a row.
fn bytes(letter: char) -> u32 {
    let mut bytes = [0; 4];
    let bytes = letter.encode_utf8(&mut bytes).bytes();
    bytes.fold(0, |before, byte| before << 8 | u32::from(byte))
}

/// The keys that begin nearly so.
impl Automaton for &Alike {
    type State = Places;

    fn start(&self) -> Places {
        START
    }

    fn is_match(&self, places: &Places) -> bool {
        places.with[self.mistakes_max] & self.end != 0
    }

    fn can_match(&self, places: &Places) -> bool {
        places.with[self.mistakes_max] != 0
    }

    fn accept(&self, places: &Places, byte: u8) -> Places {
        // All letters have come by every way that is left: whatever follows changes nothing.
        if places.with[self.mistakes_max] & (self.end - 1) == 0 {
            return *places;
        }
        let bytes = places.bytes << 8 | u32::from(byte);
        match bytes {
            // All the bytes of a letter, of one to four.
            0..0x80 | 0xc000..0xe000 | 0xe0_0000..0xf0_0000 | 0xf000_0000.. => {
                self.after(places, bytes)
            }
            _ => Places { bytes, ..*places },
        }
    }
}

#[cfg(test)]
mod tests {
    use levenshtein_automata::{Distance, LevenshteinAutomatonBuilder};
    use rand::prelude::*;

    use super::*;

    /// Few letters, so that many are alike; of one, two, three and four bytes.
    const LETTERS: [char; 5] = ['ㄱ', 'ㅏ', 'a', 'é', '𝄞'];

    fn word(random: &mut StdRng, letters: std::ops::RangeInclusive<usize>) -> String {
        let count = random.random_range(letters);
        (0..count).filter_map(|_| LETTERS.choose(random)).collect()
    }

    /// The typed word with some letters changed, and something after it.
    fn nearly(typed: &str, random: &mut StdRng) -> String {
        let mut letters: Vec<char> = typed.chars().collect();
        for _ in 0..random.random_range(0..4) {
            let at = random.random_range(1..letters.len() - 1);
            match random.random_range(0..4) {
                0 => letters.insert(at, LETTERS[random.random_range(0..LETTERS.len())]),
                1 => letters[at] = LETTERS[random.random_range(0..LETTERS.len())],
                2 => letters.swap(at, at + 1),
                _ => drop(letters.remove(at)),
            }
        }
        letters.into_iter().collect::<String>() + &word(random, 0..=3)
    }

    #[test]
    fn distances_are_those_of_a_levenshtein_automaton() {
        let mut random = StdRng::seed_from_u64(1);
        let builders = [1, 2].map(|distance| LevenshteinAutomatonBuilder::new(distance, true));
        let mut seen = [0; 4];
        for _ in 0..500 {
            let typed = word(&mut random, ONE_WRONG_MIN..=LETTERS_MAX);
            let is_long = typed.chars().count() >= TWO_WRONG_MIN;
            let automaton = builders[usize::from(is_long)].build_dfa(&typed);
            let alike = Alike::new(&typed, ONE_WRONG_MIN).unwrap();
            for _ in 0..20 {
                let key = nearly(&typed, &mut random);
                let ends = key.char_indices().map(|(end, _)| end).chain([key.len()]);
                let distances = ends.filter_map(|end| match automaton.eval(&key[..end]) {
                    Distance::Exact(distance) => Some(distance),
                    Distance::AtLeast(_) => None,
                });
                let begins = key.starts_with(&alike.first);
                let expected = distances.min().filter(|_| begins);
                assert_eq!(alike.distance(key.as_bytes()), expected, "{typed} {key}");
                seen[expected.map_or(3, usize::from)] += 1;
            }
        }
        assert!(seen.iter().all(|count| *count > 500), "{seen:?}");
    }
}
