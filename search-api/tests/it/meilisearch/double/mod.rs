//! A small Meilisearch: what of its HTTP API the platform uses, over documents in memory. Its search looks for words as they are
//! written; filters, facets, distances, tasks and errors are as the real one's.

mod filter;
mod routes;
mod search;
mod store;

use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::Value;
use tokio::net::TcpListener;
use tokio::runtime;

use store::Store;

/// A running double; it ends with the process.
#[derive(Clone)]
pub(crate) struct Double {
    pub(crate) url: String,
    state: Arc<Mutex<State>>,
}

/// All that it knows.
#[derive(Default)]
struct State {
    store: Store,
    key: Option<String>,
    /// Method and path of each request.
    requests: Vec<String>,
}

impl Double {
    pub(crate) fn start(key: Option<&str>) -> Self {
        let state = State {
            key: key.map(str::to_owned),
            ..State::default()
        };
        let state = Arc::new(Mutex::new(state));
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = routes::router(Arc::clone(&state));
        // A thread of its own, as the tests' runtimes end one by one.
        thread::spawn(move || {
            let runtime = runtime::Builder::new_current_thread().enable_all().build();
            runtime.unwrap().block_on(async {
                let listener = TcpListener::from_std(listener).unwrap();
                axum::serve(listener, router).await.unwrap();
            });
        });
        Self { url, state }
    }

    /// The next task of this type fails with this code.
    pub(crate) fn fail(&self, task_type: &str, code: &str) {
        let mut state = self.state.lock().unwrap();
        let failure = (task_type.to_owned(), code.to_owned());
        state.store.failures.push(failure);
    }

    /// From now on nobody has the right key.
    pub(crate) fn lock_out(&self) {
        self.state.lock().unwrap().key = Some(String::new());
    }

    /// Requests since the last time, as `POST /indexes/x/documents`.
    pub(crate) fn requests(&self) -> Vec<String> {
        std::mem::take(&mut self.state.lock().unwrap().requests)
    }

    pub(crate) fn settings(&self, index: &str) -> Value {
        self.state.lock().unwrap().store.indexes[index]
            .settings
            .clone()
    }

    pub(crate) fn indexes(&self) -> Vec<String> {
        let state = self.state.lock().unwrap();
        state.store.indexes.keys().cloned().collect()
    }
}
