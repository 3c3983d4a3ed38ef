//! `jinmaek` with no configuration: everything comes up, follows the database, and stops in an orderly way.

use crate::support::{Installation, get, is_ok};

#[test]
fn one_command_brings_up_a_living_platform_and_sigterm_ends_it_in_an_orderly_way() {
    let installation = Installation::new();
    let mut running = installation.start(&["--with-sample"]);
    let (status, page) = get(&installation.site("/search?q=%EC%95%BD%EA%B5%AD")).unwrap();
    assert_eq!(status, 200);
    assert!(page.contains("약국"), "{page}");
    assert!(is_ok(&installation.back_office("/")));
    assert!(is_ok(&installation.api("/openapi.json")));

    // A change by a plain client, waited for by its own position.
    let changed = installation.expect(&[
        "database",
        "shell",
        "--batch",
        "--skip-column-names",
        "--execute",
        "update institutions set name = '바뀐이름약국' where id = (select id from (select min(id) id from institutions) i); \
         select @@last_gtid",
    ]);
    let query = "/v1/search/institutions?q=%EB%B0%94%EB%80%90%EC%9D%B4%EB%A6%84%EC%95%BD%EA%B5%AD";
    let (status, found) =
        get(&installation.api(&format!("{query}&min_position={}", changed.trim()))).unwrap();
    assert_eq!(status, 200, "{found}");
    assert!(found.contains("바뀐이름약국"), "{found}");
    let verified = installation.expect(&["verify"]);
    assert!(verified.contains("다른 것 0건"), "{verified}");

    let mariadb = installation.mariadb().unwrap();
    running.signal("-TERM");
    running.until("the stop", || !is_ok(&installation.api("/livez")));
    let ended = running.ended();
    assert!(ended.status.success(), "{}", ended.log);
    assert!(
        ended.printed.contains(&installation.site("/")),
        "{}",
        ended.printed
    );
    // Not a terminal: one JSON object a line.
    for line in ended.log.lines() {
        assert!(line.starts_with('{') && line.ends_with('}'), "{line}");
    }
    let process = std::path::PathBuf::from(format!("/proc/{mariadb}"));
    while process.exists() {
        std::thread::yield_now();
    }
}

#[test]
fn a_reindex_beside_a_running_platform_is_taken_up_without_a_gap() {
    let installation = Installation::new();
    let mut running = installation.start(&["--with-sample"]);
    let generation = || -> u64 {
        let (_, status) = get(&installation.api("/v1/index")).unwrap();
        serde_json::from_str::<serde_json::Value>(&status).unwrap()["generation"]
            .as_u64()
            .unwrap()
    };
    assert_eq!(generation(), 1);
    let printed = installation.expect(&["reindex"]);
    assert!(printed.contains("색인 2세대"), "{printed}");
    running.until("the second generation", || {
        assert!(
            is_ok(&installation.api("/v1/search/institutions?q=%EC%95%BD%EA%B5%AD")),
            "a gap"
        );
        generation() == 2
    });
    assert!(installation.expect(&["verify"]).contains("다른 것 0건"));
}

#[test]
fn what_is_missing_is_said_with_what_to_do() {
    let installation = Installation::new();
    let output = installation
        .command(&["search"])
        .env("JINMAEK_KO_DIC", "/nowhere")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success());
    assert!(said.contains("make ko-dic"), "{said}");

    let output = installation.run(&["verify"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("there is no index in"), "{said}");

    let output = installation
        .command(&["search"])
        .env("DATABASE_URL", "mysql://nobody:x@127.0.0.1:1/none")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        said.contains("the connection to the database failed"),
        "{said}"
    );
    assert!(
        !said.contains("nobody:x"),
        "no password in an error: {said}"
    );
}
