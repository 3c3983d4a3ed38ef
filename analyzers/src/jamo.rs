//! The letters of a text: for suggestions while a Korean syllable is still being typed.
//!
//! An input method shows `ㅂ 벼 병 병ㅇ 병우 병워 병원`; between two syllables it even lends a final consonant (`서우` on the way to `서울`, `곷` to
//! `고척`). As a row of single jamo each of these is a prefix of the whole word.

use crate::normalise::Normalised;

/// First consonants by index in a syllable.
pub(crate) const INITIALS: [char; 19] = [
    'ㄱ', 'ㄲ', 'ㄴ', 'ㄷ', 'ㄸ', 'ㄹ', 'ㅁ', 'ㅂ', 'ㅃ', 'ㅅ', 'ㅆ', 'ㅇ', 'ㅈ', 'ㅉ', 'ㅊ', 'ㅋ',
    'ㅌ', 'ㅍ', 'ㅎ',
];
/// Last consonants by index in a syllable, from 1: 0 is none.
pub(crate) const FINALS: [char; 27] = [
    'ㄱ', 'ㄲ', 'ㄳ', 'ㄴ', 'ㄵ', 'ㄶ', 'ㄷ', 'ㄹ', 'ㄺ', 'ㄻ', 'ㄼ', 'ㄽ', 'ㄾ', 'ㄿ', 'ㅀ', 'ㅁ',
    'ㅂ', 'ㅄ', 'ㅅ', 'ㅆ', 'ㅇ', 'ㅈ', 'ㅊ', 'ㅋ', 'ㅌ', 'ㅍ', 'ㅎ',
];
const MEDIAL_COUNT: u32 = 21;
const FINAL_COUNT: u32 = 28;

/// The text as a row of letters: normalised as for the index, without spaces and punctuation, syllables as single jamo
/// (`병원` → `ㅂㅕㅇㅇㅜㅓㄴ`; ㄲ, ㅘ and ㄳ as two), Latin in lower case, digits as they are. If one text is typed on the way to another, its
/// key is a prefix of the other's.
pub fn jamo_key(text: &str) -> String {
    let mut key = String::with_capacity(text.len() * 3);
    for letter in letters(text) {
        match syllable(letter) {
            Some((initial, medial, last)) => {
                split(initial, &mut key);
                split(medial, &mut key);
                last.into_iter().for_each(|last| split(last, &mut key));
            }
            None => split(letter, &mut key),
        }
    }
    key
}

/// The first consonants of a text (초성): `서울병원` → `ㅅㅇㅂㅇ`. Latin and digits stay, and so do consonants typed alone, so that the
/// query `ㅅㅇㅂㅇ` is its own key; what an input method made one of two (`ㅄ` of `ㅂㅅ`) is parted again.
pub fn initials(text: &str) -> String {
    let mut key = String::with_capacity(text.len());
    for letter in letters(text) {
        match syllable(letter) {
            Some((initial, ..)) => key.push(initial),
            None if INITIALS.contains(&letter) => key.push(letter),
            None => split(letter, &mut key),
        }
    }
    key
}

/// The letters and digits of a text, normalised and without spaces: `서울 (신) 내과` → `서울신내과`.
pub fn letters_key(text: &str) -> String {
    letters(text).collect()
}

/// Whether a text is nothing but first consonants, perhaps with digits and Latin letters among them: `ㅅㅇㅂㅇ`, `ㅅㅇ365ㅇㄱ`.
pub fn is_initials(text: &str) -> bool {
    let key = initials(text);
    let consonants = key
        .chars()
        .filter(|letter| INITIALS.contains(letter))
        .count();
    let is_plain = |letter: char| INITIALS.contains(&letter) || letter.is_ascii_alphanumeric();
    // A syllable would be as long in the key as in the text.
    consonants >= 2
        && key.chars().all(is_plain)
        && !letters(text).any(|letter| syllable(letter).is_some())
}

fn letters(text: &str) -> impl Iterator<Item = char> {
    let text = Normalised::new(text).text;
    text.chars()
        .filter(|letter| letter.is_alphanumeric())
        .collect::<Vec<_>>()
        .into_iter()
}

/// Initial, medial and final jamo of a Hangul syllable, by the arithmetic of the Unicode standard (3.12).
pub(crate) fn syllable(letter: char) -> Option<(char, char, Option<char>)> {
    let index = u32::from(letter)
        .checked_sub(u32::from('가'))
        .filter(|_| letter <= '힣')?;
    let initial = INITIALS[(index / (MEDIAL_COUNT * FINAL_COUNT)) as usize];
    let medial = char::from_u32(u32::from('ㅏ') + index / FINAL_COUNT % MEDIAL_COUNT)?;
    let last = (index % FINAL_COUNT)
        .checked_sub(1)
        .map(|last| FINALS[last as usize]);
    Some((initial, medial, last))
}

/// Pushes a letter, as two where it is made of two keys or of a doubled one.
fn split(letter: char, key: &mut String) {
    let parts = match letter {
        'ㄲ' => "ㄱㄱ",
        'ㄳ' => "ㄱㅅ",
        'ㄵ' => "ㄴㅈ",
        'ㄶ' => "ㄴㅎ",
        'ㄸ' => "ㄷㄷ",
        'ㄺ' => "ㄹㄱ",
        'ㄻ' => "ㄹㅁ",
        'ㄼ' => "ㄹㅂ",
        'ㄽ' => "ㄹㅅ",
        'ㄾ' => "ㄹㅌ",
        'ㄿ' => "ㄹㅍ",
        'ㅀ' => "ㄹㅎ",
        'ㅃ' => "ㅂㅂ",
        'ㅄ' => "ㅂㅅ",
        'ㅆ' => "ㅅㅅ",
        'ㅉ' => "ㅈㅈ",
        'ㅘ' => "ㅗㅏ",
        'ㅙ' => "ㅗㅐ",
        'ㅚ' => "ㅗㅣ",
        'ㅝ' => "ㅜㅓ",
        'ㅞ' => "ㅜㅔ",
        'ㅟ' => "ㅜㅣ",
        'ㅢ' => "ㅡㅣ",
        _ => return key.push(letter),
    };
    key.push_str(parts);
}
