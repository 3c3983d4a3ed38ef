//! A real NATS server of a test's own, and what is in its streams.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use async_nats::jetstream::context::GetStreamErrorKind;
use async_nats::jetstream::{self, stream};
use async_nats::{Client, ConnectError, ConnectOptions};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio::time::timeout;

/// Long enough for a busy machine; a test that waits so long has failed.
const PATIENCE: Duration = Duration::from_secs(60);

/// A server with JetStream that keeps its files in a directory of its own; killed when it is dropped.
pub(crate) struct NatsServer {
    directory: TempDir,
    port: u16,
    /// Beyond the ones that every server has.
    arguments: Vec<String>,
    /// How to be let in.
    options: ConnectOptions,
    process: Child,
    runtime: Runtime,
}

/// A message of a stream.
#[derive(Debug)]
pub(crate) struct Message {
    pub(crate) subject: String,
    pub(crate) id: String,
    /// Debezium's message key, and the one before.
    pub(crate) keys: [Option<serde_json::Value>; 2],
    pub(crate) event: serde_json::Value,
}

impl NatsServer {
    pub(crate) fn start() -> Self {
        Self::start_with(&[], ConnectOptions::new())
    }

    /// With arguments of the server, and how to be let in then.
    pub(crate) fn start_with(arguments: &[&str], options: ConnectOptions) -> Self {
        let free_port = || TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr());
        let port = free_port().unwrap().port();
        let directory = tempfile::tempdir().unwrap();
        let arguments: Vec<_> = arguments.iter().map(|&text| text.to_owned()).collect();
        let server = Self {
            process: spawn(directory.path(), port, &arguments),
            directory,
            port,
            arguments,
            options,
            runtime: Runtime::new().unwrap(),
        };
        server.wait();
        server
    }

    pub(crate) fn url(&self) -> String {
        self.url_with("nats://")
    }

    /// The address after a scheme and perhaps credentials.
    pub(crate) fn url_with(&self, start: &str) -> String {
        format!("{start}127.0.0.1:{}", self.port)
    }

    async fn connect(&self) -> Result<Client, ConnectError> {
        self.options.clone().connect(self.url()).await
    }

    /// kill -9, and again on the same port with the same files.
    pub(crate) fn restart(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
        self.process = spawn(self.directory.path(), self.port, &self.arguments);
        self.wait();
    }

    fn wait(&self) {
        let answers = async {
            loop {
                // JetStream starts after the server, and then says that there is no such stream.
                if let Ok(client) = self.connect().await
                    && let Err(error) = jetstream::new(client).get_stream("none").await
                    && matches!(error.kind(), GetStreamErrorKind::JetStream(_))
                {
                    return;
                }
                tokio::task::yield_now().await;
            }
        };
        let answered = self
            .runtime
            .block_on(async { timeout(PATIENCE, answers).await });
        answered.expect("nats-server answers");
    }

    async fn context(&self) -> jetstream::Context {
        jetstream::new(self.connect().await.unwrap())
    }

    /// A stream that remembers ids for a moment only.
    pub(crate) fn create_forgetful_stream(&self, name: &str, subjects: &str) {
        self.runtime.block_on(async {
            let config = stream::Config {
                name: name.to_owned(),
                subjects: vec![subjects.to_owned()],
                duplicate_window: Duration::from_millis(100),
                ..stream::Config::default()
            };
            self.context().await.create_stream(config).await.unwrap();
        });
    }

    /// Writes a message with these headers.
    pub(crate) fn write(&self, subject: &str, headers: &[(&str, &str)], payload: &str) {
        let mut map = async_nats::HeaderMap::new();
        for (name, value) in headers {
            map.insert(*name, *value);
        }
        self.runtime.block_on(async {
            let (subject, payload) = (subject.to_owned(), payload.to_owned());
            let context = self.context().await;
            let sent = context.publish_with_headers(subject, map, payload.into());
            sent.await.unwrap().await.unwrap();
        });
    }

    /// How many messages the stream has; none as long as it is not there.
    pub(crate) fn count(&self, stream: &str) -> u64 {
        self.runtime.block_on(async {
            match self.context().await.get_stream(stream).await {
                Ok(stream) => stream.get_info().await.unwrap().state.messages,
                Err(_) => 0,
            }
        })
    }

    /// All messages of the stream.
    pub(crate) fn messages(&self, stream: &str) -> Vec<Message> {
        let count = self.count(stream);
        self.runtime.block_on(async {
            let stream = self.context().await.get_stream(stream).await.unwrap();
            let mut messages = Vec::new();
            for sequence in 1..=count {
                let message = stream.get_raw_message(sequence).await.unwrap();
                let key = |name: &'static str| {
                    let key = message.headers.get(name)?;
                    Some(serde_json::from_str(key.as_str()).unwrap())
                };
                messages.push(Message {
                    subject: message.subject.to_string(),
                    id: message.headers.get("Nats-Msg-Id").unwrap().to_string(),
                    keys: ["Jinmaek-Key", "Jinmaek-Old-Key"].map(key),
                    event: serde_json::from_slice(&message.payload).unwrap(),
                });
            }
            messages
        })
    }
}

impl Drop for NatsServer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn spawn(directory: &Path, port: u16, arguments: &[String]) -> Child {
    let unpacked = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/.jinmaek/nats/usr/sbin/nats-server"
    );
    let program = [PathBuf::from(unpacked), "/usr/sbin/nats-server".into()]
        .into_iter()
        .find(|path| path.exists())
        .unwrap_or_else(|| "nats-server".into());
    let log = std::fs::File::create(directory.join("log")).unwrap();
    Command::new(program)
        .args(["--addr", "127.0.0.1", "--port", &port.to_string()])
        .args(["--jetstream", "--store_dir"])
        .arg(directory)
        .args(arguments)
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .expect("run `make nats`")
}
