//! The columns of the type matrix that only one of the two servers has.

use super::columns::{Group, Tested, column, group};

pub(super) fn mariadb() -> Vec<Group> {
    let mut versioned = group(
        "versioned",
        vec![
            column("int", &["1", "2", "3", "null"]),
            column("varchar(10)", &["'a'", "'b'", "''"]),
        ],
    );
    versioned.table_options = "with system versioning";
    // As tables have them that were made before MySQL 5.6 and MariaDB 10.1.
    let mut old_times = group(
        "old_times",
        vec![
            column(
                "time",
                &[
                    "'-838:59:59'",
                    "'838:59:59'",
                    "'-00:00:01'",
                    "'00:00:00'",
                    "null",
                ],
            ),
            column(
                "datetime",
                &[
                    "'9999-12-31 23:59:59'",
                    "'0000-00-00'",
                    "'2024-00-00 01:02:03'",
                    "null",
                ],
            ),
            column(
                "timestamp null",
                &[
                    "'2038-01-19 03:14:07'",
                    "'1970-01-01 00:00:01'",
                    "'0000-00-00'",
                    "null",
                ],
            ),
            column("date", &["'9999-12-31'", "'0000-00-00'", "null"]),
        ],
    );
    old_times.setting = Some(["mysql56_temporal_format", "off", "on"]);
    vec![
        old_times,
        group("uuids_and_addresses", vec![uuid(), inet6(), inet4()]),
        group(
            "json_is_text",
            vec![column(
                "json",
                &[
                    "'{\"b\": 1,  \"a\": [1.0, null]}'",
                    "'\"한\"'",
                    "'null'",
                    "null",
                ],
            )],
        ),
        generated(
            "int as (c0 + 1) virtual",
            "varchar(20) as (concat('#', c0)) persistent",
        ),
        versioned,
        compressed(),
    ]
}

pub(super) fn mysql() -> Vec<Group> {
    vec![
        json(),
        group(
            "vectors",
            vec![
                column(
                    "vector(3)",
                    &[
                        "to_vector('[1, -2.5, 3e10]')",
                        "to_vector('[0, 0, 0]')",
                        "null",
                    ],
                ),
                column("vector", &["to_vector('[1]')", "null"]),
            ],
        ),
        group(
            "geometries_with_a_system",
            vec![column(
                "point srid 4326",
                &["st_geomfromtext('point(37.5 127)', 4326)", "null"],
            )],
        ),
        generated(
            "int as (c0 + 1) virtual",
            "varchar(20) as (concat('#', c0)) stored",
        ),
    ]
}

fn uuid() -> Tested {
    column(
        "uuid",
        &[
            "'00000000-0000-0000-0000-000000000000'",
            "'ffffffff-ffff-7fff-bfff-ffffffffffff'",
            // Versions 1, 3, 4, 6 and 7, and one with neither version nor variant.
            "'6ccd780c-baba-1026-9564-5b8c656024db'",
            "'a3bb189e-8bf9-3888-9912-ace4e6543002'",
            "'9f2c1e6a-3b7d-4e5f-8a9b-0c1d2e3f4a5b'",
            "'1ec9414c-232a-6b00-b3c8-9f6bdeced846'",
            "'017f22e2-79b0-7cc3-98c4-dc0c0c07398f'",
            "'12345678-1234-1234-1234-123456789012'",
            "'9f2c1e6a-3b7d-4e5f-8a9b-0c1d2e3f0000'",
            "null",
        ],
    )
}

fn inet6() -> Tested {
    column(
        "inet6",
        &[
            "'::'",
            "'::1'",
            "'2001:db8::ff00:42:8329'",
            "'::ffff:192.0.2.128'",
            "'ff02::'",
            "'1:0:0:2:0:0:0:3'",
            "'::1.2.3.4'",
            "'1:2:3:4:5:6:7:0'",
            "null",
        ],
    )
}

fn inet4() -> Tested {
    column(
        "inet4",
        &[
            "'0.0.0.0'",
            "'255.255.255.255'",
            "'192.0.2.0'",
            "'10.0.0.1'",
            "null",
        ],
    )
}

fn generated(in_rows: &'static str, stored: &'static str) -> Group {
    group(
        "generated_and_invisible",
        vec![
            column("int", &["1", "-1", "null"]),
            column(in_rows, &[]),
            column(stored, &[]),
            column("int invisible default 7", &["8", "9", "null"]),
        ],
    )
}

fn compressed() -> Group {
    group(
        "compressed",
        vec![
            column(
                "text compressed",
                &["repeat('한', 1000)", "'short'", "''", "null"],
            ),
            column(
                "blob compressed",
                &["repeat(x'00ff', 1000)", "x'00'", "''", "null"],
            ),
            column(
                "varchar(3000) character set latin1 compressed",
                &["repeat('é', 3000)", "'é'", "''", "null"],
            ),
            column(
                "varbinary(3000) compressed",
                &["repeat(x'ff', 3000)", "x'00'", "''", "null"],
            ),
            column("longtext compressed", &["repeat('나', 70000)", "'a'"]),
        ],
    )
}

/// Every type of JSON, and what a document takes from the columns' types.
fn json() -> Group {
    let of_all_sizes = |mantissa: &str| -> String {
        let numbers: Vec<_> = (-25..=25)
            .map(|exponent| format!("{mantissa}e{exponent}"))
            .collect();
        format!("json_array({})", numbers.join(", "))
    };
    let mut doubles = column("json", &[]);
    doubles.values = [
        "1",
        "-1.5",
        "9.999999999999999",
        "1.2345678901234567",
        "123456.789",
        "4.35",
    ]
    .map(of_all_sizes)
    .into();
    group(
        "json",
        vec![
            doubles,
            column(
                "json",
                &[
                    "null",
                    "'null'",
                    "'true'",
                    "'false'",
                    "'0'",
                    "'-1'",
                    "'32767'",
                    "'-32768'",
                    "'65535'",
                    "'65536'",
                    "'-2147483648'",
                    "'4294967295'",
                    "'9223372036854775807'",
                    "'-9223372036854775808'",
                    "'18446744073709551615'",
                    "'\"\"'",
                    "'\"한글 😀 \\\\n \\\\u0001 \\\\\\\\ \\\\\"\"'",
                    "'[]'",
                    "'{}'",
                    "'{\"b\": 1, \"a\": [1, 2.5, {\"\": null}], \"aaa\": {\"x\": []}}'",
                    "concat('\"', repeat('x', 200), '\"')",
                    "concat('\"', repeat('y', 70000), '\"')",
                    "concat(repeat('[', 100), repeat(']', 100))",
                ],
            ),
            column(
                "json",
                &[
                    "json_array(1e0, 1e20, 1e15, 1e14, 0.1e0, 1e-15, 1e-16, 1.5e-10, -0e0, 1.7976931348623157e308, 5e-324)",
                    "json_array(123456789012345678e0, 1234567890123456.7e0, 123456789012345.6e0, 9007199254740993e0, 1e21, 4.35e0, 2e-7)",
                    "json_array(1.10, -0.01, cast(12345678901234567890.123456789 as decimal(40, 10)), 0.0)",
                    "json_array(date'2024-02-29', time'-12:34:56.5', timestamp'2024-02-29 01:02:03.000004')",
                    "json_array(time'838:59:59', time'-00:00:00.000001', cast('0000-00-00' as date))",
                    "json_array(b'101', x'00ff', cast('한' as binary))",
                    "json_object('blob', repeat(x'41', 100), 'k', cast(repeat('z', 60) as binary))",
                    "json_array(st_geomfromtext('point(1 2)'), year('2024-01-01'), true)",
                    "json_array(unhex(repeat('ab', 57)), unhex(repeat('ab', 58)), unhex(repeat('ab', 114)))",
                    "concat('[\"', repeat('large ', 20000), '\", {\"a\": 70000, \"b\": -1}]')",
                ],
            ),
        ],
    )
}
