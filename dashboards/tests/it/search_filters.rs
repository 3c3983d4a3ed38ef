//! `GET /search`: what narrows down, what is counted, and what can be dropped again.

use crate::support::{Page, Stack};

/// Two clinics and a pharmacy in a row, and a hospital far away.
const PLACES: &[&str] = &[
    "insert into institutions (id, registry, official_code, name, kind, sido, sigungu, latitude, longitude, specialist_count, parking_spaces, parking_is_free)
     values (1, 'egen', 'A1', '새봄내과의원', 'clinic', '서울특별시', '강남구', 37.4666, 127.1, 3, 12, true),
            (2, 'egen', 'A2', '새봄외과의원', 'clinic', '서울특별시', '강남구', 37.4756, 127.1, 1, 0, null),
            (3, 'egen', 'C3', '새봄약국', 'pharmacy', '서울특별시', '서초구', 37.4946, 127.1, null, null, null),
            (4, 'egen', 'D4', '새봄병원', 'hospital', '부산광역시', '해운대구', 35.16, 129.16, 20, 300, false)",
    "insert into institution_departments (institution_id, department_id, specialist_count) values (1, 1, 2), (1, 2, 1), (2, 6, 1), (4, 1, 7)",
    "insert into opening_hours (institution_id, day, opens_minute, closes_minute)
     select id, day, 540, 780 from institutions, (select 1 day union select 2 union select 3 union select 4 union select 5) days where id = 1
     union select id, day, 840, 1080 from institutions, (select 1 day union select 2 union select 3 union select 4 union select 5) days where id = 1
     union select 3, day, 540, 1080 from (select 1 day union select 2 union select 3 union select 4 union select 5) days",
];

/// The chips of the page with their counts: `약국 1`.
fn chips(page: &Page) -> Vec<String> {
    let text = |rest: &str| {
        let inner = &rest[rest.find('>').unwrap() + 1..rest.find("</a>").unwrap()];
        let mut is_tag = false;
        let text: String = inner
            .replace("<span class=\"spoken\">개</span>", "")
            .chars()
            .filter(|c| {
                let is_text = !is_tag && *c != '<';
                is_tag = *c == '<' || is_tag && *c != '>';
                is_text
            })
            .collect();
        text.trim().to_owned()
    };
    page.html
        .split("<a class=\"chip\"")
        .skip(1)
        .map(text)
        .collect()
}

#[track_caller]
fn has_chips(page: &Page, expected: &[&str]) {
    let chips = chips(page);
    for chip in expected {
        assert!(
            chips.iter().any(|one| one == chip),
            "no {chip:?} in {chips:?}"
        );
    }
}

#[tokio::test]
async fn after_a_choice_the_others_are_still_counted() {
    let stack = Stack::with(PLACES).await;
    let pharmacies = stack.page("/search?q=새봄&kind=pharmacy").await;
    pharmacies.shows("<strong>1</strong>곳");
    has_chips(&pharmacies, &["의원 2", "약국 1", "병원 1"]);
    let both = stack.page(&pharmacies.link("의원 <span")).await;
    both.shows("<strong>3</strong>곳")
        .shows("약국 조건 빼기")
        .shows("의원 조건 빼기");
    // What nobody has is listed with 0, and the others tell a way on.
    let nobody = stack.page("/search?q=새봄&kind=midwifery_clinic").await;
    nobody.shows("찾지 못했어요");
    has_chips(&nobody, &["조산원 0", "의원 2", "약국 1", "병원 1"]);
    // Where a province is chosen, its districts are; choosing one leaves the other counted.
    let gangnam = stack
        .page("/search?q=새봄&sido=서울특별시&sigungu=강남구")
        .await;
    gangnam.shows("<strong>2</strong>곳");
    has_chips(&gangnam, &["강남구 2", "서초구 1"]);
}

#[tokio::test]
async fn lunch_parking_and_specialists_go_on_and_off() {
    let stack = Stack::with(PLACES).await;
    let all = stack.page("/search?q=새봄").await;
    has_chips(
        &all,
        &[
            "점심시간 1",
            "주차 2",
            "1명 이상 3",
            "3명 이상 2",
            "5명 이상 1",
            "10명 이상 1",
        ],
    );
    for (chip, address, found, dropped) in [
        (
            "점심시간",
            "lunch=true",
            "새봄</mark>약국",
            "점심시간 조건 빼기",
        ),
        ("주차", "parking=true", "새봄</mark>병원", "주차 조건 빼기"),
        (
            "10명 이상",
            "specialists_min=10",
            "새봄</mark>병원",
            "전문의 10명 이상 조건 빼기",
        ),
    ] {
        let link = all.link(chip);
        assert!(link.contains(address), "{link}");
        let chosen = stack.page(&link).await;
        chosen.shows(found).shows(dropped).hides("새봄</mark>외과");
        let dropped = dropped.replace(" 조건 빼기", "<svg");
        let again = stack.page(&chosen.link(&dropped)).await;
        again.shows("<strong>4</strong>곳").hides("조건 빼기");
    }
    // The cards say of whom there are specialists, and where one can park.
    all.shows("<span class=\"specialists\">전문의 20명</span>")
        .shows("<span class=\"badge\">주차</span>");
    stack
        .page("/search?q=새봄&department=내과")
        .await
        .shows("<span class=\"specialists\">내과 전문의 2명</span>")
        .shows("<span class=\"specialists\">내과 전문의 7명</span>")
        .hides("전문의 20명");
    for (id, parking) in [(1, "12대 · 무료"), (2, "없음"), (4, "300대 · 유료")] {
        let page = stack.page(&format!("/institutions/{id}")).await;
        page.shows(&format!("<dt>주차</dt><dd>{parking}</dd>"));
    }
    stack.page("/institutions/3").await.hides("<dt>주차</dt>");
}

#[tokio::test]
async fn distances_are_counted_from_near_to_far() {
    let stack = Stack::with(PLACES).await;
    let near = stack
        .page("/search?lat=37.4665&lng=127.1&radius_km=2&sort=distance")
        .await;
    near.shows("<strong>2</strong>곳").shows("내 주변 2km 안");
    has_chips(
        &near,
        &[
            "500m 안 1",
            "1km 안 1",
            "2km 안 2",
            "3km 안 2",
            "5km 안 3",
            "10km 안 3",
        ],
    );
    let nearer = stack.page(&near.link("500m 안")).await;
    nearer
        .shows("<strong>1</strong>곳")
        .shows("내 주변 500m 안");
    stack.page("/search?q=새봄").await.hides("500m 안");
}

#[tokio::test]
async fn a_moment_is_asked_for_by_a_form() {
    let stack = Stack::with(PLACES).await;
    let page = stack
        .page("/search?q=새봄&open_now=true&kind=pharmacy&kind=clinic&page=1")
        .await;
    let form = page
        .html
        .split("<form class=\"group moment\"")
        .nth(1)
        .unwrap();
    let form = &form[..form.find("</form>").unwrap()];
    for kept in [
        "name=\"q\" value=\"새봄\"",
        "name=\"kind\" value=\"pharmacy\"",
        "name=\"kind\" value=\"clinic\"",
    ] {
        assert!(form.contains(kept), "no {kept} in {form}");
    }
    assert!(
        !form.contains("open_now") && !form.contains("name=\"page\""),
        "{form}"
    );
    // 2026-11-23 is a Monday; at this minute the clinic has lunch.
    let lunch = stack.page("/search?q=새봄&open_at=2026-11-23T13:00").await;
    lunch
        .shows("<strong>1</strong>곳")
        .shows("새봄</mark>약국")
        .shows("2026-11-23 13:00에 열림 조건 빼기")
        .shows("name=\"open_at\" type=\"datetime-local\" value=\"2026-11-23T13:00\"");
    let soon = stack.page("/search?q=새봄&open_at=2026-11-23T17:45").await;
    soon.shows("class=\"doors soon\">곧 닫음 · 18:00까지<");
}
