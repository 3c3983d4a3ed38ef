//! A stream of NATS JetStream to which messages go in order, none missing and none twice, and which tells where it was left.
//!
//! - Each message says which number the stream's last one must have, so the server refuses whatever would leave a gap, change
//!   the order or come from a second publisher; after a refusal we begin again from what the stream holds.
//! - Each message carries the position at which its transaction begins. The last one therefore tells where to read on, and
//!   its id how much of that transaction is there already: what is durable and what is known of it can't disagree.
//! - Beside it, in a stream of a single message, stands a note: the position up to which all is acknowledged, and the number
//!   of the stream's last message then. It counts unless the stream has a later message: for the long times in which nothing
//!   that is followed changes, and for streams whose messages are taken away. Positions are never compared for that, since
//!   those of a server that was reset, or those that a person goes back to, tell nothing.
//! - The id is the same whenever a change is read (`Nats-Msg-Id`), so the server also drops repetitions within its window.
//!   What is published again on purpose (`--anew`) is of another generation: its number ends the id, and stands in the
//!   message and in the note, so that a message of an earlier one that arrives late counts for nothing.

use std::collections::VecDeque;
use std::path::Path;
use std::pin::Pin;
use std::time::Duration;

use anyhow::{Context as _, anyhow};
use async_nats::Event;
use async_nats::header::{HeaderName, HeaderValue, NATS_MESSAGE_ID};
use async_nats::jetstream::context::{PublishError, PublishErrorKind};
use async_nats::jetstream::message::{PublishMessage, StreamMessage};
use async_nats::jetstream::publish::PublishAck;
use async_nats::jetstream::stream::LastRawMessageErrorKind;
use async_nats::jetstream::{Context, stream};
use cdc::Position;
use tokio::time::{Instant, timeout};
use tracing::{info, warn};

use super::address;
use super::publish::Failure;

/// Header of the position from which to read on: where the message's transaction begins, or ends, when it is its last one.
const POSITION: &str = "Jinmaek-Position";
/// Headers of Debezium's message key, and, when the change gave the row another one, of the key before.
const KEY: &str = "Jinmaek-Key";
const OLD_KEY: &str = "Jinmaek-Old-Key";
/// Header of the generation, of a message and of the note.
const GENERATION: &str = "Jinmaek-Generation";
/// Header of the note: the number of the stream's last message.
const SEQUENCE: &str = "Jinmaek-Sequence";
/// How long the server remembers ids, for a stream that we make. It need only outlast what lies in our own buffers.
const DUPLICATE_WINDOW: Duration = Duration::from_secs(120);
/// Messages on their way to the server or back: enough to hide the time of the way, few enough to send again.
const UNACKNOWLEDGED_MAX: usize = 1000;
/// The same in bytes: these are in our memory.
const UNACKNOWLEDGED_BYTES_MAX: usize = 32 << 20;
/// A server that does not answer in this time has lost the message, or is lost itself.
const ACKNOWLEDGED_WITHIN: Duration = Duration::from_secs(5);
/// How often the position beside the stream is written at most.
const PROGRESS_PERIOD: Duration = Duration::from_secs(1);

/// Where the messages go.
#[derive(Clone, Debug)]
pub(super) struct Destination {
    pub(super) stream: String,
    pub(super) subject_prefix: String,
}

/// Where the stream was left.
pub(super) struct Left {
    /// Everything before is in the stream.
    pub(super) position: Position,
    /// Of what comes next, the stream holds everything up to the message with this id.
    pub(super) last_id: Option<String>,
}

/// A message to publish.
pub(super) struct Message {
    pub(super) subject: String,
    /// The same whenever the message is made again.
    pub(super) id: String,
    /// From where to read on after it.
    pub(super) position: String,
    /// Debezium's message key as JSON, and the one before, when it has changed.
    pub(super) key: Option<String>,
    pub(super) old_key: Option<String>,
    pub(super) payload: Vec<u8>,
}

/// An open stream.
pub(super) struct JetStream {
    destination: Destination,
    context: Context,
    /// Name and only subject of the stream with the position.
    progress: String,
    /// Number of the last message, as it will be when all that is on its way has arrived.
    last_sequence: u64,
    /// Number of the last message that has arrived.
    arrived_sequence: u64,
    /// How often what was published before was begun anew.
    generation: u64,
    on_the_way: VecDeque<OnTheWay>,
    on_the_way_bytes: usize,
    /// Acknowledged up to here with the message of this number, and not stored yet.
    reached: Option<(Position, u64)>,
    stored: Instant,
}

enum OnTheWay {
    Message {
        acknowledgement: Pin<Box<dyn Future<Output = Result<PublishAck, PublishError>> + Send>>,
        bytes: usize,
    },
    /// When everything before it has arrived, this position is reached.
    Mark(Position),
}

/// Connects; the client comes back by itself whenever the connection is lost, also when there is none at the start.
pub(super) async fn connect(url: &str, ca: Option<&Path>) -> anyhow::Result<async_nats::Client> {
    let (address, options) = address::parse(url, ca)?;
    options
        .name("jinmaek")
        .retry_on_initial_connect()
        .event_callback(|event| async move {
            match event {
                Event::Connected => info!("connected to NATS"),
                event => warn!(%event, "NATS"),
            }
        })
        .connect(address)
        .await
        .context("cannot use the address of NATS")
}

impl JetStream {
    /// Opens the stream, makes it when it is not there, and looks where it was left, unless it is begun anew.
    pub(super) async fn open(
        client: async_nats::Client,
        destination: &Destination,
        anew: bool,
    ) -> Result<(Self, Option<Left>), Failure> {
        let context = async_nats::jetstream::new(client);
        let subjects = format!("{}.>", destination.subject_prefix);
        let open = async |config| context.get_or_create_stream(config).await;
        let stream = open(stream::Config {
            name: destination.stream.clone(),
            description: Some("Changes of the database as Debezium events".to_owned()),
            subjects: vec![subjects.clone()],
            duplicate_window: DUPLICATE_WINDOW,
            ..stream::Config::default()
        })
        .await
        .map_err(Failure::passing)?;
        let progress = format!("{}-progress", destination.stream);
        let noted = open(stream::Config {
            name: progress.clone(),
            description: Some("The position that the stream's publisher has reached".to_owned()),
            subjects: vec![progress.clone()],
            max_messages_per_subject: 1,
            ..stream::Config::default()
        })
        .await
        .map_err(Failure::passing)?;
        // Before the last message: if another one comes between, our first one is refused.
        let information = stream.get_info().await.map_err(Failure::passing)?;
        let last = last_message(&stream, &subjects).await?;
        let noted = last_message(&noted, &progress).await?;
        let generation = generation(last.as_ref()).max(generation(noted.as_ref()));
        let left = match anew {
            true => None,
            false => left(last.as_ref(), noted.as_ref()).map_err(Failure::Final)?,
        };
        let stream = Self {
            destination: destination.clone(),
            context,
            progress,
            last_sequence: information.state.last_sequence,
            arrived_sequence: information.state.last_sequence,
            generation: generation + u64::from(anew),
            on_the_way: VecDeque::new(),
            on_the_way_bytes: 0,
            reached: None,
            stored: Instant::now(),
        };
        Ok((stream, left))
    }

    /// Sends a message; waits when too many are on their way.
    pub(super) async fn publish(&mut self, message: Message) -> Result<(), Failure> {
        while self.on_the_way.len() >= UNACKNOWLEDGED_MAX
            || self.on_the_way_bytes >= UNACKNOWLEDGED_BYTES_MAX
        {
            self.settle_one(ACKNOWLEDGED_WITHIN).await?;
        }
        let header = |text: &str| {
            text.parse::<HeaderValue>()
                .with_context(|| format!("{text:?} can't be a header"))
                .map_err(Failure::Final)
        };
        let bytes = message.payload.len();
        let id = format!("{}{}", message.id, suffix(self.generation));
        let mut publish = PublishMessage::build()
            .header(NATS_MESSAGE_ID, header(&id)?)
            .header(POSITION, header(&message.position)?)
            .header(GENERATION, self.generation.to_string())
            .expected_stream(&self.destination.stream)
            .expected_last_sequence(self.last_sequence)
            .payload(message.payload.into());
        for (name, key) in [(KEY, &message.key), (OLD_KEY, &message.old_key)] {
            if let Some(key) = key {
                publish = publish.header(name, header(key)?);
            }
        }
        let sent = self
            .context
            .send_publish(message.subject.clone(), publish)
            .await;
        let acknowledgement = sent.map_err(|error| match error.kind() {
            PublishErrorKind::MaxPayloadExceeded => Failure::Final(anyhow!(
                "{} on {} has {bytes} bytes, more than NATS takes: raise its `max_payload`",
                message.id,
                message.subject
            )),
            _ => Failure::Passing(error.into()),
        })?;
        self.last_sequence += 1;
        self.on_the_way_bytes += bytes;
        self.on_the_way.push_back(OnTheWay::Message {
            acknowledgement: acknowledgement.into_future(),
            bytes,
        });
        Ok(())
    }

    /// Says that with all that was sent by now this position is reached.
    pub(super) async fn mark(&mut self, position: &Position) -> Result<(), Failure> {
        match self.on_the_way.back_mut() {
            Some(OnTheWay::Mark(mark)) => mark.clone_from(position),
            _ => self.on_the_way.push_back(OnTheWay::Mark(position.clone())),
        }
        // Also learns early what was refused.
        while self.settle_one(Duration::ZERO).await? {}
        self.store_when_due().await
    }

    /// Waits until everything has arrived.
    pub(super) async fn settle(&mut self) -> Result<(), Failure> {
        while !self.on_the_way.is_empty() {
            if !self.settle_one(ACKNOWLEDGED_WITHIN).await? {
                return Err(Failure::passing(PublishError::new(
                    PublishErrorKind::TimedOut,
                )));
            }
        }
        self.store_when_due().await
    }

    /// Waits until everything has arrived, and stores how far that is.
    pub(super) async fn close(mut self) -> Result<(), Failure> {
        self.settle().await?;
        self.store_reached().await
    }

    /// Publishes again what comes after this position, although it may be in the stream. Nothing may be on its way.
    pub(super) async fn begin_anew(&mut self, position: &Position) -> Result<(), Failure> {
        self.generation += 1;
        self.store(position).await
    }

    /// Stores that everything up to this position is in the stream, as it is.
    pub(super) async fn store(&mut self, position: &Position) -> Result<(), Failure> {
        self.reached = Some((position.clone(), self.arrived_sequence));
        self.store_reached().await
    }

    async fn store_reached(&mut self) -> Result<(), Failure> {
        let Some((position, sequence)) = self.reached.take() else {
            return Ok(());
        };
        let note = PublishMessage::build()
            .header(SEQUENCE, sequence.to_string())
            .header(GENERATION, self.generation.to_string())
            .payload(position.to_string().into());
        let sent = self.context.send_publish(self.progress.clone(), note);
        let acknowledgement = sent.await.map_err(Failure::passing)?;
        acknowledgement.await.map_err(Failure::passing)?;
        self.stored = Instant::now();
        Ok(())
    }

    async fn store_when_due(&mut self) -> Result<(), Failure> {
        if self.stored.elapsed() < PROGRESS_PERIOD {
            return Ok(());
        }
        self.store_reached().await
    }

    /// Waits for the oldest; tells whether there was one that arrived in this time.
    async fn settle_one(&mut self, longest: Duration) -> Result<bool, Failure> {
        let bytes = match self.on_the_way.front_mut() {
            None => return Ok(false),
            Some(OnTheWay::Mark(position)) => {
                self.reached = Some((std::mem::take(position), self.arrived_sequence));
                0
            }
            Some(OnTheWay::Message {
                acknowledgement,
                bytes,
            }) => {
                let Ok(acknowledged) = timeout(longest, acknowledgement).await else {
                    return Ok(false);
                };
                let acknowledged = acknowledged.map_err(Failure::passing)?;
                if acknowledged.duplicate {
                    return Err(Failure::Passing(anyhow!("a message was there already")));
                }
                self.arrived_sequence = acknowledged.sequence;
                *bytes
            }
        };
        self.on_the_way_bytes -= bytes;
        self.on_the_way.pop_front();
        Ok(true)
    }
}

async fn last_message(
    stream: &stream::Stream,
    subject: &str,
) -> Result<Option<StreamMessage>, Failure> {
    match stream.get_last_raw_message_by_subject(subject).await {
        Ok(message) => Ok(Some(message)),
        Err(error) if error.kind() == LastRawMessageErrorKind::NoMessageFound => Ok(None),
        Err(error) => Err(Failure::passing(error)),
    }
}

/// What ends the ids of a generation.
fn suffix(generation: u64) -> String {
    match generation {
        0 => String::new(),
        generation => format!("#{generation}"),
    }
}

fn generation(message: Option<&StreamMessage>) -> u64 {
    message.map_or(0, |message| number(message, GENERATION))
}

fn number(message: &StreamMessage, name: &'static str) -> u64 {
    let header = message.headers.get(HeaderName::from_static(name));
    header
        .and_then(|value| value.as_str().parse().ok())
        .unwrap_or(0)
}

/// Where the stream was left: by what was noted, unless the stream has a message that came later, and by that otherwise.
fn left(
    last: Option<&StreamMessage>,
    noted: Option<&StreamMessage>,
) -> anyhow::Result<Option<Left>> {
    let order = |message, sequence| (generation(Some(message)), sequence);
    let last = last.filter(|last| {
        let noted = noted.map(|noted| order(noted, number(noted, SEQUENCE)));
        noted < Some(order(last, last.sequence))
    });
    let header = |name: HeaderName| Some(last?.headers.get(name)?.as_str());
    if let Some(position) = header(HeaderName::from_static(POSITION)) {
        let id = header(NATS_MESSAGE_ID).unwrap_or_default();
        let suffix = suffix(generation(last));
        return Ok(Some(Left {
            position: position.parse()?,
            last_id: Some(id.strip_suffix(&suffix).unwrap_or(id).to_owned()),
        }));
    }
    let position = noted.map(|noted| String::from_utf8_lossy(&noted.payload).parse());
    Ok(position.transpose()?.map(|position| Left {
        position,
        last_id: None,
    }))
}
