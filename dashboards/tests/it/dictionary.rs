//! The back office's `/dictionary/…`, as forms without JavaScript use it.

use dashboards::{Options, back_office};
use reqwest::header::{HeaderMap, HeaderValue};
use reqwest::redirect;

use crate::support::{Page, Stack, get, nobody, serve};

const WORDS: &str = "/dictionary/words";
const SYNONYMS: &str = "/dictionary/synonyms";

/// What a browser sends with a form of the site's own.
fn of_browser(site: &'static str) -> HeaderMap {
    HeaderMap::from_iter([(
        "sec-fetch-site".parse().unwrap(),
        HeaderValue::from_static(site),
    )])
}

/// Posts a form and does not follow where it leads.
async fn post_with(url: &str, form: &[(&str, &str)], headers: HeaderMap) -> Page {
    let client = reqwest::Client::builder().no_proxy();
    let client = client.redirect(redirect::Policy::none()).build().unwrap();
    let body = reqwest::Url::parse_with_params("http://x/", form).unwrap();
    let response = client
        .post(url)
        .headers(headers)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body.query().unwrap_or_default().to_owned())
        .send()
        .await
        .unwrap();
    Page {
        status: response.status().as_u16(),
        headers: response.headers().clone(),
        html: response.text().await.unwrap(),
    }
}

async fn post(stack: &Stack, path: &str, form: &[(&str, &str)]) -> Page {
    let url = format!("{}{path}", stack.back_office);
    post_with(&url, form, of_browser("same-origin")).await
}

async fn page(stack: &Stack, path: &str) -> Page {
    get(&format!("{}{path}", stack.back_office)).await
}

#[tokio::test]
async fn a_word_is_added_changed_and_removed() {
    let stack = Stack::with(&[]).await;
    page(&stack, "/dictionary")
        .await
        .shows("<h2>단어 넣기</h2>")
        .shows("아직 없습니다.")
        .shows("단어가 모두 색인에 반영되어 있습니다.");
    let form = [
        ("main", "하루튼튼정"),
        ("extra", "하루튼튼 정"),
        ("note", "<b>새</b> 약"),
    ];
    let saved = post(&stack, WORDS, &form).await;
    let list = saved.headers["location"].to_str().unwrap();
    assert_eq!(saved.status, 303);
    assert!(
        list.starts_with("/dictionary/words?done=saved&at="),
        "{list}"
    );
    let listed = page(&stack, list).await;
    listed
        .shows("저장했습니다.")
        .shows("<th scope=\"row\">하루튼튼정</th><td>하루튼튼 정</td>")
        .shows("&#60;b&#62;새&#60;/b&#62; 약")
        .hides("<b>")
        .shows("단어 1개가 아직 색인에 반영되지 않았습니다. 색인을 다시 만드세요.")
        .shows("<button>색인 다시 만들기</button>");

    let edit = page(&stack, &listed.link("고치기")).await;
    edit.shows("<h2>단어 고치기</h2>")
        .shows("value=\"하루튼튼 정\"");
    let address = edit
        .html
        .split("action=\"")
        .find(|rest| rest.starts_with("/dictionary/words/1\""));
    assert!(address.is_some(), "{}", edit.html);
    let saved = post(&stack, "/dictionary/words/1", &[("main", "하루튼튼정")]).await;
    assert_eq!(saved.status, 303);
    page(&stack, WORDS)
        .await
        .shows("<th scope=\"row\">하루튼튼정</th><td></td>");
    let deleted = post(&stack, "/dictionary/words/1/delete", &[]).await;
    assert_eq!(deleted.status, 303);
    page(&stack, WORDS).await.shows("아직 없습니다.");
    let gone = post(&stack, "/dictionary/words/1", &[("main", "하루튼튼정")]).await;
    assert_eq!(gone.status, 404);
    gone.shows("그새 지워진 것입니다.");
}

#[tokio::test]
async fn what_is_wrong_stands_beside_its_field() {
    let stack = Stack::with(&["insert into dictionary_words (word) values ('하루튼튼정')"]).await;
    let short = post(
        &stack,
        WORDS,
        &[("main", "약\"><script>"), ("note", "쪽지")],
    )
    .await;
    assert_eq!(short.status, 422);
    short
        .shows(
            "<span class=\"wrong\" id=\"main-wrong\">단어에는 글자와 숫자만 쓸 수 있습니다</span>",
        )
        .shows("value=\"약&#34;&#62;&#60;script&#62;\"")
        .shows("value=\"쪽지\"")
        .hides("<script>");
    let parts = post(&stack, WORDS, &[("main", "하루정"), ("extra", "하루 알")]).await;
    parts.shows("<span class=\"wrong\" id=\"extra-wrong\">나눈 부분을 이으면");
    let taken = post(&stack, WORDS, &[("main", "하루튼튼정")]).await;
    assert_eq!(taken.status, 422);
    taken.shows("이미 있는 단어입니다");
    let few = post(
        &stack,
        SYNONYMS,
        &[("main", "맹장염"), ("extra", "condition")],
    )
    .await;
    few.shows("동의어는 쉼표로 나누어 두 개 이상")
        .shows("<option value=\"condition\" selected>질환</option>");
}

#[tokio::test]
async fn synonyms_are_listed_searched_and_paged() {
    let stack = Stack::with(&[]).await;
    let saved = post(
        &stack,
        SYNONYMS,
        &[("main", "맹장염,충수염"), ("extra", "condition")],
    )
    .await;
    assert_eq!(saved.status, 303);
    page(&stack, SYNONYMS)
        .await
        .shows("<th scope=\"row\">맹장염, 충수염</th><td>질환</td>")
        .shows("<span class=\"count\" id=\"total\">1</span>");
    for number in 0..60 {
        let group = format!("insert into synonym_groups (words) values ('가{number}, 나{number}')");
        stack.execute(&group).await;
    }
    let first = page(&stack, "/dictionary/synonyms?q=가").await;
    first
        .shows("id=\"total\">60</span>")
        .hides("<th scope=\"row\">맹장염");
    let second = page(&stack, &first.link("다음")).await;
    assert_eq!(second.html.matches("<tr><th scope=\"row\">").count(), 10);
    page(&stack, "/dictionary/synonyms?q=없다&page=x")
        .await
        .shows("‘없다’이(가) 들어간 것이 없습니다.");
}

#[tokio::test]
async fn a_word_is_previewed_and_built_into_the_index() {
    let stack = Stack::with(&[]).await;
    let preview = "/dictionary/words?main=하루튼튼정&extra=하루튼튼 정&preview=1";
    page(&stack, preview)
        .await
        .shows("<dt>지금</dt><dd>하루 · 튼튼 · 정</dd>")
        .shows("<dt>색인을 다시 만든 뒤</dt><dd>하루튼튼 · 정</dd>")
        .shows("value=\"하루튼튼 정\"");
    post(
        &stack,
        WORDS,
        &[("main", "하루튼튼정"), ("extra", "하루튼튼 정")],
    )
    .await;
    let asked = post(&stack, "/dictionary/words/rebuild", &[]).await;
    assert_eq!(asked.status, 303);
    stack.rebuilt().await;
    page(&stack, preview)
        .await
        .shows("<dt>지금</dt><dd>하루튼튼 · 정</dd>")
        .shows("단어가 모두 색인에 반영되어 있습니다.")
        .hides("색인 다시 만들기");
}

#[tokio::test]
async fn only_forms_of_our_own_pages_are_taken() {
    let stack = Stack::with(&[]).await;
    let url = format!("{}{WORDS}", stack.back_office);
    let form = [("main", "하루튼튼정")];
    let mut rebound = of_browser("same-origin");
    rebound.insert("host", HeaderValue::from_static("evil.example"));
    for headers in [
        of_browser("cross-site"),
        of_browser("same-site"),
        of_browser("none"),
        HeaderMap::new(),
        rebound,
    ] {
        let refused = post_with(&url, &form, headers.clone()).await;
        assert_eq!(refused.status, 403, "{headers:?}");
    }
    page(&stack, WORDS).await.shows("아직 없습니다.");
    // What only looks may come from anywhere: a link, a bookmark.
    let looked = reqwest::Client::builder().no_proxy().build().unwrap();
    let looked = looked.get(&url).headers(of_browser("none")).send().await;
    assert_eq!(looked.unwrap().status(), 200);
}

#[tokio::test]
async fn a_service_that_is_missing_or_down_is_said_plainly() {
    let options = Options::parse(&nobody().await).unwrap();
    let office = serve(back_office::router(options.clone())).await;
    let missing = get(&format!("{office}{WORDS}")).await;
    assert_eq!(missing.status, 502);
    missing.shows("사전 서비스가 연결되어 있지 않습니다.");
    let options = options.with_operators(&nobody().await, "token").unwrap();
    let office = serve(back_office::router(options)).await;
    let down = get(&format!("{office}{WORDS}")).await;
    assert_eq!(down.status, 502);
    down.shows("사전 서비스가 대답하지 않습니다.");
    let form = [("main", "하루튼튼정")];
    let down = post_with(
        &format!("{office}{WORDS}"),
        &form,
        of_browser("same-origin"),
    )
    .await;
    assert_eq!(down.status, 502);
    down.shows("value=\"하루튼튼정\"");
}
