//! A server of our own: shared, stopped in an orderly way, brought back after a crash.

use std::process::Command;
use std::time::{Duration, Instant};

use cdc::private_server::{Options, PrivateServer};
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Opts};

async fn answer(server: &PrivateServer, statement: &str) -> Option<String> {
    let mut connection = Conn::new(Opts::from_url(&server.url("")).unwrap())
        .await
        .unwrap();
    connection.query_first(statement).await.unwrap()
}

fn kill(signal: &str, process_id: u32) {
    let status = Command::new("kill")
        .args([signal, &process_id.to_string()])
        .status();
    assert!(status.unwrap().success());
}

/// Waits for something that the operating system does in its own time.
async fn until(what: &str, mut happens: impl FnMut() -> bool) {
    let started = Instant::now();
    while !happens() {
        assert!(
            started.elapsed() < Duration::from_secs(60),
            "{what} did not happen"
        );
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_private_server_is_ready_for_the_change_stream_and_shared_by_all_who_ask() {
    let home = tempfile::tempdir().unwrap();
    let first = PrivateServer::start(Options::for_tests(home.path()))
        .await
        .unwrap();
    let second = PrivateServer::start(Options::for_tests(home.path()))
        .await
        .unwrap();
    assert_eq!(first.url("x"), second.url("x"));
    assert_eq!(first.process_id(), second.process_id());
    for (setting, value) in [
        ("log_bin", "ON"),
        ("binlog_format", "ROW"),
        ("binlog_row_image", "FULL"),
        ("binlog_row_metadata", "FULL"),
        ("character_set_server", "utf8mb4"),
    ] {
        let mut connection = Conn::new(Opts::from_url(&first.url("")).unwrap())
            .await
            .unwrap();
        let found: Option<(String, String)> = connection
            .query_first(format!("show global variables like '{setting}'"))
            .await
            .unwrap();
        assert_eq!(found.unwrap().1, value, "{setting}");
    }
}

#[tokio::test]
async fn it_stops_in_an_orderly_way_when_the_last_user_leaves_and_comes_back_with_its_data() {
    let home = tempfile::tempdir().unwrap();
    let first = PrivateServer::start(Options::for_tests(home.path()))
        .await
        .unwrap();
    let second = PrivateServer::start(Options::for_tests(home.path()))
        .await
        .unwrap();
    first.create_database("kept").await.unwrap();
    drop(first);
    assert!(
        answer(&second, "select 1").await.is_some(),
        "still used by the second"
    );
    let process = format!("/proc/{}", second.process_id().unwrap());
    drop(second);
    until("the stop", || !std::path::Path::new(&process).exists()).await;
    let log = std::fs::read_to_string(home.path().join("server.log")).unwrap();
    assert!(log.contains("Shutdown complete"), "{log}");

    let third = PrivateServer::start(Options::for_tests(home.path()))
        .await
        .unwrap();
    assert_eq!(
        answer(&third, "show databases like 'kept'")
            .await
            .as_deref(),
        Some("kept")
    );
}

#[tokio::test]
async fn it_is_started_again_after_kill_9() {
    let home = tempfile::tempdir().unwrap();
    let server = PrivateServer::start(Options::for_tests(home.path()))
        .await
        .unwrap();
    server.create_database("kept").await.unwrap();
    let killed = server.process_id().unwrap();
    kill("-KILL", killed);
    tokio::select! {
        ended = server.keep_running() => panic!("{ended:?}"),
        () = until("the restart", || server.process_id().is_some_and(|id| id != killed)) => {}
    }
    // A second claim returns when the server answers.
    let again = PrivateServer::start(Options::for_tests(home.path()))
        .await
        .unwrap();
    assert_eq!(
        answer(&again, "show databases like 'kept'")
            .await
            .as_deref(),
        Some("kept")
    );
}

#[tokio::test]
async fn it_ends_although_its_directory_is_removed_while_it_stops() {
    let home = tempfile::tempdir().unwrap();
    let server = PrivateServer::start(Options::for_tests(home.path()))
        .await
        .unwrap();
    let process = format!("/proc/{}", server.process_id().unwrap());
    drop(server);
    // The server may still make a file in it.
    until("the removal", || {
        std::fs::remove_dir_all(home.path()).is_ok() || !home.path().exists()
    })
    .await;
    until("the end", || !std::path::Path::new(&process).exists()).await;
}

#[tokio::test]
async fn a_server_that_cannot_start_says_why() {
    let home = tempfile::tempdir().unwrap();
    let options = Options::for_tests(home.path()).with_argument("--no-such-option");
    let error = PrivateServer::start(options).await.unwrap_err().to_string();
    assert!(
        error.contains("unknown option '--no-such-option'"),
        "{error}"
    );
}
