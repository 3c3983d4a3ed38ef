//! Pages while the API is down, or has no index yet.

use crate::support::{Stack, get, nobody, serve};

#[tokio::test]
async fn an_api_that_is_down_is_said_kindly() {
    let options = dashboards::Options::parse(&nobody().await).unwrap();
    let site = serve(dashboards::site::router(options)).await;
    for address in [
        "/search?q=감기",
        "/search?tab=articles",
        "/institutions/1",
        "/articles/fever",
    ] {
        let page = get(&format!("{site}{address}")).await;
        assert_eq!(page.status, 502, "{address}");
        page.shows("지금은 찾아 드릴 수 없어요")
            .shows("<a class=\"button main\" href=\"\">다시 시도</a>")
            .shows("tel:119")
            .hides("error");
    }
}

#[tokio::test]
async fn while_the_first_index_is_built_the_page_waits_and_then_answers() {
    let stack = Stack::without_index().await;
    stack.execute("insert into institutions (registry, official_code, name, kind) values ('egen', 'A', '기다림의원', 'clinic')").await;
    let page = stack.page("/search?q=기다림").await;
    assert_eq!(page.status, 503);
    assert_eq!(page.headers["retry-after"], "3");
    page.shows("자료를 준비하고 있어요")
        .shows("<meta http-equiv=\"refresh\" content=\"3\">");
    let stack = stack.indexed().await;
    stack
        .page("/search?q=기다림")
        .await
        .shows("<strong>1</strong>곳")
        .hides("http-equiv=\"refresh\"");
}
