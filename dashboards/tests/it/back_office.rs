//! The back office: `GET /` and `GET /events`.

use std::time::Duration;

use dashboards::{Options, back_office};
use reqwest::Response;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::support::{Stack, get, nobody, serve};

/// Events come each second; a busy machine may take its time.
const PATIENCE: Duration = Duration::from_secs(20);

#[tokio::test]
async fn the_index_is_shown_in_figures() {
    let stack = Stack::with(&["insert into institutions (registry, official_code, name, kind) values ('egen', 'A', '하나의원', 'clinic')"]).await;
    next_with(&mut watch(&stack.back_office).await, "<h2>따라가는 중</h2>").await;
    let page = get(&stack.back_office).await;
    assert_eq!(page.status, 200);
    page.shows("<dt>병원·약국</dt><dd>1</dd>")
        .shows("<dt>공휴일</dt>")
        .shows("바이너리 로그 위치")
        .shows("MB</dd>")
        .shows("<dt>색인 세대</dt><dd>1</dd>")
        .shows("<noscript><meta http-equiv=\"refresh\"");
}

#[tokio::test]
async fn a_changed_row_is_seen_live() {
    let stack = Stack::with(&[]).await;
    let mut events = watch(&stack.back_office).await;
    next_with(&mut events, "<dt>병원·약국</dt><dd>0</dd>").await;
    stack.execute("insert into institutions (registry, official_code, name, kind) values ('egen', 'A', '하나의원', 'clinic')").await;
    next_with(&mut events, "<dt>병원·약국</dt><dd>1</dd>").await;
}

#[tokio::test]
async fn an_api_that_is_down_is_said_plainly() {
    let options = Options::parse(&nobody().await).unwrap();
    let office = serve(back_office::router(options)).await;
    get(&office)
        .await
        .shows("연결 안 됨")
        .shows("검색 API에 물어볼 수 없습니다");
    next_with(&mut watch(&office).await, "연결 안 됨").await;
}

#[tokio::test]
async fn watchers_do_not_hold_up_the_end() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let office = format!("http://{}", listener.local_addr().unwrap());
    let options = Options::parse(&nobody().await).unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let server = tokio::spawn(dashboards::serve(
        listener,
        back_office::router(options),
        async {
            let _ = stopped.await;
        },
    ));
    let mut events = watch(&office).await;
    next_with(&mut events, "연결 안 됨").await;
    stop.send(()).unwrap();
    // Before requests under way are cut off, which takes six seconds.
    timeout(Duration::from_secs(4), server)
        .await
        .expect("still serving")
        .unwrap()
        .unwrap();
    while let Ok(Some(_)) = events.chunk().await {}
}

#[tokio::test]
async fn watchers_are_bounded() {
    let options = Options::parse(&nobody().await).unwrap();
    let office = serve(back_office::router(options)).await;
    let mut watchers = Vec::new();
    for _ in 0..64 {
        watchers.push(watch(&office).await);
    }
    assert_eq!(get(&format!("{office}/events")).await.status, 503);
    // The page itself is still there, and who leaves makes room.
    get(&office).await.shows("연결 안 됨");
    watchers.clear();
    let room = async {
        while get_status(&office).await != 200 {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, room).await.expect("no room");
}

async fn get_status(office: &str) -> u16 {
    events(office).await.status().as_u16()
}

async fn watch(office: &str) -> Response {
    let response = events(office).await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    response
}

async fn events(office: &str) -> Response {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    client.get(format!("{office}/events")).send().await.unwrap()
}

/// Reads events until one holds the text.
async fn next_with(events: &mut Response, text: &str) {
    let mut seen = String::new();
    let read = async {
        while !seen.contains(text) {
            let chunk = events.chunk().await.unwrap().expect("the stream ended");
            seen.push_str(&String::from_utf8_lossy(&chunk));
        }
    };
    if timeout(PATIENCE, read).await.is_err() {
        panic!("no {text:?} in\n{seen}");
    }
}
