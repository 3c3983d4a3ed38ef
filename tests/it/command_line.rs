//! The commands that do one thing: import, sample, tail, dictionary, help.

use std::fs;

use crate::support::Installation;

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
    let configuration = "database-url = 'mysql://u:secret@h/d'";
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
