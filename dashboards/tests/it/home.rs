//! `GET /`

use crate::support::{Stack, get, nobody, serve};

#[tokio::test]
async fn the_first_page_leads_to_searches_and_articles() {
    let article = "insert into articles (slug, title, summary, body, published_on, status)
        values ('fever', '열이 날 때', '열은 병이 아니라 신호입니다.', '물을 자주 마십니다.', '2026-03-01', 'published')";
    let stack = Stack::with(&[article]).await;
    let page = stack.page("/").await;
    assert_eq!(page.status, 200);
    page.shows("<html lang=\"ko\">")
        .shows("role=\"search\"")
        .shows("자료 기준")
        .shows("tel:119");
    assert_eq!(page.link("열이 날 때"), "/articles/fever");
    for text in [
        "지금 열린 약국",
        "응급실",
        "소아청소년과",
        "허리 통증",
        "모두 보기",
    ] {
        let found = stack.page(&page.link(text)).await;
        assert_eq!(found.status, 200, "{text}");
    }
}

#[tokio::test]
async fn the_first_page_stands_without_the_api() {
    let options = dashboards::Options::parse(&nobody().await).unwrap();
    let page = get(&serve(dashboards::site::router(options)).await).await;
    assert_eq!(page.status, 200);
    page.shows("어디가 불편하세요?")
        .shows("지금 열린 약국")
        .hides("자료 기준");
}
