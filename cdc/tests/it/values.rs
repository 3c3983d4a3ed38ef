//! What is in the row images is what was written, for every type that the platform uses and those that libraries get wrong.

use std::sync::Arc;

use cdc::{ChangeEvent, Date, DateTime, Value};
use serde_json::json;

use crate::support::{TestDatabase, changes_until};

async fn inserted(columns: &str, values: &[&str]) -> Vec<Arc<ChangeEvent>> {
    let mut database = TestDatabase::new().await;
    database
        .run(&format!("create table t ({columns}) engine = innodb"))
        .await;
    let mut stream = database.follow(&["t"]).await;
    database
        .run("set sql_mode = '', time_zone = '+00:00'")
        .await;
    for value in values {
        database
            .run(&format!("insert into t values ({value})"))
            .await;
    }
    let end = database.position().await;
    changes_until(&mut stream, &end).await
}

/// The values of the column `v`, one for each row.
async fn values_of(column_type: &str, values: &[&str]) -> Vec<Value> {
    let changes = inserted(&format!("v {column_type}"), values).await;
    changes
        .iter()
        .map(|change| change.values_of("v").next().unwrap().clone())
        .collect()
}

#[tokio::test]
async fn integers_keep_their_sign_and_width() {
    assert_eq!(
        values_of("mediumint", &["-1", "-8388608", "8388607", "null"]).await,
        [
            Value::Int(-1),
            Value::Int(-8_388_608),
            Value::Int(8_388_607),
            Value::Null
        ]
    );
    assert_eq!(
        values_of("bigint unsigned", &["18446744073709551615", "0"]).await,
        [Value::Unsigned(u64::MAX), Value::Unsigned(0)]
    );
    // YEAR counts among the numeric columns of the table map's signedness.
    let changes = inserted(
        "a tinyint, y year, b smallint unsigned, c int",
        &["-128, 2026, 65535, -5"],
    )
    .await;
    let json = serde_json::to_value(changes[0].named(changes[0].after.as_ref().unwrap())).unwrap();
    assert_eq!(json, json!({"a": -128, "y": 2026, "b": 65535, "c": -5}));
}

#[tokio::test]
async fn times_are_signed_and_years_may_be_zero() {
    let microseconds = |microseconds, decimals| Value::Time {
        microseconds,
        decimals,
    };
    assert_eq!(
        values_of(
            "time(1)",
            &["'-01:02:03.5'", "'838:59:58.9'", "'-00:00:00.1'"]
        )
        .await,
        [
            microseconds(-3_723_500_000, 1),
            microseconds(3_020_398_900_000, 1),
            microseconds(-100_000, 1)
        ]
    );
    assert_eq!(
        values_of("time(6)", &["'-00:00:00.000001'"]).await,
        [microseconds(-1, 6)]
    );
    assert_eq!(
        values_of("time", &["'-838:59:59'"]).await,
        [microseconds(-3_020_399_000_000, 0)]
    );
    assert_eq!(
        values_of("year", &["0", "1901", "2155"]).await,
        [Value::Year(0), Value::Year(1901), Value::Year(2155)]
    );
}

#[tokio::test]
async fn dates_may_be_zero_or_partial_and_timestamps_are_universal_time() {
    let date = |year, month, day| Date { year, month, day };
    assert_eq!(
        values_of("date", &["'0000-00-00'", "'2024-00-00'", "'9999-12-31'"]).await,
        [
            Value::Date(date(0, 0, 0)),
            Value::Date(date(2024, 0, 0)),
            Value::Date(date(9999, 12, 31))
        ]
    );
    let expected = DateTime {
        date: date(2026, 11, 20),
        hour: 23,
        minute: 59,
        second: 58,
        microsecond: 123_000,
        decimals: 3,
    };
    assert_eq!(
        values_of("datetime(3)", &["'2026-11-20 23:59:58.123'"]).await,
        [Value::DateTime(expected)]
    );
    assert_eq!(
        values_of(
            "timestamp(6) null",
            &["'1970-01-01 00:00:01.000001'", "'0000-00-00'", "null"]
        )
        .await,
        [
            Value::Timestamp {
                microseconds: Some(1_000_001),
                decimals: 6
            },
            Value::Timestamp {
                microseconds: None,
                decimals: 6
            },
            Value::Null
        ]
    );
}

#[tokio::test]
async fn decimals_are_exact() {
    let decimals = |texts: &[&str]| -> Vec<Value> {
        texts
            .iter()
            .map(|text| Value::Decimal((*text).to_owned()))
            .collect()
    };
    assert_eq!(
        values_of(
            "decimal(20,4)",
            &["-1234567890123456.7891", "0", "0.5", "-0.0001"]
        )
        .await,
        decimals(&["-1234567890123456.7891", "0.0000", "0.5000", "-0.0001"])
    );
    assert_eq!(
        values_of(
            "decimal(65,30)",
            &["-99999999999999999999999999999999999.999999999999999999999999999999"]
        )
        .await,
        decimals(&["-99999999999999999999999999999999999.999999999999999999999999999999"])
    );
    assert_eq!(
        values_of("decimal(9,9)", &["0.000000001"]).await,
        decimals(&["0.000000001"])
    );
    assert_eq!(
        values_of("decimal(5,0)", &["-42"]).await,
        decimals(&["-42"])
    );
}

#[tokio::test]
async fn text_is_decoded_from_the_columns_character_set() {
    for charset in ["utf8mb4", "utf8mb3", "euckr", "ucs2", "utf16", "utf32"] {
        let found = values_of(
            &format!("varchar(300) character set {charset}"),
            &["'한글 병원 A'"],
        )
        .await;
        assert_eq!(found, [Value::Text("한글 병원 A".to_owned())], "{charset}");
    }
    assert_eq!(
        values_of("varchar(20) character set latin1", &["'café €'"]).await,
        [Value::Text("café €".to_owned())]
    );
    assert_eq!(
        values_of("mediumtext collate utf8mb4_bin", &["repeat('가', 70000)"]).await,
        [Value::Text("가".repeat(70_000))]
    );
    assert_eq!(
        values_of("varbinary(4)", &["x'ff00fe'"]).await,
        [Value::Bytes(vec![0xff, 0, 0xfe])]
    );
    assert_eq!(
        values_of("char(255)", &["'긴 글'"]).await,
        [Value::Text("긴 글".to_owned())]
    );
}

#[tokio::test]
async fn enums_and_sets_come_as_labels_and_bits_as_numbers() {
    assert_eq!(
        values_of("enum('병원','약국')", &["'약국'", "''", "null"]).await,
        [
            Value::Enum("약국".to_owned()),
            Value::Enum(String::new()),
            Value::Null
        ]
    );
    assert_eq!(
        values_of("set('a','b','c')", &["'c,a'", "''"]).await,
        [
            Value::Set(vec!["a".to_owned(), "c".to_owned()]),
            Value::Set(vec![])
        ]
    );
    assert_eq!(
        values_of("bit(10)", &["b'1000000001'"]).await,
        [Value::Bit(513)]
    );
    assert_eq!(
        values_of("double", &["-0.1", "1e308"]).await,
        [Value::Double(-0.1), Value::Double(1e308)]
    );
    assert_eq!(values_of("float", &["1.5"]).await, [Value::Float(1.5)]);
}
