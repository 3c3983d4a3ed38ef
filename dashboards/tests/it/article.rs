//! `GET /articles/{slug}`

use crate::support::Stack;

const ARTICLE: &[&str] = &[
    "insert into articles (id, slug, title, summary, body, reviewer, published_on, revised_on, status)
     values (1, 'shingles', '대상포진', '띠 모양으로 아픕니다.', '첫 문단. 3~5일 걸립니다.\n\n## 증상\n\n- 아픔\n- 물집\n\n<script>alert(1)</script>\n\n[질병관리청](https://www.kdca.go.kr) [나쁜 것](javascript:alert(1))', '진맥 편집부', '2026-08-24', '2026-09-10', 'published'),
            (2, 'draft', '초안', '아직입니다.', '아직.', null, null, null, 'draft')",
    "insert into article_topics (article_id, topic) values (1, '질환')",
    "insert into article_departments (article_id, department_id) values (1, 1), (1, 5)",
];

#[tokio::test]
async fn an_article_reads_well_and_leads_to_a_doctor() {
    let stack = Stack::with(ARTICLE).await;
    let page = stack.page("/articles/shingles").await;
    assert_eq!(page.status, 200);
    page.shows("<h1>대상포진</h1>")
        .shows("<h2>증상</h2>")
        .shows("<li>물집</li>")
        .shows("3~5일 걸립니다.")
        .shows("감수 진맥 편집부")
        .shows("2026년 8월 24일 펴냄")
        .shows("2026년 9월 10일 고침")
        .shows("의사의 진료를 대신하지 않습니다")
        .shows("href=\"https://www.kdca.go.kr\"")
        .shows("&lt;script&gt;")
        .hides("<script>alert")
        .hides("javascript:");
    let treated_by = page.link("이 증상을 보는 곳 찾기");
    assert!(
        treated_by.matches("department=").count() == 2,
        "{treated_by}"
    );
    assert_eq!(stack.page(&treated_by).await.status, 200);
    stack
        .page(&page.link("질환"))
        .await
        .shows("<strong>1</strong>건");
    assert_eq!(stack.page("/articles/draft").await.status, 404);
}
