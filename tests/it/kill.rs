//! kill -9 of jinmaek and of its MariaDB at random moments, during imports and streaming: after each restart the index
//! equals the database.

use std::fmt::Write;
use std::fs;
use std::time::{Duration, Instant};

use crate::support::{Installation, kill};

/// Kills in the ordinary run of the tests; `make kill` does many more.
const KILLS: u32 = 2;
const SERVER_KILLS: u32 = 1;
/// Rows of each imported file: enough for the import to be under way at every moment of a kill.
const ROWS: u32 = 1_500;
/// The moment of a kill is drawn from so many milliseconds after the import's start.
const MOMENTS: u64 = 1_200;

fn count(variable: &str, default: u32) -> u32 {
    std::env::var(variable).map_or(default, |number| number.parse().unwrap())
}

/// A file in HIRA's form; every version changes every name.
fn write_file(installation: &Installation, version: u32) {
    let mut text = "암호화요양기호,요양기관명,종별코드명,전화번호\n".to_owned();
    for row in 0..count("JINMAEK_KILL_ROWS", ROWS) {
        writeln!(
            text,
            "K{row},{version}번째 이름의 의원 {row},의원,02-{version:04}-{row:04}"
        )
        .unwrap();
    }
    fs::write(installation.home().join("rows.csv"), text).unwrap();
}

/// Waits without doing anything: the moment itself is what the test is about.
fn at(moment: Duration) {
    let started = Instant::now();
    while started.elapsed() < moment {
        std::thread::yield_now();
    }
}

fn assert_in_step(installation: &Installation, what: &str) {
    let verified = installation.expect(&["verify"]);
    println!("{what}: {}", verified.trim());
    assert!(verified.contains("다른 것 0건"), "{what}: {verified}");
}

#[test]
fn kill_9_at_any_moment_loses_nothing() {
    let installation = Installation::new();
    let mut moments = 0x9e37_79b9_u64;
    let mut next_moment = || {
        // Marsaglia's xorshift: the same moments in every run, spread over the whole span.
        moments ^= moments << 13;
        moments ^= moments >> 7;
        moments ^= moments << 17;
        Duration::from_millis(moments % MOMENTS)
    };
    let (kills, server_kills) = (
        count("JINMAEK_KILLS", KILLS),
        count("JINMAEK_SERVER_KILLS", SERVER_KILLS),
    );
    for number in 0..kills + server_kills {
        write_file(&installation, number);
        let mut running = installation.start(&[]);
        let mut import = installation.spawn(&["import", "institutions", "rows.csv"]);
        let moment = next_moment();
        at(moment);
        let is_server = number >= kills;
        if is_server {
            let mariadb = installation.mariadb().unwrap();
            kill("-KILL", mariadb);
            running.until("MariaDB is started again", || {
                installation.mariadb().is_some_and(|id| id != mariadb)
            });
        } else {
            running.signal("-KILL");
            // Every other time the import dies as well.
            if number % 2 == 0 {
                let _ = std::process::Command::new("kill")
                    .args(["-KILL", &import.id().to_string()])
                    .status();
            }
            drop(running);
            running = installation.start(&[]);
        }
        import.until("the import ends", || true);
        let _ = import.ended();
        let what = format!(
            "{} after {} ms",
            if is_server { "mariadbd" } else { "jinmaek" },
            moment.as_millis()
        );
        assert_in_step(&installation, &what);
        drop(running);
        assert_in_step(&installation, &format!("{what}, nobody running"));
    }
}
