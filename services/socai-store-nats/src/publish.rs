//! Messages to the stream, and what the answer means for them.
//!
//! One message is published alone. Several go as an atomic batch (NATS ADR-50): the server keeps them
//! aside until the last one, which says that they are all, and then stores every one or none.

use async_nats::client::RequestErrorKind;
use async_nats::header::{
    NATS_BATCH_COMMIT, NATS_BATCH_COMMIT_FINAL, NATS_BATCH_ID, NATS_BATCH_SEQUENCE,
};
use async_nats::jetstream::{self, ErrorCode};
use async_nats::{HeaderMap, Request};
use bytes::Bytes;
use serde::Deserialize;
use socai_store::BackendError;
use tokio::time::Instant;
use uuid::Uuid;

use crate::connection::Link;
use crate::decision::Outgoing;
use crate::error::Trouble;
use crate::state::Shared;
use crate::stream::refused;

/// Why messages have no sequence.
#[derive(Debug)]
pub(crate) enum Setback {
    /// A stream is not where it was expected; nothing was stored.
    Moved,
    /// Nothing was stored, and the same may be tried again.
    NotStored(BackendError),
    /// They may be stored, now or a little later.
    Unsure(BackendError),
}

#[derive(Deserialize)]
struct Ack {
    #[serde(default)]
    seq: u64,
    #[serde(default)]
    error: Option<jetstream::Error>,
}

/// Refusals that come before anything is stored.
const NOT_STORED: &[ErrorCode] = &[
    ErrorCode::CLUSTER_NOT_AVAILABLE,
    ErrorCode::CLUSTER_NOT_LEADER,
    ErrorCode::INSUFFICIENT_RESOURCES,
    ErrorCode::JETSTREAM_NOT_ENABLED,
    ErrorCode::JETSTREAM_NOT_ENABLED_FOR_ACCOUNT,
    ErrorCode::STREAM_EXPECTED_LAST_SEQ_PER_SUBJECT_NOT_READY,
    ErrorCode::ATOMIC_PUBLISH_INCOMPLETE_BATCH,
    ErrorCode::ATOMIC_PUBLISH_TOO_MANY_INFLIGHT,
];

/// A stream's last sequence is another, or two expectations of one batch do not go together.
const MOVED: &[ErrorCode] = &[
    ErrorCode::STREAM_WRONG_LAST_SEQUENCE,
    ErrorCode::STREAM_WRONG_LAST_SEQUENCE_CONSTANT,
];

/// Publishes `outgoing`, all or nothing, and says the sequence of the first.
pub(crate) async fn publish(
    shared: &Shared,
    mut outgoing: Vec<Outgoing>,
    deadline: Instant,
) -> Result<u64, Setback> {
    let count = outgoing.len() as u64;
    // Nothing is handed to a client that has no connection now: it would keep it, and send it over one that
    // nobody has looked at. Where the connection is lost in this very moment it still does; then the expectation
    // that the message carries is what guards the stream.
    let link = shared.trusted(deadline).await;
    link.map_err(Setback::NotStored)?;
    let last = outgoing.pop().expect("an append has events");
    let last = if outgoing.is_empty() {
        last
    } else {
        batch(shared, outgoing, last).await?
    };
    let Outgoing {
        subject,
        headers,
        payload,
        ..
    } = last;
    let sequence = ask(shared, subject, headers, payload, deadline).await?;
    (sequence + 1)
        .checked_sub(count)
        .filter(|first| *first > 0)
        .ok_or_else(|| stored_at(sequence))
}

/// Publishes one message by itself, and says its sequence.
pub(crate) async fn publish_one(
    shared: &Shared,
    subject: String,
    headers: HeaderMap,
    payload: Bytes,
    deadline: Instant,
) -> Result<u64, Setback> {
    let link = shared.trusted(deadline).await;
    link.map_err(Setback::NotStored)?;
    ask(shared, subject, headers, payload, deadline).await
}

/// What was stored stands where it cannot.
pub(crate) fn stored_at(sequence: u64) -> Setback {
    Setback::Unsure(Trouble::Refused(format!("stored at {sequence}")).into())
}

fn setback(error: &jetstream::Error) -> Setback {
    if MOVED.contains(&error.error_code()) {
        Setback::Moved
    } else if NOT_STORED.contains(&error.error_code()) {
        Setback::NotStored(refused(error))
    } else {
        Setback::Unsure(refused(error))
    }
}

/// Sends all but the last message of a batch, and makes the last one commit them.
async fn batch(
    shared: &Shared,
    outgoing: Vec<Outgoing>,
    mut last: Outgoing,
) -> Result<Outgoing, Setback> {
    let id = Uuid::now_v7().to_string();
    let mut sequence = 0_usize;
    for mut message in outgoing {
        sequence += 1;
        message.headers.insert(NATS_BATCH_ID, id.as_str());
        message
            .headers
            .insert(NATS_BATCH_SEQUENCE, sequence.to_string());
        let client = &shared.connection.client;
        let sent = client.publish_with_headers(message.subject, message.headers, message.payload);
        // A batch that is not committed is never stored.
        sent.await
            .map_err(|error| Setback::NotStored(error.into()))?;
    }
    last.headers.insert(NATS_BATCH_ID, id.as_str());
    last.headers
        .insert(NATS_BATCH_SEQUENCE, (sequence + 1).to_string());
    last.headers
        .insert(NATS_BATCH_COMMIT, NATS_BATCH_COMMIT_FINAL);
    Ok(last)
}

/// Sends the message that decides, and waits for the sequence that it was stored at.
async fn ask(
    shared: &Shared,
    subject: String,
    headers: HeaderMap,
    payload: Bytes,
    deadline: Instant,
) -> Result<u64, Setback> {
    let request = Request::new().headers(headers).payload(payload);
    let left = deadline
        .saturating_duration_since(Instant::now())
        .min(shared.timeout);
    let mut link = shared.connection.link.clone();
    let Link { made, .. } = *link.borrow_and_update();
    let client = &shared.connection.client;
    let answer = tokio::select! {
        answer = client.send_request(subject, request.timeout(Some(left))) => answer,
        _ = link.wait_for(|link| *link != Link { made, up: true }) => {
            return Err(Setback::Unsure(Trouble::Disconnected.into()));
        }
    };
    match answer {
        Ok(answer) => read(&answer.payload),
        Err(error) => Err(match error.kind() {
            RequestErrorKind::NoResponders
            | RequestErrorKind::InvalidSubject
            | RequestErrorKind::MaxPayloadExceeded => Setback::NotStored(error.into()),
            RequestErrorKind::TimedOut | RequestErrorKind::Other => Setback::Unsure(error.into()),
        }),
    }
}

fn read(answer: &Bytes) -> Result<u64, Setback> {
    let ack: Ack = serde_json::from_slice(answer).map_err(|error| Setback::Unsure(error.into()))?;
    ack.error.map_or(Ok(ack.seq), |error| Err(setback(&error)))
}
