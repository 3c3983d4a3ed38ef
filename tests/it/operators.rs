//! The operators' API as roles start it: with a token of its own beside the back office, and not at all where it would be open.

use std::time::Duration;

use crate::support::{Installation, get};

#[test]
fn the_back_office_writes_a_word_that_the_index_then_knows_of() {
    let installation = Installation::new();
    let mut running = installation.start(&[]);
    let client = reqwest::blocking::Client::builder()
        .timeout(Duration::from_secs(30))
        .build()
        .unwrap();
    let page = client
        .post(installation.back_office("/dictionary/words"))
        .header("sec-fetch-site", "same-origin")
        .header("content-type", "application/x-www-form-urlencoded")
        .body("main=%ED%95%98%EB%A3%A8%ED%8A%BC%ED%8A%BC%EC%A0%95&extra=&note=")
        .send()
        .unwrap();
    assert!(
        page.url().query().unwrap().contains("done=saved"),
        "{}",
        page.url()
    );
    assert!(page.text().unwrap().contains("하루튼튼정"));
    running.until("the word in the index", || {
        let (_, status) = get(&installation.api("/v1/index")).unwrap();
        status.contains(r#""added":1"#)
    });
    let (status, problem) = get(&installation.operator("/v1/dictionary/words")).unwrap();
    assert_eq!(status, 401, "{problem}");

    // A build by the command answers it too.
    installation.expect(&["reindex"]);
    running.until("the word in the analysis", || {
        let address = "/v1/search/analyze?text=%ED%95%98%EB%A3%A8%ED%8A%BC%ED%8A%BC%EC%A0%95";
        let (_, terms) = get(&installation.api(address)).unwrap();
        terms.contains("하루튼튼정")
    });
}

#[test]
fn an_open_or_unguarded_operators_api_does_not_start() {
    let installation = Installation::new();
    let said = |arguments: &[&str], token: &str| {
        let output = installation
            .command(arguments)
            .env("JINMAEK_OPERATOR_TOKEN", token)
            .output()
            .unwrap();
        assert!(!output.status.success());
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    let token = "0123456789abcdef0123456789abcdef";
    let open = said(&["operator", "--operator-listen", "0.0.0.0:0"], token);
    assert!(open.contains("--operator-remote"), "{open}");
    assert!(!open.contains(token), "{open}");
    let short = said(&["operator"], "short");
    assert!(short.contains("32 or more"), "{short}");
    let output = installation.run(&["operator"]);
    let unguarded = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(unguarded.contains("operator-token"), "{unguarded}");
}
