//! Records by position, every one of them checked.
//!
//! Direct gets are answered by any replica, which may be behind: what the index knows and a replica does
//! not have is asked of the stream's leader, and what the leader does not have is damage.

use std::time::Duration;

use async_nats::jetstream::message::StreamMessage;
use async_nats::jetstream::stream::{RawMessageError, RawMessageErrorKind};
use async_nats::{HeaderMap, Message};
use bytes::Bytes;
use futures_util::StreamExt;
use serde_json::{Value, json};
use socai_store::{BackendError, ReadError, Recorded, StreamId};
use tokio::time::{Instant, sleep, timeout_at};

use crate::connection::Connection;
use crate::error::Flaw;
use crate::message::Label;
use crate::state::{Shared, corrupt};
use crate::stream::Info;

/// Messages asked for at once, at most, and their bytes.
const CHUNK_MESSAGES: usize = 1_000;
const CHUNK_BYTES: usize = 4 * 1024 * 1024;

/// How long a new leader may take until it has what the one before acknowledged.
pub(crate) const LEADER_PATIENCE: Duration = Duration::from_secs(10);

pub(crate) const PAUSE: Duration = Duration::from_millis(100);

/// What the server's error means that no such message is there.
const NO_MESSAGE: u64 = 10_037;

/// A message of the stream, wherever it was got.
pub(crate) struct Found {
    pub(crate) position: u64,
    pub(crate) headers: HeaderMap,
    pub(crate) bytes: Bytes,
}

/// The records at `positions`, oldest first, which the index knows. Where they are all of one stream its
/// name spares reading what lies between.
pub(crate) async fn records(
    shared: &Shared,
    positions: &[u64],
    stream: Option<&StreamId>,
) -> Result<Vec<Recorded>, ReadError> {
    shared.expect_sound()?;
    let subject = stream.map(|stream| shared.subjects.of(stream));
    let mut records = Vec::with_capacity(positions.len());
    while let Some(&next) = positions.get(records.len()) {
        let left = &positions[records.len()..];
        let before = records.len();
        let found = direct(shared, left, subject.as_deref()).await?;
        for (found, &position) in found.into_iter().zip(left) {
            if found.position != position {
                break;
            }
            records.push(checked(shared, found)?);
        }
        if records.len() == before {
            records.push(from_leader(shared, next).await?);
        }
    }
    Ok(records)
}

async fn from_leader(shared: &Shared, position: u64) -> Result<Recorded, ReadError> {
    let found = sought(shared, position).await;
    match found.map_err(ReadError::Unavailable)? {
        Some(found) => checked(shared, found),
        None => Err(corrupt(position, Flaw::Missing)),
    }
}

/// The message at `position`, which was recorded. `None` is certain: a server that led until a moment ago
/// may not have what it led to be written, so one that does not have it is asked again.
pub(crate) async fn sought(shared: &Shared, position: u64) -> Result<Option<Found>, BackendError> {
    let deadline = Instant::now() + LEADER_PATIENCE;
    loop {
        if let Some(found) = leader_message(&shared.connection, &shared.stream, position).await? {
            return Ok(Some(found));
        }
        let info = Info::ask(&shared.connection, &shared.stream).await?;
        let hole = info.is_some_and(|info| info.state.hole().is_some());
        if hole || Instant::now() > deadline {
            return Ok(None);
        }
        sleep(PAUSE).await;
    }
}

fn checked(shared: &Shared, found: Found) -> Result<Recorded, ReadError> {
    let Found {
        position,
        headers,
        bytes,
    } = found;
    let record = Label::read(&headers).and_then(|label| {
        let expected = shared
            .ask(|index| index.id_at(position))
            .unwrap_or(label.id);
        if expected != label.id {
            let found = label.id;
            return Err(Flaw::OtherEvent { found, expected });
        }
        label.record(position, bytes)
    });
    record.map_err(|flaw| corrupt(position, flaw))
}

/// Asks any replica for messages from the first of `positions` on. The answer may be short.
async fn direct(
    shared: &Shared,
    positions: &[u64],
    subject: Option<&str>,
) -> Result<Vec<Found>, ReadError> {
    let count = positions.len().min(CHUNK_MESSAGES);
    let mut ask = json!({ "seq": positions[0], "batch": count, "max_bytes": CHUNK_BYTES });
    if let Some(subject) = subject {
        ask["next_by_subj"] = Value::from(subject);
    }
    let found = from_any(&shared.connection, &shared.stream, &ask, shared.timeout).await;
    found.map_err(ReadError::Unavailable)
}

/// The messages of `stream` from number `first` on, `count` of them or fewer, as any replica has them.
pub(crate) async fn numbered(
    shared: &Shared,
    stream: &str,
    first: u64,
    count: u64,
) -> Result<Vec<Found>, BackendError> {
    let count = count.min(CHUNK_MESSAGES as u64);
    let ask = json!({ "seq": first, "batch": count, "max_bytes": CHUNK_BYTES });
    from_any(&shared.connection, stream, &ask, shared.timeout).await
}

async fn from_any(
    connection: &Connection,
    stream: &str,
    ask: &Value,
    timeout: Duration,
) -> Result<Vec<Found>, BackendError> {
    let client = &connection.client;
    let inbox = client.new_inbox();
    let mut answers = client.subscribe(inbox.clone()).await?;
    let to = format!("$JS.API.DIRECT.GET.{stream}");
    client
        .publish_with_reply(to, inbox, ask.to_string().into())
        .await?;
    let deadline = Instant::now() + timeout;
    let count = ask["batch"].as_u64().unwrap_or(1);
    let mut found = Vec::new();
    while (found.len() as u64) < count {
        let answer = timeout_at(deadline, answers.next()).await;
        match answer.ok().flatten().and_then(message) {
            Some(message) => found.push(message),
            None => break,
        }
    }
    Ok(found)
}

/// The message in an answer, if it is one and not the end of them.
fn message(answer: Message) -> Option<Found> {
    if answer.status.is_some() {
        return None;
    }
    let headers = answer.headers?;
    let position = headers.get("Nats-Sequence")?.as_str().parse().ok()?;
    let bytes = answer.payload;
    Some(Found {
        position,
        headers,
        bytes,
    })
}

/// The message at `position` as the leader of `stream` has it.
pub(crate) async fn leader_message(
    connection: &Connection,
    stream: &str,
    position: u64,
) -> Result<Option<Found>, BackendError> {
    let stream = connection.jetstream.get_stream_no_info(stream).await?;
    found(stream.get_raw_message(position).await)
}

/// The last message of `subject`, which is in `stream`, as its leader has it.
pub(crate) async fn leader_last(
    connection: &Connection,
    stream: &str,
    subject: &str,
) -> Result<Option<Found>, BackendError> {
    let stream = connection.jetstream.get_stream_no_info(stream).await?;
    found(stream.get_last_raw_message_by_subject(subject).await)
}

fn found(answer: Result<StreamMessage, RawMessageError>) -> Result<Option<Found>, BackendError> {
    match answer {
        Ok(message) => Ok(Some(Found {
            position: message.sequence,
            headers: message.headers,
            bytes: message.payload,
        })),
        Err(error) if is_missing(&error) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Whether the server was asked and does not have it.
pub(crate) fn is_missing(error: &RawMessageError) -> bool {
    match error.kind() {
        RawMessageErrorKind::NoMessageFound => true,
        RawMessageErrorKind::JetStream(error) => error.error_code().0 == NO_MESSAGE,
        _ => false,
    }
}

/// The records of positions `from` to `to`, both included, which the index knows.
pub(crate) async fn range(shared: &Shared, from: u64, to: u64) -> Result<Vec<Recorded>, ReadError> {
    shared.expect_sound()?;
    if from > to {
        return Ok(Vec::new());
    }
    if let Some(recent) = shared.recent(from, to) {
        return Ok(recent);
    }
    let positions: Vec<u64> = (from..=to).collect();
    records(shared, &positions, None).await
}
