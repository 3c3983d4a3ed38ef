//! `GET /search`

use crate::support::Stack;

/// A clinic in Seoul that never closes, a pharmacy whose hours nobody knows, and a synthetic hospital.
const PLACES: &[&str] = &[
    "insert into institutions (id, registry, official_code, name, kind, sido, sigungu, eupmyeondong, address, phone, latitude, longitude, has_emergency_room)
     values (1, 'egen', 'A1', '새봄내과의원', 'clinic', '서울특별시', '강남구', '세곡동', '서울특별시 강남구 헌릉로 1', '02-111-2222', 37.4666, 127.1, false),
            (2, 'egen', 'C2', '새봄약국', 'pharmacy', '서울특별시', '강남구', '세곡동', '서울특별시 강남구 헌릉로 3', null, 37.4676, 127.1, false),
            (3, 'sample', 'S3', '견본종합병원', 'general_hospital', '부산광역시', '해운대구', '우동', '부산광역시 해운대구 우동로 9', '051-000-0000', 35.16, 129.16, true)",
    "insert into institution_departments (institution_id, department_id) values (1, 1), (1, 2), (3, 1), (3, 3), (3, 5), (3, 6), (3, 8), (3, 12)",
    "insert into opening_hours (institution_id, day, opens_minute, closes_minute)
     select id, days.day, 0, 1440 from institutions, (select 1 day union select 2 union select 3 union select 4 union select 5 union select 6 union select 7 union select 8) days where id in (1, 3)",
    "insert into articles (id, slug, title, summary, body, published_on, status)
     values (1, 'spring-cold', '새봄의 감기', '봄에도 감기에 걸립니다.', '환절기에는 손을 자주 씻으세요.', '2026-03-01', 'published')",
    "insert into article_topics (article_id, topic) values (1, '질환')",
];

#[tokio::test]
async fn a_patient_finds_where_to_go() {
    let stack = Stack::with(PLACES).await;
    let page = stack.page("/search?q=새봄").await;
    assert_eq!(page.status, 200);
    page.shows("<strong>2</strong>곳")
        .shows("<mark>새봄</mark>내과의원</a>")
        .shows("<span class=\"kind\">의원</span><span class=\"departments\">내과, 소아청소년과</span>")
        .shows("서울특별시 강남구 헌릉로 1")
        .shows("class=\"doors open\">열려 있음<")
        .shows("class=\"doors unknown\">운영시간 정보 없음<")
        .shows("href=\"tel:021112222\"")
        .shows("https://map.kakao.com/link/to/%EC%83%88%EB%B4%84%EB%82%B4%EA%B3%BC%EC%9D%98%EC%9B%90,37.4666,127.1\" target=\"_blank\" rel=\"noopener\"")
        .shows("자료 기준: ")
        .shows("<mark>새봄</mark>의 감기")
        .hides("견본 데이터")
        .hides("일부만 맞는 곳");
    assert_eq!(page.link("내과의원"), "/institutions/1");
    stack
        .page("/search?q=견본종합병원")
        .await
        .shows("견본 데이터")
        .shows("응급실")
        .shows("외 2개");
}

#[tokio::test]
async fn what_was_meant_is_searched_for_until_it_is_refused() {
    let stack = Stack::with(PLACES).await;
    for tab in ["", "&tab=articles"] {
        // 새봄, with the keyboard set to English.
        let page = stack.page(&format!("/search?q=toqha{tab}")).await;
        page.shows("‘새봄’(으)로 찾은 결과예요.");
        let refused = stack.page(&page.link("‘toqha’ 그대로 찾기")).await;
        refused.hides("새봄");
    }
}

#[tokio::test]
async fn a_chip_puts_a_filter_on_and_off_and_keeps_the_rest() {
    let stack = Stack::with(PLACES).await;
    let all = stack.page("/search?q=서울").await;
    all.shows("<strong>2</strong>곳").hides("고른 조건");
    let open = stack.page(&all.link("지금 열림")).await;
    open.shows("<strong>1</strong>곳")
        .shows("aria-label=\"지금 열림 조건 빼기\"")
        .shows("새봄내과의원")
        .hides("새봄약국");
    // The search box keeps what is chosen.
    open.shows("<input type=\"hidden\" name=\"open_now\" value=\"true\">")
        .shows("value=\"서울\"");
    let clinics = stack.page(&open.link("의원 ")).await;
    clinics
        .shows("aria-label=\"지금 열림 조건 빼기\"")
        .shows("aria-label=\"의원 조건 빼기\"");
    let without = stack.page(&clinics.link("지금 열림<svg")).await;
    without.hides("지금 열림 조건 빼기").shows("의원 조건 빼기");
    let again = stack.page(&without.link("의원<svg")).await;
    again.shows("<strong>2</strong>곳").hides("고른 조건");
}

#[tokio::test]
async fn near_comes_first_and_says_how_far() {
    let stack = Stack::with(PLACES).await;
    let here = stack
        .page("/search?lat=37.4677&lng=127.1&sort=distance&radius_km=5")
        .await;
    here.shows("<strong>2</strong>곳")
        .shows("10m</span>")
        .shows("120m</span>")
        .shows("내 주변 5km 안");
    assert!(here.html.find("새봄약국") < here.html.find("새봄내과의원"));
    let anywhere = stack.page(&here.link("내 주변 5km 안")).await;
    anywhere
        .shows("<strong>3</strong>곳")
        .hides("class=\"distance\"");
}

#[tokio::test]
async fn where_nothing_is_found_there_is_a_way_on() {
    let stack = Stack::with(PLACES).await;
    let page = stack
        .page("/search?q=새봄&kind=midwifery_clinic&emergency=true")
        .await;
    assert_eq!(page.status, 200);
    page.shows("‘새봄’에 맞는 곳을 찾지 못했어요")
        .shows("조산원 조건 빼기")
        .shows("맞춤법")
        .shows("tel:119");
    stack
        .page(&page.link("조건을 모두 빼고 찾기"))
        .await
        .shows("<strong>2</strong>곳");
    stack
        .page(&page.link("조건만으로 찾기"))
        .await
        .shows("조건에 맞는 곳이 없어요");
    // Only some of the words.
    stack
        .page("/search?q=새봄 은하수정거장")
        .await
        .shows("일부만 맞는 곳을 보여드려요");
}

#[tokio::test]
async fn a_value_that_makes_no_sense_is_explained() {
    let stack = Stack::with(PLACES).await;
    let page = stack.page("/search?q=새봄&lat=north&lng=127").await;
    assert_eq!(page.status, 400);
    page.shows("이대로는 찾을 수 없어요")
        .shows("위치에 알아볼 수 없는 값")
        .shows("value=\"새봄\"")
        .hides("problem+json");
}

#[tokio::test]
async fn names_from_registries_are_text() {
    let hostile = "insert into institutions (registry, official_code, name, kind, sido, address, phone, homepage)
        values ('egen', 'X', '<script>alert(1)</script>의원', 'clinic', '\"><img src=x>', '\\'\"><b>주소</b>', '<i>02-1</i>', 'https://\"><script>alert(2)</script>')";
    let stack = Stack::with(&[hostile]).await;
    let list = stack.page("/search?q=의원").await;
    let one = stack.page(&list.link("의원</mark>")).await;
    for page in [&list, &one] {
        assert_eq!(page.status, 200);
        page.hides("<script>")
            .hides("<img")
            .hides("<b>")
            .hides("<i>")
            .shows("&#60;script&#62;");
    }
    stack
        .page("/search?q=%22%3E%3Cscript%3E&tab=articles")
        .await
        .hides("<script>");
}

#[tokio::test]
async fn long_lists_have_pages() {
    let many: Vec<_> = (1..=45)
        .map(|at| format!("('egen', 'P{at}', '한빛약국{at}', 'pharmacy')"))
        .collect();
    let many = format!(
        "insert into institutions (registry, official_code, name, kind) values {}",
        many.join(", ")
    );
    let stack = Stack::with(&[&many]).await;
    let first = stack.page("/search?kind=pharmacy").await;
    first.shows("<strong>45</strong>곳").hides(">이전<");
    let second = stack.page(&first.link("다음")).await;
    second
        .shows("aria-current=\"page\"><span class=\"spoken\">쪽 </span>2<")
        .shows(">이전<");
    let third = stack.page(&second.link("다음")).await;
    assert_eq!(third.html.matches("class=\"card\"").count(), 5);
    third.hides(">다음<");
}

#[tokio::test]
async fn articles_have_a_tab_of_their_own() {
    let stack = Stack::with(PLACES).await;
    let places = stack.page("/search?q=감기").await;
    places.shows("관련 건강 정보");
    let articles = stack.page(&places.link("더 보기")).await;
    articles
        .shows("<strong>1</strong>건")
        .shows("새봄의 <mark>감기</mark>")
        .shows("질환");
    let by_topic = stack.page(&articles.link("질환 ")).await;
    by_topic
        .shows("질환 조건 빼기")
        .shows("<strong>1</strong>건");
    // The words were met in the text alone.
    stack
        .page("/search?tab=articles&q=환절기")
        .await
        .shows("<mark>환절기</mark>에는 손을");
    stack
        .page("/search?tab=articles&q=없는말일세")
        .await
        .shows("찾지 못했어요");
}

#[tokio::test]
async fn a_complaint_is_told_its_departments_and_an_emergency_to_call_119_first() {
    let stack = Stack::with(PLACES).await;
    let page = stack.page("/search?q=배가 아파요").await;
    page.shows("이 증상은 보통")
        .shows("안내일 뿐 진단이 아니에요")
        .shows("새봄내과의원")
        .hides("먼저 전화하세요");
    let internal = stack.page(&page.link("내과")).await;
    internal.shows("aria-label=\"내과 조건 빼기\"");
    let page = stack.page("/search?q=가슴이 조여요").await;
    page.shows("<a href=\"tel:119\">119</a>에 먼저 전화하세요.")
        .shows("견본종합병원");
    let (call, list) = (
        page.html.find("먼저 전화하세요"),
        page.html.find("class=\"cards\""),
    );
    assert!(call < list, "119 stands above the list");
    // Of a name nothing is guessed.
    stack
        .page("/search?q=새봄내과의원")
        .await
        .hides("이 증상은 보통");
}
