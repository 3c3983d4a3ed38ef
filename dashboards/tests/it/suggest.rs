//! `GET /suggest`

use crate::support::{Stack, get, nobody, serve};

#[tokio::test]
async fn suggestions_lead_to_what_they_name() {
    let stack = Stack::with(&[
        "insert into institutions (id, registry, official_code, name, kind, sido, sigungu, eupmyeondong)
         values (1, 'egen', 'A1', '소나무의원', 'clinic', '서울특별시', '강남구', '세곡동')",
        "insert into institution_departments (institution_id, department_id) values (1, 2)",
        "insert into articles (id, slug, title, summary, body, published_on, status)
         values (1, 'salt', '소금 줄이기', '싱겁게 먹습니다.', '싱겁게.', '2026-03-01', 'published')",
    ])
    .await;
    // The last syllable is still being typed.
    let page = stack.page("/suggest?q=소").await;
    page.shows("\"/institutions/1\"")
        .shows("\"/articles/salt\"")
        .shows("\"label\":\"진료과\"")
        .shows("\"text\":\"소\",\"marked\":true");
    stack
        .page("/suggest?q=세고")
        .await
        .shows("sigungu=%EA%B0%95%EB%82%A8%EA%B5%AC")
        .shows("eupmyeondong=");
    // A station, and what people suffer from, are searched for.
    stack
        .page("/suggest?q=대모산입")
        .await
        .shows("/search?q=%EB%8C%80%EB%AA%A8%EC%82%B0%EC%9E%85%EA%B5%AC%EC%97%AD")
        .shows("\"label\":\"지역\"");
    stack
        .page("/suggest?q=간경화")
        .await
        .shows("/search?q=%EA%B0%84%EA%B2%BD%ED%99%94")
        .shows("\"label\":\"질환·증상\",\"detail\":null");
    assert_eq!(stack.page("/suggest?q=").await.html, "[]");
    assert_eq!(stack.page("/suggest").await.html, "[]");
    let too_long = stack
        .page(&format!("/suggest?q={}", "가".repeat(300)))
        .await;
    assert_eq!((too_long.status, too_long.html.as_str()), (400, "[]"));
}

#[tokio::test]
async fn without_the_api_there_are_none() {
    let options = dashboards::Options::parse(&nobody().await).unwrap();
    let page = get(&format!(
        "{}/suggest?q=가",
        serve(dashboards::site::router(options)).await
    ))
    .await;
    assert_eq!((page.status, page.html.as_str()), (502, "[]"));
}
