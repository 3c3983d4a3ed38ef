//! The analyzer beyond its terms: where they stood, its version, and that it can be shared.

use analyzers::Analyzer;

use crate::support::{analyzer, ko_dic};

/// Terms with the pieces of the original text that they stand for.
fn pieces(text: &str) -> Vec<(String, &str)> {
    analyzer()
        .analyze(text)
        .into_iter()
        .map(|token| (token.text, &text[token.start..token.end]))
        .collect()
}

fn owned<'a>(pieces: &[(&str, &'a str)]) -> Vec<(String, &'a str)> {
    pieces
        .iter()
        .map(|&(term, piece)| (term.to_owned(), piece))
        .collect()
}

#[test]
fn parts_have_their_own_place_in_the_text() {
    assert_eq!(
        pieces("소아청소년과는"),
        owned(&[("소아", "소아"), ("청소년", "청소년"), ("과", "과")])
    );
    assert_eq!(
        pieces("(서울)대학교에"),
        owned(&[("서울", "서울"), ("대", "대"), ("학교", "학교")])
    );
}

#[test]
fn a_stem_has_the_place_of_its_word() {
    assert_eq!(
        pieces("배가 아파요"),
        owned(&[("배", "배"), ("아프", "아파요")])
    );
}

#[test]
fn a_changed_spelling_keeps_its_place() {
    assert_eq!(
        pieces("ＭＲＩ 검사"),
        owned(&[("mri", "ＭＲＩ"), ("검사", "검사")])
    );
    assert_eq!(
        pieces("10㎏ 이상"),
        owned(&[("10", "10"), ("kg", "㎏"), ("이상", "이상")])
    );
    assert_eq!(pieces("1,000원"), owned(&[("1000", "1,000"), ("원", "원")]));
    assert_eq!(pieces("병\u{200b}원"), owned(&[("병원", "병\u{200b}원")]));
    let decomposed = "\u{1107}\u{1167}\u{11bc}\u{110b}\u{116f}\u{11ab}은";
    assert_eq!(
        pieces(decomposed),
        owned(&[("병원", &decomposed[..decomposed.len() - "은".len()])])
    );
}

#[test]
fn only_a_text_without_letters_has_no_terms() {
    for text in ["", " ", "!?…", "\u{200b}", "·~-()", "\n\t"] {
        assert_eq!(analyzer().analyze(text), [], "{text:?}");
    }
    for text in ["까지", "하다", "이다", "은", "습니다", "ㅋㅋ", "?은!"] {
        assert_ne!(analyzer().analyze(text), [], "{text:?}");
    }
}

#[test]
fn positions_leave_no_gap_for_particles() {
    let positions = |text: &str| {
        analyzer()
            .analyze(text)
            .into_iter()
            .map(|token| (token.text, token.position))
            .collect::<Vec<_>>()
    };
    assert_eq!(positions("병원의 위치"), positions("병원 위치"));
}

#[test]
fn the_version_is_sixteen_digits_and_stays() {
    let version = analyzer().version();
    assert!(
        version.len() == 16 && version.bytes().all(|byte| byte.is_ascii_hexdigit()),
        "{version}"
    );
    assert_eq!(Analyzer::load(&ko_dic()).unwrap().version(), version);
}

#[test]
fn threads_share_one_analyzer() {
    let shared = analyzer().clone();
    let expected = shared.analyze("손오공한의원 비급여 진료비");
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| assert_eq!(shared.analyze("손오공한의원 비급여 진료비"), expected));
        }
    });
}

#[test]
fn words_of_operators_are_known_from_then_on_and_change_the_version() {
    let terms = |analyzer: &Analyzer| -> Vec<String> {
        let tokens = analyzer.analyze("하루튼튼정을 처방");
        tokens.into_iter().map(|token| token.text).collect()
    };
    let words = [("하루튼튼정", Some("하루튼튼 정")), ("정", None)];
    let (with, left_out) = analyzer().with_words(words).unwrap();
    assert_eq!(terms(&with), ["하루튼튼", "정", "처방"]);
    assert_ne!(terms(analyzer()), terms(&with));
    assert_eq!(left_out, [r#""정" is not 2 to 20 characters"#]);
    assert_ne!(with.version(), analyzer().version());
    let (again, _) = analyzer().with_words(words).unwrap();
    assert_eq!(again.version(), with.version());
    let (without, _) = analyzer().with_words([]).unwrap();
    assert_eq!(without.version(), analyzer().version());
}

#[test]
fn a_thread_remembers_words_for_one_analyzer_only() {
    let bare = Analyzer::load_with(&ko_dic(), &[]).unwrap();
    let text = "비급여 진료비";
    let first = |analyzer: &Analyzer| analyzer.analyze(text)[0].text.clone();
    let taken_in_turn = [analyzer(), &bare, analyzer(), &bare].map(first);
    assert_eq!(taken_in_turn, ["비급여", "비", "비급여", "비"]);
    assert_ne!(bare.version(), analyzer().version());
}

#[test]
fn more_words_than_a_thread_remembers_are_cut_alike() {
    let text: String = ('가'..='힣')
        .flat_map(|first| ['과', '병', '의', '치'].map(|second| format!("{first}{second}원 ")))
        .collect();
    assert_eq!(analyzer().analyze(&text), analyzer().analyze(&text));
}
