//! Searches are counted, as the process that runs the API takes them.

use search_api::{Options, QueryCounts};
use serde_json::Value;

use crate::support::{TestApp, monday_at_ten, serve};

/// The sample behind an API whose counts we keep.
async fn api() -> (String, QueryCounts) {
    let counts = QueryCounts::default();
    let options = Options {
        clock: monday_at_ten,
        query_counts: counts.clone(),
        ..Options::default()
    };
    let app = TestApp::shared().await;
    (serve(app.live.clone(), options), counts)
}

async fn ask(url: &str, path: &str, query: &[(&str, &str)]) -> Value {
    let request = reqwest::Client::new().get(format!("{url}/v1/search/{path}"));
    let response = request.query(query).send().await.unwrap();
    assert!(response.status().is_success(), "{path} {query:?}");
    response.json().await.unwrap()
}

#[tokio::test]
async fn first_pages_of_searches_are_counted_and_what_found_nothing() {
    let (url, counts) = api().await;
    for _ in 0..5 {
        ask(&url, "institutions", &[("q", "세곡동  내과")]).await;
        ask(&url, "institutions", &[("q", "우리들의원"), ("page", "2")]).await;
        ask(&url, "institutions", &[("sido", "서울특별시")]).await;
        ask(&url, "institutions", &[("q", "없는이름쿠쿠 치과")]).await;
        ask(&url, "institutions", &[("q", "010-1234-5678")]).await;
        // With a filter it is not the words that find nothing.
        ask(
            &url,
            "institutions",
            &[("q", "속초 치과"), ("sido", "부산광역시")],
        )
        .await;
        ask(&url, "articles", &[("q", "독감")]).await;
        ask(&url, "suggest", &[("q", "독가")]).await;
    }
    ask(&url, "institutions", &[("q", "한 번뿐인 말")]).await;
    let taken = counts.take().into_iter();
    let mut taken: Vec<_> = taken
        .map(|one| (one.noun.name(), one.query, one.searches, one.found_nothing))
        .collect();
    taken.sort();
    let row = |noun, query: &str, nothing| (noun, query.to_owned(), 5, nothing);
    assert_eq!(
        taken,
        [
            row("article", "독감", 0),
            row("institution", "세곡동 내과", 0),
            row("institution", "속초 치과", 0),
            row("institution", "없는이름쿠쿠 치과", 5),
        ]
    );
    assert_eq!(counts.take(), []);
}
