//! Whatever the text: offsets stand on characters of the original, in order, and nothing panics.

use analyzers::{initials, jamo_key};
use proptest::prelude::*;

use crate::support::analyzer;

/// Text as it comes: Hangul whole and decomposed, Latin, digits, spaces, marks, invisible and rare characters.
fn text() -> impl Strategy<Value = String> {
    let character = prop_oneof![
        8 => proptest::char::range('가', '힣'),
        3 => proptest::char::ranges(vec!['\u{1100}'..='\u{11ff}', 'ㄱ'..='ㆎ'].into()),
        3 => proptest::char::ranges(vec!['a'..='z', 'A'..='Z'].into()),
        3 => proptest::char::ranges(vec!['0'..='9', '.'..='.', ','..=','].into()),
        3 => Just(' '),
        2 => proptest::char::ranges(vec!['!'..='/', '\u{200b}'..='\u{200f}', '\u{300}'..='\u{36f}', '\u{ad}'..='\u{ad}', '\n'..='\n'].into()),
        2 => proptest::char::ranges(vec!['\u{ff01}'..='\u{ffdc}', '㈀'..='㏿', '一'..='龥'].into()),
        2 => any::<char>(),
    ];
    proptest::collection::vec(character, 0..60).prop_map(String::from_iter)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn offsets_are_sound(text in text()) {
        let mut before = (0, 0);
        for (index, token) in analyzer().analyze(&text).into_iter().enumerate() {
            prop_assert!(!token.text.is_empty());
            prop_assert!(token.start < token.end && token.end <= text.len(), "{token:?} in {text:?}");
            prop_assert!(text.is_char_boundary(token.start) && text.is_char_boundary(token.end), "{token:?} in {text:?}");
            prop_assert!((token.start, token.end) >= before, "{token:?} after {before:?} in {text:?}");
            prop_assert_eq!(token.position as usize, index);
            before = (token.start, token.end);
        }
    }

    #[test]
    fn words_are_cut_alike_wherever_they_stand(left in "[가-힣]{1,6}", right in "[가-힣]{1,6}") {
        // But for particles that are kept only because nothing else is left of a text.
        let [alone_left, alone_right, both] = [left.clone(), right.clone(), format!("{left} {right}")].map(|text| analyzer().analyze(&text));
        let joined: Vec<_> = alone_left.iter().chain(&alone_right).map(|token| &token.text).collect();
        prop_assert!(both.iter().all(|token| joined.contains(&&token.text)), "{joined:?} became {both:?}");
    }

    #[test]
    fn jamo_never_panic_and_hold_no_syllable(text in text()) {
        prop_assert!(jamo_key(&text).chars().chain(initials(&text).chars()).all(|letter| !('가'..='힣').contains(&letter)));
    }
}

#[test]
fn a_long_text_is_cut_into_chunks_without_a_trace() {
    let text = "소아청소년과 진료를 받았습니다. ".repeat(2000);
    let once = analyzer().analyze("소아청소년과 진료를 받았습니다. ");
    let many = analyzer().analyze(&text);
    assert_eq!(many.len(), once.len() * 2000);
    for (index, token) in many.iter().enumerate() {
        let one = &once[index % once.len()];
        assert_eq!(
            (&token.text, token.end - token.start),
            (&one.text, one.end - one.start)
        );
    }
    let unbroken = "가나다라마바사".repeat(5000);
    assert!(
        analyzer()
            .analyze(&unbroken)
            .iter()
            .all(|token| unbroken.is_char_boundary(token.start))
    );
}
