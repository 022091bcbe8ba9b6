//! The task that keeps the index level with the stream, whoever writes.
//!
//! ```text
//!            ┌──────────────── any doubt: connection, consumer, order ───────────────┐
//!            v                                                                       │
//! wait for a connection ─> look at the stream ─> consume from the next position ─────┘
//!                               │ rolled back, hole                │ hole
//!                               └───────────> damaged, for good <──┘
//! ```
//!
//! The consumer is this process's own, in the server's memory and unacknowledged: when anything is odd it
//! is left to expire and another begins after the last known position. So nothing is skipped, and nothing
//! is asked to be delivered twice.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use async_nats::jetstream;
use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, PullConsumer, pull};
use futures_util::StreamExt;
use socai_store::BackendError;
use tokio::time::{Instant, sleep};
use uuid::Uuid;

use crate::connection::Link;
use crate::error::{Flaw, Trouble};
use crate::message::Label;
use crate::reader::{self, LEADER_PATIENCE};
use crate::state::{Arrival, Shared};
use crate::stream::{Info, State};

/// How long the server may be silent before the consumer counts as lost.
const HEARTBEAT: Duration = Duration::from_millis(500);

/// How long a server keeps a consumer that nobody asks any more.
const EXPIRY: Duration = Duration::from_secs(30);

/// From here on only headers are asked for, since nobody waits for the records.
const FAR_BEHIND: u64 = 1_000;

/// What a consumer brings of each message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deliver {
    /// Enough for the index: for whoever writes most of the records, and has them.
    Headers,
    /// For whoever only reads, so that a subscription that is nearly there asks for nothing.
    Records,
}

impl Deliver {
    /// Messages asked for at once: a server drops a connection that it has to hold 64 MiB for.
    fn batch(self) -> usize {
        match self {
            Self::Headers => 5_000,
            Self::Records => 200,
        }
    }
}

const PAUSE_MIN: Duration = Duration::from_millis(10);
const PAUSE_MAX: Duration = Duration::from_secs(1);

/// Follows the stream until it is found damaged.
pub(crate) async fn follow(shared: Arc<Shared>, usual: Deliver) {
    let mut pause = PAUSE_MIN;
    loop {
        let head = shared.head();
        let Err(reason) = round(&shared, usual).await;
        if shared.damage().is_some() {
            return;
        }
        tracing::debug!(%reason, "the follower begins again");
        let progress = shared.head() > head;
        pause = if progress {
            PAUSE_MIN
        } else {
            PAUSE_MAX.min(pause * 2)
        };
        sleep(pause).await;
    }
}

/// Follows over one connection, with one consumer.
async fn round(shared: &Shared, usual: Deliver) -> Result<Infallible, BackendError> {
    let mut link = shared.connection.link.clone();
    let made = link
        .wait_for(|link| link.up)
        .await
        .map_err(|_| Trouble::Closed)?
        .made;
    let state = look(shared).await?;
    shared.trust(made);
    let lost = link.wait_for(|link| *link != Link { made, up: true });
    tokio::select! {
        ended = consume(shared, usual, &state) => ended,
        _ = lost => Err(Trouble::Disconnected.into()),
    }
}

/// Looks whether the stream is still the one that this process has seen.
async fn look(shared: &Shared) -> Result<State, BackendError> {
    let deadline = Instant::now() + LEADER_PATIENCE;
    loop {
        let head = shared.head();
        let info = Info::ask(&shared.connection, &shared.stream).await?;
        let state = info.ok_or(Trouble::Again("there is no such stream"))?.state;
        if let Some(position) = state.hole() {
            return Err(condemned(shared, position, Flaw::Missing));
        }
        if state.last_seq >= head {
            same_event(shared, head).await?;
            return Ok(state);
        }
        if Instant::now() > deadline {
            return Err(condemned(shared, state.last_seq + 1, Flaw::Missing));
        }
        sleep(PAUSE_MIN * 10).await;
    }
}

/// The event at the last known position must be the one that was there.
async fn same_event(shared: &Shared, head: u64) -> Result<(), BackendError> {
    let Some(expected) = shared.ask(|index| index.id_at(head)) else {
        return Ok(());
    };
    let Some(message) = reader::sought(shared, head).await? else {
        return Err(condemned(shared, head, Flaw::Missing));
    };
    match Label::read(&message.headers) {
        Ok(label) if label.id == expected => Ok(()),
        Ok(Label { id: found, .. }) => Err(condemned(
            shared,
            head,
            Flaw::OtherEvent { found, expected },
        )),
        Err(flaw) => Err(condemned(shared, head, flaw)),
    }
}

fn condemned(shared: &Shared, position: u64, flaw: Flaw) -> BackendError {
    shared.condemn(position, &flaw);
    flaw.into()
}

/// Takes in what comes; ends when a consumer without records has come to where it began.
async fn consume(
    shared: &Shared,
    usual: Deliver,
    state: &State,
) -> Result<Infallible, BackendError> {
    let far = state.last_seq > shared.head() + FAR_BEHIND;
    let what = if far { Deliver::Headers } else { usual };
    let consumer = consumer(shared, what).await?;
    let messages = consumer.stream().heartbeat(HEARTBEAT).expires(EXPIRY);
    let mut messages = messages
        .max_messages_per_batch(what.batch())
        .messages()
        .await?;
    while let Some(message) = messages.next().await {
        take_in(shared, &message?, what).await?;
        if what != usual && shared.head() >= state.last_seq {
            return Err(Trouble::Again("the records are asked for from here on").into());
        }
    }
    Err(Trouble::Disconnected.into())
}

async fn consumer(shared: &Shared, what: Deliver) -> Result<PullConsumer, BackendError> {
    let config = pull::Config {
        // A consumer with a name is made by a request that names the stream, so that permissions can.
        name: Some(format!("socai-{}", Uuid::now_v7().simple())),
        deliver_policy: DeliverPolicy::ByStartSequence {
            start_sequence: shared.head() + 1,
        },
        ack_policy: AckPolicy::None,
        inactive_threshold: EXPIRY,
        memory_storage: true,
        num_replicas: 1,
        headers_only: what == Deliver::Headers,
        ..pull::Config::default()
    };
    let jetstream = &shared.connection.jetstream;
    Ok(jetstream
        .create_consumer_on_stream(config, &shared.stream)
        .await?)
}

async fn take_in(
    shared: &Shared,
    message: &jetstream::Message,
    what: Deliver,
) -> Result<(), BackendError> {
    let position = message.info()?.stream_sequence;
    let next = shared.head() + 1;
    if position < next {
        return Ok(());
    }
    if position > next {
        return gap(shared, next).await;
    }
    match arrival(shared, message, what) {
        Ok(arrival) => shared.arrive(position, [arrival]),
        Err(flaw) => return Err(condemned(shared, position, flaw)),
    }
    shared
        .damage()
        .map_or(Ok(()), |damage| Err(damage.clone().into()))
}

/// A message came too early: either one was lost on its way here, or it is not in the stream.
async fn gap(shared: &Shared, next: u64) -> Result<(), BackendError> {
    match reader::sought(shared, next).await? {
        Some(_) => Err(Trouble::Again("a message was lost on its way").into()),
        None => Err(condemned(shared, next, Flaw::Missing)),
    }
}

fn arrival(shared: &Shared, message: &jetstream::Message, what: Deliver) -> Result<Arrival, Flaw> {
    let stream = shared.subjects.stream(&message.subject)?;
    let headers = message
        .headers
        .as_ref()
        .ok_or(Flaw::Header(crate::message::ID))?;
    let label = Label::read(headers)?;
    let bytes = match what {
        Deliver::Headers => None,
        Deliver::Records => Some(label.record(0, message.payload.clone())?.bytes),
    };
    Ok(Arrival {
        stream,
        id: label.id,
        revision: label.revision,
        bytes,
    })
}
