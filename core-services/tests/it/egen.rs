//! Import of the E-Gen / Seoul form.

use std::path::Path;
use std::time::Instant;

use core_services::import::progress::Silent;
use core_services::import::{self, Rejects};
use core_services::{Error, Unreadable};

use crate::support::{TestDatabase, checked, summary};

pub(crate) const HEADER: &str = "약국ID,주소,약국명,대표전화1,진료시간(월요일)C,진료시간(화요일)C,진료시간(수요일)C,진료시간(목요일)C,\
진료시간(금요일)C,진료시간(토요일)C,진료시간(일요일)C,진료시간(공휴일)C,진료시간(월요일)S,진료시간(화요일)S,진료시간(수요일)S,\
진료시간(목요일)S,진료시간(금요일)S,진료시간(토요일)S,진료시간(일요일)S,진료시간(공휴일)S,우편번호1,우편번호2,병원경도,병원위도,작업일시";

const GOOD: &str = r#""C1109587","서울특별시 강남구 헌릉로571길 7, 강남레체 1층 101호 (세곡동)","100세건강약국","024451460","2000","2000","2600","0100","0000","2400","","","0900","0900","2200","1900","0000","0000","","","063","76","127.101366881801","37.4660448664795","2023-05-20 17:42:24.0""#;

/// A row that is good but for its code and one column.
fn row(code: &str, column: usize, value: &str) -> String {
    let mut cells: Vec<&str> = vec![
        code,
        "",
        "새봄약국",
        "02-123-4567",
        "1800",
        "1800",
        "1800",
        "1800",
        "1800",
        "1300",
        "",
        "",
        "0900",
        "0900",
        "0900",
        "0900",
        "0900",
        "0900",
        "",
        "",
        "063",
        "76",
        "127.1",
        "37.4",
        "2023-05-20 17:42:24.0",
    ];
    cells[column] = value;
    cells.join(",")
}

fn file(rows: &[String]) -> String {
    format!("{HEADER}\n{}\n", rows.join("\n"))
}

#[tokio::test]
async fn a_pharmacy_is_stored_with_its_place_and_hours_in_every_encoding() {
    let text = format!("{HEADER}\r\n{GOOD}\r\n");
    let cp949 = encoding_rs::EUC_KR.encode(&text).0.into_owned();
    for bytes in [
        text.clone().into_bytes(),
        format!("\u{feff}{text}").into_bytes(),
        cp949,
    ] {
        let database = TestDatabase::new().await;
        let (done, rejected) = database.import(&bytes).await.unwrap();
        assert_eq!((done, rejected), (summary([1, 1, 0, 0, 0]), vec![]));
        assert_eq!(
            database
                .rows(
                    "select registry, official_code, name, kind, sido, sigungu, eupmyeondong, postal_code, phone, \
                     cast(latitude as char), cast(longitude as char), cast(source_updated_at as char) from institutions"
                )
                .await,
            ["egen|C1109587|100세건강약국|pharmacy|서울특별시|강남구|세곡동|06376|02-445-1460|37.4660448664795|127.101366881801|2023-05-20 17:42:24"]
        );
        assert_eq!(
            database.rows("select concat(day, ' ', opens_minute, ' ', closes_minute) from opening_hours order by day").await,
            ["1 540 1200", "2 540 1200", "3 1320 1560", "4 1140 1500", "6 0 1440"],
            "Friday 0000–0000 and blank days are closed"
        );
    }
}

#[tokio::test]
async fn a_second_import_writes_nothing_and_a_changed_row_only_itself() {
    let database = TestDatabase::new().await;
    let mut rows: Vec<String> = (0..600)
        .map(|number| row(&format!("C{number:07}"), 2, "온누리약국"))
        .collect();
    let (done, _) = database.import(file(&rows)).await.unwrap();
    assert_eq!(done, summary([600, 600, 0, 0, 0]));

    let before = database.binlog_position().await;
    let (done, _) = database.import(file(&rows)).await.unwrap();
    assert_eq!(done, summary([600, 0, 0, 600, 0]));
    assert_eq!(
        database.row_events_since(before.clone()).await,
        0,
        "equal rows leave nothing in the binlog"
    );

    rows[3] = row("C0000003", 2, "다른약국");
    rows[4] = row("C0000004", 4, "1900").replace("새봄", "온누리");
    let (done, _) = database.import(file(&rows)).await.unwrap();
    assert_eq!(done, summary([600, 0, 2, 598, 0]));
    assert_eq!(
        database.row_events_since(before).await,
        3,
        "one row updated, one span deleted and inserted"
    );
    assert_eq!(
        database.rows("select name, cast(closes_minute as char) from institutions join opening_hours on institution_id = id \
             where official_code in ('C0000003', 'C0000004') and day = 1 order by official_code").await,
        ["다른약국|1080", "온누리약국|1140"]
    );
}

#[tokio::test]
async fn rows_that_cannot_be_used_are_rejected_with_line_column_and_reason() {
    let database = TestDatabase::new().await;
    let rows = [
        row("C0000001", 1, "서울특별시 중구 (명동)"),
        row("C0000002", 4, "0960"),
        row("C0000003", 4, ""),
        row("", 1, ""),
        row("C0000005", 2, " "),
        row("C0000006", 22, "135.0"),
        row("C0000007", 22, ""),
        row("C0000001", 2, "또약국"),
        row("C0000009", 24, "=1+1"),
        format!("{},", row("C0000010", 1, "")),
        row("c0000001", 2, "또약국"),
        row("C0000012", 4, "1330").replace(
            "0900,0900,0900,0900,0900,0900",
            "1830,0900,0900,0900,0900,0900",
        ),
        row("C0000013", 22, "0").replace("37.4", "0"),
    ];
    let (done, rejected) = database.import(file(&rows)).await.unwrap();
    assert_eq!(done, summary([13, 2, 0, 0, 11]));
    let rejected: Vec<_> = rejected
        .iter()
        .map(|(line, column, value, reason)| {
            (*line, column.as_str(), value.as_str(), reason.as_str())
        })
        .collect();
    let monday = "진료시간(월요일)C";
    assert_eq!(
        rejected,
        [
            (3, monday, "0960", "닫는 시각이 0000~4800의 HHMM이 아님"),
            (4, monday, "", "여는 시각은 있는데 닫는 시각이 없음"),
            (5, "약국ID", "", "비어 있음"),
            (6, "약국명", " ", "비어 있음"),
            (
                7,
                "병원위도",
                "37.4",
                "좌표가 대한민국(위도 32~39.5, 경도 124~132.5) 밖임"
            ),
            (8, "병원위도", "37.4", "위도와 경도 중 하나만 있음"),
            (9, "약국ID", "C0000001", "같은 코드가 2행에 이미 있음"),
            (10, "작업일시", "'=1+1", "일시(YYYY-MM-DD HH:MM:SS)가 아님"),
            (11, "", "C0000010", "칸의 수가 다름: 25칸이어야 하는데 26칸"),
            (12, "약국ID", "c0000001", "같은 코드가 2행에 이미 있음"),
            (
                13,
                monday,
                "1330",
                "자정을 넘긴 것으로 보면 19시간이 되어 오타로 보임"
            ),
        ]
    );
    assert_eq!(
        database
            .count("select count(*) from institutions where latitude is null")
            .await,
        1
    );
}

#[tokio::test]
async fn lines_are_counted_as_an_editor_shows_them() {
    let database = TestDatabase::new().await;
    let bad = row("C0000002", 4, "0960");
    let quoted = row("C0000001", 1, "\"서울특별시\n중구\"");
    for end in ["\n", "\r\n"] {
        let text = [HEADER, "", &quoted, "", &bad].join(end);
        let (_, rejected) = database.import(text).await.unwrap();
        assert_eq!(rejected[0].0, 6, "{end:?}");
    }
}

#[tokio::test]
async fn hospitals_have_the_same_form_with_a_kind() {
    let database = TestDatabase::new().await;
    let text = "기관ID,주소,병원분류명,응급실운영여부(1/2),기관설명상세,기관명,대표전화1,병원경도,병원위도\n\
                A1100001,서울특별시 종로구 대학로 101 (연건동),종합병원,1,\"외래 안내\n오전\",서울병원,02-2072-2114,127.0,37.58\n\
                C1100002,,미용실,2,,미용실,,,\n\
                C1100003,,,2,,한마음치과의원,,,\n";
    let (done, rejected) = database.import(text).await.unwrap();
    assert_eq!(done, summary([3, 2, 0, 0, 1]));
    assert_eq!(
        (
            rejected[0].0,
            rejected[0].1.as_str(),
            rejected[0].3.as_str()
        ),
        (4, "병원분류명", "종별을 알 수 없음")
    );
    assert_eq!(
        database.rows("select kind, cast(has_emergency_room as char), description from institutions order by official_code").await,
        ["general_hospital|1|외래 안내 오전", "dental_clinic|0|-"]
    );
    assert_eq!(
        database.count("select count(*) from opening_hours").await,
        0
    );
}

#[tokio::test]
async fn files_that_nobody_can_read_are_told_apart() {
    let database = TestDatabase::new().await;
    let utf16: Vec<u8> = format!("\u{feff}{HEADER}")
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let cases: [(Vec<u8>, Unreadable); 9] = [
        (vec![], Unreadable::Empty),
        (b"\n\n  \n".to_vec(), Unreadable::Empty),
        (utf16, Unreadable::NotPlainText),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1....".to_vec(),
            Unreadable::OldExcel,
        ),
        (
            b"\xff\xff\xff,\xfd\n1,2\n".to_vec(),
            Unreadable::UnknownEncoding,
        ),
        (
            "이름,나이\n가,1\n".into(),
            Unreadable::UnknownForm {
                header: "이름,나이".into(),
            },
        ),
        (
            "약국ID,주소\n".into(),
            Unreadable::MissingColumns {
                form: "E-Gen",
                columns: "약국명(또는 기관명)".into(),
            },
        ),
        (
            "약국ID,약국명,약국명\n".into(),
            Unreadable::RepeatedColumn("약국명".into()),
        ),
        (
            format!("{HEADER}\n\"{}", "가".repeat(1_000_000)).into(),
            Unreadable::RowTooLong {
                line: 2,
                limit: 1024 * 1024,
            },
        ),
    ];
    for (bytes, expected) in cases {
        let Err(Error::Unreadable { problem, .. }) = database.import(&bytes).await else {
            panic!("{expected:?}");
        };
        assert_eq!(problem, expected);
    }
    let missing = database.import_file(Path::new("/nowhere/file.csv")).await;
    assert!(matches!(missing, Err(Error::File { .. })));
}

#[tokio::test]
async fn a_row_that_was_cut_off_does_not_close_a_pharmacy() {
    let database = TestDatabase::new().await;
    let text = file(&[row("C0000001", 1, "")]);
    database.import(&text).await.unwrap();
    let (done, rejected) = database.import(&text[..text.len() - 40]).await.unwrap();
    assert_eq!(done, summary([1, 0, 0, 0, 1]));
    assert!(rejected[0].3.starts_with("칸의 수가 다름"), "{rejected:?}");
    assert_eq!(
        database.count("select count(*) from opening_hours").await,
        6
    );
}

#[tokio::test]
async fn rows_before_the_place_where_a_file_breaks_are_stored() {
    let database = TestDatabase::new().await;
    let good: Vec<String> = (0..300)
        .map(|number| row(&format!("C{number:07}"), 1, ""))
        .collect();
    let text = format!("{}\"{}", file(&good), "x".repeat(2_000_000));
    assert!(database.import(text).await.is_err());
    assert_eq!(
        database.count("select count(*) from institutions").await,
        300
    );
}

#[tokio::test]
async fn an_import_that_is_cut_short_leaves_whole_batches_and_is_completed_by_the_next() {
    let database = TestDatabase::new().await;
    let rows: Vec<String> = (0..2_000)
        .map(|number| row(&format!("C{number:07}"), 1, ""))
        .collect();
    let path = database.write("long.csv", file(&rows));
    let mut rejects = Rejects::create(&database.rejects_path()).unwrap();
    // Told to stop as soon as something is stored.
    let shutdown = async {
        while database.count("select count(*) from institutions").await == 0 {
            tokio::task::yield_now().await;
        }
    };
    let done = import::institutions(&database.pool, &path, &mut rejects, &mut Silent, shutdown)
        .await
        .unwrap();
    let done = checked(done);
    assert!(done.cut_short && done.read < 2_000, "{done}");
    assert_eq!(
        database.count("select count(*) from institutions").await as u64,
        done.inserted
    );
    assert_eq!(done.inserted % 250, 0);
    let (rest, _) = database.import_file(&path).await.unwrap();
    assert_eq!(
        (rest.read, rest.unchanged, rest.inserted),
        (2_000, done.inserted, 2_000 - done.inserted)
    );
}

#[tokio::test]
async fn two_imports_at_once_end_with_the_same_rows() {
    let database = TestDatabase::new().await;
    let rows: Vec<String> = (0..1_000)
        .map(|number| row(&format!("C{number:07}"), 1, ""))
        .collect();
    let path = database.write("same.csv", file(&rows));
    let import = async |rejects: &str| {
        let mut rejects = Rejects::create(&database.write(rejects, "")).unwrap();
        import::institutions(
            &database.pool,
            &path,
            &mut rejects,
            &mut Silent,
            std::future::pending(),
        )
        .await
        .unwrap()
    };
    let (one, other) = tokio::join!(import("one"), import("other"));
    assert_eq!(checked(one).inserted + checked(other).inserted, 1_000);
    assert_eq!(
        database.count("select count(*) from opening_hours").await,
        6_000
    );
}

#[tokio::test]
async fn the_real_seoul_file_is_read_to_the_last_row() {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/seoul_pharmacy_hours.csv");
    if !path.exists() {
        println!("skipped: {} is not there", path.display());
        return;
    }
    let database = TestDatabase::new().await;
    let started = Instant::now();
    let (first, rejected) = database.import_file(&path).await.unwrap();
    println!("{first} in {:?}", started.elapsed());
    assert_eq!(
        (first.read, first.inserted),
        (5_596, 5_596 - first.rejected)
    );
    assert!(rejected.iter().all(|(_, column, _, reason)| column.starts_with("진료시간") && reason.contains("오타")), "{rejected:?}");
    let before = database.binlog_position().await;
    let (second, _) = database.import_file(&path).await.unwrap();
    assert_eq!((second.inserted, second.changed), (0, 0));
    assert_eq!(database.row_events_since(before).await, 0);
}
