//! What queries are taken to mean, with the real dictionary.

use std::path::Path;
use std::sync::OnceLock;

use super::*;

fn language() -> &'static Language {
    static LANGUAGE: OnceLock<Language> = OnceLock::new();
    LANGUAGE.get_or_init(|| {
        let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/../.jinmaek/ko-dic");
        let analyzer = Analyzer::load(Path::new(directory)).unwrap();
        Language::with(&analyzer, Arc::default(), &[])
    })
}

#[test]
fn words_spelt_nearly_like_a_known_one_are_told_the_nearest_first() {
    for (written, meant) in [
        ("정헝외과", "정형외과"),
        ("뇌졸증", "뇌졸중"),
        ("이빈후과", "이비인후과"),
    ] {
        assert_eq!(
            language().spelling.near(written).first(),
            Some(&meant),
            "{written}"
        );
    }
    assert!(language().spelling.near("정형외과").is_empty());
}

#[test]
fn every_line_of_the_complaints_and_of_the_places_can_be_read() {
    for line in complaints::lines() {
        assert!(complaints::parse(line).is_some(), "{line}");
    }
    for line in places::lines() {
        assert!(places::parse(line).is_some(), "{line}");
    }
    assert!(complaints::lines().count() > 400 && places::lines().count() > 4000);
}

/// What a query is taken to mean, in a line.
fn understood(text: &str) -> String {
    let understood = language().understand(text, Noun::Institution);
    let places: Vec<_> = understood
        .places
        .iter()
        .map(|place| place.name.as_str())
        .collect();
    let departments: Vec<_> = understood
        .departments
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    let complaint = understood
        .complaint
        .map(|complaint| format!("{:?}", complaint.urgency));
    format!(
        "{} | {} | {}",
        places.join(" "),
        departments.first().unwrap_or(&""),
        complaint.unwrap_or_default()
    )
}

#[test]
fn a_query_is_taken_apart_into_places_departments_and_complaints() {
    for (text, meant) in [
        ("배가 아파요", " | 내과 | Usual"),
        ("가슴이 조여요", " | 응급의학과 | Emergency"),
        (
            "한쪽 팔다리에 갑자기 마비가 왔어요",
            " | 응급의학과 | Emergency",
        ),
        ("강남 이비인후과", "강남구 강남역 |  | "),
        ("부산 중구 배가 아파요", "중구 | 내과 | Usual"),
        ("수원 영통 소아과", "수원시 영통구 |  | "),
        ("홍대입구역 근처 약국", "홍대입구역 |  | "),
        ("우리들의원", " |  | "),
        ("온가족약국", " |  | "),
        ("서울대학교병원 응급실", "서울대학교병원 |  | "),
    ] {
        assert_eq!(understood(text), meant, "{text}");
    }
}

#[test]
fn the_same_word_apart_is_one_concept_with_another_way_to_say_it() {
    let concepts = language()
        .understand("이비 인후과", Noun::Institution)
        .concepts;
    let [concept] = &concepts[..] else {
        panic!("{concepts:?}");
    };
    let Other::Synonym(terms) = &concept.others[0] else {
        panic!("{concept:?}");
    };
    assert_eq!(terms, &["이비인후과"]);
}

#[test]
fn fillers_are_words_of_their_own_unless_there_is_nothing_else() {
    let fillers = |text: &str| -> Vec<String> {
        let concepts = language().understand(text, Noun::Institution).concepts;
        let fillers = concepts.into_iter().filter(|concept| concept.is_filler);
        fillers.flat_map(|concept| concept.tokens).collect()
    };
    assert_eq!(fillers("근처 약국 추천"), ["근처", "추천"]);
    assert!(fillers("하병원").is_empty());
    assert!(fillers("추천").is_empty());
}
