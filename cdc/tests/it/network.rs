//! What a bad network and a server that goes away do to the stream: it comes back by itself, and every row arrives as it
//! was written.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use cdc::fault_proxy::{Direction, Ending, Fault, FaultProxy};
use cdc::{ChangeStream, Message, Op, Position, Value};
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Opts};
use tokio::time::timeout;

use crate::support::{TestDatabase, next};

const TABLE: &str = "create table t (id int primary key, v mediumtext)";
/// A dead connection is to be noticed within.
const NOTICED_WITHIN: Duration = Duration::from_secs(3);

/// A stream behind a proxy, and what it has told: the table's rows by key.
struct Behind {
    proxy: FaultProxy,
    stream: ChangeStream,
    rows: BTreeMap<i64, String>,
}

impl Behind {
    async fn follow(database: &TestDatabase) -> Self {
        Self::follow_from(database, database.position().await).await
    }

    async fn follow_from(database: &TestDatabase, position: Position) -> Self {
        let proxy = FaultProxy::before(&database.url).await.unwrap();
        let options = cdc::Options::new(proxy.url(&database.url), [database.table("t")]);
        let stream = ChangeStream::open(options, position).await.unwrap();
        let rows = BTreeMap::new();
        Self {
            proxy,
            stream,
            rows,
        }
    }

    /// Waits until the stream has nothing to read.
    async fn idle(&mut self) {
        while self.take().await != Message::Heartbeat {}
    }

    /// Lets the stream do for so long whatever it has to; no row is there to be read.
    async fn wait(&mut self, time: Duration) {
        let read = async {
            loop {
                let message = self.stream.next().await.unwrap();
                assert!(!matches!(message, Message::Change(_)), "{message:?}");
            }
        };
        let _ = timeout(time, read).await;
    }

    /// When the stream has noticed that its connection is dead. Asks often, and gives up each time: that must not put it off.
    async fn noticed(&mut self, since: Instant) -> Duration {
        while self.stream.stats().counts().is_connected {
            self.wait(Duration::from_millis(10)).await;
        }
        since.elapsed()
    }

    async fn take(&mut self) -> Message {
        let message = next(&mut self.stream).await;
        if let Message::Change(change) = &message {
            let Some(Value::Int(id)) = change.values_of("id").last().cloned() else {
                panic!("{change:?}");
            };
            if change.op == Op::Delete {
                self.rows.remove(&id);
            } else if let Some(Value::Text(v)) = change.values_of("v").last() {
                self.rows.insert(id, v.to_string());
            }
        }
        assert!(!matches!(message, Message::Stale(_)), "{message:?}");
        message
    }

    /// Reads to the end of the binlog; then what was told must be what the table holds.
    async fn assert_equal(&mut self, database: &TestDatabase) {
        let end = database.position().await;
        while self.stream.position().covers(&end) != Some(true) {
            self.take().await;
        }
        let mut connection = Conn::new(Opts::from_url(&database.url).unwrap())
            .await
            .unwrap();
        let rows: Vec<(i64, String)> = connection.query("select id, v from t").await.unwrap();
        let rows = BTreeMap::from_iter(rows);
        assert_eq!(self.rows.len(), rows.len());
        assert!(self.rows == rows, "{:?}", self.rows);
    }
}

async fn database() -> TestDatabase {
    let mut database = TestDatabase::new().await;
    database.run(TABLE).await;
    database
}

#[tokio::test]
async fn a_half_open_socket_is_noticed_and_mended() {
    let mut database = database().await;
    let mut behind = Behind::follow(&database).await;
    behind.idle().await;
    let started = Instant::now();
    behind.proxy.half_open();
    database.run("insert into t values (1, 'a')").await;
    let noticed = behind.noticed(started).await;
    behind.assert_equal(&database).await;
    let mended = started.elapsed();
    println!("half-open socket: noticed after {noticed:?}, mended after {mended:?}");
    assert_eq!(behind.stream.stats().counts().reconnects, 1);
    assert!(noticed < NOTICED_WITHIN, "{noticed:?}");
}

#[tokio::test]
async fn a_network_that_is_gone_and_comes_back_costs_no_row() {
    let mut database = database().await;
    let mut behind = Behind::follow(&database).await;
    behind.idle().await;
    behind.proxy.refuse();
    behind.proxy.half_open();
    database.run("insert into t values (1, 'a')").await;
    while behind.stream.stats().counts().reconnects < 3 {
        behind.wait(Duration::from_millis(100)).await;
    }
    let healed = Instant::now();
    behind.proxy.heal();
    behind.assert_equal(&database).await;
    println!("network: resumed {:?} after it was back", healed.elapsed());
}

#[tokio::test]
async fn a_stall_that_is_short_is_waited_out_and_a_long_one_is_mended() {
    let mut database = database().await;
    let mut behind = Behind::follow(&database).await;
    behind.idle().await;
    let stall = |proxy: &FaultProxy| {
        proxy.set(Direction::ToClient, Fault::Stall);
        proxy.set(Direction::ToServer, Fault::Stall);
    };
    stall(&behind.proxy);
    database.run("insert into t values (1, 'a')").await;
    behind.wait(Duration::from_secs(1)).await;
    behind.proxy.heal();
    behind.assert_equal(&database).await;
    assert_eq!(behind.stream.stats().counts().reconnects, 0);

    stall(&behind.proxy);
    database.run("insert into t values (2, 'b')").await;
    let started = Instant::now();
    let noticed = behind.noticed(started).await;
    println!("stall: noticed after {noticed:?}");
    assert!(noticed < NOTICED_WITHIN, "{noticed:?}");
    behind.proxy.heal();
    behind.assert_equal(&database).await;
}

#[tokio::test]
async fn wherever_the_connection_is_cut_every_row_arrives() {
    let mut database = database().await;
    let start = database.position().await;
    write_some(&mut database).await;
    let mut behind = Behind::follow_from(&database, start.clone()).await;
    behind.assert_equal(&database).await;
    let bytes = behind.proxy.counts().to_client_bytes;
    let mut cuts = 0;
    for (number, after_bytes) in (0..bytes).step_by(bytes as usize / 40).enumerate() {
        let ending = [Ending::Fin, Ending::Rst][number % 2];
        let proxy = FaultProxy::before(&database.url).await.unwrap();
        let cut = Fault::Cut {
            after_bytes,
            ending,
        };
        proxy.set(Direction::ToClient, cut);
        let options = cdc::Options::new(proxy.url(&database.url), [database.table("t")]);
        // The first connection is the caller's to retry.
        let mut stream = ChangeStream::open(options.clone(), start.clone()).await;
        if stream.is_err() {
            stream = ChangeStream::open(options, start.clone()).await;
        }
        let mut cut = Behind {
            stream: stream.unwrap(),
            proxy,
            rows: BTreeMap::new(),
        };
        cut.assert_equal(&database).await;
        cuts += cut.stream.stats().counts().reconnects;
    }
    println!("cut: {cuts} reconnects");
    assert!(cuts >= 5);
}

/// Some transactions of several events, about 6 kB.
async fn write_some(database: &mut TestDatabase) {
    for id in 0..6 {
        database.run("begin").await;
        let v = "가나다 abc".repeat(20);
        for part in 0..3 {
            let id = id * 3 + part;
            let insert = format!("insert into t values ({id}, '{v}{id}')");
            database.run(&insert).await;
        }
        let update = format!("update t set v = concat(v, 'x') where id < {id}");
        database.run(&update).await;
        database.run("commit").await;
    }
    database.run("delete from t where id = 2").await;
}

/// Bytes from one flipped bit to the next; every byte takes minutes.
const FLIP_STEP: &str = "JINMAEK_TEST_FLIP_STEP";

#[tokio::test]
async fn wherever_a_bit_flips_every_row_arrives_as_it_was_written() {
    let mut database = database().await;
    let mut behind = Behind::follow(&database).await;
    let before = behind.proxy.counts().to_client_bytes;
    database.run(&replace(99_999)).await;
    behind.assert_equal(&database).await;
    let bytes = behind.proxy.counts().to_client_bytes - before;
    let step = std::env::var(FLIP_STEP).map_or(13, |step| step.parse().unwrap());
    let (mut flips, mut noticed, mut slowest) = (0, 0, Duration::ZERO);
    for byte in (0..bytes).step_by(step) {
        let bit = (byte / step as u64 % 8) as u8;
        let mut behind = Behind::follow(&database).await;
        let flip = Fault::FlipBit { byte, bit };
        behind.proxy.set(Direction::ToClient, flip);
        let started = Instant::now();
        database.run(&replace(byte)).await;

        behind.assert_equal(&database).await;
        slowest = slowest.max(started.elapsed());
        flips += 1;
        noticed += behind.stream.stats().counts().reconnects;
        assert!(behind.stream.stats().counts().quarantined.is_empty());
    }
    println!(
        "flipped bits: {flips} in {bytes} bytes, {noticed} noticed, the slowest mended in {slowest:?}"
    );
    assert!(noticed * 2 > flips);
}

fn replace(number: u64) -> String {
    format!("replace into t values (1, 'letters of {number:05}')")
}

#[tokio::test]
async fn a_row_that_takes_longer_to_arrive_than_silence_may_last_arrives() {
    const ROW_BYTES: u64 = 4_000_000;
    const TIME: Duration = Duration::from_secs(4);
    let mut database = database().await;
    let mut behind = Behind::follow(&database).await;
    behind.idle().await;
    // Not the whole line: what other tests write meanwhile, 42 MB in one row, may come first.
    let slow = Fault::Slow {
        bytes: ROW_BYTES,
        time: TIME,
    };
    behind.proxy.set(Direction::ToClient, slow);
    let started = Instant::now();
    database
        .run(&format!(
            "insert into t values (1, repeat('x', {ROW_BYTES}))"
        ))
        .await;
    behind.assert_equal(&database).await;
    let took = started.elapsed();
    println!("slow line: a row of 4 MB took {took:?}");
    assert!(took > NOTICED_WITHIN);
    assert_eq!(behind.stream.stats().counts().reconnects, 0);
}

#[tokio::test]
async fn a_row_of_40_megabytes_arrives() {
    let mut database = database().await;
    database.run("alter table t modify v longtext").await;
    let mut behind = Behind::follow(&database).await;
    database
        .run("insert into t values (1, repeat('가나다라', 3500000))")
        .await;
    behind.assert_equal(&database).await;
    assert_eq!(behind.rows[&1].len(), 42_000_000);
    assert_eq!(behind.stream.stats().counts().reconnects, 0);
}
