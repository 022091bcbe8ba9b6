//! From a decision to the records that say so.

use bytes::Bytes;
use jiff::Timestamp;
use jiff::civil::{Date, Time};
use sha2::{Digest, Sha256};
use socai_domain::command::Decision;
use socai_domain::event::Event;
use socai_domain::id::AccountId;
use socai_domain::origin::Origin;
use socai_domain::subject::Subject;
use socai_ledger::image::Image;
use socai_store::envelope::{self, Envelope};
use socai_store::{Append, NewEvent, Revision, StreamAppend, StreamId};
use uuid::Uuid;

use crate::request::Request;

/// What every record of one command carries.
pub struct Stamp<'a> {
    /// The ledger, as `/hanoi`.
    pub source: &'a str,
    /// Who recorded it.
    pub actor: &'a AccountId,
    /// When it was recorded.
    pub at: Timestamp,
    /// The command.
    pub command: Uuid,
    /// What was asked; `None` where nobody asked, as of a history that is told.
    pub said: Option<Said>,
    /// Made for demonstration.
    pub synthetic: bool,
}

/// What a request says and who says it, shortened: tells it from another one of the same id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Said([u8; 32]);

impl Said {
    /// Of `request`, asked by `actor`.
    pub fn of(request: &Request, actor: &AccountId) -> Self {
        let (name, data) = request.command.encode();
        let (on, synthetic) = (request.effective.to_string(), request.synthetic.to_string());
        let mut hash = Sha256::new();
        for part in [actor.as_str(), &name, &on, &synthetic, &data] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        Self(hash.finalize().into())
    }

    /// Whether `record` is the first event of what was said so.
    pub fn begins(self, record: &Envelope<'_>) -> bool {
        let (at, command) = (record.recorded_time, record.correlation_id);
        record.id == event_id(at, command, Some(self), 0)
    }
}

/// When a command of `origin` is recorded: to the millisecond, and never earlier than what `image` holds.
pub fn recorded_at(image: &Image, origin: &Origin) -> Timestamp {
    let at = image
        .last_recorded()
        .map_or(origin.at, |last| last.max(origin.at));
    Timestamp::from_millisecond(at.as_millisecond()).expect("an instant cut short is an instant")
}

/// The append of a whole decision that was made against `image`.
pub fn append(stamp: &Stamp<'_>, image: &Image, decision: &Decision) -> Append {
    let mut append = Append::default();
    let mut first = 0;
    for (subject, events) in &decision.writes {
        let expected = image.revision(&subject.to_string());
        append
            .writes
            .push(stream(stamp, subject, expected, first, events));
        first += events.len();
    }
    append
}

/// The append of `events` to the stream of `subject`, which stands at `expected`. `first` is the place
/// of the first of them among the command's events.
///
/// # Panics
///
/// Where the subject is no stream's name: ids are made so that it always is.
pub fn stream(
    stamp: &Stamp<'_>,
    subject: &Subject,
    expected: u64,
    first: usize,
    events: &[(Date, Event)],
) -> StreamAppend {
    let name = subject.to_string();
    let record = |(index, (on, event)): (usize, &(Date, Event))| {
        let (event_type, data) = event.encode();
        let id = event_id(stamp.at, stamp.command, stamp.said, first + index);
        let bytes = envelope::compose(&Envelope {
            id,
            source: stamp.source.into(),
            event_type: event_type.into(),
            subject: name.as_str().into(),
            time: on.to_datetime(Time::midnight()),
            recorded_time: stamp.at,
            revision: Revision(expected + 1 + index as u64),
            actor: stamp.actor.as_str().into(),
            correlation_id: stamp.command,
            synthetic: stamp.synthetic,
            data: &data,
        });
        NewEvent {
            id,
            bytes: Bytes::from(bytes),
        }
    };
    StreamAppend {
        stream: StreamId::parse(&name).expect("a subject is a stream's name"),
        expected: Revision(expected),
        events: events.iter().enumerate().map(record).collect(),
    }
}

/// An event's id: UUID v7 of the recorded time, its other bits from the command, what it said, and the event's
/// place in it. So one command recorded again at the same instant names the same events, and whoever asks
/// again under the same id is known to say the same, or not.
fn event_id(at: Timestamp, command: Uuid, said: Option<Said>, index: usize) -> Uuid {
    let mut hash = Sha256::new();
    hash.update(command.as_bytes());
    if let Some(Said(said)) = said {
        hash.update(said);
    }
    hash.update((index as u64).to_be_bytes());
    let random = hash.finalize();
    let mut bits = [0; 10];
    bits.copy_from_slice(&random[..10]);
    let millis = u64::try_from(at.as_millisecond()).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &bits).into_uuid()
}
