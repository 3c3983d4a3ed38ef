//! Which Meilisearch the tests use, with an index of its own for each.

use std::sync::atomic::{AtomicU32, Ordering};

use indexer::engines::meilisearch::{Key, Options};
use serde_json::Value;
use tokio::sync::OnceCell;

use super::double::Double;

static INDEXES: AtomicU32 = AtomicU32::new(0);
static DOUBLE: OnceCell<Double> = OnceCell::const_new();
static CLEANED: OnceCell<()> = OnceCell::const_new();
/// What the tests' indexes are called on a real server, where they stay until the next run.
const PREFIX: &str = "jinmaek-test-";

fn name() -> String {
    let number = INDEXES.fetch_add(1, Ordering::Relaxed);
    format!("{PREFIX}{}-{number}", std::process::id())
}

/// A new index: on the real server if one is named, else on the double that all of these tests share.
pub(crate) async fn new_index() -> Options {
    let Ok(url) = std::env::var("JINMAEK_TEST_MEILI_URL") else {
        let double = DOUBLE.get_or_init(async || Double::start(None)).await;
        return on(double, None);
    };
    let key = std::env::var("JINMAEK_TEST_MEILI_KEY")
        .ok()
        .filter(|key| !key.is_empty());
    CLEANED.get_or_init(|| clean(&url, key.as_deref())).await;
    Options {
        url,
        key: key.as_deref().map(Key::from),
        index: name(),
    }
}

/// A new index on a double.
pub(crate) fn on(double: &Double, key: Option<&str>) -> Options {
    Options {
        url: double.url.clone(),
        key: key.map(Key::from),
        index: name(),
    }
}

/// Removes what earlier runs left on a real server.
async fn clean(url: &str, key: Option<&str>) {
    let client = reqwest::Client::new();
    let ask = async |method, path: String| {
        let mut request = client.request(method, format!("{url}{path}"));
        if let Some(key) = key {
            request = request.bearer_auth(key);
        }
        let reply = request.send().await.unwrap().error_for_status().unwrap();
        reply.json::<Value>().await.unwrap()
    };
    let indexes = ask(reqwest::Method::GET, "/indexes?limit=1000".to_owned()).await;
    for index in indexes["results"].as_array().unwrap() {
        let name = index["uid"].as_str().unwrap();
        if name.starts_with(PREFIX) {
            ask(reqwest::Method::DELETE, format!("/indexes/{name}")).await;
        }
    }
}
