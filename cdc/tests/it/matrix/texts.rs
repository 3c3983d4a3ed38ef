//! The columns of the type matrix that hold texts and binary strings.

use super::columns::{Group, column, group};

pub(super) fn texts() -> Group {
    const VALUES: [&str; 6] = [
        "''",
        "'a'",
        "'trailing  '",
        "'한글 병원 😀'",
        "' \\0\\n\\\\'",
        "null",
    ];
    group(
        "texts",
        vec![
            column("char(20)", &VALUES),
            column("char(0)", &["''", "null"]),
            column(
                "char(255) character set utf8mb4",
                &["repeat('😀', 255)", "''", "'a '", "null"],
            ),
            column(
                "char(64) character set utf8mb4",
                &["repeat('가', 64)", "''"],
            ),
            column(
                "char(63) character set utf8mb4",
                &["repeat('가', 63)", "''"],
            ),
            column("varchar(20)", &VALUES),
            column(
                "varchar(255) character set latin1",
                &["repeat('é', 255)", "''", "null"],
            ),
            column(
                "varchar(256) character set latin1",
                &["repeat('é', 256)", "''", "null"],
            ),
            column(
                "varchar(63) character set utf8mb4",
                &["repeat('😀', 63)", "''"],
            ),
            column(
                "varchar(64) character set utf8mb4",
                &["repeat('😀', 64)", "''"],
            ),
            column("tinytext", &VALUES),
            column("text", &VALUES),
            column("mediumtext", &VALUES),
            column("longtext", &VALUES),
        ],
    )
}

pub(super) fn long_texts() -> Group {
    group(
        "long_texts",
        vec![
            column("tinytext", &["repeat('a', 255)", "repeat('a', 254)"]),
            column(
                "text",
                &["repeat('a', 65535)", "repeat('a', 256)", "repeat('a', 255)"],
            ),
            column("mediumtext", &["repeat('가', 70000)", "repeat('a', 65536)"]),
            column("longtext", &["repeat('나', 70000)", "repeat('a', 65536)"]),
            column(
                "varchar(16000) character set latin1",
                &["repeat('v', 16000)", "''"],
            ),
            column("tinyblob", &["repeat(x'ff', 255)", "''"]),
            column("blob", &["repeat(x'00', 65535)", "repeat(x'fe', 256)"]),
            column("mediumblob", &["repeat(x'fd', 65536)"]),
            column("longblob", &["repeat(x'fc', 65536)"]),
        ],
    )
}

pub(super) fn character_sets() -> Group {
    const KOREAN: [&str; 5] = ["'한글 병원 A'", "'가힣똠'", "''", "'a '", "null"];
    const LATIN: [&str; 5] = ["'café €'", "'ÿÀ'", "''", "'a '", "null"];
    group(
        "character_sets",
        vec![
            column("varchar(30) character set utf8mb4", &KOREAN),
            column("varchar(30) character set utf8mb3", &KOREAN),
            column("varchar(30) character set euckr", &KOREAN),
            column("varchar(30) character set ucs2", &KOREAN),
            column(
                "varchar(30) character set utf16",
                &["'한글😀'", "''", "null"],
            ),
            column(
                "varchar(30) character set utf16le",
                &["'한글😀'", "''", "null"],
            ),
            column(
                "varchar(30) character set utf32",
                &["'한글😀'", "''", "null"],
            ),
            column("varchar(30) character set latin1", &LATIN),
            column(
                "varchar(30) character set ascii",
                &["'plain'", "''", "null"],
            ),
            column("varchar(30) character set binary", &KOREAN),
            column("char(30) character set utf8mb4", &KOREAN),
            column("char(30) character set utf8mb3", &KOREAN),
            column("char(30) character set euckr", &KOREAN),
            column("char(30) character set ucs2", &KOREAN),
            column("char(30) character set utf16", &KOREAN),
            column("char(30) character set utf16le", &KOREAN),
            column("char(30) character set utf32", &KOREAN),
            column("char(30) character set latin1", &LATIN),
            column("char(30) character set binary", &KOREAN),
            column("text character set euckr", &KOREAN),
            column("text character set ucs2", &KOREAN),
            column("text character set utf32", &KOREAN),
            column("text character set latin1", &LATIN),
            column("varchar(30) character set gbk", &["'汉字'", "''"]),
            column("varchar(30) character set cp932", &["'漢字カナ①'", "''"]),
            column("varchar(30) character set eucjpms", &["'漢字カナ'", "''"]),
            column("varchar(30) character set cp1251", &["'Привет'", "''"]),
            column("varchar(30) character set big5", &["'漢字'", "''"]),
            column("varchar(30) character set sjis", &["'漢字カナ'", "''"]),
            column("varchar(30) character set ujis", &["'漢字カナ'", "''"]),
            column("varchar(30) character set gb2312", &["'汉字'", "''"]),
            column("varchar(30) character set latin5", &["'İstanbul ğ'", "''"]),
            column("varchar(30) character set greek", &["'Ελλάδα'", "''"]),
            column("varchar(30) character set tis620", &["'ไทย'", "''"]),
            column("varchar(30) character set cp1250", &["'Łódź'", "''"]),
            column("varchar(30) character set cp1256", &["'سلام'", "''"]),
            column("varchar(30) character set cp1257", &["'Žąsis'", "''"]),
            column("varchar(30) character set latin7", &["'Žąsis'", "''"]),
            column("varchar(30) character set macroman", &["'café'", "''"]),
            column("varchar(30) character set koi8r", &["'Привет'", "''"]),
            column("varchar(30) character set latin2", &["'Łódź'", "''"]),
        ],
    )
}

pub(super) fn labels_of_character_sets() -> Group {
    group(
        "labels_of_character_sets",
        vec![
            column(
                "enum('café', 'naïve') character set latin1",
                &["'café'", "'naïve'", "null"],
            ),
            column(
                "enum('병원', '약국') character set euckr",
                &["'약국'", "'병원'", "''"],
            ),
            column(
                "enum('병원', '약국') character set ucs2",
                &["'약국'", "'병원'", "''"],
            ),
            column(
                "set('café', 'naïve') character set latin1",
                &["'café,naïve'", "''"],
            ),
            column(
                "set('병원', '약국') character set euckr",
                &["'병원,약국'", "'약국'", "''"],
            ),
            column(
                "set('병원', '약국') character set utf16",
                &["'병원,약국'", "'약국'", "''"],
            ),
        ],
    )
}

pub(super) fn bytes() -> Group {
    group(
        "bytes",
        vec![
            column(
                "binary(16)",
                &[
                    "x'00'",
                    "x'ff00ff00'",
                    "repeat(x'00', 16)",
                    "repeat(x'ff', 16)",
                    "repeat(' ', 16)",
                    "null",
                ],
            ),
            column("binary(4)", &["x'01000000'", "x'00000001'", "''", "null"]),
            column("binary(1)", &["x'80'", "null"]),
            column("binary(255)", &["repeat(x'00', 255)", "repeat(x'ff', 255)"]),
            column("binary(0)", &["''", "null"]),
            column("varbinary(255)", &["repeat(x'00', 255)", "''", "x'ff00'"]),
            column("varbinary(256)", &["repeat(x'00', 256)", "''", "x'ff00'"]),
            column("tinyblob", &["x'00ff'", "''", "null"]),
            column("blob", &["x'00ff'", "''", "null"]),
            column("mediumblob", &["x'00ff'", "''", "null"]),
            column("longblob", &["x'00ff'", "''", "null"]),
        ],
    )
}
