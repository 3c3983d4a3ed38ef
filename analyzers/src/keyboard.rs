//! Korean typed with the keyboard set to English, and the other way round: `tjdnf` for 서울, `ㅡ갸` for mri.
//!
//! Keys of the standard two-set layout (두벌식, KS X 5002), and the automaton of its input methods.

use crate::jamo::{FINALS, INITIALS, syllable};

/// The jamo of the keys a … z.
const LOWER: [char; 26] = [
    'ㅁ', 'ㅠ', 'ㅊ', 'ㅇ', 'ㄷ', 'ㄹ', 'ㅎ', 'ㅗ', 'ㅑ', 'ㅓ', 'ㅏ', 'ㅣ', 'ㅡ', 'ㅜ', 'ㅐ', 'ㅔ',
    'ㅂ', 'ㄱ', 'ㄴ', 'ㅅ', 'ㅕ', 'ㅍ', 'ㅈ', 'ㅌ', 'ㅛ', 'ㅋ',
];
/// Those of the keys that have another with shift.
const SHIFTED: [(char, char); 7] = [
    ('Q', 'ㅃ'),
    ('W', 'ㅉ'),
    ('E', 'ㄸ'),
    ('R', 'ㄲ'),
    ('T', 'ㅆ'),
    ('O', 'ㅒ'),
    ('P', 'ㅖ'),
];
/// Vowels in their order within a syllable.
const MEDIALS: [char; 21] = [
    'ㅏ', 'ㅐ', 'ㅑ', 'ㅒ', 'ㅓ', 'ㅔ', 'ㅕ', 'ㅖ', 'ㅗ', 'ㅘ', 'ㅙ', 'ㅚ', 'ㅛ', 'ㅜ', 'ㅝ', 'ㅞ',
    'ㅟ', 'ㅠ', 'ㅡ', 'ㅢ', 'ㅣ',
];
/// Two keys that make one jamo.
const PAIRS: [(char, char, char); 18] = [
    ('ㅗ', 'ㅏ', 'ㅘ'),
    ('ㅗ', 'ㅐ', 'ㅙ'),
    ('ㅗ', 'ㅣ', 'ㅚ'),
    ('ㅜ', 'ㅓ', 'ㅝ'),
    ('ㅜ', 'ㅔ', 'ㅞ'),
    ('ㅜ', 'ㅣ', 'ㅟ'),
    ('ㅡ', 'ㅣ', 'ㅢ'),
    ('ㄱ', 'ㅅ', 'ㄳ'),
    ('ㄴ', 'ㅈ', 'ㄵ'),
    ('ㄴ', 'ㅎ', 'ㄶ'),
    ('ㄹ', 'ㄱ', 'ㄺ'),
    ('ㄹ', 'ㅁ', 'ㄻ'),
    ('ㄹ', 'ㅂ', 'ㄼ'),
    ('ㄹ', 'ㅅ', 'ㄽ'),
    ('ㄹ', 'ㅌ', 'ㄾ'),
    ('ㄹ', 'ㅍ', 'ㄿ'),
    ('ㄹ', 'ㅎ', 'ㅀ'),
    ('ㅂ', 'ㅅ', 'ㅄ'),
];

/// What the same keys give with the keyboard set to the other language, if that is what was meant as far as can be told: Latin
/// letters that make whole syllables (`tjdnf` → `서울`; the last may be unfinished), or Hangul with vowels that stand alone
/// (`ㅡ갸` → `mri`). Digits and spaces stay. `None` for every other text.
pub fn other_keyboard(text: &str) -> Option<String> {
    let is_latin = text.chars().any(|letter| letter.is_ascii_alphabetic());
    let is_hangul = text.chars().any(is_hangul);
    match (is_latin, is_hangul) {
        (true, false) => {
            let hangul = typed(text);
            is_well_formed(&hangul).then_some(hangul)
        }
        (false, true) if text.chars().any(|letter| MEDIALS.contains(&letter)) => Some(keys(text)),
        _ => None,
    }
}

fn is_hangul(letter: char) -> bool {
    matches!(letter, '가'..='힣' | 'ㄱ'..='ㅣ')
}

/// Whether all of it are syllables, but perhaps for a consonant that begins the last.
fn is_well_formed(text: &str) -> bool {
    let mut words = text.split_whitespace().peekable();
    let mut syllables = 0;
    while let Some(word) = words.next() {
        let whole = match words.peek() {
            None => word.trim_end_matches(|last| INITIALS.contains(&last)),
            Some(_) => word,
        };
        if word.chars().count() > whole.chars().count() + 1 {
            return false;
        }
        if whole.chars().any(|letter| matches!(letter, 'ㄱ'..='ㅣ')) {
            return false;
        }
        syllables += whole.chars().filter(|letter| is_hangul(*letter)).count();
    }
    syllables > 0
}

fn jamo_of(key: char) -> Option<char> {
    if let Some((_, jamo)) = SHIFTED.iter().find(|(shifted, _)| *shifted == key) {
        return Some(*jamo);
    }
    let index = (key.to_ascii_lowercase() as u32).checked_sub('a' as u32)?;
    LOWER.get(index as usize).copied()
}

fn key_of(jamo: char) -> Option<char> {
    if let Some((key, _)) = SHIFTED.iter().find(|(_, shifted)| *shifted == jamo) {
        return Some(*key);
    }
    let index = LOWER.iter().position(|lower| *lower == jamo)?;
    char::from_u32('a' as u32 + index as u32)
}

fn pair(first: char, second: char) -> Option<char> {
    let made = PAIRS.iter().find(|(a, b, _)| (*a, *b) == (first, second));
    made.map(|(.., whole)| *whole)
}

fn parts(jamo: char) -> [Option<char>; 2] {
    match PAIRS.iter().find(|(.., whole)| *whole == jamo) {
        Some((first, second, _)) => [Some(*first), Some(*second)],
        None => [Some(jamo), None],
    }
}

/// The syllable under way.
#[derive(Default)]
struct Syllable {
    initial: Option<char>,
    medial: Option<char>,
    last: Option<char>,
}

impl Syllable {
    /// Writes what there is of it, and begins anew.
    fn end(&mut self, text: &mut String) {
        let Self {
            initial,
            medial,
            last,
        } = std::mem::take(self);
        let index = |letters: &[char], letter: Option<char>| {
            letters.iter().position(|known| Some(*known) == letter)
        };
        match (index(&INITIALS, initial), index(&MEDIALS, medial)) {
            (Some(first), Some(second)) => {
                let third = index(&FINALS, last).map_or(0, |last| last + 1);
                let code = 0xac00 + (first * 21 + second) * 28 + third;
                text.extend(char::from_u32(code as u32));
            }
            _ => text.extend([initial, medial, last].into_iter().flatten()),
        }
    }

    fn consonant(&mut self, jamo: char, text: &mut String) {
        if self.initial.is_none() || self.medial.is_none() {
            self.end(text);
            self.initial = Some(jamo);
            return;
        }
        let last = match self.last {
            None => Some(jamo).filter(|jamo| FINALS.contains(jamo)),
            Some(last) => pair(last, jamo),
        };
        if last.is_none() {
            self.end(text);
            self.initial = Some(jamo);
        } else {
            self.last = last;
        }
    }

    fn vowel(&mut self, jamo: char, text: &mut String) {
        if let Some(last) = self.last {
            // It takes the consonant before it for its own.
            let (kept, taken) = match parts(last) {
                [first, Some(second)] => (first, second),
                [..] => (None, last),
            };
            self.last = kept;
            self.end(text);
            (self.initial, self.medial) = (Some(taken), Some(jamo));
            return;
        }
        match self.medial.map(|medial| pair(medial, jamo)) {
            None => self.medial = Some(jamo),
            Some(Some(made)) => self.medial = Some(made),
            Some(None) => {
                self.end(text);
                self.medial = Some(jamo);
            }
        }
    }
}

/// What the keys of a Latin text give in Korean.
fn typed(text: &str) -> String {
    let mut hangul = String::with_capacity(text.len());
    let mut syllable = Syllable::default();
    for key in text.chars() {
        match jamo_of(key) {
            Some(jamo) if MEDIALS.contains(&jamo) => syllable.vowel(jamo, &mut hangul),
            Some(jamo) => syllable.consonant(jamo, &mut hangul),
            None => {
                syllable.end(&mut hangul);
                hangul.push(key);
            }
        }
    }
    syllable.end(&mut hangul);
    hangul
}

/// The keys of a Korean text.
fn keys(text: &str) -> String {
    let mut latin = String::with_capacity(text.len());
    for letter in text.chars() {
        let jamo = match syllable(letter) {
            Some((initial, medial, last)) => [Some(initial), Some(medial), last],
            None => [Some(letter), None, None],
        };
        for jamo in jamo.into_iter().flatten() {
            for part in parts(jamo).into_iter().flatten() {
                latin.push(key_of(part).unwrap_or(part));
            }
        }
    }
    latin
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_with_the_wrong_keyboard_is_what_was_meant() {
        for (latin, hangul) in [
            ("tjdnf", "서울"),
            ("quddnjs", "병원"),
            ("dlqldlsgnrhk", "이비인후과"),
            ("Tkddydehd", "쌍용동"),
            ("ekfrrhrl", "닭고기"),
            ("rkqtdl djqtdj", "값이 없어"),
            ("24tlrks dirrnr", "24시간 약국"),
            ("tjdn", "서우"),
            ("quddnjsd", "병원ㅇ"),
        ] {
            assert_eq!(other_keyboard(latin).as_deref(), Some(hangul));
        }
        assert_eq!(other_keyboard("ㅡ갸").as_deref(), Some("mri"));
        assert_eq!(other_keyboard("ㅊㅅ"), None);
        for text in ["mri", "CT", "서울", "b형간염", "", "24", "ㅅㅇㅂㅇ"] {
            assert_eq!(other_keyboard(text), None, "{text}");
        }
        // What is typed back is what was typed.
        assert_eq!(keys("닭고기 쌍용동"), "ekfrrhrl Tkddydehd");
    }
}
