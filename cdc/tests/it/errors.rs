//! Every way in which a position and a server can fail to fit ends with the error that says so, and never in a loop.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use cdc::fault_proxy::{Ending, FaultProxy};
use cdc::private_server::{Options, PrivateServer};
use cdc::{ChangeStream, Cursor, Error, Flavour, Message, Policy, Position, Server};
use tokio::time::timeout;

use crate::support::{TABLE_OF_ITS_OWN, TestDatabase, changes_until, next, own_server};

/// An error that is not told by then is not told at all.
const TOLD_WITHIN: Duration = Duration::from_secs(20);

/// The same position without GTIDs.
fn by_offset(position: &Position) -> Position {
    let text = position.to_string();
    text.rsplit('@').next().unwrap().parse().unwrap()
}

/// What reading from there ends with.
async fn error_from(database: &TestDatabase, cursor: impl Into<Cursor>) -> Error {
    let options = cdc::Options::new(&database.url, [database.table("t")]);
    let read = async {
        let mut stream = match ChangeStream::open(options, cursor).await {
            Ok(stream) => stream,
            Err(error) => return error,
        };
        let error = error_of(&mut stream).await;
        assert_eq!(stream.stats().counts().reconnects, 0, "{error}");
        error
    };
    timeout(TOLD_WITHIN, read).await.expect("an error")
}

async fn error_of(stream: &mut ChangeStream) -> Error {
    loop {
        if let Err(error) = stream.next().await {
            return error;
        }
    }
}

fn assert_diverged(error: &Error) {
    assert!(matches!(error, Error::Diverged { .. }), "{error}");
    assert!(matches!(error.policy(), Policy::Stop(_)), "{error}");
}

async fn reset(database: &mut TestDatabase) {
    let flavour = Server::connect(&database.url).await.unwrap().flavour();
    database
        .run(match flavour {
            Flavour::MariaDb => "reset master",
            Flavour::MySql => "reset binary logs and gtids",
        })
        .await;
}

#[tokio::test]
async fn a_binlog_that_was_purged_while_nobody_read_asks_for_a_snapshot() {
    let home = tempfile::tempdir().unwrap();
    let (_server, mut database) = own_server(home.path(), &[]).await;
    let proxy = FaultProxy::before(&database.url).await.unwrap();
    let mut options = cdc::Options::new(proxy.url(&database.url), [database.table("t")]);
    options.server_id = Some(0x7fff_0001);
    let away = database.position().await;
    let mut stream = ChangeStream::open(options, away.clone()).await.unwrap();
    changes_until(&mut stream, &away).await;
    // The stream's connection is gone, and the network with it, while the server throws its binlog away.
    proxy.refuse();
    proxy.cut(Ending::Rst);
    for id in 1..3 {
        let insert = format!("insert into t values ({id}, 'a')");
        database.run(&insert).await;
        database.run("flush binary logs").await;
    }
    let newest = database.position().await.file;
    let purge = format!("purge binary logs to '{newest}'");
    let purged = Instant::now();
    // As long as the old connection has not noticed its end, the server keeps its file.
    while by_offset(&away).file == oldest(&database).await {
        database.run(&purge).await;
        assert!(purged.elapsed() < TOLD_WITHIN, "{away} is never purged");
    }
    let healed = Instant::now();
    proxy.heal();
    let error = timeout(TOLD_WITHIN, error_of(&mut stream)).await.unwrap();
    let told = healed.elapsed();
    assert!(matches!(error, Error::Purged { .. }), "{error}");
    assert_eq!(error.policy(), Policy::Snapshot);
    for position in [away.clone(), by_offset(&away)] {
        let started = Instant::now();
        let error = error_from(&database, position.clone()).await;
        assert!(
            matches!(error, Error::Purged { .. }),
            "{position}: {error:?}"
        );
        assert_eq!(error.policy(), Policy::Snapshot);
        println!("purged, from {position}: told in {:?}", started.elapsed());
    }
    println!("purged while away: told {told:?} after the network was back");
    // What a snapshot does then: it goes on from where the server stands now.
    let mut stream = database.follow(&["t"]).await;
    database.run("insert into t values (9, 'b')").await;
    let end = database.position().await;
    assert_eq!(changes_until(&mut stream, &end).await.len(), 1);
}

async fn oldest(database: &TestDatabase) -> String {
    use mysql_async::prelude::Queryable;
    let options = mysql_async::Opts::from_url(&database.url).unwrap();
    let mut connection = mysql_async::Conn::new(options).await.unwrap();
    let row: Option<mysql_async::Row> = connection.query_first("show binary logs").await.unwrap();
    row.unwrap().get(0).unwrap()
}

#[tokio::test]
async fn a_server_that_was_reset_has_diverged_whatever_it_has_written_since() {
    let home = tempfile::tempdir().unwrap();
    let (_server, mut database) = own_server(home.path(), &[]).await;
    let mut stream = database.follow(&["t"]).await;
    for id in 1..6 {
        let insert = format!("insert into t values ({id}, 'a')");
        database.run(&insert).await;
    }
    let before = database.position().await;
    let stored = loop {
        if let Message::Commit(commit) = next(&mut stream).await
            && commit.position().covers(&before) == Some(true)
        {
            break commit.cursor;
        }
    };
    assert_eq!(stored.position, before);
    drop(stream);
    // A file tells in whole seconds when it was begun.
    database.run("do sleep(1)").await;
    reset(&mut database).await;
    for position in [before.clone(), by_offset(&before)] {
        assert_diverged(&error_from(&database, position).await);
    }
    // Its numbers pass those that we know, with other transactions behind them; then other files.
    for insert in [
        "insert into t values (%, 'of another history')",
        "flush binary logs",
    ] {
        for id in 100..120 {
            database.run(&insert.replace('%', &id.to_string())).await;
        }
        let error = error_from(&database, stored.clone()).await;
        assert_diverged(&error);
        println!("reset: {error}");
    }
}

#[tokio::test]
async fn a_server_that_went_back_to_an_older_copy_of_its_data_has_diverged() {
    let home = tempfile::tempdir().unwrap();
    let (server, mut database) = own_server(home.path(), &[]).await;
    let name = database.name.clone();
    database.run("insert into t values (1, 'a')").await;
    let process = server.process_id().unwrap();
    drop(server);
    ended(process).await;
    let (data, copy) = (home.path().join("data"), home.path().join("copy"));
    copy_directory(&data, &copy);

    let server = PrivateServer::start(Options::for_tests(home.path()))
        .await
        .unwrap();
    let mut database = TestDatabase::again(&server, &name).await;
    let mut stream = database.follow(&["t"]).await;
    database.run("insert into t values (2, 'b')").await;
    let later = database.position().await;
    changes_until(&mut stream, &later).await;
    let process = server.process_id().unwrap();
    drop((server, stream));
    ended(process).await;
    fs::remove_dir_all(&data).unwrap();
    fs::rename(&copy, &data).unwrap();

    let server = PrivateServer::start(Options::for_tests(home.path()))
        .await
        .unwrap();
    let database = TestDatabase::again(&server, &name).await;
    for position in [later.clone(), by_offset(&later)] {
        let error = error_from(&database, position).await;
        assert_diverged(&error);
        println!("restored: {error}");
    }
}

/// Waits until the process is gone.
async fn ended(process: u32) {
    let path = format!("/proc/{process}");
    let started = Instant::now();
    while Path::new(&path).exists() {
        assert!(started.elapsed() < Duration::from_secs(60), "it never ends");
        tokio::task::yield_now().await;
    }
}

fn copy_directory(from: &Path, to: &Path) {
    let status = std::process::Command::new("cp")
        .arg("--archive")
        .args([from, to])
        .status();
    assert!(status.unwrap().success());
}

#[tokio::test]
async fn a_position_of_another_server_or_of_no_server_has_diverged() {
    let mut database = TestDatabase::new().await;
    database.run(TABLE_OF_ITS_OWN).await;
    let position = database.position().await;
    let flavour = Server::connect(&database.url).await.unwrap().flavour();
    let (known, foreign) = match flavour {
        Flavour::MariaDb => ("99-1-3", "3e11fa47-71ca-11e1-9e33-c80aa9429562:1-42"),
        Flavour::MySql => ("3e11fa47-71ca-11e1-9e33-c80aa9429562:1-42", "0-1-42"),
    };
    let beyond = format!("{}:{}", position.file, position.offset + 100_000_000);
    for text in [known, foreign, &beyond, "binlog.999999:4"] {
        let error = error_from(&database, text.parse::<Position>().unwrap()).await;
        assert_diverged(&error);
        println!("{text}: {error}");
    }
    // The same file and offset, but seen at another server.
    let mut cursor = cursor_of(&database, by_offset(&position)).await;
    cursor["server"] = "another".into();
    cursor["position"] = by_offset(&position).to_string().into();
    let cursor: Cursor = serde_json::from_value(cursor).unwrap();
    let error = error_from(&database, cursor).await;
    assert_diverged(&error);
}

/// What a subscriber would store there.
async fn cursor_of(database: &TestDatabase, position: Position) -> serde_json::Value {
    let mut stream = database.follow_from(&["t"], position).await;
    let options = mysql_async::Opts::from_url(&database.url).unwrap();
    let mut connection = mysql_async::Conn::new(options).await.unwrap();
    mysql_async::prelude::Queryable::query_drop(&mut connection, "insert into t values (1, 'a')")
        .await
        .unwrap();
    loop {
        if let Message::Commit(commit) = next(&mut stream).await {
            return serde_json::to_value(commit.cursor).unwrap();
        }
    }
}

#[tokio::test]
async fn an_offset_inside_an_event_is_no_position() {
    let home = tempfile::tempdir().unwrap();
    let (_server, mut database) = own_server(home.path(), &[]).await;
    database
        .run("insert into t values (1, 'aaaaaaaaaaaaaaaaaaaa')")
        .await;
    let end = database.position().await;
    database.run("insert into t values (2, 'b')").await;
    for back in [1, 7] {
        let text = format!("{}:{}", end.file, end.offset - back);
        let error = error_from(&database, text.parse::<Position>().unwrap()).await;
        assert!(matches!(error.policy(), Policy::Stop(_)), "{error}");
        println!("{back} bytes before the end of an event: {error}");
    }
}

#[tokio::test]
async fn a_server_id_that_another_replica_takes_stops_one_of_the_two_and_no_more() {
    let home = tempfile::tempdir().unwrap();
    let (_server, mut database) = own_server(home.path(), &[]).await;
    let mut options = cdc::Options::new(&database.url, [database.table("t")]);
    options.server_id = Some(4242);
    let position = database.position().await;
    let mut first = ChangeStream::open(options.clone(), position.clone())
        .await
        .unwrap();
    while next(&mut first).await != Message::Heartbeat {}
    let mut second = ChangeStream::open(options, position).await.unwrap();
    database.run("insert into t values (1, 'a')").await;
    let end = database.position().await;
    if first.flavour() == Flavour::MySql {
        // MySQL tells replicas apart by their UUIDs, and each connection of ours has one of its own.
        assert_eq!(changes_until(&mut first, &end).await.len(), 1);
        assert_eq!(changes_until(&mut second, &end).await.len(), 1);
        assert_eq!(
            (
                first.stats().counts().reconnects,
                second.stats().counts().reconnects
            ),
            (0, 0)
        );
        return;
    }
    let error = timeout(TOLD_WITHIN, error_of(&mut first)).await.unwrap();
    assert!(matches!(error, Error::ServerIdTaken { .. }), "{error}");
    assert!(matches!(error.policy(), Policy::Stop(_)));
    assert_eq!(changes_until(&mut second, &end).await.len(), 1);
    for _ in 0..3 {
        while next(&mut second).await != Message::Heartbeat {}
    }
    assert_eq!(
        (
            first.stats().counts().reconnects,
            second.stats().counts().reconnects
        ),
        (0, 0)
    );
}

#[tokio::test]
async fn a_wrong_password_stops() {
    let database = TestDatabase::new().await;
    let position = database.position().await;
    let (scheme_and_user, rest) = database.url.rsplit_once('@').unwrap();
    let (user, _) = scheme_and_user.rsplit_once(':').unwrap();
    let url = format!("{user}:wrong@{rest}");
    let options = cdc::Options::new(url, [database.table("t")]);
    let error = ChangeStream::open(options, position).await.err().unwrap();
    assert!(matches!(error, Error::Login { .. }), "{error}");
    let Policy::Stop(advice) = error.policy() else {
        panic!("{error}");
    };
    assert!(advice.contains("password"), "{advice}");
}

#[tokio::test]
async fn a_server_without_a_binlog_says_so() {
    let home = tempfile::tempdir().unwrap();
    let (_server, database) = own_server(home.path(), &["--skip-log-bin"]).await;
    let mut server = Server::connect(&database.url).await.unwrap();
    let gtids = match server.flavour() {
        Flavour::MariaDb => "0-1-1",
        Flavour::MySql => "3e11fa47-71ca-11e1-9e33-c80aa9429562:1-42",
    };
    let told = server.position().await.unwrap_err();
    let opened = [
        error_from(&database, "binlog.000001:4".parse::<Position>().unwrap()).await,
        error_from(&database, gtids.parse::<Position>().unwrap()).await,
    ];
    for error in [told].iter().chain(&opened) {
        assert!(matches!(error, Error::NoBinlog), "{error:?}");
        let Policy::Stop(advice) = error.policy() else {
            panic!("{error}");
        };
        assert!(advice.contains("log-bin"), "{advice}");
    }
}
