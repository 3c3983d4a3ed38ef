//! Chunks go on after the last key, whatever its type.

use cdc::{Flavour, Message, Outcome, Scope, Server, SnapshotMark};

use crate::mirror::next;
use crate::support::TestDatabase;

/// Types of a primary key with values of it, in SQL.
const KEYS: [(&str, &[&str]); 19] = [
    ("tinyint", &["-128", "0", "127"]),
    (
        "bigint unsigned",
        &["0", "9223372036854775808", "18446744073709551615"],
    ),
    ("year", &["1901", "2155"]),
    ("bit(7)", &["b'0'", "b'1000001'", "b'1111111'"]),
    ("bit(64)", &["b'0'", "1", "18446744073709551615"]),
    (
        "set('a', 'b', '다')",
        &["''", "'a'", "'b'", "'a,다'", "'a,b,다'"],
    ),
    ("enum('z', 'y', '가')", &["'z'", "'y'", "'가'"]),
    ("float", &["-1e30", "0", "0.1", "1e-30", "16777217", "3e38"]),
    ("double", &["-1e300", "0.1", "1e0 / 3", "1e-300", "1e22"]),
    (
        "decimal(30, 10)",
        &["-99999999999999999999.9999999999", "0", "0.0000000001"],
    ),
    ("date", &["'1000-01-01'", "'2024-02-29'", "'9999-12-31'"]),
    (
        "datetime(6)",
        &[
            "'1000-01-01'",
            "'2024-02-29 23:59:59.999999'",
            "'2024-03-01'",
        ],
    ),
    (
        "timestamp(3)",
        &[
            "'1970-01-02 00:00:01'",
            "'2024-02-29 23:59:59.999'",
            "'2038-01-01'",
        ],
    ),
    (
        "time(6)",
        &[
            "'-838:59:59'",
            "'-0:0:0.000001'",
            "'0:0:0'",
            "'838:59:58.999999'",
        ],
    ),
    (
        "char(3) character set euckr",
        &["''", "'가'", "'나다'", "'힝'"],
    ),
    (
        "varchar(9) collate utf8mb4_bin",
        &["''", "'A'", "'a'", "'가'", "'😀\\'\\\\'"],
    ),
    ("varbinary(9)", &["''", "x'00'", "x'0000'", "x'ff27'"]),
    (
        "uuid",
        &["'123e4567-e89b-12d3-a456-426655440000'", "uuid()"],
    ),
    ("inet6", &["'::'", "'2001:db8::1'", "'ffff::ffff'"]),
];

#[tokio::test]
async fn rows_are_read_once_each_whatever_the_type_of_their_key() {
    let mut database = TestDatabase::new().await;
    let mut server = Server::connect(&database.url).await.unwrap();
    let is_mysql = server.flavour() == Flavour::MySql;
    for (number, (key, values)) in KEYS.into_iter().enumerate() {
        if is_mysql && matches!(key, "uuid" | "inet6") {
            continue;
        }
        let table = format!("k{number}");
        database
            .run(&format!(
                "create table {table} (k {key}, v int default 7, primary key (k))"
            ))
            .await;
        for value in values {
            database
                .run(&format!("insert into {table} (k) values ({value})"))
                .await;
        }
        let mut stream = database.snapshots(&table, 1).await;
        let request = database.request(&table, Scope::Table);
        stream.control().request(request).unwrap();
        let (mut read, mut outcome) = (Vec::new(), None);
        while outcome.is_none() {
            match next(&mut stream).await {
                Message::Change(change) => read.push(change.after.clone().unwrap()),
                Message::Snapshot(SnapshotMark::End { outcome: how, .. }) => outcome = Some(how),
                _ => {}
            }
        }
        assert_eq!(outcome, Some(Outcome::Done), "{key}");
        assert_eq!(read.len(), values.len(), "{key}: {read:?}");
        let (_, rows) = server.rows(&database.table(&table)).await.unwrap().unwrap();
        assert!(rows.iter().all(|row| read.contains(row)), "{key}: {read:?}");
    }
}
