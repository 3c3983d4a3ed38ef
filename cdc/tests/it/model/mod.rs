//! A model checker: random transactions and DDL against a real server, a mirror that follows them through a network and a
//! process that fail, and after each history the question whether the mirror holds what SELECT says.
//!
//! `make model` runs it for long; in the suite it runs for a few seconds. `JINMAEK_MODEL_SEED` repeats a run's choices,
//! `JINMAEK_MODEL_HISTORIES`, `JINMAEK_MODEL_FAULTS` (failures in all) and `JINMAEK_MODEL_SECONDS` bound it.

use std::time::{Duration, Instant};

use cdc::Server;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use self::faults::World;
use self::writer::Writer;

mod faults;
mod mirror;
mod writer;

/// The tables that are followed.
const TABLES: [&str; 6] = ["t", "u", "w", "parent", "child", "tree"];
/// Where they are, and where the mirror keeps what it holds.
const SOURCE: &str = "src";
const SINK: &str = "dst";

fn setting(name: &str, default: u64) -> u64 {
    let text = std::env::var(format!("JINMAEK_MODEL_{name}")).unwrap_or_default();
    text.parse().unwrap_or(default)
}

#[tokio::test]
async fn after_any_history_and_any_failure_the_mirror_holds_what_the_tables_hold() {
    let seed = setting("SEED", rand::random::<u32>().into());
    let histories = setting("HISTORIES", 60);
    let faults = setting("FAULTS", 10);
    let limit = Duration::from_secs(setting("SECONDS", 3_600));
    println!("JINMAEK_MODEL_SEED={seed}: {histories} histories, {faults} failures");
    let mut random = StdRng::seed_from_u64(seed);
    let mut world = World::start().await;
    let mut writer = Writer::new(&world.url(SOURCE)).await;
    let started = Instant::now();
    let (mut compared, mut done) = (0, 0);
    for history in 1..=histories {
        if started.elapsed() > limit {
            break;
        }
        writer.begin_history();
        let statements = random.random_range(3..25);
        // Spread over the histories so that all come.
        let is_faulty = history * faults / histories > (history - 1) * faults / histories
            || random.random_ratio(1, 50) && done < faults;
        let fault_at = random.random_range(0..statements);
        for statement in 0..statements {
            if is_faulty && statement == fault_at {
                writer.note(&world.fail(&mut random).await);
                writer.set_url(&world.url(SOURCE));
                done += 1;
            }
            writer.step(&mut random).await;
        }
        writer.end_history(&mut random).await;
        compared += compare(&mut world, &writer, history, seed).await;
        if history % 500 == 0 {
            println!(
                "{history} histories, {done} failures, {:.0?}",
                started.elapsed()
            );
        }
    }
    assert!(compared > 0, "nothing was written");
    println!(
        "{} statements, {done} failures ({}), {} snapshots, {compared} rows compared: 0 lost, 0 extra, 0 stale; {:.0?}",
        writer.count(),
        world.faults(),
        world.snapshots().await,
        started.elapsed()
    );
}

/// Waits until the mirror stands where the server does, and compares each table. Returns how many rows there were.
async fn compare(world: &mut World, writer: &Writer, history: u64, seed: u64) -> usize {
    let mut server = Server::connect(&world.url(SOURCE)).await.unwrap();
    let end = server.position().await.unwrap();
    let story = || format!("history {history} of seed {seed}:\n{}", writer.story());
    if let Err(problem) = world.wait_for(&end).await {
        panic!("{problem}\n{}", story());
    }
    let mut count = 0;
    for table in TABLES {
        let held = world.held(table).await;
        let expected = mirror::images(&mut server, table).await.unwrap();
        count += expected.len();
        let differing: Vec<_> = expected
            .keys()
            .chain(held.keys())
            .filter(|key| expected.get(*key) != held.get(*key))
            .map(|key| {
                format!(
                    "{key}: table {:?}, mirror {:?}",
                    expected.get(key),
                    held.get(key)
                )
            })
            .collect();
        assert!(
            differing.is_empty(),
            "{table}: {}\n{}",
            differing.join("\n"),
            story()
        );
    }
    count
}
