//! The columns of the type matrix: every type of both servers, each with the values at its edges.

use cdc::Flavour;

use super::texts;

/// A column and the values that are written into it, as SQL.
pub(super) struct Tested {
    pub(super) definition: &'static str,
    /// None for a generated column.
    pub(super) values: Vec<String>,
}

/// Columns that make up one table.
pub(super) struct Group {
    pub(super) name: &'static str,
    pub(super) columns: Vec<Tested>,
    /// Follows the columns' list.
    pub(super) table_options: &'static str,
    /// A global setting of the server's, under which the table is made: its name, the value for it, the value after.
    pub(super) setting: Option<[&'static str; 3]>,
}

pub(super) fn column(definition: &'static str, values: &[&str]) -> Tested {
    let values = values.iter().map(|value| (*value).to_owned()).collect();
    Tested { definition, values }
}

pub(super) fn group(name: &'static str, columns: Vec<Tested>) -> Group {
    Group {
        name,
        columns,
        table_options: "",
        setting: None,
    }
}

/// All groups of a server.
pub(super) fn groups(flavour: Flavour) -> Vec<Group> {
    let mut groups = vec![
        integers(),
        fractions(),
        decimals(),
        bits_and_labels(),
        dates(),
        times(),
        timestamps(),
        texts::texts(),
        texts::long_texts(),
        texts::character_sets(),
        texts::labels_of_character_sets(),
        texts::bytes(),
        geometries(),
    ];
    groups.extend(match flavour {
        Flavour::MariaDb => super::columns_of_one::mariadb(),
        Flavour::MySql => super::columns_of_one::mysql(),
    });
    groups
}

fn integers() -> Group {
    group(
        "integers",
        vec![
            column("tinyint", &["-128", "127", "0", "-1", "null"]),
            column("tinyint unsigned", &["255", "0", "128", "null"]),
            column("tinyint(1) not null", &["true", "false"]),
            column("smallint", &["-32768", "32767", "0", "-1", "null"]),
            column("smallint unsigned", &["65535", "0", "32768", "null"]),
            column("mediumint", &["-8388608", "8388607", "0", "-1", "null"]),
            column("mediumint unsigned", &["16777215", "0", "8388608", "null"]),
            column("int", &["-2147483648", "2147483647", "0", "-1", "null"]),
            column("int unsigned", &["4294967295", "0", "2147483648", "null"]),
            column("int(5) unsigned zerofill", &["42", "0", "123456"]),
            column(
                "bigint",
                &[
                    "-9223372036854775808",
                    "9223372036854775807",
                    "0",
                    "-1",
                    "null",
                ],
            ),
            column(
                "bigint unsigned",
                &["18446744073709551615", "0", "9223372036854775808", "null"],
            ),
            column("year", &["0", "1901", "2155", "2026", "null"]),
            column("boolean", &["true", "false", "null"]),
        ],
    )
}

fn fractions() -> Group {
    group(
        "fractions",
        vec![
            column(
                "float",
                &[
                    "3.402823466e38",
                    "-3.402823466e38",
                    "1.175494351e-38",
                    "0",
                    "0.1",
                    "-1.5",
                    "16777217",
                    "1e-45",
                    "null",
                ],
            ),
            column("float unsigned", &["0.3", "1e20", "null"]),
            column("float(7,3)", &["1234.567", "-0.001", "null"]),
            column(
                "double",
                &[
                    "1.7976931348623157e308",
                    "-1.7976931348623157e308",
                    "2.2250738585072014e-308",
                    "5e-324",
                    "0",
                    "0.1",
                    "-0.1",
                    "123456789012345678",
                    "1e15",
                    "null",
                ],
            ),
            column("double unsigned", &["0.3", "null"]),
            column("double(20,4)", &["1234567890.1234", "-0.0001", "null"]),
        ],
    )
}

fn decimals() -> Group {
    group(
        "decimals",
        vec![
            column(
                "decimal(65,30)",
                &[
                    "99999999999999999999999999999999999.999999999999999999999999999999",
                    "-99999999999999999999999999999999999.999999999999999999999999999999",
                    "0.000000000000000000000000000001",
                    "-0.000000000000000000000000000001",
                    "0",
                    "null",
                ],
            ),
            column(
                "decimal(65,0)",
                &[
                    "repeat('9', 65)",
                    "concat('-', repeat('9', 65))",
                    "1",
                    "null",
                ],
            ),
            column(
                "decimal(30,30)",
                &["0.000000000000000000000000000001", "-0.5", "0", "null"],
            ),
            column(
                "decimal(10,2)",
                &["-0.01", "99999999.99", "-99999999.99", "100", "null"],
            ),
            column("decimal(9,9)", &["0.999999999", "-0.000000001"]),
            column("decimal(10,10)", &["0.1234567891", "-0.9"]),
            column("decimal(18,9)", &["123456789.987654321", "-1.000000001"]),
            column("decimal(19,8)", &["12345678901.98765432", "-1.00000001"]),
            column("decimal(1,0)", &["9", "-9", "0"]),
            column("decimal(20,4) unsigned", &["1234567890123456.7891", "0"]),
            column("decimal(7,3) zerofill", &["1.5", "0"]),
        ],
    )
}

fn bits_and_labels() -> Group {
    let many: Vec<_> = (1..=300).map(|label| format!("'label {label}'")).collect();
    let many: &'static str = format!("enum({})", many.join(", ")).leak();
    let set: Vec<_> = (1..=64).map(|label| format!("'s{label}'")).collect();
    let set: &'static str = format!("set({})", set.join(", ")).leak();
    group(
        "bits_and_labels",
        vec![
            column("bit(1)", &["b'1'", "b'0'", "null"]),
            column("bit(7)", &["b'1000001'", "0"]),
            column("bit(8)", &["255", "128"]),
            column("bit(9)", &["511", "256", "1"]),
            column("bit(33)", &["8589934591", "1"]),
            column("bit(63)", &["9223372036854775807", "0"]),
            column(
                "bit(64)",
                &["18446744073709551615", "9223372036854775808", "0", "null"],
            ),
            column(
                "enum('a', 'b''c', ',', '병원', '')",
                &["'a'", "'b''c'", "','", "'병원'", "''", "'absent'", "null"],
            ),
            column(
                many,
                &[
                    "'label 1'",
                    "'label 255'",
                    "'label 256'",
                    "'label 300'",
                    "null",
                ],
            ),
            column(
                "set('a', 'b''c', '약국', 'd', 'e', 'f', 'g', 'h', 'i')",
                &["'a,i'", "'약국,b''c'", "''", "'absent'", "null"],
            ),
            column(
                set,
                &[
                    "'s1,s64'",
                    "'s1,s2,s3,s32,s33'",
                    "18446744073709551615",
                    "''",
                    "null",
                ],
            ),
            column("set('one')", &["'one'", "''", "null"]),
            column("enum('one') not null", &["'one'", "'absent'"]),
        ],
    )
}

const DATE_TIMES: [&str; 8] = [
    "'0000-00-00 00:00:00'",
    "'2024-00-00 01:02:03'",
    "'1000-01-01 00:00:00'",
    "'9999-12-31 23:59:59'",
    "'2024-02-29 23:59:59.999999'",
    "'2026-11-20 12:34:56.123456'",
    "'0001-01-01 00:00:00.000001'",
    "null",
];

fn dates() -> Group {
    group(
        "dates",
        vec![
            column(
                "date",
                &[
                    "'0000-00-00'",
                    "'2024-00-00'",
                    "'2024-02-00'",
                    "'0001-01-01'",
                    "'9999-12-31'",
                    "'2024-02-29'",
                    "null",
                ],
            ),
            column("datetime", &DATE_TIMES),
            column("datetime(1)", &DATE_TIMES),
            column("datetime(2)", &DATE_TIMES),
            column("datetime(3)", &DATE_TIMES),
            column("datetime(4)", &DATE_TIMES),
            column("datetime(5)", &DATE_TIMES),
            column("datetime(6)", &DATE_TIMES),
        ],
    )
}

const TIMES: [&str; 11] = [
    "'00:00:00'",
    "'-00:00:00.000001'",
    "'-00:00:00.9'",
    "'-00:00:01.5'",
    "'838:59:59'",
    "'-838:59:59'",
    "'-838:59:58.999999'",
    "'12:34:56.654321'",
    "'-100:00:00.01'",
    "'24:00:00.123'",
    "null",
];

fn times() -> Group {
    let columns = [
        "time", "time(1)", "time(2)", "time(3)", "time(4)", "time(5)", "time(6)",
    ];
    group(
        "times",
        columns
            .into_iter()
            .map(|definition| column(definition, &TIMES))
            .collect(),
    )
}

fn timestamps() -> Group {
    const VALUES: [&str; 6] = [
        "'1970-01-01 00:00:01'",
        "'2038-01-19 03:14:07'",
        "'0000-00-00 00:00:00'",
        "'1970-01-01 00:00:01.000001'",
        "'2026-11-20 12:34:56.987654'",
        "null",
    ];
    let columns = [
        "timestamp null",
        "timestamp(1) null",
        "timestamp(2) null",
        "timestamp(3) null",
        "timestamp(4) null",
        "timestamp(5) null",
        "timestamp(6) null",
    ];
    group(
        "timestamps",
        columns
            .into_iter()
            .map(|definition| column(definition, &VALUES))
            .collect(),
    )
}

fn geometries() -> Group {
    group(
        "geometries",
        vec![
            column(
                "geometry",
                &[
                    "st_geomfromtext('point(1 2)')",
                    "st_geomfromtext('linestring(0 0,1 1.5)')",
                    "null",
                ],
            ),
            column("point", &["st_geomfromtext('point(-1.5 2e10)')", "null"]),
            column(
                "linestring",
                &["st_geomfromtext('linestring(0 0,1 1,2 2)')", "null"],
            ),
            column(
                "polygon",
                &["st_geomfromtext('polygon((0 0,1 0,1 1,0 0))')", "null"],
            ),
            column(
                "multipoint",
                &["st_geomfromtext('multipoint(1 1,2 2)')", "null"],
            ),
            column(
                "multilinestring",
                &[
                    "st_geomfromtext('multilinestring((0 0,1 1),(2 2,3 3))')",
                    "null",
                ],
            ),
            column(
                "multipolygon",
                &[
                    "st_geomfromtext('multipolygon(((0 0,1 0,1 1,0 0)))')",
                    "null",
                ],
            ),
            column(
                "geometrycollection",
                &["st_geomfromtext('geometrycollection(point(1 1))')", "null"],
            ),
        ],
    )
}
