//! The operators' API: who gets in, and what it does to the dictionary.

use core_services::OperatorToken;
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::support::TestDatabase;

/// The real router on a port of its own.
struct Api {
    address: String,
    token: OperatorToken,
    database: TestDatabase,
}

impl Api {
    async fn start() -> Self {
        let database = TestDatabase::new().await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let token = OperatorToken::generate();
        let router = core_services::router(database.pool.clone(), &database.url, token.clone());
        tokio::spawn(core_services::serve(
            listener,
            router,
            std::future::pending(),
        ));
        Self {
            address,
            token,
            database,
        }
    }

    fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        client.request(method, format!("http://{}{path}", self.address))
    }

    async fn ask(&self, method: Method, path: &str, body: Option<Value>) -> (StatusCode, Value) {
        let mut request = self.request(method, path).bearer_auth(self.token.reveal());
        if let Some(body) = body {
            request = request.json(&body);
        }
        read(request.send().await.unwrap()).await
    }

    async fn post(&self, path: &str, body: Value) -> (StatusCode, Value) {
        self.ask(Method::POST, path, Some(body)).await
    }
}

async fn read(response: Response) -> (StatusCode, Value) {
    let (status, headers) = (response.status(), response.headers().clone());
    let text = response.text().await.unwrap();
    let value: Value = serde_json::from_str(&text).unwrap_or_default();
    if status.is_client_error() {
        assert_eq!(
            headers["content-type"], "application/problem+json",
            "{text}"
        );
        assert_eq!(value["status"], status.as_u16());
    }
    (status, value)
}

const WORDS: &str = "/v1/dictionary/words";
const SYNONYMS: &str = "/v1/dictionary/synonyms";

#[tokio::test]
async fn nobody_gets_in_without_the_token() {
    let api = Api::start().await;
    let routes = [
        (Method::GET, WORDS),
        (Method::POST, WORDS),
        (Method::DELETE, "/v1/dictionary/words/1"),
        (Method::GET, SYNONYMS),
        (Method::POST, "/v1/dictionary/rebuilds"),
        (Method::GET, "/nowhere"),
        (Method::PATCH, WORDS),
    ];
    for (method, path) in routes {
        for authorization in [
            "",
            "Bearer ",
            "Bearer wrong",
            "Basic eDp5",
            api.token.reveal(),
        ] {
            let request = api
                .request(method.clone(), path)
                .header("authorization", authorization);
            let (status, problem) = read(request.send().await.unwrap()).await;
            assert_eq!(
                status,
                StatusCode::UNAUTHORIZED,
                "{method} {path} {authorization}"
            );
            assert_eq!(problem["code"], "unauthorized");
        }
    }
    let (status, _) = api.ask(Method::GET, WORDS, None).await;
    assert_eq!(status, StatusCode::OK);
}

#[tokio::test]
async fn a_name_that_was_made_to_point_here_is_refused() {
    let api = Api::start().await;
    let request = api
        .request(Method::GET, WORDS)
        .bearer_auth(api.token.reveal())
        .header("host", "evil.example:8083");
    let (status, problem) = read(request.send().await.unwrap()).await;
    assert_eq!(status, StatusCode::MISDIRECTED_REQUEST);
    assert_eq!(problem["code"], "foreign_host");
}

#[tokio::test]
async fn words_are_written_and_read() {
    let api = Api::start().await;
    let new = json!({"word": "위고비주사", "parts": "위고비 주사", "note": "2026년 새 약"});
    let (status, word) = api.post(WORDS, new).await;
    assert_eq!(
        (status, &word["parts"]),
        (StatusCode::CREATED, &json!("위고비 주사"))
    );
    let path = format!("{WORDS}/{}", word["id"]);
    let (status, word) = api
        .ask(Method::PUT, &path, Some(json!({"word": "위고비주사"})))
        .await;
    assert_eq!((status, &word["parts"]), (StatusCode::OK, &json!(null)));
    api.post(WORDS, json!({"word": "마운자로"})).await;
    let (_, page) = api
        .ask(Method::GET, &format!("{WORDS}?q=위고&per_page=1"), None)
        .await;
    assert_eq!(
        (&page["total"], &page["rows"][0]["word"]),
        (&json!(1), &json!("위고비주사"))
    );
    let (_, page) = api
        .ask(Method::GET, &format!("{WORDS}?page=2&per_page=1"), None)
        .await;
    assert_eq!(
        (&page["total"], &page["rows"][0]["word"]),
        (&json!(2), &json!("위고비주사"))
    );
    // What is looked for is normalised as what is stored.
    api.post(WORDS, json!({"word": "ＭＲＩ실"})).await;
    let (_, page) = api.ask(Method::GET, &format!("{WORDS}?q=Mri"), None).await;
    assert_eq!(page["rows"][0]["word"], "mri실");
    let (status, _) = api.ask(Method::DELETE, &path, None).await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    for method in [Method::GET, Method::DELETE] {
        let (status, problem) = api.ask(method, &path, None).await;
        assert_eq!(
            (status, &problem["code"]),
            (StatusCode::NOT_FOUND, &json!("not_found"))
        );
    }
}

#[tokio::test]
async fn synonyms_are_written_and_read() {
    let api = Api::start().await;
    let (status, group) = api
        .post(
            SYNONYMS,
            json!({"words": "맹장염,충수염", "class": "condition"}),
        )
        .await;
    assert_eq!(status, StatusCode::CREATED, "{group}");
    assert_eq!(
        (&group["words"], &group["class"]),
        (&json!("맹장염, 충수염"), &json!("condition"))
    );
    let path = format!("{SYNONYMS}/{}", group["id"]);
    let (_, group) = api
        .ask(
            Method::PUT,
            &path,
            Some(json!({"words": "맹장염 => 충수염"})),
        )
        .await;
    assert_eq!(
        (&group["words"], &group["class"]),
        (&json!("맹장염 => 충수염"), &json!(null))
    );
    let (_, page) = api
        .ask(Method::GET, &format!("{SYNONYMS}?q=충수"), None)
        .await;
    assert_eq!(page["total"], 1);
    let (status, _) = api.ask(Method::DELETE, &path, None).await;
    assert_eq!(status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn what_is_wrong_is_said_with_its_field() {
    let api = Api::start().await;
    api.post(WORDS, json!({"word": "마운자로"})).await;
    api.post(SYNONYMS, json!({"words": "맹장염, 충수염"})).await;
    for (path, body, status, code, parameter) in [
        (WORDS, json!({"word": "약"}), 422, "word_length", "word"),
        (
            WORDS,
            json!({"word": "가나다", "parts": "가 나"}),
            422,
            "parts_differ",
            "parts",
        ),
        (
            WORDS,
            json!({"word": "마운자로"}),
            409,
            "word_taken",
            "word",
        ),
        (
            SYNONYMS,
            json!({"words": "맹장염"}),
            422,
            "synonyms_few",
            "words",
        ),
        (
            SYNONYMS,
            json!({"words": "충수염, 꼬리염"}),
            409,
            "synonym_taken",
            "words",
        ),
        (
            SYNONYMS,
            json!({"words": "a, b", "class": "x"}),
            422,
            "class_unknown",
            "class",
        ),
    ] {
        let (got, problem) = api.post(path, body.clone()).await;
        assert_eq!(got.as_u16(), status, "{body}");
        assert_eq!(
            (&problem["code"], &problem["parameter"]),
            (&json!(code), &json!(parameter))
        );
        assert!(
            problem["title"]
                .as_str()
                .unwrap()
                .contains(|letter| letter >= '가')
        );
    }
}

#[tokio::test]
async fn what_cannot_be_read_is_refused() {
    let api = Api::start().await;
    for (path, method, body, status) in [
        (WORDS, Method::POST, Some(json!({"wort": "마운자로"})), 422),
        (
            WORDS,
            Method::POST,
            Some(json!({"word": "가".repeat(20_000)})),
            413,
        ),
        (WORDS, Method::POST, None, 415),
        ("/v1/dictionary/words/x", Method::GET, None, 400),
        ("/v1/dictionary/words?page=x", Method::GET, None, 400),
        ("/v1/dictionary/words?x=1", Method::GET, None, 400),
        (WORDS, Method::PATCH, None, 405),
        ("/v1/dictionary", Method::GET, None, 404),
    ] {
        let (got, problem) = api.ask(method, path, body).await;
        assert_eq!(got.as_u16(), status, "{path} {problem}");
    }
}

#[tokio::test]
async fn a_rebuild_can_be_asked_for() {
    let api = Api::start().await;
    let request = api
        .request(Method::POST, "/v1/dictionary/rebuilds")
        .bearer_auth(api.token.reveal());
    let reply = request.send().await.unwrap();
    let position = reply.headers()["jinmaek-position"].to_str().unwrap();
    let position: cdc::Position = position.parse().unwrap();
    let mut server = cdc::Server::connect(&api.database.url).await.unwrap();
    let now = server.position().await.unwrap();
    assert_eq!(now.covers(&position), Some(true), "{position} {now}");
    let (status, request) = read(reply).await;
    assert_eq!((status, &request["id"]), (StatusCode::ACCEPTED, &json!(1)));
    assert_eq!(
        api.database
            .count("select count(*) from index_requests")
            .await,
        1
    );
}

#[tokio::test]
async fn queries_are_listed_with_what_found_nothing() {
    let api = Api::start().await;
    let (status, list) = api.ask(Method::GET, "/v1/queries", None).await;
    assert_eq!(
        (status, &list["rows"], &list["total"]),
        (StatusCode::OK, &json!([]), &json!(0))
    );
    sqlx::query(
        "insert into search_queries values (date(utc_timestamp() + interval 9 hour), 'institution', '하늘병원', 7, 7)",
    )
    .execute(&api.database.pool)
    .await
    .unwrap();
    let expected =
        json!([{"noun": "institution", "query": "하늘병원", "searches": 7, "found_nothing": 7}]);
    for path in [
        "/v1/queries?days=1",
        "/v1/queries?found_nothing=true&page=1",
    ] {
        assert_eq!(
            api.ask(Method::GET, path, None).await.1["rows"],
            expected,
            "{path}"
        );
    }
    assert_eq!(
        api.ask(Method::GET, "/v1/queries?page=2", None).await.1["rows"],
        json!([])
    );
    let (status, _) = api.ask(Method::GET, "/v1/queries?person=1", None).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    let refused = api
        .request(Method::GET, "/v1/queries")
        .send()
        .await
        .unwrap();
    assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
}
