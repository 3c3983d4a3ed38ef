//! How fast the stream reads a binlog that is there, beside bare `mysql_async` reading the same one in the same run, how fast
//! a snapshot reads the same rows from their table, and how much memory a transaction of ten million rows takes.
//! `make bench-cdc` runs it.
//!
//! Settings: `JINMAEK_BENCH_ROWS` (1,000,000; of the binlog in bulk and of the snapshot), `JINMAEK_BENCH_TRANSACTIONS` (200,000), `JINMAEK_BENCH_BIG_ROWS`
//! (10,000,000), `JINMAEK_BENCH_RUNS` (5); 0 leaves a part out.

use std::time::Instant;

use cdc::private_server::{Options, PrivateServer};
use cdc::{
    ChangeStream, Message, Outcome, Position, Request, Scope, Server, SnapshotMark,
    SnapshotOptions, Snapshots, TableName,
};
use futures_util::StreamExt;
use mysql_async::binlog::events::EventData;
use mysql_async::prelude::Queryable;
use mysql_async::{BinlogStreamRequest, Conn, Opts, OptsBuilder};

/// Ten columns as tables of hospitals have them, about 300 bytes in the binlog.
const TABLE: &str = "create table rows_ (
    id bigint unsigned primary key, name varchar(100) not null, address varchar(200) not null,
    phone varchar(20), kind enum('병원', '의원', '약국') not null, latitude decimal(9, 6), longitude decimal(9, 6),
    doctors smallint unsigned not null, opened date, updated_at datetime(3) not null)";
/// A row of it, made of a number.
const ROW: &str = "seq, concat('서울연세가정의학과의원 ', seq), \
    concat('서울특별시 강남구 테헤란로 ', seq % 999, '길 ', seq % 99, ', 메디컬빌딩 3층 301호 (역삼동)'), \
    concat('02-', 1000 + seq % 9000, '-', 1000 + seq % 8999), 1 + seq % 3, 37.5 + seq % 1000 / 10000, \
    127 + seq % 1000 / 10000, seq % 60, '2001-05-07' + interval seq % 7000 day, '2026-11-20 12:34:56.789'";

/// Statements of the session that fills the tables: nothing waits for the disk.
const ROWS_OF_A_STATEMENT: u64 = 1_000;
const WRITERS: u64 = 8;

fn setting(name: &str, default: u64) -> u64 {
    let text = std::env::var(format!("JINMAEK_BENCH_{name}")).unwrap_or_default();
    text.parse().unwrap_or(default)
}

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, follow, url, from, to] = arguments.as_slice()
        && follow == "follow"
    {
        return runtime.block_on(follow_in_child(url, from, to));
    }
    let directory = concat!(env!("CARGO_TARGET_TMPDIR"), "/bench-cdc");
    runtime.block_on(async {
        // Threads of the server's own, so that only the reading is measured by our one.
        let options = Options::for_tests(directory)
            .with_argument("--innodb-buffer-pool-size=1G")
            .with_argument("--innodb-log-file-size=1G");
        let server = PrivateServer::start_afresh(options).await.unwrap();
        server.create_database("bench").await.unwrap();
        let url = server.url("bench");
        let version = Server::connect(&url).await.unwrap().version().to_owned();
        println!("{version} on loopback, one reading thread, medians of the runs; rows have 10 columns with Korean text");
        let mut connection = connect(&url).await;
        connection.query_drop(TABLE).await.unwrap();
        bulk(&url, &mut connection).await;
        single(&url, &mut connection).await;
        big(&url, &mut connection).await;
    });
    let _ = std::fs::remove_dir_all(format!("{directory}/data"));
}

async fn connect(url: &str) -> Conn {
    Conn::new(Opts::from_url(url).unwrap()).await.unwrap()
}

async fn position(url: &str) -> Position {
    Server::connect(url)
        .await
        .unwrap()
        .position()
        .await
        .unwrap()
}

/// Many rows in each statement.
async fn bulk(url: &str, connection: &mut Conn) {
    let rows = setting("ROWS", 1_000_000);
    if rows == 0 {
        return;
    }
    let start = position(url).await;
    let mut first = 1;
    while first <= rows {
        let last = (first + ROWS_OF_A_STATEMENT - 1).min(rows);
        let insert = format!("insert into rows_ select {ROW} from seq_{first}_to_{last}");
        connection.query_drop(insert).await.unwrap();
        first = last + 1;
    }
    compare("rows in bulk", "rows", url, &start, rows).await;
    snapshot(url, rows).await;
}

/// The table whole, through a stream with snapshots, in chunks of the size that is not said otherwise.
async fn snapshot(url: &str, count: u64) {
    let mut rates = Vec::new();
    for _ in 0..setting("RUNS", 5) {
        let stream = open(url, position(url).await).await;
        let mut stream = Snapshots::new(stream, SnapshotOptions::new(url));
        let request = Request {
            table: table(),
            scope: Scope::Table,
        };
        stream.control().request(request).unwrap();
        let started = Instant::now();
        let mut rows = 0;
        loop {
            match stream.next().await.unwrap() {
                Message::Change(change) => {
                    std::hint::black_box(change);
                    rows += 1;
                }
                Message::Snapshot(SnapshotMark::End { outcome, .. }) => {
                    assert_eq!(outcome, Outcome::Done);
                    break;
                }
                _ => {}
            }
        }
        assert_eq!(rows, count);
        rates.push(count as f64 / started.elapsed().as_secs_f64());
    }
    rates.sort_by(f64::total_cmp);
    let rate = rates[rates.len() / 2];
    println!("{count} rows of a snapshot:");
    println!("  jinmaek, decoded and mapped   {rate:>10.0} rows/s");
}

/// One updated row in each transaction.
async fn single(url: &str, connection: &mut Conn) {
    let transactions = setting("TRANSACTIONS", 200_000);
    if transactions == 0 {
        return;
    }
    let start = position(url).await;
    connection
        .query_drop(format!(
            "insert ignore into rows_ select {ROW} from seq_1_to_{transactions}"
        ))
        .await
        .unwrap();
    let start = if setting("ROWS", 1) == 0 {
        position(url).await
    } else {
        start
    };
    let update = "create or replace procedure updates(first int, last int) begin \
         for i in first..last do update rows_ set doctors = doctors + 1 where id = i; end for; end";
    connection.query_drop(update).await.unwrap();
    let share = transactions / WRITERS;
    let mut writers = tokio::task::JoinSet::new();
    for writer in 0..WRITERS {
        let url = url.to_owned();
        writers.spawn(async move {
            let (first, last) = (writer * share + 1, (writer + 1) * share);
            let call = format!("call updates({first}, {last})");
            connect(&url).await.query_drop(call).await.unwrap();
        });
    }
    writers.join_all().await;
    compare(
        "single-row transactions",
        "transactions",
        url,
        &start,
        share * WRITERS,
    )
    .await;
}

/// Both readers over the same binlog, turn by turn.
async fn compare(what: &str, unit: &str, url: &str, start: &Position, count: u64) {
    let end = position(url).await;
    let (mut raw, mut bare, mut ours) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..setting("RUNS", 5) {
        raw.push(read_bare(url, start, &end, false).await.1);
        let (rows, seconds) = read_bare(url, start, &end, true).await;
        assert_eq!(rows, count);
        bare.push(seconds);
        let (rows, seconds) = read_ours(url, start, &end).await;
        assert_eq!(rows, count);
        ours.push(seconds);
    }
    let rate = |seconds: &mut Vec<f64>| {
        seconds.sort_by(f64::total_cmp);
        count as f64 / seconds[seconds.len() / 2]
    };
    let (raw, bare, ours) = (rate(&mut raw), rate(&mut bare), rate(&mut ours));
    println!("{count} {what}:");
    println!(
        "  jinmaek, decoded and mapped   {ours:>10.0} {unit}/s   {:.2} of bare",
        ours / bare
    );
    println!("  mysql_async, decoded          {bare:>10.0} {unit}/s");
    println!("  mysql_async, events unread    {raw:>10.0} {unit}/s");
}

async fn read_bare(url: &str, start: &Position, end: &Position, decodes: bool) -> (u64, f64) {
    let options = OptsBuilder::from_opts(Opts::from_url(url).unwrap())
        .max_allowed_packet(Some(1 << 30))
        .prefer_socket(Some(false));
    let mut connection = Conn::new(options).await.unwrap();
    connection
        .query_drop("set @mariadb_slave_capability = 4")
        .await
        .unwrap();
    let file = start.file.clone().into_bytes();
    let request = BinlogStreamRequest::new(4_711)
        .with_filename(&file)
        .with_pos(start.offset);
    let started = Instant::now();
    let mut stream = connection.get_binlog_stream(request).await.unwrap();
    let (mut rows, mut file) = (0, start.file.clone());
    while let Some(event) = stream.next().await {
        let event = event.unwrap();
        let end_of_event = u64::from(event.header().log_pos());
        if decodes && matches!(event.header().event_type_raw(), 23..=25 | 30..=32) {
            let Ok(Some(EventData::RowsEvent(data))) = event.read_data() else {
                panic!("no rows");
            };
            let map = stream.get_tme(data.table_id()).unwrap();
            for row in data.rows(map) {
                std::hint::black_box(row.unwrap());
                rows += 1;
            }
        } else if let Ok(Some(EventData::RotateEvent(rotate))) = event.read_data() {
            // The first one carries four bytes of checksum in its name.
            file = rotate.name().chars().take(end.file.len()).collect();
        }
        if file == end.file && end_of_event >= end.offset {
            break;
        }
    }
    (rows, started.elapsed().as_secs_f64())
}

async fn read_ours(url: &str, start: &Position, end: &Position) -> (u64, f64) {
    let started = Instant::now();
    let mut stream = open(url, start.clone()).await;
    let mut rows = 0;
    loop {
        match stream.next().await.unwrap() {
            Message::Change(change) => {
                std::hint::black_box(change);
                rows += 1;
            }
            Message::Commit(commit) if commit.position().covers(end) == Some(true) => break,
            _ => {}
        }
    }
    (rows, started.elapsed().as_secs_f64())
}

async fn open(url: &str, start: Position) -> ChangeStream {
    let options = cdc::Options::new(url, [table()]);
    ChangeStream::open(options, start).await.unwrap()
}

fn table() -> TableName {
    TableName {
        schema: "bench".to_owned(),
        table: "rows_".to_owned(),
    }
}

/// One transaction with very many rows, read by a process of its own, whose memory is looked at.
async fn big(url: &str, connection: &mut Conn) {
    let rows = setting("BIG_ROWS", 10_000_000);
    if rows == 0 {
        return;
    }
    connection.query_drop("truncate rows_").await.unwrap();
    let start = position(url).await;
    let insert = format!("insert into rows_ select {ROW} from seq_1_to_{rows}");
    connection.query_drop(insert).await.unwrap();
    let end = position(url).await;
    let program = std::env::current_exe().unwrap();
    let output = tokio::process::Command::new(program)
        .args(["follow", url, &start.to_string(), &end.to_string()])
        .output()
        .await
        .unwrap();
    print!("{}", String::from_utf8_lossy(&output.stdout));
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

async fn follow_in_child(url: &str, from: &str, to: &str) {
    let (start, end): (Position, Position) = (from.parse().unwrap(), to.parse().unwrap());
    // Nothing but a connection: the baseline.
    drop(open(url, end.clone()).await);
    let before = memory_mib("VmHWM:");
    let (rows, seconds) = read_ours(url, &start, &end).await;
    let peak = memory_mib("VmHWM:");
    println!(
        "one transaction of {rows} rows: {seconds:.1} s, peak memory {peak:.0} MiB, {:.0} MiB above the {before:.0} MiB of an idle reader",
        peak - before
    );
}

fn memory_mib(field: &str) -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(field));
    let kib = line.and_then(|rest| rest.trim().strip_suffix(" kB"));
    kib.and_then(|kib| kib.parse::<f64>().ok()).unwrap_or(0.0) / 1024.0
}
