//! Snapshots under random writes: whatever is written while the chunks are read, and wherever the reader dies, the mirror
//! ends up as the table. `JINMAEK_SEED` repeats a run.

use cdc::{Message, Outcome, Scope};
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Opts};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::mirror::{Mirror, next, stored, until_commit};
use crate::support::TestDatabase;

/// Keys that a table may have; few, so that writes meet.
const KEYS: u32 = 120;
const WRITERS: u64 = 2;
const WRITES: usize = 120;
const ROUNDS: usize = 3;

/// A kind of primary key.
struct Kind {
    columns: &'static str,
    names: &'static str,
    /// How many columns, from the first, are the key.
    width: usize,
    /// The values of the key with a number, in SQL.
    values: fn(u32) -> String,
    binary: &'static [&'static str],
}

/// Runs rounds of writers and snapshots, each with an empty mirror, and compares.
async fn mirror_follows(kind: &Kind) {
    let seed = match std::env::var("JINMAEK_SEED") {
        Ok(seed) => seed.parse().unwrap(),
        Err(_) => rand::random::<u64>(),
    };
    println!("JINMAEK_SEED={seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let mut database = TestDatabase::new().await;
    let create = format!(
        "create table t ({}, v varchar(20), primary key ({}))",
        kind.columns, kind.names
    );
    database.run(&create).await;
    for number in 0..KEYS / 2 {
        let values = (kind.values)(number * 2);
        database
            .run(&format!("insert ignore into t values ({values}, '하나')"))
            .await;
    }
    let mut stream = database.snapshots("t", 7).await;
    for round in 0..ROUNDS {
        let writers: Vec<_> = (0..WRITERS)
            .map(|_| {
                let random = StdRng::seed_from_u64(random.random());
                tokio::spawn(write(database.url.clone(), random, kind.names, kind.values))
            })
            .collect();
        stream
            .control()
            .request(database.request("t", Scope::Table))
            .unwrap();
        let mut mirror = Mirror::default();
        // What was asked for is in the cursor of the next commit.
        let commit = until_commit(&mut stream, &mut mirror).await;
        let mut saved = (stored(&commit.cursor), mirror.clone());
        while mirror.outcomes.is_empty() || writers.iter().any(|writer| !writer.is_finished()) {
            if random.random_bool(0.02) {
                drop(stream);
                stream = database.resume("t", saved.0.clone()).await;
                mirror = saved.1.clone();
            }
            let message = next(&mut stream).await;
            mirror.apply(&message);
            if let Message::Commit(commit) = message {
                saved = (stored(&commit.cursor), mirror.clone());
            }
        }
        for writer in writers {
            writer.await.unwrap();
        }
        mirror.until_now(&database, &mut stream).await;
        assert_eq!(mirror.outcomes, [Outcome::Done]);
        let table = database.select("t", kind.width, kind.binary).await;
        assert_eq!(mirror.rows, table, "round {round} of seed {seed}");
    }
}

/// Inserts, changes, moves and deletes rows, some in transactions and some of these rolled back.
async fn write(url: String, mut random: StdRng, names: &'static str, values: fn(u32) -> String) {
    let mut connection = Conn::new(Opts::from_url(&url).unwrap()).await.unwrap();
    for write in 0..WRITES {
        let transaction = random.random_bool(0.3);
        let mut statements = Vec::new();
        for _ in 0..if transaction { 3 } else { 1 } {
            let key = values(random.random_range(0..KEYS));
            let other = values(random.random_range(0..KEYS));
            let moved: Vec<_> = names
                .split(", ")
                .zip(other.split(", "))
                .map(|(name, value)| format!("{name} = {value}"))
                .collect();
            statements.push(match random.random_range(0..6) {
                0 | 1 => format!("insert ignore into t values ({key}, 'i{write}')"),
                2 => format!("update t set v = 'u{write}' where ({names}) = ({key})"),
                3 => format!(
                    "update ignore t set {} where ({names}) = ({key})",
                    moved.join(", ")
                ),
                4 => format!("delete from t where ({names}) = ({key})"),
                _ => format!("replace into t values ({key}, 'r{write}')"),
            });
        }
        if transaction {
            statements.insert(0, "begin".to_owned());
            statements.push(
                if random.random_bool(0.2) {
                    "rollback"
                } else {
                    "commit"
                }
                .to_owned(),
            );
        }
        for statement in statements {
            match connection.query_drop(&statement).await {
                Err(mysql_async::Error::Server(error)) if [1213, 1205].contains(&error.code) => {
                    break;
                }
                written => written.unwrap_or_else(|error| panic!("{statement}: {error}")),
            }
        }
        // A deadlock rolled the transaction back; what else is open is not wanted.
        connection.query_drop("rollback").await.unwrap();
    }
}

#[tokio::test]
async fn a_mirror_of_a_table_with_negative_numbers_follows() {
    let kind = Kind {
        columns: "id int",
        names: "id",
        width: 1,
        values: |number| (i64::from(number) - 60).to_string(),
        binary: &[],
    };
    mirror_follows(&kind).await;
}

#[tokio::test]
async fn a_mirror_of_a_table_with_a_collated_composite_key_follows() {
    let kind = Kind {
        columns: "a varchar(20) character set utf8mb4 collate utf8mb4_unicode_ci, b bigint unsigned",
        names: "a, b",
        width: 2,
        // Equal in the collation, different as bytes.
        values: |number| {
            let text = ["A", "a", "á", "하", "하 ", "'\\"][number as usize % 6];
            format!(
                "_utf8mb4 x'{}', {}",
                text.bytes()
                    .map(|byte| format!("{byte:02x}"))
                    .collect::<String>(),
                u64::MAX - u64::from(number / 12)
            )
        },
        binary: &[],
    };
    mirror_follows(&kind).await;
}

#[tokio::test]
async fn a_mirror_of_a_table_with_a_key_in_euckr_follows() {
    let kind = Kind {
        columns: "k varchar(20) character set euckr collate euckr_korean_ci",
        names: "k",
        width: 1,
        values: |number| {
            format!(
                "_utf8mb4 '{}{number}'",
                ["가", "힣", "똠", "abc"][number as usize % 4]
            )
        },
        binary: &[],
    };
    mirror_follows(&kind).await;
}

#[tokio::test]
async fn a_mirror_of_a_table_with_an_enum_and_a_decimal_in_its_key_follows() {
    let kind = Kind {
        columns: "e enum('z','y','x') character set euckr, d decimal(10, 3)",
        names: "e, d",
        width: 2,
        values: |number| {
            format!(
                "'{}', {}.{}",
                ["z", "y", "x"][number as usize % 3],
                i64::from(number) - 60,
                number % 10
            )
        },
        binary: &[],
    };
    mirror_follows(&kind).await;
}

#[tokio::test]
async fn a_mirror_of_a_table_with_a_time_and_bytes_in_its_key_follows() {
    let kind = Kind {
        columns: "t datetime(3), b binary(3)",
        names: "t, b",
        width: 2,
        values: |number| {
            format!(
                "'2024-01-{:02} 00:00:00.{:03}', x'00{:02x}00'",
                1 + number % 3,
                number,
                number % 4
            )
        },
        binary: &["b"],
    };
    mirror_follows(&kind).await;
}
