//! `GET /v1/search/articles` and `GET /v1/search/articles/{slug}`.

use serde_json::{Value, json};

use crate::support::{TestApp, scores_add_up, shown};

const PATH: &str = "/v1/search/articles";

fn slugs(reply: &Value) -> Vec<&str> {
    reply["hits"]
        .as_array()
        .unwrap()
        .iter()
        .map(|hit| hit["slug"].as_str().unwrap())
        .collect()
}

#[tokio::test]
pub(crate) async fn a_question_finds_what_has_any_of_its_words() {
    let app = TestApp::shared().await;
    let reply = app
        .get(
            PATH,
            &[("q", "아이가 열이 39.5도까지 나는데 병원에 가야 하나요")],
        )
        .await;
    assert_eq!(slugs(&reply)[0], "fever-in-children");
    let reply = app.get(PATH, &[("q", "독감 예방접종")]).await;
    assert_eq!(slugs(&reply), ["flu-vaccine", "cold-or-flu"]);
    assert_eq!(
        slugs(&app.get(PATH, &[("q", "어디에도없는낱말")]).await),
        Vec::<&str>::new()
    );
}

#[tokio::test]
pub(crate) async fn what_was_found_is_marked_without_markup() {
    let app = TestApp::shared().await;
    let reply = app.get(PATH, &[("q", "소아청소년과 고열 아이")]).await;
    let highlights = &reply["hits"][0]["highlights"];
    assert_eq!(shown(&highlights["title"]), "[아이]가 열이 날 때");
    assert_eq!(
        shown(&highlights["body"]),
        "체온 재기 [고열]이 나면 체온계로 잽니다. 39.5도가 넘으면 [소아청소년과]에서 진료를 받으세요."
    );
}

#[tokio::test]
async fn filters_order_and_facets() {
    let app = TestApp::shared().await;
    let all = app.get(PATH, &[("facets", "true")]).await;
    // The newest first, equals by number; drafts are not there.
    assert_eq!(
        slugs(&all),
        [
            "cold-or-flu",
            "flu-vaccine",
            "fever-in-children",
            "stomach-ache"
        ]
    );
    assert_eq!(
        all["facets"]["topic"][0],
        json!({"value": "증상", "label": "증상", "count": 2})
    );
    assert_eq!(
        all["facets"]["department"],
        json!([{"value": "소아청소년과", "label": "소아청소년과", "count": 4}])
    );
    let newest = app
        .get(PATH, &[("q", "독감 아이"), ("sort", "newest")])
        .await;
    // 소아, of the department, is a synonym of 아이.
    assert_eq!(
        slugs(&newest),
        [
            "cold-or-flu",
            "flu-vaccine",
            "fever-in-children",
            "stomach-ache"
        ]
    );
    assert_eq!(
        slugs(&app.get(PATH, &[("topic", "예방,질환")]).await),
        ["cold-or-flu", "flu-vaccine"]
    );
    assert_eq!(app.get(PATH, &[("department", "소아과")]).await["total"], 4);
    assert_eq!(app.get(PATH, &[("department", "치과")]).await["total"], 0);
    let page = app.get(PATH, &[("page", "2"), ("per_page", "3")]).await;
    assert_eq!(
        (slugs(&page), &page["pages"]),
        (vec!["stomach-ache"], &json!(2))
    );
    for (query, parameter) in [
        (("sort", "distance"), "sort"),
        (("kind", "pharmacy"), "kind"),
        (("per_page", "x"), "per_page"),
        (("min_position", "-"), "min_position"),
    ] {
        assert_eq!(app.refused(PATH, &[query]).await, parameter);
    }
}

#[tokio::test]
async fn facets_leave_their_own_filter_aside() {
    let app = TestApp::shared().await;
    let one = |value: &str, count| json!({"value": value, "label": value, "count": count});
    let counted = ("facets", "true");
    let by_topic = app.get(PATH, &[("topic", "질환,없는주제"), counted]).await;
    assert_eq!(by_topic["total"], 1);
    assert_eq!(
        by_topic["facets"]["topic"],
        json!([
            one("증상", 2),
            one("예방", 1),
            one("질환", 1),
            one("없는주제", 0)
        ])
    );
    assert_eq!(
        by_topic["facets"]["department"],
        json!([one("소아청소년과", 1)])
    );
    // Counting costs a little: it is not done unasked.
    assert_eq!(app.get(PATH, &[]).await["facets"], Value::Null);
    // With a filter in each, neither is counted beside the hits.
    let by_both = app
        .get(PATH, &[("topic", "질환"), ("department", "치과"), counted])
        .await;
    assert_eq!(
        by_both["facets"],
        json!({"topic": [one("질환", 0)], "department": [one("소아청소년과", 1), one("치과", 0)]})
    );
}

#[tokio::test]
async fn an_article_is_found_by_its_slug() {
    let app = TestApp::shared().await;
    let mut article = app.get("/v1/search/articles/cold-or-flu", &[]).await;
    article["index"].take();
    insta::assert_json_snapshot!(article);
    for missing in ["draft", "none", "Cold-Or-Flu"] {
        let problem = app
            .problem(&format!("/v1/search/articles/{missing}"), &[])
            .await;
        assert_eq!(problem["code"], "not_found", "{missing}");
    }
}

#[tokio::test]
async fn a_word_that_most_articles_have_finds_none_by_itself_but_counts() {
    // From a thousand articles on.
    let rows = (1..=1100).map(|id| {
        let (title, body) = match id {
            7 => ("티눈과 걷기", "걷기를 하면 티눈이 생깁니다."),
            8 => ("티눈과 운동", "운동을 하면 티눈이 생깁니다."),
            _ => ("운동", "운동을 합니다."),
        };
        format!("({id}, 'a{id}', '{title}', '', '{body}', '2026-01-01', 'published')")
    });
    let rows = rows.collect::<Vec<_>>().join(", ");
    let insert =
        "insert into articles (id, slug, title, summary, body, published_on, status) values";
    let app = TestApp::with(&[&format!("{insert} {rows}")]).await;
    let both = app.get(PATH, &[("q", "티눈 운동")]).await;
    assert_eq!(slugs(&both), ["a8", "a7"]);
    assert_eq!(both["total"], 2);
    // With nothing else, it finds them all.
    assert_eq!(app.get(PATH, &[("q", "운동")]).await["total"], 1099);
    let page = [("q", "운동"), ("page", "11"), ("per_page", "10")];
    assert_eq!(slugs(&app.get(PATH, &page).await).len(), 10);
}

#[tokio::test]
async fn a_score_says_what_it_is_made_of() {
    let app = TestApp::shared().await;
    for query in ["아이가 열이 날 때", "독감", "ㄷㄱ", "감기일까 독감일까"] {
        let reply = app.get(PATH, &[("q", query), ("explain", "true")]).await;
        assert!(reply["total"].as_u64() > Some(0), "{reply}");
        scores_add_up(&reply);
    }
    let reply = app
        .get(PATH, &[("q", "아이 열"), ("explain", "true")])
        .await;
    let parts = reply["hits"][0]["explanation"].as_array().unwrap();
    let names: Vec<_> = parts.iter().map(|part| part["part"].clone()).collect();
    assert_eq!(names, ["words", "pairs", "in_a_row", "fresh"]);
    assert!(
        parts[0]["concepts"].as_array().unwrap().len() > 1,
        "{reply}"
    );
    // The newest first has no scores to tell of.
    let newest = [("q", "독감"), ("explain", "true"), ("sort", "newest")];
    assert_eq!(
        app.get(PATH, &newest).await["hits"][0].get("explanation"),
        None
    );
}
