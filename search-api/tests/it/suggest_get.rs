//! `GET /v1/search/suggest`.

use serde_json::{Value, json};

use crate::sample;
use crate::support::{TestApp, shown};

const PATH: &str = "/v1/search/suggest";

async fn suggested(app: &TestApp, typed: &str) -> Vec<(String, String)> {
    let reply = app.get(PATH, &[("q", typed)]).await;
    let pair = |suggestion: &Value| {
        let kind = suggestion["type"].as_str().unwrap().to_owned();
        (kind, shown(&suggestion["segments"]))
    };
    reply["suggestions"]
        .as_array()
        .unwrap()
        .iter()
        .map(pair)
        .collect()
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected
        .iter()
        .map(|(kind, text)| ((*kind).to_owned(), (*text).to_owned()))
        .collect()
}

#[tokio::test]
async fn names_are_found_while_a_syllable_is_being_typed() {
    let app = TestApp::shared().await;
    for typed in [
        "서울대",
        "서울댛",
        "서울 대ㅎ",
        "ㅅㅇㄷㅎ",
        "tjdnfeo",
        "tjdnfeog",
    ] {
        let found = suggested(app, typed).await;
        let hospital = ("institution".to_owned(), "[서울대]학교병원".to_owned());
        let is_hospital = |(kind, text): &(String, String)| {
            *kind == hospital.0 && text.replace(['[', ']'], "") == "서울대학교병원"
        };
        assert!(found.iter().any(is_hospital), "{typed} {found:?}");
        assert!(
            found.iter().all(|(_, text)| text.contains('[')),
            "{typed} {found:?}"
        );
    }
    assert_eq!(
        suggested(app, "비뇨ㅇ").await[0],
        pairs(&[("department", "[비뇨의]학과")])[0]
    );
    // By a later word, and by a former name.
    assert_eq!(
        suggested(app, "미솣").await,
        pairs(&[("institution", "서울 [미소치]과의원 세브란스점")])
    );
    assert_eq!(
        suggested(app, "비뇨기").await[0],
        pairs(&[("department", "비뇨의학과")])[0]
    );
    // Whole names before longer ones.
    assert_eq!(
        suggested(app, "세브란스치과의원").await[..2],
        pairs(&[
            ("institution", "[세브란스치과의원]"),
            ("institution", "속초 [세브란스치과의원]")
        ])
    );
    let articles = pairs(&[
        ("article", "[독]감 예방접종"),
        ("article", "감기와 [독]감은 어떻게 다를까요"),
    ]);
    let found = suggested(app, "독").await;
    assert_eq!(found[found.len() - 2..], articles);
    assert_eq!(suggested(app, "없는이름입니다").await, []);
    assert_eq!(suggested(app, "").await, []);
    assert_eq!(suggested(app, "?!").await, []);
}

#[tokio::test]
async fn first_consonants_mark_the_syllables_that_they_begin() {
    let app = TestApp::shared().await;
    // ㅄ is what an input method makes of ㅂㅅ.
    assert!(
        suggested(app, "ㅄ")
            .await
            .contains(&pairs(&[("place", "[부산]광역시")])[0])
    );
    assert_eq!(
        suggested(app, "ㅅㅂㄹㅅㅊ").await,
        pairs(&[
            ("institution", "[세브란스치]과의원"),
            ("institution", "속초 [세브란스치]과의원")
        ])
    );
    assert_eq!(
        suggested(app, "100ㅅㄱㄱ").await,
        pairs(&[("institution", "[100세건강]약국")])
    );
}

#[tokio::test]
async fn the_other_keyboard_is_read_where_nothing_begins_as_typed() {
    let app = TestApp::shared().await;
    let reply = app.get(PATH, &[("q", "tjdnfxmr")]).await;
    assert_eq!(reply["corrected"], "서울특");
    assert_eq!(shown(&reply["suggestions"][0]["segments"]), "[서울특]별시");
    let reply = app.get(PATH, &[("q", "서울특")]).await;
    assert_eq!(reply["corrected"], Value::Null);
    // And back: `hpv` with the keyboard set to Korean.
    let reply = app.get(PATH, &[("q", "ㅗㅔㅍ")]).await;
    assert_eq!(reply["corrected"], "hpv");
    assert_eq!(shown(&reply["suggestions"][0]["segments"]), "[hpv]감염");
}

#[tokio::test]
async fn a_slip_is_forgiven_and_shown_after_what_begins_as_typed() {
    let app = TestApp::shared().await;
    for (typed, expected) in [
        ("걍남ㄱ", ("place", "[강남구]")),
        ("세브린스치과", ("institution", "[세브란스치과]의원")),
        ("비뇽의학", ("department", "[비뇨의학]과")),
        ("충쳥북", ("place", "[충청북]도")),
    ] {
        let found = suggested(app, typed).await;
        assert!(found.contains(&pairs(&[expected])[0]), "{typed} {found:?}");
    }
    // 세브란스 itself, then what is spelt alike.
    let found = suggested(app, "세브란스치과의").await;
    assert_eq!(found[0], pairs(&[("institution", "[세브란스치과의]원")])[0]);
}

#[tokio::test]
async fn a_suggestion_tells_where_it_leads() {
    let app = TestApp::shared().await;
    let first =
        async |typed| app.get(PATH, &[("q", typed), ("limit", "1")]).await["suggestions"][0].take();
    let institution = first("100세").await;
    assert_eq!(
        (&institution["id"], &institution["slug"]),
        (&json!(1), &Value::Null)
    );
    assert_eq!(institution["detail"], "서울특별시 강남구 큰길 1 (세곡동)");
    let department = first("정형").await;
    assert_eq!(
        (&department["detail"], &department["id"]),
        (&json!("진료과"), &Value::Null)
    );
    assert_eq!(first("세곡도").await["detail"], "서울특별시 강남구");
    assert_eq!(first("강남").await["detail"], "서울특별시");
    assert_eq!(first("충청").await["detail"], "시도");
    // A place with what it narrows searches down by; a station is searched for.
    let place = json!({"sido": "서울특별시", "sigungu": "강남구", "eupmyeondong": "세곡동"});
    assert_eq!(first("세곡도").await["place"], place);
    let station = first("혜화역").await;
    assert_eq!(
        (&station["text"], &station["place"], &station["detail"]),
        (&json!("혜화역"), &Value::Null, &json!("서울특별시 종로구"))
    );
    assert_eq!(first("간경화").await["detail"], "질환·증상");
    let article = first("감기와").await;
    assert_eq!(
        (&article["id"], &article["slug"]),
        (&json!(2), &json!("cold-or-flu"))
    );
}

#[tokio::test]
async fn the_kinds_share_the_room() {
    let app = TestApp::shared().await;
    let found = suggested(app, "ㅅ").await;
    assert_eq!(found.len(), 8);
    for kind in ["department", "place", "condition", "institution"] {
        assert!(found.iter().any(|(it, _)| it == kind), "{kind} {found:?}");
    }
    let many = app.get(PATH, &[("q", "우리"), ("limit", "20")]).await;
    assert!(many["suggestions"].as_array().unwrap().len() <= 20);
    for (name, value) in [
        ("limit", "0"),
        ("limit", "21"),
        ("limit", "x"),
        ("page", "1"),
    ] {
        assert_eq!(app.refused(PATH, &[("q", "서"), (name, value)]).await, name);
    }
}

#[tokio::test]
async fn popular_queries_are_suggested_as_they_are_followed() {
    let app = TestApp::with(&[
        "insert into popular_queries (query, searches) values ('야간진료 소아과', 90), ('야간 약국', 300), ('내과', 50)",
        "insert into institutions (id, registry, official_code, name, kind, sido) values (1, 'egen', 'A1', '하늘의원', 'clinic', '서울특별시')",
        "insert into institution_departments (institution_id, department_id) values (1, 1)",
    ])
    .await;
    let expected = pairs(&[("query", "[야간] 약국"), ("query", "[야간]진료 소아과")]);
    let queries = async |typed| {
        let found = suggested(&app, typed).await.into_iter();
        let queries = found.filter(|(kind, _)| kind == "query");
        queries.collect::<Vec<_>>()
    };
    for typed in ["야간", "ㅇㄱ", "dirks"] {
        assert_eq!(queries(typed).await, expected, "{typed}");
    }
    // What is the name of something leads there.
    assert_eq!(
        suggested(&app, "내과").await[0],
        pairs(&[("department", "[내과]")])[0]
    );
    assert_eq!(queries("내과").await, []);
    app.execute_and_wait(&["delete from popular_queries where query = '야간 약국'"])
        .await;
    assert_eq!(queries("야간").await, expected[1..]);
}

/// What an input method shows on the way to a name: each letter typed, a consonant also where it ends the syllable before.
fn keystrokes(name: &str) -> Vec<String> {
    let mut typed = Vec::new();
    let letters: Vec<char> = name.chars().collect();
    for (at, letter) in letters.iter().enumerate() {
        let before: String = letters[..at].iter().collect();
        let index = u32::from(*letter).wrapping_sub(0xac00);
        if index < 11_172 {
            let (initial, open) = (index / 588, index - index % 28);
            let alone = [
                'ㄱ', 'ㄲ', 'ㄴ', 'ㄷ', 'ㄸ', 'ㄹ', 'ㅁ', 'ㅂ', 'ㅃ', 'ㅅ', 'ㅆ', 'ㅇ', 'ㅈ', 'ㅉ',
                'ㅊ', 'ㅋ', 'ㅌ', 'ㅍ', 'ㅎ',
            ];
            typed.push(format!("{before}{}", alone[initial as usize]));
            typed.extend(char::from_u32(0xac00 + open).map(|open| format!("{before}{open}")));
        }
        typed.push(format!("{before}{letter}"));
    }
    typed
}

#[tokio::test]
async fn every_keystroke_on_the_way_to_a_name_suggests_something_and_the_whole_name_itself() {
    let app = TestApp::shared().await;
    let mut names: Vec<String> = sample::institutions()
        .into_iter()
        .map(|one| one.name)
        .collect();
    names.sort();
    names.dedup();
    for name in names {
        for typed in keystrokes(&name) {
            let is_typed = typed.chars().any(char::is_alphanumeric);
            let found = suggested(app, &typed).await;
            assert!(!found.is_empty() || !is_typed, "{typed} of {name}");
        }
        let found = suggested(app, &name).await;
        let texts: Vec<String> = found
            .iter()
            .map(|(_, text)| text.replace(['[', ']'], ""))
            .collect();
        assert!(texts.contains(&name), "{name} {found:?}");
    }
}
