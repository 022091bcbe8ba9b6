//! What an append comes to, seen from the index: settled, or messages to be published.

use async_nats::HeaderMap;
use async_nats::header::{NATS_EXPECTED_LAST_SEQUENCE, NATS_EXPECTED_LAST_SUBJECT_SEQUENCE};
use bytes::Bytes;
use socai_store::{Append, AppendError, Position, Revision, StreamAppend, StreamId};

use crate::index::Index;
use crate::message::{Label, Subjects};
use crate::state::Arrival;

pub(crate) type Answer = Result<Vec<Position>, AppendError>;

/// What an append comes to.
pub(crate) enum Decision {
    /// True for ever.
    Settled(Answer),
    /// The append knows of events that the index does not: true if they are not in the stream either.
    Ahead(AppendError),
    /// To be published, every message or none.
    Publish(Vec<Outgoing>),
}

/// An event on its way.
pub(crate) struct Outgoing {
    pub(crate) subject: String,
    pub(crate) headers: HeaderMap,
    pub(crate) payload: Bytes,
    pub(crate) arrival: Arrival,
}

/// Decides on `append`.
pub(crate) fn decide(index: &Index, subjects: &Subjects, append: &Append) -> Decision {
    if let Some(positions) = recorded_before(index, append) {
        return Decision::Settled(Ok(positions));
    }
    if let Some((stream, expected)) = moved(index, append) {
        let actual = Revision(index.revision(stream.as_str()));
        let stream = stream.clone();
        let conflict = AppendError::Conflict {
            stream,
            expected,
            actual,
        };
        return if actual > expected {
            Decision::Settled(Err(conflict))
        } else {
            Decision::Ahead(conflict)
        };
    }
    let mut events = append.writes.iter().flat_map(|write| &write.events);
    match events.find(|event| index.position_of(event.id).is_some()) {
        Some(event) => Decision::Settled(Err(AppendError::IdTaken { id: event.id })),
        None => Decision::Publish(outgoing(index, subjects, append)),
    }
}

fn recorded_before(index: &Index, append: &Append) -> Option<Vec<Position>> {
    let mut positions = Vec::new();
    for write in &append.writes {
        positions.extend(write_recorded_before(index, write)?);
    }
    Some(positions)
}

fn write_recorded_before(index: &Index, write: &StreamAppend) -> Option<Vec<Position>> {
    let from = write.expected.0.saturating_add(1);
    let to = write.expected.0.saturating_add(write.events.len() as u64);
    if index.revision(write.stream.as_str()) < to {
        return None;
    }
    let recorded = index.positions(write.stream.as_str(), from, to);
    let mut both = recorded.iter().zip(&write.events);
    let same = both.all(|(&position, event)| index.id_at(position) == Some(event.id));
    same.then(|| recorded.into_iter().map(Position).collect())
}

/// The first stream that is not where `append` expects it.
fn moved<'a>(index: &Index, append: &'a Append) -> Option<(&'a StreamId, Revision)> {
    let writes = append
        .writes
        .iter()
        .map(|write| (&write.stream, write.expected));
    let guards = append
        .guards
        .iter()
        .map(|guard| (&guard.stream, guard.expected));
    writes
        .chain(guards)
        .find(|(stream, expected)| index.revision(stream.as_str()) != expected.0)
}

/// Each written stream's first message carries the sequence of the stream's last one, on its own literal
/// subject. Guards hold as long as nothing at all has been written since they were looked at.
fn outgoing(index: &Index, subjects: &Subjects, append: &Append) -> Vec<Outgoing> {
    let mut outgoing = Vec::with_capacity(append.event_count());
    for write in &append.writes {
        let subject = subjects.of(&write.stream);
        let revisions = write.expected.0 + 1..;
        for (revision, event) in revisions.zip(&write.events) {
            let label = Label::new(event, revision);
            let (stream, payload) = (write.stream.clone(), event.bytes.clone());
            let bytes = Some(payload.clone());
            let arrival = Arrival {
                stream,
                id: event.id,
                revision,
                bytes,
            };
            let (subject, headers) = (subject.clone(), label.headers());
            outgoing.push(Outgoing {
                subject,
                headers,
                payload,
                arrival,
            });
        }
        let first = outgoing.len() - write.events.len();
        let last = index.last(write.stream.as_str()).to_string();
        outgoing[first]
            .headers
            .insert(NATS_EXPECTED_LAST_SUBJECT_SEQUENCE, last);
    }
    if !append.guards.is_empty() {
        let head = index.head().to_string();
        outgoing[0]
            .headers
            .insert(NATS_EXPECTED_LAST_SEQUENCE, head);
    }
    outgoing
}
