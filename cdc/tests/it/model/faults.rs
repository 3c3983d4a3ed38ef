//! The world of the model checker: the server, the network between it and the mirror, the mirror's process, and what can
//! go wrong with each.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, TcpListener};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use cdc::fault_proxy::{Direction, Ending, Fault, FaultProxy};
use cdc::private_server::{Options, PrivateServer};
use cdc::{Position, Server};
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Opts};
use rand::RngExt;
use rand::rngs::StdRng;

use super::mirror::{POINTS, State, load};
use super::{SINK, SOURCE};

/// How long the mirror may take to come to where the server stands, with all failures on the way.
const PATIENCE: Duration = Duration::from_secs(60);

pub(super) struct World {
    options: Options,
    server: PrivateServer,
    /// Before the binlog.
    proxy: FaultProxy,
    /// Before the tables.
    chunks: FaultProxy,
    mirror: Child,
    failures: BTreeMap<&'static str, u64>,
}

impl World {
    pub(super) async fn start() -> Self {
        let directory = concat!(env!("CARGO_TARGET_TMPDIR"), "/mysql-cdc-model");
        let options = Options::for_tests(directory);
        let server = PrivateServer::start_afresh(options.clone()).await.unwrap();
        let proxy = FaultProxy::before(&server.url("")).await.unwrap();
        let chunks = FaultProxy::before(&server.url("")).await.unwrap();
        let mut admin = connect(&server.url("")).await;
        for statement in [
            format!("create database {SOURCE}"),
            "set sql_log_bin = 0".to_owned(),
            format!("create database {SINK}"),
            format!("create table {SINK}.state (state longtext)"),
            format!(
                "create table {SINK}.images (t varchar(20) collate utf8mb4_bin, k varchar(600) collate utf8mb4_bin, \
                 image longtext, seen bigint, primary key (t, k))"
            ),
        ] {
            admin.query_drop(statement).await.unwrap();
        }
        let start = position(&server).await;
        let state = serde_json::to_string(&State::starting_at(start.into())).unwrap();
        admin
            .exec_drop(format!("insert into {SINK}.state values (?)"), (state,))
            .await
            .unwrap();
        let mirror = spawn_mirror([&proxy, &chunks], &server, None);
        Self {
            options,
            server,
            proxy,
            chunks,
            mirror,
            failures: BTreeMap::new(),
        }
    }

    async fn position(&self) -> Position {
        position(&self.server).await
    }

    /// Around the proxy.
    pub(super) fn url(&self, database: &str) -> String {
        self.server.url(database)
    }

    /// What has failed, and how often.
    pub(super) fn faults(&self) -> String {
        let list: Vec<_> = self
            .failures
            .iter()
            .map(|(name, count)| format!("{name} {count}"))
            .collect();
        list.join(", ")
    }

    /// Makes something fail, and tells what.
    pub(super) async fn fail(&mut self, random: &mut StdRng) -> String {
        let (name, story) = match random.random_range(0..100) {
            0..22 => {
                let ending = [Ending::Rst, Ending::Fin][random.random_range(0..2)];
                self.proxy.cut(ending);
                ("connection cut", format!("{ending:?}"))
            }
            22..36 => {
                let after_bytes = random.random_range(0..3_000);
                let ending = [Ending::Rst, Ending::Fin][random.random_range(0..2)];
                let fault = Fault::Cut {
                    after_bytes,
                    ending,
                };
                self.proxy.set(Direction::ToClient, fault);
                ("stream truncated", format!("after {after_bytes} bytes"))
            }
            36..50 => self.fail_chunks(random),
            50..65 => {
                // Only the binlog has checksums, so it is the binlog that must come next.
                let now = self.position().await;
                let _ = self.wait_for(&now).await;
                let (byte, bit) = (random.random_range(0..60), random.random_range(0..8));
                self.proxy
                    .set(Direction::ToClient, Fault::FlipBit { byte, bit });
                ("bit flipped", format!("bit {bit} of byte {byte}"))
            }
            65..67 => {
                self.proxy.half_open();
                ("half-open", String::new())
            }
            67..92 => {
                // Killed from outside or by itself at a point of its work.
                let point = POINTS[random.random_range(0..POINTS.len())];
                let times = random.random_range(1..20);
                let _ = self.mirror.kill();
                let _ = self.mirror.wait();
                let kill_at = format!("{point}:{times}");
                self.spawn_mirror(Some(&kill_at));
                ("mirror killed", format!("and again at {kill_at}"))
            }
            _ => {
                let signal = ["-KILL", "-TERM"][random.random_range(0..2)];
                self.restart_server(signal).await;
                ("server restarted", signal.to_owned())
            }
        };
        *self.failures.entry(name).or_default() += 1;
        format!("-- {name} {story}")
    }

    /// Makes the next chunk of a snapshot fail.
    fn fail_chunks(&mut self, random: &mut StdRng) -> (&'static str, String) {
        let ending = [Ending::Rst, Ending::Fin][random.random_range(0..2)];
        let after_bytes = random.random_range(0..5_000);
        let fault = Fault::Cut {
            after_bytes,
            ending,
        };
        self.chunks.set(Direction::ToClient, fault);
        ("chunk truncated", format!("after {after_bytes} bytes"))
    }

    fn heal(&self) {
        self.proxy.heal();
        self.chunks.heal();
    }

    fn spawn_mirror(&mut self, kill_at: Option<&str>) {
        self.mirror = spawn_mirror([&self.proxy, &self.chunks], &self.server, kill_at);
    }

    async fn restart_server(&mut self, signal: &str) {
        let Some(id) = self.server.process_id() else {
            return;
        };
        let _ = Command::new("kill")
            .args([signal, &id.to_string()])
            .status();
        let started = Instant::now();
        while self.server.process_id() == Some(id) {
            assert!(started.elapsed() < PATIENCE, "the server does not end");
            tokio::task::yield_now().await;
        }
        // A dying process lets go of its port last; and the server must come back at the same one.
        let port = Opts::from_url(&self.url("")).unwrap().tcp_port();
        while TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_err() {
            assert!(started.elapsed() < PATIENCE, "the port is not free");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let again = PrivateServer::start(self.options.clone()).await.unwrap();
        assert_eq!(again.url(""), self.server.url(""), "the port has changed");
        self.server = again;
    }

    /// Waits until the mirror has stored a cursor that covers the position, and has read again what it had to.
    pub(super) async fn wait_for(&mut self, end: &Position) -> Result<(), String> {
        let mut sink = connect(&self.url(SINK)).await;
        let started = Instant::now();
        let mut is_healed = false;
        loop {
            let state = load(&mut sink).await.unwrap();
            let is_idle = state.cursor.snapshots.is_idle();
            if is_idle && state.cursor.position.covers(end) == Some(true) {
                // What was to fail and has not yet shall not fail into the next comparison.
                self.heal();
                return Ok(());
            }
            match self.mirror.try_wait().unwrap() {
                Some(status) if status.code() == Some(3) => {
                    return Err("the mirror met an error that a person must mend".to_owned());
                }
                Some(_) => self.spawn_mirror(None),
                None => {}
            }
            if started.elapsed() > PATIENCE {
                return Err(format!(
                    "the mirror stands at {} with {:?}, not at {end}",
                    state.cursor.position, state.cursor.snapshots
                ));
            }
            // A network that stays bad for good is no case: it is good again after the failure has been noticed.
            if !is_healed && started.elapsed() > Duration::from_millis(200) {
                self.heal();
                is_healed = true;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    /// How many snapshots the mirror has begun.
    pub(super) async fn snapshots(&self) -> u64 {
        let mut sink = connect(&self.url(SINK)).await;
        // They are numbered from 1.
        load(&mut sink).await.unwrap().snapshot
    }

    /// What the mirror holds of a table.
    pub(super) async fn held(&self, table: &str) -> BTreeMap<String, String> {
        let mut sink = connect(&self.url(SINK)).await;
        let statement = "select k, image from images where t = ?";
        let rows: Vec<(String, String)> = sink.exec(statement, (table,)).await.unwrap();
        rows.into_iter().collect()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let _ = self.mirror.kill();
        let _ = self.mirror.wait();
    }
}

async fn position(server: &PrivateServer) -> Position {
    let mut server = Server::connect(&server.url("")).await.unwrap();
    server.position().await.unwrap()
}

async fn connect(url: &str) -> Conn {
    Conn::new(Opts::from_url(url).unwrap()).await.unwrap()
}

fn spawn_mirror(
    [proxy, chunks]: [&FaultProxy; 2],
    server: &PrivateServer,
    kill_at: Option<&str>,
) -> Child {
    let direct = server.url("");
    Command::new(std::env::current_exe().unwrap())
        .args(["model::mirror::mirror_process", "--exact", "--nocapture"])
        .env("JINMAEK_MODEL_MIRROR", proxy.url(&direct))
        .env("JINMAEK_MODEL_CHUNKS", chunks.url(&direct))
        .env("JINMAEK_MODEL_DIRECT", direct)
        .env("JINMAEK_MODEL_KILL_AT", kill_at.unwrap_or_default())
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}
