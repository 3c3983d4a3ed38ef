//! The commands that do one thing: import, sample, tail, dictionary, help.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::Stdio;

use crate::support::{Installation, kill};

const HEADER: &str = "암호화요양기호,요양기관명,종별코드명,주소\n";

#[test]
fn an_import_tells_what_it_did_and_a_second_one_changes_nothing() {
    let installation = Installation::new();
    let file = installation.home().join("hira.csv");
    fs::write(&file, format!("{HEADER}A1,하나의원,의원,서울특별시 중구 세종대로 1\nA2,,의원,서울특별시 중구 세종대로 2\n")).unwrap();
    let import = || {
        installation.run(&[
            "import",
            "institutions",
            "hira.csv",
            "--rejects",
            "rejects.csv",
        ])
    };
    let first = import();
    assert_eq!(
        first.status.code(),
        Some(2),
        "{}",
        String::from_utf8_lossy(&first.stderr)
    );
    let rejects = fs::read_to_string(installation.home().join("rejects.csv")).unwrap();
    assert!(
        rejects.contains("요양기관명") && rejects.contains("hira.csv,3"),
        "{rejects}"
    );
    let position =
        || installation.expect(&["database", "shell", "-BNe", "select @@gtid_binlog_pos"]);
    let before = position();
    let second = String::from_utf8(import().stdout).unwrap();
    assert_eq!(
        position(),
        before,
        "an unchanged row leaves no trace in the binlog: {second}"
    );
}

#[test]
fn changes_are_tailed_as_debezium_events() {
    let installation = Installation::new();
    installation.expect(&["database", "migrate"]);
    let start = installation.expect(&["database", "shell", "-BNe", "select @@gtid_binlog_pos"]);
    let insert = "insert into public_holidays (day, name) values ('2028-01-01', '신정'), ('2028-03-01', '삼일절')";
    installation.expect(&["database", "shell", "-e", insert]);
    let lines = installation.expect(&[
        "cdc",
        "tail",
        "--table",
        "public_holidays",
        "--from",
        start.trim(),
        "--count",
        "2",
    ]);
    let events: Vec<serde_json::Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(events.len(), 2);
    assert_eq!(events[1]["op"], "c");
    assert_eq!(events[1]["after"]["name"], "삼일절");
    assert_eq!(events[1]["source"]["table"], "public_holidays");
    let with_key = [
        "cdc",
        "tail",
        "--with-key",
        "--count",
        "1",
        "--from",
        start.trim(),
    ];
    let line: serde_json::Value = serde_json::from_str(&installation.expect(&with_key)).unwrap();
    assert_eq!(line["key"], serde_json::json!({ "day": "2028-01-01" }));
    assert_eq!(line["value"]["after"], events[0]["after"]);
}

#[test]
fn a_table_that_is_not_there_is_refused_and_publishing_must_be_told_its_tables() {
    let installation = Installation::new();
    installation.expect(&["database", "migrate"]);
    let refused = |arguments: &[&str]| {
        let output = installation.run(arguments);
        assert!(!output.status.success(), "{arguments:?}");
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    let said = refused(&["cdc", "tail", "--table", "public_holiday"]);
    assert!(
        said.contains("no table `public_holiday`") && said.contains(", public_holidays"),
        "{said}"
    );
    let said = refused(&["cdc", "publish", "--table", "public_holidays,typo"]);
    assert!(said.contains("no table `typo`"), "{said}");
    let said = refused(&["cdc", "publish"]);
    assert!(
        said.contains("`--table NAME`") && said.contains("`--all-tables`"),
        "{said}"
    );
}

#[test]
fn without_names_all_tables_are_tailed_but_for_the_platforms_own_bookkeeping() {
    let installation = Installation::new();
    installation.expect(&["database", "migrate"]);
    let run = |statement: &str| installation.expect(&["database", "shell", "-BNe", statement]);
    let start = run("select @@gtid_binlog_pos");
    run(
        "insert into heartbeats values ('test', 1); update _sqlx_migrations set execution_time = 1; \
         insert into public_holidays (day, name) values ('2028-01-01', '신정')",
    );
    let from = ["cdc", "tail", "--from", start.trim(), "--count", "1"];
    let line = installation.expect(&from);
    let event: serde_json::Value = serde_json::from_str(&line).unwrap();
    assert_eq!(event["source"]["table"], "public_holidays");
}

#[test]
fn tail_ends_quietly_on_sigterm_and_when_nobody_reads_any_more() {
    let installation = Installation::new();
    let _database = installation.spawn(&["database", "run"]);
    installation.expect(&["database", "migrate"]);
    let run = |statement: &str| installation.expect(&["database", "shell", "-BNe", statement]);
    let start = run("select @@gtid_binlog_pos");
    let tail = ["cdc", "tail", "--from", start.trim()];

    let mut closed = installation.command(&tail);
    let mut child = closed.stdout(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    run("insert into public_holidays (day, name) values ('2028-01-01', '신정')");
    assert!(child.wait().unwrap().success());

    let mut child = installation.command(&tail);
    let mut child = child.stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    let mut printed = BufReader::new(child.stdout.take().unwrap());
    printed.read_line(&mut line).unwrap();
    assert!(line.contains("신정"), "{line}");
    kill("-TERM", child.id());
    assert!(child.wait().unwrap().success());
}

#[test]
fn help_teaches_and_a_wrong_option_is_explained() {
    let installation = Installation::new();
    let help = installation.expect(&["--help"]);
    for word in [
        "import",
        "reindex",
        "verify",
        "DATABASE_URL",
        "jinmaek.toml",
        "--site-listen",
    ] {
        assert!(help.contains(word), "{word} is missing in:\n{help}");
    }
    let configuration = "database-url = 'mysql://u:secret@h/d'\noperator-token = 'secret'";
    fs::write(installation.home().join("jinmaek.toml"), configuration).unwrap();
    assert!(!installation.expect(&["--help"]).contains("secret"));
    fs::write(
        installation.home().join("jinmaek.toml"),
        "site-lisen = '127.0.0.1:1'",
    )
    .unwrap();
    let output = installation.run(&["verify"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2));
    assert!(said.contains("`site-lisen` is no option"), "{said}");
}
