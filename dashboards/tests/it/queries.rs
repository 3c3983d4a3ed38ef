//! The back office's `/queries`.

use dashboards::{Options, back_office};

use crate::support::{Stack, get, nobody, serve};

const TODAY: &str = "date(utc_timestamp() + interval 9 hour)";

#[tokio::test]
async fn what_found_nothing_leads_to_a_synonym_for_it() {
    let stack = Stack::with(&[
        &format!("insert into search_queries values ({TODAY}, 'institution', '임프란트 & <b>', 1234, 34)"),
        &format!("insert into search_queries values ({TODAY}, 'article', '치과', 50, 0)"),
        &format!("insert into search_queries values ({TODAY} - interval 20 day, 'institution', '옛말', 9, 9)"),
    ])
    .await;
    let page = async |path: &str| get(&format!("{}{path}", stack.back_office)).await;
    page("/queries")
        .await
        .shows("<h1>검색어</h1>")
        .shows("id=\"total\">2<")
        .shows("임프란트 &#38; &#60;b&#62;")
        .shows("<td>1,234</td><td>34</td>")
        .shows("건강 정보")
        .hides("옛말");
    page("/queries?list=nothing&days=30")
        .await
        .shows("옛말")
        .hides("건강 정보")
        .shows("/dictionary/synonyms?main=%EC%98%9B%EB%A7%90");
    page("/dictionary/synonyms?main=%EC%98%9B%EB%A7%90")
        .await
        .shows("name=\"main\" value=\"옛말\"");
    // What can't be read counts as not said.
    page("/queries?list=x&days=-1&page=x")
        .await
        .shows("id=\"total\">2<");
}

#[tokio::test]
async fn without_the_operators_api_it_says_so() {
    let options = Options::parse(&nobody().await).unwrap();
    let page = get(&format!(
        "{}/queries",
        serve(back_office::router(options)).await
    ))
    .await;
    assert_eq!(page.status, 502);
    page.shows("운영 API가 연결되어 있지 않습니다.");
}
