//! The visibility trap: an event can reach us a moment before its row is visible to other sessions. A document that is
//! loaded because of an event must never be older than the event.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use cdc::{ChangeStream, Message, Value};
use indexer::DirtyKey::Institution;
use indexer::documents::{self, Document};
use indexer::followed_tables;

use crate::support::Platform;

const WRITERS: u64 = 8;
const ROWS: u64 = 20;
/// Enough to see the trap without the lock on MySQL; `make hammer` runs many more.
const TRANSACTIONS: u64 = 2_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_document_is_older_than_its_event() {
    let transactions = match std::env::var("JINMAEK_HAMMER_TRANSACTIONS") {
        Ok(number) => number.parse().unwrap(),
        Err(_) => TRANSACTIONS,
    };
    let platform = Platform::new().await;
    let mut ids = Vec::new();
    for number in 0..ROWS {
        ids.push(platform.add_pharmacy(&format!("약국{number}")).await);
    }
    platform
        .run("update institutions set doctor_count = 0")
        .await;
    let mut server = cdc::Server::connect(&platform.url).await.unwrap();
    let schema = server.database().await.unwrap();
    let options = cdc::Options::new(&platform.url, followed_tables(&schema));
    let mut stream = ChangeStream::open(options, server.position().await.unwrap())
        .await
        .unwrap();

    let started = Instant::now();
    let left = Arc::new(AtomicU64::new(transactions));
    for _ in 0..WRITERS {
        let (pool, ids, left) = (platform.pool.clone(), ids.clone(), Arc::clone(&left));
        tokio::spawn(async move {
            while let Ok(number) = left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                left.checked_sub(1)
            }) {
                sqlx::query("update institutions set doctor_count = doctor_count + 1 where id = ?")
                    .bind(ids[(number % ROWS) as usize])
                    .execute(&pool)
                    .await
                    .unwrap();
            }
        });
    }
    let (mut events, mut older) = (0, 0);
    while events < transactions {
        let Message::Change(event) = stream.next().await.unwrap() else {
            continue;
        };
        events += 1;
        let after = |column| {
            event
                .values_of(column)
                .last()
                .and_then(Value::as_u64)
                .unwrap()
        };
        let loaded = documents::load(&platform.pool, &[Institution(after("id"))])
            .await
            .unwrap();
        let [Document::Institution(document)] = &loaded[..] else {
            panic!("{loaded:?}")
        };
        if u64::from(document.doctor_count.unwrap()) < after("doctor_count") {
            older += 1;
        }
    }
    println!(
        "{events} transactions by {WRITERS} writers in {:.1} s: {older} documents older",
        started.elapsed().as_secs_f64()
    );
    assert_eq!(older, 0);
}
