//! `GET /events`: how the index stands, each second, as server-sent events that hold the piece of the page to replace.

use std::convert::Infallible;
use std::time::Duration;

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::sse::{Event, Sse};
use futures_util::{Stream, StreamExt, stream};
use tokio::time::{MissedTickBehavior, interval};
use tracing::error;

use super::index::LivePiece;
use super::lookout::Lookout;
use crate::serve::Stopping;

/// How often watchers see the index.
pub(crate) const PERIOD: Duration = Duration::from_secs(1);

/// Ends with the server; refused when too many watch.
pub(crate) async fn show(
    State(lookout): State<Lookout>,
    stopping: Option<Extension<Stopping>>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, StatusCode> {
    let permit = lookout.watch().ok_or(StatusCode::SERVICE_UNAVAILABLE)?;
    let mut ticks = interval(PERIOD);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let looks = stream::unfold((ticks, permit), move |(mut ticks, permit)| {
        let lookout = lookout.clone();
        async move {
            ticks.tick().await;
            let piece = LivePiece {
                live: lookout.look().await,
            };
            match piece.render() {
                Ok(html) => Some((Ok(Event::default().data(html)), (ticks, permit))),
                Err(error) => {
                    error!(%error, "the index's state could not be rendered");
                    None
                }
            }
        }
    });
    let end = async {
        match stopping {
            Some(Extension(stopping)) => stopping.wait().await,
            None => std::future::pending().await,
        }
    };
    Ok(Sse::new(looks.take_until(end)))
}
