//! The walk of a patient, and of the office, through a real browser; and how every page looks on a phone and on a computer.

use std::path::Path;

use serde_json::{Value, json};

use crate::support::Stack;
use crate::webdriver::{Browser, DOWN, ENTER, ESCAPE};

const PHONE: (u32, u32) = (390, 844);
const COMPUTER: (u32, u32) = (1280, 900);
/// Searches of a patient in Seoul.
const NEAR: &str = "/search?lat=37.4980&lng=127.0277&radius_km=30&sort=distance&q=내과";

/// Beside the sample: places that are open, closed, of unknown hours, and of a long name.
const PLACES: &[&str] = &[
    "insert into institutions (id, registry, official_code, name, kind, sido, sigungu, eupmyeondong, address, postal_code, phone, homepage, latitude, longitude, doctor_count, specialist_count, has_emergency_room, opened_on, description, source_updated_at)
     values (900001, 'egen', 'W1', '서울한마음내과의원', 'clinic', '서울특별시', '강남구', '역삼동', '서울특별시 강남구 테헤란로 152, 3층 (역삼동)', '06236', '02-555-0101', 'https://example.com/', 37.5006, 127.0364, 3, 3, false, '2011-04-18', '위·대장내시경과 만성질환을 주로 봅니다.', '2026-09-01 10:00:00'),
            (900002, 'egen', 'W2', '가톨릭대학교 산학협력단 서울한마음국제의료복합센터 내과의원 강남역점', 'clinic', '서울특별시', '서초구', '서초동', '서울특별시 서초구 서초대로77길 55, 에이프로스퀘어 지하 1층 101호부터 109호까지 (서초동)', '06611', '02-555-0102', null, 37.4985, 127.0269, 1, 1, false, null, null, null),
            (900003, 'egen', 'W3', '새벽별내과의원', 'clinic', '서울특별시', '강남구', '논현동', '서울특별시 강남구 논현로 508', '06132', null, null, 37.5045, 127.0389, null, null, false, null, null, null)",
    "insert into institution_departments (institution_id, department_id, specialist_count) values (900001, 1, 3), (900001, 22, null), (900002, 1, 1), (900003, 1, null), (900003, 14, 1)",
    "insert into opening_hours (institution_id, day, opens_minute, closes_minute)
     select 900001, days.day, 540, 780 from (select 1 day union select 2 union select 3 union select 4 union select 5 union select 6) days
     union select 900001, days.day, 840, 1530 from (select 1 day union select 2 union select 3 union select 4 union select 5) days
     union select 900002, days.day, 0, 1440 from (select 1 day union select 2 union select 3 union select 4 union select 5 union select 6 union select 7 union select 8) days",
];

/// What is wrong with the layout of the page, as a list of sentences.
const FLAWS: &str = include_str!("flaws.js");

#[tokio::test]
async fn a_patient_finds_a_place_and_reads_an_article() {
    let stack = Stack::with_sample(200, PLACES).await;
    let browser = Browser::start().await;
    browser.screen(PHONE.0, PHONE.1, false).await;
    browser.open(&stack.site).await;

    // Suggestions come while typing, go with Escape, and are picked with the keyboard.
    browser.type_into("#q", "서울한마").await;
    browser
        .until("document.querySelector('[role=option] mark')?.textContent === '서울한마'")
        .await;
    picture(&browser, "suggestions-phone").await;
    browser.type_into("#q", ESCAPE).await;
    browser
        .until("document.querySelector('#suggestions').hidden")
        .await;
    browser.type_into("#q", "음").await;
    browser
        .until("!document.querySelector('#suggestions').hidden")
        .await;
    browser.type_into("#q", DOWN).await;
    browser.until("document.querySelector('#q').getAttribute('aria-activedescendant') === document.querySelector('[aria-selected=true]').id").await;
    browser.type_into("#q", ENTER).await;
    browser
        .until("location.pathname === '/institutions/900001'")
        .await;
    browser
        .until("document.querySelector('h1').textContent === '서울한마음내과의원'")
        .await;

    // One is picked with a finger.
    browser.type_into("#q", "새벽").await;
    browser.click("[role=option]").await;
    browser
        .until("location.pathname === '/institutions/900003'")
        .await;

    // A search, a chip on and off again.
    browser.type_into("#q", "내과").await;
    browser.type_into("#q", ENTER).await;
    browser
        .until("location.pathname === '/search' && document.querySelector('.card')")
        .await;
    assert_eq!(
        browser
            .script("return new URLSearchParams(location.search).get('q')")
            .await,
        "내과"
    );
    browser.click(".quick .chips .chip").await;
    browser.until("new URLSearchParams(location.search).get('open_now') === 'true' && document.querySelector('.chosen .chip')").await;
    browser.click(".chosen .chip").await;
    browser
        .until("!document.querySelector('.chosen') && document.querySelector('.card')")
        .await;

    // A card's name leads to its page, the menu to articles.
    browser.click(".card h2 a").await;
    browser
        .until("location.pathname.startsWith('/institutions/')")
        .await;
    browser.click(".menu a").await;
    browser
        .until("document.querySelector('.tabs a[aria-current]')?.textContent === '건강 정보'")
        .await;
    browser.click(".card h3 a").await;
    browser
        .until("location.pathname.startsWith('/articles/') && document.querySelector('.prose h2')")
        .await;
    assert_eq!(browser.console().await, [""; 0]);
}

#[tokio::test]
async fn a_syllable_in_the_making_is_never_lost() {
    let stack = Stack::with_sample(50, PLACES).await;
    let browser = Browser::start().await;
    browser.screen(COMPUTER.0, COMPUTER.1, false).await;
    browser.open(&stack.site).await;
    browser.click("#q").await;
    for syllables in [
        "ㅅ",
        "새",
        "샙",
        "새벼",
        "새벽",
        "새벽ㅂ",
        "새벽벼",
        "새벽별",
    ] {
        let end = syllables.encode_utf16().count();
        let composing = json!({ "text": syllables, "selectionStart": end, "selectionEnd": end });
        browser.chromium("Input.imeSetComposition", composing).await;
    }
    // Asked for while it is still being composed.
    browser
        .until("document.querySelector('[role=option] mark')?.textContent === '새벽별'")
        .await;
    // An arrow that belongs to the input method moves nothing and changes nothing.
    let arrow = json!({ "type": "rawKeyDown", "windowsVirtualKeyCode": 229, "key": "Process", "code": "ArrowDown" });
    browser.chromium("Input.dispatchKeyEvent", arrow).await;
    browser.until("!document.querySelector('[aria-selected=true]') && document.querySelector('#q').value === '새벽별'").await;
    browser
        .chromium("Input.insertText", json!({ "text": "새벽별" }))
        .await;
    browser.type_into("#q", ENTER).await;
    browser
        .until("location.pathname === '/search' && document.querySelector('.card mark')")
        .await;
    assert_eq!(
        browser
            .script("return new URLSearchParams(location.search).get('q')")
            .await,
        "새벽별"
    );
}

#[tokio::test]
async fn without_scripts_everything_but_comfort_is_there() {
    let stack = Stack::with_sample(50, PLACES).await;
    let browser = Browser::start().await;
    let off = json!({ "value": true });
    browser
        .chromium("Emulation.setScriptExecutionDisabled", off)
        .await;
    browser.screen(COMPUTER.0, COMPUTER.1, false).await;
    browser.open(&stack.site).await;
    browser.type_into("#q", "내과").await;
    browser.type_into("#q", ENTER).await;
    browser
        .until("location.pathname === '/search' && document.querySelector('.card')")
        .await;
    // Filters stand there on a wide screen; what needs a script does not.
    browser.click(".groups .chip").await;
    browser
        .until("location.search.includes('department=') && document.querySelector('.chosen .chip')")
        .await;
    assert_eq!(
        browser
            .script("return document.querySelector('.near').checkVisibility()")
            .await,
        false
    );
    browser.screen(PHONE.0, PHONE.1, false).await;
    browser.click(".groups > summary").await;
    browser.click(".groups .chip[aria-current]").await;
    browser
        .until("!location.search.includes('department=')")
        .await;
}

#[tokio::test]
async fn filters_need_neither_a_mouse_nor_a_script() {
    let stack = Stack::with_sample(200, PLACES).await;
    let browser = Browser::start().await;
    let off = json!({ "value": true });
    browser
        .chromium("Emulation.setScriptExecutionDisabled", off)
        .await;
    browser.screen(PHONE.0, PHONE.1, false).await;
    browser
        .open(&format!("{}/search?q=내과&kind=clinic", stack.site))
        .await;
    // A chip is a link: it takes the focus, shows it, and Enter follows it.
    browser
        .type_into(".quick .chip[href*=parking]", ENTER)
        .await;
    browser
        .until("location.search.includes('parking=true') && document.querySelectorAll('.chosen .chip').length === 2")
        .await;
    // What is folded unfolds by the keyboard; a moment is asked for by a form that keeps the rest.
    browser.type_into(".groups > summary", ENTER).await;
    browser
        .until("document.querySelector('#open-at').checkVisibility()")
        .await;
    assert_eq!(browser.script(FLAWS).await, json!([]));
    picture(&browser, "moment-phone").await;
    browser
        .script("document.querySelector('#open-at').value = '2026-11-23T10:00'")
        .await;
    browser.type_into("#open-at", ENTER).await;
    let asked = "new URLSearchParams(location.search)";
    browser
        .until(&format!(
            "{asked}.get('open_at') === '2026-11-23T10:00' && document.querySelector('.chosen')"
        ))
        .await;
    assert_eq!(
        browser
            .script(&format!(
                "return [{asked}.get('q'), {asked}.get('kind'), {asked}.get('parking')]"
            ))
            .await,
        json!(["내과", "clinic", "true"])
    );
    // Each is dropped by itself.
    browser
        .type_into(".chosen .chip[aria-label^='의원']", ENTER)
        .await;
    browser
        .until("!location.search.includes('kind=') && location.search.includes('open_at=') && document.querySelector('.chosen')")
        .await;
}

#[tokio::test]
async fn near_me_asks_the_browser_where_that_is() {
    let stack = Stack::with_sample(50, PLACES).await;
    let browser = Browser::start().await;
    browser.screen(PHONE.0, PHONE.1, false).await;
    let permission = json!({ "origin": stack.site, "permissions": ["geolocation"] });
    browser
        .chromium("Browser.grantPermissions", permission)
        .await;
    let place = json!({ "latitude": 37.500612, "longitude": 127.036431, "accuracy": 10 });
    browser
        .chromium("Emulation.setGeolocationOverride", place)
        .await;
    browser
        .open(&format!("{}/search?q=내과&night=true", stack.site))
        .await;
    browser.click("button.near").await;
    browser.until("new URLSearchParams(location.search).get('sort') === 'distance' && document.querySelector('.distance')").await;
    let query = browser
        .script("return Object.fromEntries(new URLSearchParams(location.search))")
        .await;
    let wanted = json!({ "q": "내과", "night": "true", "lat": "37.5006", "lng": "127.0364", "radius_km": "5", "sort": "distance" });
    assert_eq!(query, wanted);
    assert_eq!(
        browser
            .script("return document.querySelector('.card h2').textContent")
            .await,
        "서울한마음내과의원"
    );
}

#[tokio::test]
async fn the_office_sees_a_change_live() {
    let stack = Stack::with_sample(50, PLACES).await;
    let browser = Browser::start().await;
    browser.screen(COMPUTER.0, COMPUTER.1, false).await;
    browser.open(&stack.back_office).await;
    browser
        .until("document.querySelector('[data-link]').textContent === '실시간'")
        .await;
    browser.until("document.querySelector('.state.good')").await;
    let position = "document.querySelector('#position').textContent";
    let before = browser.script(&format!("return {position}")).await;
    stack
        .execute("update institutions set phone = '02-555-0199' where id = 900001")
        .await;
    browser.until(&format!("{position} !== {before}")).await;
    for (name, (width, height), is_dark) in [
        ("phone", PHONE, false),
        ("computer", COMPUTER, false),
        ("computer-dark", COMPUTER, true),
    ] {
        browser.screen(width, height, is_dark).await;
        assert_eq!(browser.script(FLAWS).await, json!([]), "{name}");
        picture(&browser, &format!("back-office-{name}")).await;
    }
    assert_eq!(browser.console().await, [""; 0]);
}

#[tokio::test]
async fn an_operator_teaches_the_search_a_word() {
    let stack = Stack::with_sample(50, PLACES).await;
    let browser = Browser::start().await;
    browser.screen(COMPUTER.0, COMPUTER.1, false).await;
    browser.open(&stack.back_office).await;
    browser
        .click("header nav a[href='/dictionary/words']")
        .await;
    browser.type_into("#main", "약").await;
    browser.type_into("#main", ENTER).await;
    browser
        .until("document.querySelector('#main-wrong') && document.querySelector('#main').value === '약'")
        .await;
    browser.type_into("#main", "국한마음정").await;
    browser.type_into("#extra", "약국 한마음정").await;
    browser.click("button[formmethod=get]").await;
    browser
        .until("document.querySelector('#preview dd')?.textContent.includes('마음')")
        .await;
    picture(&browser, "dictionary-preview").await;
    browser.click("#write .buttons button").await;
    browser
        .until("document.querySelector('.rows tbody th')?.textContent === '약국한마음정'")
        .await;
    browser
        .until("document.querySelector('#pending')?.textContent.includes('단어 1개가 아직')")
        .await;
    for (name, (width, height), is_dark) in [
        ("phone", PHONE, false),
        ("computer", COMPUTER, false),
        ("computer-dark", COMPUTER, true),
    ] {
        browser.screen(width, height, is_dark).await;
        assert_eq!(browser.script(FLAWS).await, json!([]), "{name}");
        picture(&browser, &format!("dictionary-{name}")).await;
    }
    browser.click("#pending button").await;
    stack.rebuilt().await;
    browser
        .open(&format!("{}/dictionary/words", stack.back_office))
        .await;
    browser
        .until("document.querySelector('#pending.good')")
        .await;

    browser.click(".rows summary").await;
    browser.click(".rows details button").await;
    browser
        .until("!document.querySelector('.rows') && location.search.startsWith('?done=deleted')")
        .await;
    browser.click(".tabs a:last-child").await;
    browser.type_into("#main", "맹장염, 충수염").await;
    browser.type_into("#main", ENTER).await;
    browser
        .until("document.querySelector('.rows tbody th')?.textContent === '맹장염, 충수염'")
        .await;
    // Nothing of it needs a script.
    assert_eq!(browser.script("return document.scripts.length").await, 0);
    let refused = |entry: &String| entry.contains("the server responded with a status of 422");
    let console = browser.console().await;
    assert!(console.iter().all(refused), "{console:?}");
}

#[tokio::test]
async fn every_page_fits_the_screen() {
    let stack = Stack::with_sample(300, PLACES).await;
    let browser = Browser::start().await;
    let pages = [
        ("home", "/"),
        ("search", "/search?q=내과"),
        ("near", NEAR),
        (
            "chosen",
            "/search?q=의원&open_now=true&night=true&kind=clinic&department=내과&sido=서울특별시",
        ),
        (
            "many-chosen",
            "/search?lat=37.4980&lng=127.0277&radius_km=0.5&lunch=true&parking=true&specialists_min=3&open_at=2026-11-23T13:00&kind=clinic&department=내과&department=정형외과",
        ),
        ("articles", "/search?tab=articles&q=두통"),
        (
            "nothing",
            "/search?q=새봄&kind=midwifery_clinic&emergency=true&sido=서울특별시",
        ),
        ("institution", "/institutions/900001"),
        ("institution-long", "/institutions/900002"),
        ("article", "/articles/shingles"),
        ("not-found", "/institutions/1234567"),
        ("refused", "/search?q=내과&lat=서울&lng=127"),
    ];
    let mut flaws = Vec::new();
    for ((width, height), screen) in [(PHONE, "phone"), (COMPUTER, "computer")] {
        for is_dark in [false, true] {
            browser.screen(width, height, is_dark).await;
            for (name, address) in pages {
                browser.open(&format!("{}{address}", stack.site)).await;
                let name = format!("{name}-{screen}{}", if is_dark { "-dark" } else { "" });
                let found = browser.script(FLAWS).await;
                flaws.extend(
                    found
                        .as_array()
                        .unwrap()
                        .iter()
                        .map(|flaw| format!("{name}: {flaw}")),
                );
                picture(&browser, &name).await;
            }
        }
    }
    assert!(flaws.is_empty(), "{flaws:#?}");
    let refused = |entry: &String| entry.contains("the server responded with a status of 40");
    let console: Vec<_> = browser
        .console()
        .await
        .into_iter()
        .filter(|entry| !refused(entry))
        .collect();
    assert_eq!(console, [""; 0]);
    unfolded_filters_fit_too(&browser, &stack).await;
    flaws_are_found(&browser).await;
}

async fn unfolded_filters_fit_too(browser: &Browser, stack: &Stack) {
    browser.screen(PHONE.0, PHONE.1, false).await;
    browser.open(&format!("{}/search?q=병원", stack.site)).await;
    browser.click(".groups > summary").await;
    browser
        .script("document.querySelectorAll('.rest').forEach((rest) => { rest.open = true; })")
        .await;
    assert_eq!(browser.script(FLAWS).await, Value::Array(Vec::new()));
    picture(browser, "filters-phone").await;
}

/// The measure measures: a page that is spoilt on purpose has every flaw.
async fn flaws_are_found(browser: &Browser) {
    let spoil = "const [one, two, three, four] = document.querySelectorAll('.card h2');
        one.style.width = '500px';
        two.firstElementChild.style.cssText = 'transition: none; color: #ccc';
        three.style.marginBottom = '-30px';
        four.style.cssText = 'width: 30px; overflow: hidden; white-space: nowrap';
        document.querySelector('.box button').style.height = '20px';";
    browser.script(spoil).await;
    let flaws = browser.script(FLAWS).await.to_string();
    for flaw in [
        "the page is",
        "pale",
        "lies over",
        "cut: ",
        "too small for a finger",
    ] {
        assert!(flaws.contains(flaw), "no {flaw:?} in {flaws}");
    }
}

/// Puts a picture of the page where people can look at it.
async fn picture(browser: &Browser, name: &str) {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("screenshots");
    std::fs::create_dir_all(&directory).unwrap();
    std::fs::write(
        directory.join(format!("{name}.png")),
        browser.picture().await,
    )
    .unwrap();
}
