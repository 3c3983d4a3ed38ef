//! A number is one term however it is written.

use proptest::prelude::*;

use crate::support::{analyzer, terms};

const DIGITS: [&str; 10] = ["", "일", "이", "삼", "사", "오", "육", "칠", "팔", "구"];
const PLACES: [&str; 4] = ["천", "백", "십", ""];
const UNITS: [&str; 4] = ["조", "억", "만", ""];

/// The digits of a number below 10¹⁶ in four sections of four.
fn sections(number: u64) -> Vec<Vec<usize>> {
    let digits: Vec<usize> = format!("{number:016}")
        .bytes()
        .map(|digit| usize::from(digit - b'0'))
        .collect();
    digits.chunks(4).map(<[usize]>::to_vec).collect()
}

/// `일조육백만오천일`: a one is written before 만, 억 and 조 and at the end only, as people do; 만 goes without at the beginning.
fn hangul(number: u64) -> String {
    written(number, |digit, place| match (digit, place) {
        (1, "천" | "백" | "십") => String::new(),
        _ => DIGITS[digit].to_owned(),
    })
}

/// `3천2백`, `1조6백만5천1`.
fn mixed(number: u64) -> String {
    written(number, |digit, _| digit.to_string())
}

fn written(number: u64, digit_of: impl Fn(usize, &str) -> String) -> String {
    let mut text = String::new();
    for (section, unit) in sections(number).iter().zip(UNITS) {
        for (&digit, place) in section.iter().zip(PLACES) {
            if digit > 0 {
                text += &digit_of(digit, place);
                text += place;
            }
        }
        if section.iter().any(|&digit| digit > 0) {
            text += unit;
        }
    }
    text.strip_prefix("일만")
        .map(|rest| format!("만{rest}"))
        .unwrap_or(text)
}

/// `1,234,567`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let first = digits.len() % 3;
    let groups = digits.as_bytes()[first..].chunks(3);
    let groups = groups.map(|group| std::str::from_utf8(group).unwrap());
    let all: Vec<&str> = std::iter::once(&digits[..first]).chain(groups).collect();
    all.join(",").trim_start_matches(',').to_owned()
}

/// Numbers of all lengths alike, with zeros among their digits.
fn number() -> impl Strategy<Value = u64> {
    (1_u32..=15, any::<u64>(), any::<u16>()).prop_map(|(length, number, zeros)| {
        let kept = format!("{:015}", number % 10_u64.pow(length));
        let digits = kept.bytes().enumerate();
        let digits = digits.map(|(at, digit)| {
            if zeros >> at & 1 == 1 {
                '0'
            } else {
                digit.into()
            }
        });
        digits.collect::<String>().parse::<u64>().unwrap().max(1)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_number_is_one_term_in_digits_and_in_mixed_writing(number in number()) {
        for text in [number.to_string(), grouped(number), mixed(number)] {
            prop_assert_eq!(terms(&text), number.to_string(), "{}", text);
            prop_assert_eq!(terms(&format!("{text}원")), format!("{number}|원"), "{}", text);
        }
    }

    #[test]
    fn a_number_in_hangul_before_its_unit_is_that_term_too(number in number()) {
        let text = hangul(number);
        // A syllable alone is a word.
        if text.chars().count() > 1 {
            prop_assert_eq!(terms(&format!("{text}년")), format!("{number}|년"), "{}", text);
        }
    }

    #[test]
    fn a_number_written_out_in_hangul_is_that_term_alone_too(number in number()) {
        let text = hangul(number);
        // In shorter ones the last syllable may be a particle (오십이, 백일만) or a day (백일), and 이천 is a city.
        let places = text.chars().filter(|letter| "십백천만억조".contains(*letter)).count();
        if places > 3 && !text.ends_with('만') {
            prop_assert_eq!(terms(&text), number.to_string(), "{}", text);
        }
    }
}

#[test]
fn highlighting_marks_the_number_as_it_was_written() {
    for (text, number) in [
        ("약 이천만원입니다", "이천만"),
        ("3만5천원", "3만5천"),
        ("총2,000만원", "2,000만"),
    ] {
        let tokens = analyzer().analyze(text);
        let marked = tokens.iter().map(|token| &text[token.start..token.end]);
        assert!(
            marked.clone().any(|piece| piece == number),
            "{text}: {:?}",
            marked.collect::<Vec<_>>()
        );
    }
}
