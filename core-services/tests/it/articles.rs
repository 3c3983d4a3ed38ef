//! Import of articles.

use crate::support::{TestDatabase, summary};

const FLU: &str = r#"+++
title = "감기와 독감"
summary = "다릅니다."
topics = ["질환", "mri"]
kcd_codes = ["J00", "J11.1"]
departments = ["내과", "소아과"]
reviewer = "편집부"
published_on = 2026-01-02
revised_on = "2026-02-03"
status = "published"
+++

## 처음

본문입니다.
"#;

#[tokio::test]
async fn a_directory_is_imported_once_and_again() {
    let database = TestDatabase::new().await;
    database.write("articles/cold-or-flu.md", FLU);
    database.write(
        "articles/draft.md",
        format!(
            "\u{feff}{}",
            "+++\r\ntitle = \"초안\"\r\nsummary = \"요약\"\r\n+++\r\n본문\r\n"
        ),
    );
    database.write("articles/notes.txt", "not an article");
    assert_eq!(
        database.import_articles().await.unwrap(),
        (summary([2, 2, 0, 0, 0]), vec![])
    );
    assert_eq!(
        database.rows("select slug, title, body, status, cast(published_on as char), cast(revised_on as char) from articles order by slug").await,
        ["cold-or-flu|감기와 독감|## 처음\n\n본문입니다.|published|2026-01-02|2026-02-03", "draft|초안|본문|draft|-|-"]
    );
    assert_eq!(
        database
            .rows("select topic from article_topics order by topic")
            .await,
        ["MRI", "질환"]
    );
    assert_eq!(
        database
            .rows("select kcd_code from article_kcd_codes order by 1")
            .await,
        ["J00", "J11.1"]
    );
    assert_eq!(
        database.rows("select name from article_departments join departments on id = department_id order by id").await,
        ["내과", "소아청소년과"]
    );

    let before = database.binlog_position().await;
    assert_eq!(
        database.import_articles().await.unwrap().0,
        summary([2, 0, 0, 2, 0])
    );
    assert_eq!(database.row_events_since(before.clone()).await, 0);

    database.write("articles/cold-or-flu.md", FLU.replace("\"J00\", ", ""));
    assert_eq!(
        database.import_articles().await.unwrap().0,
        summary([2, 0, 1, 1, 0])
    );
    assert_eq!(
        database.row_events_since(before).await,
        1,
        "one code deleted, the article itself not touched"
    );
    database.write(
        "articles/cold-or-flu.md",
        FLU.replace("다릅니다", "아주 다릅니다"),
    );
    assert_eq!(
        database.import_articles().await.unwrap().0,
        summary([2, 0, 1, 1, 0])
    );
    assert_eq!(
        database
            .rows("select summary from articles where slug = 'cold-or-flu'")
            .await,
        ["아주 다릅니다."]
    );
}

/// File, what is replaced in the good article by what, and the line, key, value and reason of the reject.
type Case = (
    &'static str,
    (&'static str, &'static str),
    (u64, &'static str, &'static str, &'static str),
);

const CASES: [Case; 8] = [
    (
        "a.md",
        ("J11.1", "감기"),
        (5, "kcd_codes", "감기", "KCD 코드(A00, A00.0)의 꼴이 아님"),
    ),
    (
        "b.md",
        ("소아과", "점술과"),
        (6, "departments", "점술과", "없는 진료과목"),
    ),
    (
        "c.md",
        ("published_on = 2026-01-02\n", ""),
        (
            9,
            "published_on",
            "",
            "공개(published)하려면 published_on이 있어야 함",
        ),
    ),
    (
        "d.md",
        ("2026-02-03", "2025-02-03"),
        (
            9,
            "revised_on",
            "2025-02-03",
            "고친 날이 공개한 날보다 앞섬",
        ),
    ),
    (
        "e.md",
        ("2026-02-03", "내일"),
        (9, "revised_on", "내일", "날짜(YYYY-MM-DD)가 아님"),
    ),
    ("f.md", ("감기와 독감", " "), (2, "title", "", "비어 있음")),
    (
        "g.md",
        ("질환", "<b>"),
        (4, "topics", "<b>", "주제에 쓸 수 없는 글자가 있음"),
    ),
    (
        "Big.md",
        ("", ""),
        (
            1,
            "",
            "Big",
            "파일 이름은 영문 소문자·숫자 낱말을 -로 이은 것이어야 함",
        ),
    ),
];

#[tokio::test]
async fn files_that_are_no_article_are_rejected_with_line_key_and_reason() {
    let database = TestDatabase::new().await;
    for (name, (good, bad), _) in CASES {
        database.write(&format!("articles/{name}"), FLU.replacen(good, bad, 1));
    }
    database.write("articles/h.md", "제목 없는 글");
    database.write("articles/i.md", FLU.replace("reviewer", "reviwer"));
    database.write("articles/j.md", b"+++\n\xff");
    let (done, rejected) = database.import_articles().await.unwrap();
    assert_eq!(done, summary([11, 0, 0, 0, 11]));
    for (name, _, (line, key, value, reason)) in CASES {
        let expected = (line, key.into(), value.into(), reason.into());
        assert!(rejected.contains(&expected), "{name}: {rejected:#?}");
    }
    let reasons: Vec<_> = rejected
        .iter()
        .map(|(line, _, _, reason)| (*line, reason.as_str()))
        .collect();
    assert!(reasons.contains(&(1, "첫 줄과 머리글 끝에 +++ 줄이 있어야 함")));
    assert!(reasons.contains(&(1, "UTF-8이 아님")));
    assert!(
        reasons
            .iter()
            .any(|(line, reason)| *line == 7 && reason.contains("reviwer")),
        "{reasons:#?}"
    );
}
