//! Serves a router until it is told to stop; streams end at once, requests under way get a moment.

use std::future::Future;
use std::io;
use std::time::Duration;

use axum::{Extension, Router};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::time::sleep;

/// A page takes no longer than the API may take for it; who still reads then is cut off.
const GRACE: Duration = Duration::from_secs(6);

/// Tells endless replies that the server stops.
#[derive(Clone, Debug)]
pub(crate) struct Stopping(watch::Receiver<bool>);

impl Stopping {
    /// Ready when the server stops, or is gone.
    pub(crate) async fn wait(mut self) {
        let _ = self.0.wait_for(|stops| *stops).await;
    }
}

/// Serves `router` until `shutdown` is ready, then lets requests under way finish. Streams of events end at once.
///
/// # Errors
/// When the listener breaks.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let (sender, stops) = watch::channel(false);
    let signal = async move {
        shutdown.await;
        sender.send_replace(true);
        // Receivers see the value after the sender is gone, too.
    };
    let stopping = Stopping(stops);
    let router = router.layer(Extension(stopping.clone()));
    let server = axum::serve(listener, router).with_graceful_shutdown(signal);
    let too_late = async {
        stopping.wait().await;
        sleep(GRACE).await;
    };
    tokio::select! {
        result = server => result,
        () = too_late => Ok(()),
    }
}
