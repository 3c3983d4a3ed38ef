//! What queries are taken to mean, with the real dictionary.

use std::path::Path;
use std::sync::OnceLock;

use super::*;

fn language() -> &'static Language {
    static LANGUAGE: OnceLock<Language> = OnceLock::new();
    LANGUAGE.get_or_init(|| {
        let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/../.jinmaek/ko-dic");
        let analyzer = Analyzer::load(Path::new(directory)).unwrap();
        Language::new(&analyzer, &[])
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
