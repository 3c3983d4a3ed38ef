//! Reads numbers however they are written: `이천만`, `2천만`, `2,000만` and `20000000` are one term, and the unit after it another.
//!
//! Lucene's `KoreanNumberFilter` reads every run of such letters as a number. Here words are not to suffer (이천 is a city, 사이 a
//! relation, 만일 an if, 이백내과 a clinic): with digits in it a number is one; in Hangul alone it is where the dictionary says so and
//! what follows fits, or where it is written out so far that it can be nothing else. A syllable alone (`만`, `일`) stays a word.

use crate::cutter::Morpheme;
use crate::kinds::Kind;

/// Longest number that is read, in morphemes; 9,999조9,999억9,999만9,999 in Hangul has 31.
const MORPHEMES_MAX: usize = 40;
/// Most digits of a coefficient (`1,000` of `1,000만`) before and after the point: what 128 bits hold with all places.
const WHOLE_DIGITS_MAX: usize = 15;
const FRACTION_DIGITS_MAX: usize = 6;
/// Values are counted in millionths, so that `1.2만345.67` is exact.
const ONE: u128 = 10_u128.pow(FRACTION_DIGITS_MAX as u32);

/// What is counted by a digit of one syllable (`이차`, `삼개월`); before other units it may be a word (`이대`, `사주`, `이주`).
const UNITS_OF_ONE_SYLLABLE: [&str; 6] = ["개월", "주일", "차", "등급", "호선", "학년"];
/// Units that ko-dic takes for common nouns after Hangul numerals (NNG, not NNBC).
const UNIT_NOUNS: [&str; 1] = ["시간"];

/// Nouns that ko-dic prefers to a numeral and a unit, even after numerals: `10조원`, `십이명`. Here they are cut into these two.
const NUMERALS_WITH_UNITS: [&str; 4] = ["조원", "구원", "구명", "이명"];

/// Cuts a noun that follows a number into numeral and unit, if it is one of the few that ought to be.
pub(crate) fn numeral_and_unit<'a>(
    before: Option<&Morpheme<'_>>,
    noun: Morpheme<'a>,
) -> Option<[Morpheme<'a>; 2]> {
    let is_after_number = matches!(before?.kind, Kind::Number | Kind::Numeral);
    (is_after_number && NUMERALS_WITH_UNITS.contains(&noun.text)).then(|| {
        let (numeral, unit) = noun.text.split_at('조'.len_utf8());
        let middle = noun.start + numeral.len();
        [
            Morpheme {
                text: numeral,
                end: middle,
                kind: Kind::Numeral,
                ..noun
            },
            Morpheme {
                text: unit,
                start: middle,
                kind: Kind::Unit,
                ..noun
            },
        ]
    })
}

/// Reads the number that begins with the morpheme `at` of a word: how many morphemes it has, and its term.
pub(crate) fn read(morphemes: &[Morpheme<'_>], at: usize) -> Option<(usize, String)> {
    let rest = &morphemes[at..];
    let first = rest.first()?;
    // In Hangul alone, only what begins the word: not the 십 of 몇십.
    if first.kind != Kind::Number && (at > 0 || !is_numeral(first.text)) {
        return None;
    }
    // 제1조 is the first article of a law; and 만 before digits says how an age is counted.
    let has_places = !(at > 0 && morphemes[at - 1].text == "제" || first.text == "만");
    let is_digits = |next: &Morpheme<'_>| next.kind == Kind::Number;
    let digits = rest.iter().take_while(|next| is_digits(next)).count();
    let longest = rest
        .iter()
        .take(MORPHEMES_MAX)
        .take_while(|next| is_digits(next) || is_numeral(next.text))
        .count();
    for count in (digits + 1..=longest).rev() {
        let (number, after) = rest.split_at(count);
        let term = if after.first().is_some_and(is_digits) {
            None // within digits
        } else if number.iter().any(is_digits) {
            let is_number = |next: &Morpheme<'_>| is_digits(next) || next.kind == Kind::Numeral;
            let is_number = has_places && number.iter().all(is_number);
            is_number.then(|| value(&concat(number))).flatten()
        } else {
            hangul(number, after)
        };
        if let Some(term) = term {
            return Some((count, term));
        }
    }
    (digits > 0).then(|| (digits, plain(&concat(&rest[..digits]))))
}

/// The term of a number in Hangul alone, if it is one.
fn hangul(number: &[Morpheme<'_>], after: &[Morpheme<'_>]) -> Option<String> {
    let text = concat(number);
    let syllables = text.chars().count();
    let places = text
        .chars()
        .filter(|&letter| place(letter).is_some())
        .count();
    let next = after.first();
    let is_symbol = |next: &Morpheme<'_>| next.kind == Kind::Foreign; // mg
    let is_unit = |next: &Morpheme<'_>| {
        next.kind == Kind::Unit || UNIT_NOUNS.contains(&next.text) || is_symbol(next)
    };
    let (last, before) = number.split_last()?;
    // 만 says how an age is counted.
    if text.starts_with('만') && after.iter().any(|next| matches!(next.text, "세" | "살")) {
        return None;
    }
    let are_numerals =
        |pieces: &[Morpheme<'_>]| pieces.iter().all(|next| next.kind == Kind::Numeral);

    if syllables == 1 {
        let counts = |next: &Morpheme<'_>| {
            next.kind == Kind::Unit && UNITS_OF_ONE_SYLLABLE.contains(&next.text)
        };
        return (are_numerals(number) && places == 0 && next.is_some_and(counts))
            .then(|| value(&text))?;
    }
    // Digit by digit: 일일구, 영영칠.
    if places == 0 {
        let is_read_out =
            syllables >= 3 && after.is_empty() && (are_numerals(number) || text.contains("영영"));
        return is_read_out.then(|| digits(&text));
    }
    // Between numerals a noun is an accident (천사 of 이천사백, 이천, a city, of 이천이년), and so is a particle.
    let is_written_out = before.iter().all(|next| {
        matches!(next.kind, Kind::Numeral | Kind::Plain) || matches!(next.text, "이" | "만")
    });
    let is_number = match (last.kind, last.text) {
        (Kind::Numeral, _) if are_numerals(before) => {
            let fits = |next| is_unit(next) || next.kind == Kind::Dropped;
            places > 1 || next.is_none_or(fits)
        }
        (Kind::Numeral, _) => is_written_out && (places > 1 || next.is_some_and(is_unit)),
        // With a unit a city is a number: 이천원.
        (Kind::Plain, _) => {
            before.is_empty() && text.ends_with(['천', '백']) && next.is_some_and(is_unit)
        }
        // Right after a digit 만 is no particle (오만); nobody counts days by ten thousands, or days of milligrams; and whoever
        // writes out three places means the 이 after them.
        (Kind::Dropped, "만") => {
            after.is_empty() && (are_numerals(before) || is_written_out && syllables > 2)
        }
        (Kind::Unit, "일") => {
            is_written_out && next.map_or(text.contains(['만', '억', '조']), is_symbol)
        }
        (Kind::Dropped, "이") => is_written_out && next.map_or(places > 2, is_symbol),
        _ => false,
    };
    is_number.then(|| value(&text))?
}

fn concat(number: &[Morpheme<'_>]) -> String {
    number.iter().map(|next| next.text).collect()
}

/// Whether every letter is a digit or a place word.
fn is_numeral(text: &str) -> bool {
    text.chars()
        .all(|letter| digit(letter).is_some() || place(letter).is_some())
}

fn digit(letter: char) -> Option<u8> {
    let digits = "영일이삼사오육칠팔구".chars();
    digits
        .zip(0..)
        .find_map(|(name, digit)| (name == letter).then_some(digit))
}

fn place(letter: char) -> Option<u128> {
    Some(match letter {
        '십' => 10,
        '백' => 100,
        '천' => 1000,
        '만' => 10_000,
        '억' => 100_000_000,
        '조' => 1_000_000_000_000,
        _ => return None,
    })
}

/// Digits read out one by one, as a value: `영영칠` is 7.
fn digits(text: &str) -> String {
    let digits: String = text
        .chars()
        .filter_map(digit)
        .map(|digit| char::from(b'0' + digit))
        .collect();
    let value = digits.trim_start_matches('0');
    if value.is_empty() {
        "0".into()
    } else {
        value.into()
    }
}

/// Digits, points and commas as one number: `4,647.100` is `4647.1`. Zeros in front stay, since they belong to codes (`02`, `010`).
fn plain(text: &str) -> String {
    let mut text = text.replace(',', "");
    if text.contains('.') {
        text.truncate(text.trim_end_matches('0').trim_end_matches('.').len());
    }
    text
}

/// The value of digits and place words; `None` unless each piece is smaller than the place before it, as in every number.
fn value(text: &str) -> Option<String> {
    // 만, 억 and 조 multiply a section, 십, 백 and 천 a coefficient within it.
    let (mut total, mut unit) = (0, u128::MAX);
    let (mut section, mut place_before) = (0, u128::MAX);
    let mut coefficient = None;
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        let (piece, after) = rest.split_at(if letter.is_ascii() {
            rest.find(|letter: char| !letter.is_ascii())
                .unwrap_or(rest.len())
        } else {
            letter.len_utf8()
        });
        rest = after;
        match place(letter) {
            None => {
                let one = match digit(letter) {
                    Some(digit) => u128::from(digit) * ONE,
                    None => millionths(piece)?,
                };
                if coefficient.replace(one).is_some() || one >= place_before || one >= unit {
                    return None;
                }
            }
            Some(place) if place < 10_000 => {
                let piece = coefficient.take().unwrap_or(ONE) * place;
                if piece >= place_before || place * ONE >= place_before {
                    return None;
                }
                section += piece;
                place_before = place * ONE;
            }
            Some(place) => {
                section += coefficient.take().unwrap_or(0);
                if section == 0 && total == 0 && place == 10_000 {
                    section = ONE; // 만이천
                }
                if section == 0 || section * place >= unit || place * ONE >= unit {
                    return None;
                }
                total += section * place;
                (unit, section, place_before) = (place * ONE, 0, u128::MAX);
            }
        }
    }
    section += coefficient.unwrap_or(0);
    let value = (section < unit).then(|| total + section)?;
    let (whole, fraction) = (value / ONE, value % ONE);
    Some(plain(&format!("{whole}.{fraction:0>FRACTION_DIGITS_MAX$}")))
}

/// A coefficient in digits, such as `1,000` or `3.2`, in millionths.
fn millionths(text: &str) -> Option<u128> {
    let text = text.replace(',', "");
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    if whole.len() > WHOLE_DIGITS_MAX || fraction.len() > FRACTION_DIGITS_MAX {
        return None;
    }
    format!("{whole}{fraction:0<FRACTION_DIGITS_MAX$}")
        .parse()
        .ok()
}
