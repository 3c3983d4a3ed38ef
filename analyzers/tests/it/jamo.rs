//! Letters for suggestions: every state of an input method is a prefix of the word it becomes.

use analyzers::{initials, jamo_key};

#[test]
fn syllables_become_single_jamo() {
    assert_eq!(jamo_key("병원"), "ㅂㅕㅇㅇㅜㅓㄴ");
    assert_eq!(jamo_key("까닭"), "ㄱㄱㅏㄷㅏㄹㄱ");
    assert_eq!(jamo_key("ＭＲＩ 검사 (3차)!"), "mriㄱㅓㅁㅅㅏ3ㅊㅏ");
    assert_eq!(jamo_key("\u{1107}\u{1167}\u{11bc}"), "ㅂㅕㅇ");
    assert_eq!(jamo_key("\u{200b} ·"), "");
}

#[test]
fn what_is_being_typed_is_a_prefix() {
    let states = [
        ("서울", &["ㅅ", "서", "서우", "서울"][..]),
        ("병원", &["ㅂ", "벼", "병", "병ㅇ", "병우", "병워", "병원"]),
        (
            "고척시장",
            &["ㄱ", "고", "곷", "고처", "고척", "고척ㅅ", "고척시"],
        ),
        ("과학", &["고", "과", "과하"]),
        ("닭갈비", &["달", "닭", "닭ㄱ"]),
        ("값이", &["갑", "값", "값ㅇ"]),
    ];
    for (word, typed) in states {
        for state in typed {
            let prefix = jamo_key(state);
            assert!(
                jamo_key(word).starts_with(&prefix),
                "{state} → {prefix} is no prefix of {word}"
            );
        }
    }
}

#[test]
fn initials_are_their_own_query() {
    assert_eq!(initials("서울병원"), "ㅅㅇㅂㅇ");
    assert_eq!(initials("ㅅㅇㅂㅇ"), "ㅅㅇㅂㅇ");
    assert_eq!(initials("ㅅㅇ ㅂㅇ"), "ㅅㅇㅂㅇ");
    assert_eq!(initials("까치 약국 24시 MRI"), "ㄲㅊㅇㄱ24ㅅmri");
    assert_eq!(
        initials("ㅄ"),
        initials("배수"),
        "an input method joins ㅂㅅ"
    );
}
