//! The real file of Seoul's pharmacies, where it is there: imported, searched, and its opening hours asked for.

use std::collections::HashMap;
use std::path::Path;

use serde_json::Value;

use crate::support::{Installation, get};

const FILE: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../shared/data/seoul_pharmacy_hours.csv"
);
/// Rows whose hours are asked for.
const SAMPLED: usize = 200;

/// A row as the file has it: names of columns to cells.
type Row = HashMap<String, String>;

fn rows() -> Vec<Row> {
    let bytes = std::fs::read(FILE).unwrap();
    let (text, ..) = encoding_rs::EUC_KR.decode(&bytes);
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    reader.deserialize().map(Result::unwrap).collect()
}

/// Whether the row says that it is open so many minutes after midnight of a day. The file's own reading: hours past 2400
/// and closings before the opening belong to the next day, 0000–0000 is closed.
fn is_open(row: &Row, day: &str, minute: u32) -> bool {
    let minutes = |end: &str| -> Option<u32> {
        let digits: u32 = row[&format!("진료시간({day}){end}")].parse().ok()?;
        Some(digits / 100 * 60 + digits % 100)
    };
    let (Some(opens), Some(closes)) = (minutes("S"), minutes("C")) else {
        return false;
    };
    let closes = if closes < opens {
        closes + 24 * 60
    } else {
        closes
    };
    opens < closes && (opens..closes).contains(&minute)
}

/// The names and addresses on the first page of those that have all the words; whole names come first.
fn found(installation: &Installation, query: &[(&str, &str)]) -> Vec<(String, String)> {
    let query =
        reqwest::Url::parse_with_params(&installation.api("/v1/search/institutions"), query)
            .unwrap();
    let (status, body) = get(query.as_str()).unwrap();
    assert_eq!(status, 200, "{body}");
    let body: Value = serde_json::from_str(&body).unwrap();
    // When nothing has all the words, what has some of them is offered: not what was asked for.
    if body["relaxed"] == true {
        return Vec::new();
    }
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    body["hits"]
        .as_array()
        .unwrap()
        .iter()
        .map(|hit| (text(&hit["name"]), text(&hit["address"])))
        .collect()
}

#[test]
fn the_pharmacies_of_seoul_are_imported_found_and_open_when_the_file_says_so() {
    if !Path::new(FILE).exists() {
        println!("left out: {FILE} is not there");
        return;
    }
    let installation = Installation::new();
    let _running = installation.start(&[]);
    let import = || {
        let output = installation.run(&["import", "institutions", FILE]);
        String::from_utf8(output.stdout).unwrap()
    };
    let first = import();
    println!("{first}");
    assert!(
        first.contains("읽음 5,596 = 추가 5,573 + 변경 0 + 그대로 0 + 거부 23"),
        "{first}"
    );
    let second = import();
    assert!(
        second.contains("읽음 5,596 = 추가 0 + 변경 0 + 그대로 5,573 + 거부 23"),
        "{second}"
    );
    let position = installation.expect(&["database", "shell", "-BNe", "select @@gtid_binlog_pos"]);
    let position = position.trim();

    let first_page = found(
        &installation,
        &[("q", "세곡동 약국"), ("min_position", position)],
    );
    assert!(
        first_page.iter().any(|(name, _)| name == "100세건강약국"),
        "{first_page:?}"
    );

    let rows = usable_rows(&installation);
    let (mut checked, mut open) = (0, 0);
    for row in rows.iter().step_by(rows.len() / SAMPLED).take(SAMPLED) {
        // Sunday 22 November 2026, no public holiday near.
        let afternoon = is_open(row, "일요일", 840) || is_open(row, "토요일", 1440 + 840);
        let after_midnight = is_open(row, "일요일", 1440 + 90) || is_open(row, "월요일", 90);
        for (open_at, by_file) in [
            ("2026-11-22T14:00", afternoon),
            ("2026-11-22T25:30", after_midnight),
        ] {
            assert_eq!(
                is_found(&installation, row, open_at),
                by_file,
                "at {open_at}: {row:?}"
            );
            checked += 1;
            open += u32::from(by_file);
        }
    }
    println!("{checked} questions about {SAMPLED} rows agree with the file, {open} of them “open”");
}

/// The rows that the import did not reject.
fn usable_rows(installation: &Installation) -> Vec<Row> {
    let rejects = std::fs::read_to_string(installation.home().join("rejects.csv")).unwrap();
    let lines = rejects.lines().skip(1);
    let rejected: Vec<usize> = lines
        .filter_map(|line| line.split(',').nth(1)?.parse().ok())
        .collect();
    // The header is the file's first line.
    let numbered = rows().into_iter().enumerate();
    numbered
        .filter(|(index, _)| !rejected.contains(&(index + 2)))
        .map(|(_, row)| row)
        .collect()
}

/// Whether the pharmacy is among what is found by its name and open then.
fn is_found(installation: &Installation, row: &Row, open_at: &str) -> bool {
    let one_spaced = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let (name, address) = (row["약국명"].trim(), one_spaced(&row["주소"]));
    let sigungu = address.split(' ').nth(1).unwrap_or_default();
    let query = [
        ("q", name),
        ("sigungu", sigungu),
        ("open_at", open_at),
        ("per_page", "50"),
    ];
    found(installation, &query)
        .iter()
        .any(|(found, at)| found == name && one_spaced(at) == address)
}
