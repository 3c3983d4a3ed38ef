//! What fuzzing found, and what real servers write, goes through the fuzz targets: no panic, no broken promise.
//!
//! With `JINMAEK_FUZZ_SEEDS` the inputs made of real binlogs are also written, into `<that>/<target>/`: the seeds that the
//! corpus in `fuzz/corpus` grew from.

use std::fs;
use std::path::{Path, PathBuf};

use cdc::Flavour;
use cdc::fuzzing;
use cdc::private_server::{Options, PrivateServer};
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Opts};

type Target = fn(&[u8]);
const TARGETS: [(&str, Target); 6] = [
    ("events", fuzzing::events),
    ("rows", fuzzing::rows),
    ("payload", fuzzing::payload),
    ("json", fuzzing::json),
    ("statement", fuzzing::statement),
    ("position", fuzzing::position),
];

fn run(target: &str, input: &[u8]) {
    let (_, run) = TARGETS.iter().find(|(name, _)| *name == target).unwrap();
    run(input);
}

#[test]
fn all_that_fuzzing_found_is_decoded_or_refused() {
    for (target, run) in TARGETS {
        let corpus = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("fuzz/corpus")
            .join(target);
        let mut count = 0;
        for file in fs::read_dir(&corpus).unwrap() {
            run(&fs::read(file.unwrap().path()).unwrap());
            count += 1;
        }
        assert!(count > 0, "{} is empty", corpus.display());
    }
}

/// One scenario is one file of the binlog.
const BOTH: &[&[&str]] = &[
    &[
        "create table a (i1 tinyint, i2 smallint unsigned, i3 mediumint, i4 int unsigned, i8 bigint, f float, d double, \
         n decimal(20, 5), y year, b bit(11), primary key (i4))",
        "insert into a values (-1, 65535, -8388608, 1, -5, 1.5, -2.25, '-123456789012345.54321', 2026, b'101')",
        "insert into a (i4) values (7), (8)",
        "update a set y = 0, n = 0 where i4 < 8",
        "delete from a",
        "drop table a",
    ],
    &[
        "create table a (d date, t time, t1 time(1), t3 time(3), t6 time(6), dt datetime, dt2 datetime(2), ts timestamp(6) null)",
        "insert into a values ('2026-11-21', '-01:02:03', '-00:00:00.5', '838:59:58.999', '-1:1:1.000001', \
         '2026-11-21 12:00:00', '1000-01-01 00:00:00.25', '2038-01-19 03:14:07')",
        "insert into a values ()",
        "drop table a",
    ],
    &[
        "create table a (c char(3), v varchar(300), k varchar(9) character set euckr, l text character set latin1, u char(2) character \
         set utf32, b binary(4), w varbinary(9), x blob, e enum('x', '둘'), s set('p', 'q', 'r') character set utf8mb4)",
        "insert into a values ('한', repeat('글', 99), '한글', 'é', '진맥', 'b', x'00ff', repeat('z', 70), '둘', 'p,r')",
        "insert into a values ()",
        "update a set e = 'x', s = '' where c is null",
        "drop table a",
    ],
    &[
        "create table a (g geometry, p point, id int primary key auto_increment)",
        "insert into a (g, p) values (st_geomfromtext('linestring(0 0, 1 1)'), point(1, 2))",
        "drop table a",
    ],
    &[
        "create table p (id int primary key, v int)",
        "create table d (id int primary key, p int, foreign key (p) references p (id) on delete cascade on update cascade)",
        "insert into p values (1, 1), (2, 2)",
        "insert into d values (1, 1), (2, 2)",
        "update p set id = 3 where id = 1",
        "update p set v = 4",
        "delete from p where id = 2",
        "drop table d, p",
    ],
    &[
        "create table a (id int primary key, v varchar(20))",
        "start transaction",
        "insert into a values (1, 'x')",
        "savepoint s",
        "insert into a values (2, 'y')",
        "rollback to s",
        "commit",
        "start transaction",
        "insert into a values (3, 'x')",
        "rollback",
        "xa start 'f'",
        "insert into a values (4, 'x')",
        "xa end 'f'",
        "xa prepare 'f'",
        "xa commit 'f'",
        "xa start 'g', 'h', 9",
        "insert into a values (5, 'x')",
        "xa end 'g', 'h', 9",
        "xa prepare 'g', 'h', 9",
        "xa rollback 'g', 'h', 9",
        "truncate table a",
        "rename table a to d",
        "drop table d",
    ],
    &[
        "set session binlog_row_image = minimal",
        "create table a (id int primary key, v varchar(20), w int)",
        "insert into a (id, v) values (1, 'x'), (2, 'y')",
        "update a set w = 1 where id = 1",
        "delete from a where id = 2",
        "set session binlog_row_image = full",
        "drop table a",
    ],
    &[
        "set global binlog_checksum = none",
        "create table a (id int primary key)",
        "insert into a values (1)",
        "set global binlog_checksum = crc32",
        "insert into a values (2)",
        "drop table a",
    ],
    &[
        "set session binlog_format = statement",
        "create table a (id int primary key)",
        "insert into a values (1)",
        "insert into a values (last_insert_id() + 2 + rand())",
        "set session binlog_format = row",
        "create table b as select id from a",
        "drop table a, b",
    ],
];

const MARIADB: &[&[&str]] = &[
    &[
        "create table a (id int primary key)",
        "create table b (id int primary key) engine = myisam",
        "start transaction",
        "insert into a values (1)",
        "savepoint s",
        "insert into a values (2)",
        "insert into b values (1)",
        "rollback to s",
        "commit",
        "start transaction",
        "insert into a values (3)",
        "insert into b values (2)",
        "rollback",
        "drop table a, b",
    ],
    &[
        "create table b (id int primary key, u uuid, i inet6, e enum('x', 'y'), v varchar(20))",
        "insert into b values (1, '123e4567-e89b-12d3-a456-426655440000', '::1', 'y', 'x'), (2, null, null, null, null)",
        "set global binlog_row_metadata = no_log",
        "insert into b values (3, '123e4567-e89b-72d3-a456-426655440000', 'fe80::2', 'x', '')",
        "alter table b add w int",
        "insert into b values (4, null, null, 'x', '', 4)",
        "set global binlog_row_metadata = full",
        "drop table b",
    ],
    &[
        "create table c (id int primary key) with system versioning",
        "insert into c values (1), (2)",
        "delete from c where id = 1",
        "update c set id = 3",
        "drop table c",
    ],
    &[
        "set global log_bin_compress = 1",
        "set global log_bin_compress_min_len = 10",
        "create table a (id int primary key, v varchar(200))",
        "insert into a values (1, repeat('x', 100)), (2, repeat('y', 90))",
        "update a set v = repeat('z', 50)",
        "delete from a",
        "drop table a",
        "set global log_bin_compress = 0",
    ],
];

const MYSQL: &[&[&str]] = &[
    &[
        "set session binlog_transaction_compression = on",
        "create table a (id int primary key, v varchar(200))",
        "insert into a values (1, repeat('x', 100)), (2, repeat('y', 90))",
        "update a set v = repeat('z', 50)",
        "set session binlog_transaction_compression = off",
        "drop table a",
    ],
    &[
        "set session binlog_rows_query_log_events = on",
        "create table a (v json)",
        "insert into a values ('null')",
        "insert into a values ('[true, false, -1, 70000, 12345678901, 18446744073709551615, 1.5, \"한글\"]')",
        "insert into a values ('{\"a\": {\"b\": [1, {\"cc\": null}]}, \"d\": \"\\\\n\"}')",
        "insert into a values (json_array(cast('2026-11-21 01:02:03.5' as datetime(6)), cast('-01:00:00' as time), \
         cast(1.25 as decimal(9, 3)), current_date, x'00ff', b'1'))",
        "insert into a values (json_object('k', repeat('x', 300)))",
        "set session binlog_rows_query_log_events = off",
        "drop table a",
    ],
    &[
        "create table a (id int primary key, v json)",
        "insert into a values (1, '{\"a\": \"long enough to be changed in place\", \"b\": [1, 2]}')",
        "set session binlog_row_value_options = partial_json",
        "update a set v = json_set(v, '$.b[0]', 9)",
        "set session binlog_row_value_options = ''",
        "drop table a",
    ],
    &[
        "set global binlog_row_metadata = minimal",
        "create table a (id int unsigned primary key, v varchar(20), e enum('x', 'y'))",
        "insert into a values (1, 'x', 'y')",
        "set global binlog_row_metadata = full",
        "drop table a",
    ],
    &[
        "create table a (v vector(3))",
        "insert into a values (to_vector('[1, 2, 3]'))",
        "drop table a",
    ],
    &[
        "set session gtid_next = 'AUTOMATIC:red'",
        "create table a (id int)",
        "insert into a values (1)",
        "drop table a",
        "set session gtid_next = 'AUTOMATIC'",
    ],
];

#[tokio::test]
async fn what_a_real_server_writes_keeps_the_promises_that_fuzzing_checks() {
    let directory = concat!(env!("CARGO_TARGET_TMPDIR"), "/mysql-cdc-fuzz");
    let options = Options::for_tests(directory);
    let flavour = options.flavour();
    let server = PrivateServer::start_afresh(options).await.unwrap();
    server.create_database("f").await.unwrap();
    let of_flavour = match flavour {
        Flavour::MariaDb => MARIADB,
        Flavour::MySql => MYSQL,
    };
    let mut connection = Conn::new(Opts::from_url(&server.url("f")).unwrap())
        .await
        .unwrap();
    for statements in BOTH.iter().chain(of_flavour) {
        connection.query_drop("flush binary logs").await.unwrap();
        for statement in *statements {
            if let Err(error) = connection.query_drop(*statement).await {
                panic!("{statement}: {error}");
            }
        }
    }
    connection.query_drop("flush binary logs").await.unwrap();
    let mut inputs = 0;
    for file in binlogs(&Path::new(directory).join("data")) {
        let name = format!("{flavour}-{}", file.extension().unwrap().display());
        for (number, (target, input)) in inputs_of(&fs::read(file).unwrap(), flavour)
            .iter()
            .enumerate()
        {
            run(target, input);
            keep(target, &format!("{name}-{number}"), input);
            inputs += 1;
        }
    }
    assert!(inputs > 50, "{inputs}");
}

/// `binlog.000001` and so on.
fn binlogs(data: &Path) -> Vec<PathBuf> {
    let files = fs::read_dir(data).unwrap().map(|file| file.unwrap().path());
    let mut files: Vec<_> = files
        .filter(|file| file.file_stem().is_some_and(|stem| stem == "binlog"))
        .filter(|file| {
            file.extension()
                .is_some_and(|extension| extension != "index" && extension != "state")
        })
        .collect();
    files.sort();
    files
}

fn keep(target: &str, name: &str, input: &[u8]) {
    let Some(seeds) = std::env::var_os("JINMAEK_FUZZ_SEEDS") else {
        return;
    };
    let directory = Path::new(&seeds).join(target);
    fs::create_dir_all(&directory).unwrap();
    fs::write(directory.join(name), input).unwrap();
}

/// A binlog file as inputs of the targets.
fn inputs_of(file: &[u8], flavour: Flavour) -> Vec<(&'static str, Vec<u8>)> {
    let mut inputs = Vec::new();
    // Definitions known, names written, queries wanted, and every run twice.
    let mode = 2 | 8 | 16 | 32 | u8::from(flavour == Flavour::MySql);
    let mut all = vec![mode];
    let mut table_map = Vec::new();
    let mut rest = &file[4..];
    let mut has_checksums = true;
    while rest.len() >= 19 {
        let size = u32::from_le_bytes(rest[9..13].try_into().unwrap()) as usize;
        let (event, after) = rest.split_at(size);
        rest = after;
        let type_code = event[4];
        if type_code == 15 {
            has_checksums = event[size - 5] == 1;
        }
        let event = &event[..size
            - if has_checksums || type_code == 15 {
                4
            } else {
                0
            }];
        let body = &event[19..];
        all.extend(fuzzing::frame(event));
        match type_code {
            2 => {
                let head =
                    14 + usize::from(body[8]) + usize::from(body[11]) + usize::from(body[12]) * 256;
                let text = [&[1, b'f', 1, b'a'], &body[head..]].concat();
                inputs.push(("statement", text));
            }
            19 => table_map = body.to_vec(),
            23..=25 | 30..=32 => {
                let nth = if type_code < 30 {
                    type_code - 23
                } else {
                    type_code - 27
                };
                let length = (table_map.len() as u16).to_le_bytes();
                let row = [&[0x80 | nth][..], &length, &table_map, body].concat();
                inputs.push(("rows", row));
                // The only column is JSON, and a row is there.
                if type_code == 30 && body[10] == 1 && body[13..].len() > 4 {
                    inputs.push(("json", body[17..].to_vec()));
                }
            }
            40 => inputs.push(("payload", [&[0], body].concat())),
            166..=168 => {
                let bitmaps = if type_code == 167 { 2 } else { 1 };
                let head = 9 + bitmaps * usize::from(body[8]).div_ceil(8);
                inputs.push(("payload", [&[1], &body[head..]].concat()));
            }
            _ => {}
        }
    }
    inputs.push(("events", all));
    inputs
}
