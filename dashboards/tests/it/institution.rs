//! `GET /institutions/{id}`

use crate::support::Stack;

const HOSPITAL: &[&str] = &[
    "insert into institutions (id, registry, official_code, name, kind, sido, sigungu, address, postal_code, phone, homepage, latitude, longitude, doctor_count, specialist_count, has_emergency_room, opened_on, description, source_updated_at)
     values (7, 'egen', 'A7', '한강, 병원', 'hospital', '서울특별시', '영등포구', '서울특별시 영등포구 여의대로 1', '07327', '02-777-8888', 'https://example.com/', 37.5219, 126.9245, 12, 9, true, '2001-03-02', '밤에도 문을 엽니다.', '2026-09-01 10:30:00'),
            (8, 'hira', 'B8', '조용한의원', 'clinic', null, null, null, null, null, null, null, null, null, null, false, null, null, null)",
    "insert into institution_departments (institution_id, department_id, specialist_count) values (7, 1, 4), (7, 14, null)",
    "insert into opening_hours (institution_id, day, opens_minute, closes_minute)
     values (7, 1, 540, 780), (7, 1, 840, 1080), (7, 5, 540, 1530), (7, 8, 600, 720)",
];

#[tokio::test]
async fn everything_known_is_there() {
    let stack = Stack::with(HOSPITAL).await;
    let page = stack.page("/institutions/7").await;
    assert_eq!(page.status, 200);
    page.shows("<title>한강, 병원 | 진맥</title>")
        .shows("응급실")
        .shows("밤에도 문을 엽니다.")
        .shows("(우편번호 07327)")
        .shows("href=\"tel:027778888\"")
        .shows("href=\"https://example.com/\" target=\"_blank\" rel=\"noopener nofollow\"")
        .shows(",37.5219,126.9245\" target=\"_blank\" rel=\"noopener\"")
        .shows("09:00 – 13:00</span><span class=\"span\">14:00 – 18:00</span><span class=\"span quiet\">점심 13:00 – 14:00")
        .shows("09:00 – 다음 날 01:30")
        .shows("공휴일</th><td><span class=\"span\">10:00 – 12:00")
        .shows("전문의 4명")
        .shows("옛 이름 비뇨기과")
        .shows("<dt>의사</dt><dd>12명</dd>")
        .shows("2001년 3월 2일")
        .shows("국립중앙의료원 응급의료포털(E-Gen) · 작업일시 2026년 9월 1일")
        .shows("자료 기준: ");
    assert_eq!(page.html.matches("aria-current=\"date\"").count(), 1);
    let similar = stack.page(&page.link("같은 지역의 병원 더 보기")).await;
    similar
        .shows("<strong>1</strong>곳")
        .shows("영등포구 조건 빼기");
    stack
        .page(&page.link("비뇨의학과"))
        .await
        .shows("한강, 병원");
}

#[tokio::test]
async fn what_is_not_known_is_not_made_up() {
    let stack = Stack::with(HOSPITAL).await;
    let page = stack.page("/institutions/8").await;
    page.shows("운영시간 정보가 없어요")
        .shows("건강보험심사평가원")
        .hides("tel:0")
        .hides("map.kakao.com")
        .hides("<dt>");
}

#[tokio::test]
async fn a_page_that_is_not_there_helps() {
    let stack = Stack::with(HOSPITAL).await;
    for address in [
        "/institutions/99",
        "/institutions/abc",
        "/institutions/-1",
        "/articles/none",
        "/articles/%2e%2e%2findex",
        "/nowhere",
    ] {
        let page = stack.page(address).await;
        assert_eq!(page.status, 404, "{address}");
        page.shows("찾으시는 페이지가 없어요")
            .shows("role=\"search\"")
            .shows("tel:119");
    }
    // Gone from the database, gone from the site.
    stack.execute("delete from institutions where id = 8").await;
    stack.caught_up().await;
    assert_eq!(stack.page("/institutions/8").await.status, 404);
}
