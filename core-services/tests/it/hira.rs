//! Import of the HIRA form, from CSV and from xlsx.

use core_services::{Error, Unreadable};

use crate::support::{TestDatabase, summary, text_cell, xlsx};

const COLUMNS: [&str; 15] = [
    "암호화요양기호",
    "요양기관명",
    "종별코드",
    "종별코드명",
    "시도코드명",
    "시군구코드명",
    "읍면동",
    "우편번호",
    "주소",
    "전화번호",
    "병원홈페이지",
    "개설일자",
    "총의사수",
    "좌표(X)",
    "좌표(Y)",
];

/// The one row that both formats hold, and what must be stored of it.
const STORED: &str = "hira|JDQ4MTYyMiM4MSMk|수원안과의원|clinic|경기도|수원시 장안구|조원동|06376|경기도 수원시 장안구 경수대로 893 (조원동)|031-123-4567|http://www.example.co.kr|127.01|37.3|3|2005-01-02";
const STORED_QUERY: &str = "select registry, official_code, name, kind, sido, sigungu, eupmyeondong, postal_code, address, phone, homepage, \
     cast(longitude as char), cast(latitude as char), cast(doctor_count as char), cast(opened_on as char) from institutions";

#[tokio::test]
async fn an_institution_is_stored_from_csv() {
    let database = TestDatabase::new().await;
    let text = format!(
        "{}\nJDQ4MTYyMiM4MSMk,수원안과의원,31,의원,경기,수원장안구,,06376,경기도 수원시 장안구 경수대로 893 (조원동),0311234567,www.example.co.kr,20050102,3,127.01,37.3\n",
        COLUMNS.join(",")
    );
    assert_eq!(
        database.import(&text).await.unwrap().0,
        summary([1, 1, 0, 0, 0])
    );
    assert_eq!(database.rows(STORED_QUERY).await, [STORED]);
}

#[tokio::test]
async fn an_institution_is_stored_from_xlsx_with_numbers_and_dates() {
    let database = TestDatabase::new().await;
    let letters: Vec<char> = ('A'..='O').collect();
    let header: String = COLUMNS
        .iter()
        .zip(&letters)
        .map(|(name, letter)| text_cell(&format!("{letter}1"), name))
        .collect();
    let values = [
        text_cell("A2", "JDQ4MTYyMiM4MSMk"),
        r#"<c r="B2" t="s"><v>0</v></c>"#.into(),
        r#"<c r="C2"><v>31</v></c>"#.into(),
        text_cell("E2", "경기"),
        text_cell("F2", "수원장안구"),
        r#"<c r="H2"><v>6376</v></c>"#.into(),
        text_cell("I2", "경기도 수원시 장안구 경수대로 893 (조원동)"),
        text_cell("J2", "031-123-4567"),
        text_cell("K2", "http://www.example.co.kr"),
        r#"<c r="L2" s="1"><v>38354</v></c>"#.into(),
        r#"<c r="M2"><f>1+2</f><v>3</v></c>"#.into(),
        r#"<c r="N2"><v>127.01</v></c>"#.into(),
        r#"<c r="O2"><v>37.3</v></c>"#.into(),
    ];
    let broken = format!(
        "{}{}{}",
        text_cell("A3", "JDQ4"),
        text_cell("B3", "안과의원"),
        r#"<c r="M3" t="e"><v>#N/A</v></c>"#
    );
    let rows = format!(
        r#"<row r="1">{header}</row><row r="2">{}</row><row r="3">{broken}</row>"#,
        values.concat()
    );
    let bytes = xlsx(
        &rows,
        r#"count="1" uniqueCount="1"><si><t>수원안과의원</t></si>"#,
    );
    let (done, rejected) = database.import(&bytes).await.unwrap();
    assert_eq!(done, summary([2, 1, 0, 0, 1]));
    assert_eq!(
        rejected,
        [(
            3,
            "총의사수".into(),
            String::new(),
            "셀에 수식 오류(#N/A 등)가 있음".into()
        )]
    );
    assert_eq!(database.rows(STORED_QUERY).await, [STORED]);
    assert_eq!(
        database.import(&bytes).await.unwrap().0,
        summary([2, 0, 0, 1, 1])
    );
}

#[tokio::test]
async fn two_columns_are_enough_and_say_nothing_of_the_others() {
    let database = TestDatabase::new().await;
    let full = format!(
        "{}\nAAA1,봄안과의원,31,,,,,06376,,02-123-4567,,,,127.01,37.3\n",
        COLUMNS.join(",")
    );
    database.import(full).await.unwrap();
    let (done, rejected) = database
        .import("암호화요양기호,요양기관명\nAAA1,봄안과의원\nAAA2,국립암센터\nAAA3,국립보건소\n")
        .await
        .unwrap();
    assert_eq!(done, summary([3, 1, 0, 1, 1]));
    assert_eq!(
        rejected,
        [(
            3,
            "요양기관명".into(),
            "국립암센터".into(),
            "종별을 알 수 없음".into()
        )]
    );
    assert_eq!(
        database
            .rows("select phone, kind from institutions order by id")
            .await,
        ["02-123-4567|clinic", "-|public_health_centre"]
    );

    let (done, _) = database
        .import("암호화요양기호,요양기관명,전화번호\nAAA1,봄안과의원,\n")
        .await
        .unwrap();
    assert_eq!(
        done,
        summary([1, 0, 1, 0, 0]),
        "a blank column says that there is none"
    );
    assert_eq!(
        database
            .rows("select phone from institutions where official_code = 'AAA1'")
            .await,
        ["-"]
    );
}

#[tokio::test]
async fn parking_is_stored_where_the_file_tells_it() {
    let database = TestDatabase::new().await;
    let text = "암호화요양기호,요양기관명,종별코드,주차_가능대수,주차_비용 부담여부\n\
                A1,봄의원,31,\"1,200\",Y\nA2,새봄의원,31,5,N\nA3,늦봄의원,31,0,\nA4,한봄의원,31,,\nA5,찬봄의원,31,넓음,N\n";
    let (done, _) = database.import(text).await.unwrap();
    assert_eq!(done, summary([5, 4, 0, 0, 1]));
    let query = "select official_code, cast(coalesce(parking_spaces, '-') as char), \
                 cast(coalesce(parking_is_free, '-') as char) from institutions order by official_code";
    let stored = ["A1|1200|0", "A2|5|1", "A3|0|-", "A4|-|-"];
    assert_eq!(database.rows(query).await, stored);
    // A file without these columns says nothing of it.
    database
        .import("암호화요양기호,요양기관명,종별코드\nA1,봄의원,31\n")
        .await
        .unwrap();
    assert_eq!(database.rows(query).await, stored);
}

#[tokio::test]
async fn a_name_alone_is_not_enough() {
    let database = TestDatabase::new().await;
    let Err(Error::Unreadable { problem, .. }) =
        database.import("요양기관명,주소\n봄안과의원,\n").await
    else {
        panic!("it was imported");
    };
    let expected = Unreadable::MissingColumns {
        form: "심평원 병원정보서비스",
        columns: "암호화요양기호".into(),
    };
    assert_eq!(problem, expected);
    assert!(
        problem.to_string().contains("E-Gen"),
        "the known forms are told: {problem}"
    );
}

#[tokio::test]
async fn figures_that_are_none_reject_the_row() {
    let database = TestDatabase::new().await;
    let text = "암호화요양기호,요양기관명,종별코드,개설일자,총의사수\n\
                A1,봄의원,31,어제,1\nA2,봄의원,31,20050102,많음\nA3,봄의원,99,20050102,1\nA4,봄의원,31,20050102,\nA 5,봄의원,31,,\n";
    let (done, rejected) = database.import(text).await.unwrap();
    assert_eq!(done, summary([5, 1, 0, 0, 4]));
    let columns: Vec<&str> = rejected
        .iter()
        .map(|(_, column, _, _)| column.as_str())
        .collect();
    assert_eq!(
        columns,
        ["개설일자", "총의사수", "종별코드", "암호화요양기호"]
    );
}
