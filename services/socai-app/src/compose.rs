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
    /// Made for demonstration.
    pub synthetic: bool,
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
        let id = event_id(stamp, first + index);
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
            data: data.as_bytes(),
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

/// An event's id: UUID v7 of the recorded time, its other bits from the command and the event's place
/// in it, so that one command recorded again at the same instant names the same events.
fn event_id(stamp: &Stamp<'_>, index: usize) -> Uuid {
    let mut hash = Sha256::new();
    hash.update(stamp.command.as_bytes());
    hash.update((index as u64).to_be_bytes());
    let random = hash.finalize();
    let mut bits = [0; 10];
    bits.copy_from_slice(&random[..10]);
    let millis = u64::try_from(stamp.at.as_millisecond()).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &bits).into_uuid()
}
