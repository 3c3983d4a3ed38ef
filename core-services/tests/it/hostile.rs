//! Hostile and broken files: never a panic, never a hang, always a summary that adds up or a clear error.

use std::time::Duration;

use core_services::{Error, Unreadable};
use proptest::prelude::*;
use proptest::sample::Index;
use tokio::runtime::Runtime;

use crate::egen::HEADER;
use crate::support::{TestDatabase, text_cell, xlsx};

/// Enough to meet each kind of damage several times, and still a matter of seconds.
const CASES: u32 = 64;

/// Much more than any case needs: what takes longer hangs.
const PATIENCE: Duration = Duration::from_secs(30);

fn config() -> ProptestConfig {
    ProptestConfig {
        cases: CASES,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// Imports `bytes`; `TestDatabase::import` checks that the summary adds up.
fn survives(runtime: &Runtime, database: &TestDatabase, bytes: &[u8]) {
    let outcome =
        runtime.block_on(async { tokio::time::timeout(PATIENCE, database.import(bytes)).await });
    match outcome.expect("the import hangs") {
        Ok(_) | Err(Error::Unreadable { .. }) => {}
        Err(other) => panic!("not the file's fault: {other:?}"),
    }
}

fn good_csv() -> String {
    let mut text = format!("{HEADER}\n");
    for number in 0..20 {
        text.push_str(&format!(
            "C{number:07},\"서울특별시 강남구 헌릉로 {number}, 1층 (세곡동)\",새봄약국,02-123-4567,1800,1800,1800,1800,1800,1300,,,\
             0900,0900,0900,0900,0900,0900,,,063,76,127.1,37.4,2023-05-20 17:42:24.0\n"
        ));
    }
    text
}

fn good_xlsx() -> Vec<u8> {
    let mut rows = format!(
        r#"<row r="1">{}{}</row>"#,
        text_cell("A1", "암호화요양기호"),
        text_cell("B1", "요양기관명")
    );
    for number in 2..30 {
        rows.push_str(&format!(
            r#"<row r="{number}">{}<c r="B{number}" t="s"><v>0</v></c></row>"#,
            text_cell(&format!("A{number}"), &format!("AAA{number}"))
        ));
    }
    xlsx(
        &rows,
        r#"count="1" uniqueCount="1"><si><t>새봄의원</t></si>"#,
    )
}

/// One way to damage a file.
#[derive(Debug, Clone)]
enum Damage {
    Truncate(Index),
    Flip(Index, u8),
    Insert(Index, Vec<u8>),
    Repeat(Index, usize),
}

impl Damage {
    fn apply(&self, bytes: &mut Vec<u8>) {
        if bytes.is_empty() {
            return;
        }
        match self {
            Self::Truncate(at) => bytes.truncate(at.index(bytes.len())),
            Self::Flip(at, mask) => {
                let at = at.index(bytes.len());
                bytes[at] ^= mask;
            }
            Self::Insert(at, other) => {
                let at = at.index(bytes.len());
                bytes.splice(at..at, other.iter().copied());
            }
            Self::Repeat(at, count) => {
                let at = at.index(bytes.len());
                let byte = bytes[at];
                bytes.splice(at..at, std::iter::repeat_n(byte, *count));
            }
        }
    }
}

fn damage() -> impl Strategy<Value = Damage> {
    let nasty = prop_oneof![
        Just(b"\"".to_vec()),
        Just(b"\0".to_vec()),
        Just(b"\r\n,,,\"\"".to_vec()),
        Just(b"=cmd|'/c calc'!A1".to_vec()),
        Just(vec![0xff, 0xfe]),
        Just(vec![b','; 5_000]),
        Just(vec![b'9'; 100_000]),
        Just("\u{202e}\u{feff}\u{10ffff}가".as_bytes().to_vec()),
        prop::collection::vec(any::<u8>(), 0..40),
    ];
    prop_oneof![
        1 => any::<Index>().prop_map(Damage::Truncate),
        3 => (any::<Index>(), 1..=255_u8).prop_map(|(at, mask)| Damage::Flip(at, mask)),
        3 => (any::<Index>(), nasty).prop_map(|(at, bytes)| Damage::Insert(at, bytes)),
        1 => (any::<Index>(), 1..5_000_usize).prop_map(|(at, count)| Damage::Repeat(at, count)),
    ]
}

#[test]
fn damaged_csv_is_survived() {
    let runtime = Runtime::new().unwrap();
    let database = runtime.block_on(TestDatabase::new());
    let good = good_csv();
    proptest!(config(), |(is_cp949 in any::<bool>(), damages in prop::collection::vec(damage(), 0..6))| {
        let mut bytes = if is_cp949 { encoding_rs::EUC_KR.encode(&good).0.into_owned() } else { good.clone().into_bytes() };
        damages.iter().for_each(|damage| damage.apply(&mut bytes));
        survives(&runtime, &database, &bytes);
    });
}

#[test]
fn damaged_xlsx_is_survived() {
    let runtime = Runtime::new().unwrap();
    let database = runtime.block_on(TestDatabase::new());
    let good = good_xlsx();
    proptest!(config(), |(damages in prop::collection::vec(damage(), 0..4))| {
        let mut bytes = good.clone();
        damages.iter().for_each(|damage| damage.apply(&mut bytes));
        survives(&runtime, &database, &bytes);
    });
}

#[test]
fn hostile_sheets_are_survived() {
    let runtime = Runtime::new().unwrap();
    let database = runtime.block_on(TestDatabase::new());
    let piece = prop_oneof![
        Just(String::from(r#"<row r="4294967295">"#)),
        Just(String::from(r#"<row r="0">"#)),
        Just(String::from("</row>")),
        Just(String::from(
            r#"<c r="XFD1048576" t="s"><v>99999999999</v></c>"#
        )),
        Just(String::from(r#"<c r="A1"><v>1e999</v></c>"#)),
        Just(String::from(
            r#"<c r="B2"><f t="shared" ref="A1:XFD1048576" si="0">A1</f><v>1</v></c>"#
        )),
        Just(String::from(r#"<c t="d" s="1"><v>-99999999</v></c>"#)),
        Just(String::from(r#"<c s="1"><v>2958466</v></c>"#)),
        Just(String::from(r#"<c r="ZZZZZZZZZZZZ9"><v>1</v></c>"#)),
        Just(String::from("<c r=\"A0\"><v>1</v></c>")),
        Just(text_cell("A7", &"가".repeat(50_000))),
        "[A-C][1-9]".prop_map(|at| text_cell(&at, "=HYPERLINK(\"x\")")),
    ];
    proptest!(config(), |(pieces in prop::collection::vec(piece, 0..12))| {
        let header = format!(r#"<row r="1">{}{}</row>"#, text_cell("A1", "암호화요양기호"), text_cell("B1", "요양기관명"));
        let bytes = xlsx(&format!("{header}<row r=\"2\">{}</row>", pieces.concat()), ">");
        survives(&runtime, &database, &bytes);
    });
}

#[tokio::test]
async fn a_workbook_that_boasts_is_refused_before_memory_is_reserved() {
    let database = TestDatabase::new().await;
    let boast = xlsx(
        "",
        r#"count="1" uniqueCount="1000000000000000"><si><t>a</t></si>"#,
    );
    let outcome = database.import(&boast).await;
    assert!(
        matches!(
            outcome,
            Err(Error::Unreadable {
                problem: Unreadable::Workbook(_),
                ..
            })
        ),
        "{outcome:?}"
    );
}
