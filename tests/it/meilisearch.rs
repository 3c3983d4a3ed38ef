//! `jinmaek` with a Meilisearch server as its engine, chosen by the configuration file.

use std::fs;

use serde_json::Value;

use crate::support::{Installation, get};

#[path = "../../search-api/tests/it/meilisearch/double/mod.rs"]
#[expect(dead_code, reason = "the tests of search-api need more of it")]
mod double;

use double::Double;

const KEY: &str = "a-key-that-nobody-may-see";

#[test]
fn the_platform_runs_on_meilisearch_when_it_is_told_to() {
    let double = Double::start(Some(KEY));
    let installation = Installation::new();
    let configuration = format!(
        "engine = \"meilisearch\"\nmeilisearch-url = \"{}\"\nmeilisearch-key = \"{KEY}\"\nlog = \"debug\"\n",
        double.url
    );
    fs::write(installation.home().join("jinmaek.toml"), configuration).unwrap();
    let mut running = installation.start(&["--with-sample"]);
    let found = || -> Value {
        let (status, reply) =
            get(&installation.api("/v1/search/institutions?kind=pharmacy")).unwrap();
        assert_eq!(status, 200, "{reply}");
        serde_json::from_str(&reply).unwrap()
    };
    let reply = found();
    assert_eq!(reply["index"]["engine"], "meilisearch");
    assert!(reply["total"].as_u64() > Some(0), "{reply}");
    let (status, page) = get(&installation.site("/search?q=%EC%95%BD%EA%B5%AD")).unwrap();
    assert_eq!(status, 200);
    assert!(page.contains("약국"), "{page}");
    assert_eq!(double.indexes(), ["jinmaek"]);

    let printed = installation.expect(&["reindex"]);
    assert!(printed.contains("색인 2세대"), "{printed}");
    running.until("the second generation", || {
        found()["index"]["generation"] == 2
    });
    assert!(installation.expect(&["verify"]).contains("다른 것 0건"));
    let help = installation.expect(&["--help"]);
    assert!(!help.contains(KEY), "{help}");
    let with_tls = installation.run(&["verify", "--meilisearch-url", "https://localhost:7700"]);
    let said = String::from_utf8_lossy(&with_tls.stderr);
    assert!(said.contains("must begin with http://"), "{said}");
    running.signal("-TERM");
    let ended = running.ended();
    assert!(ended.status.success(), "{}", ended.log);
    assert!(!(ended.log + &ended.printed).contains(KEY));
}
