//! The record: one JSON document around an event's data, a CloudEvent 1.0.
//!
//! ```json
//! {"specversion":"1.0","id":"<uuid>","source":"/hanoi","type":"report.submitted.v1",
//!  "subject":"obligation.<id>","time":"2019-04-10T00:00:00+07:00",
//!  "recordedtime":"2026-11-23T05:00:00.123Z","revision":3,"actor":"<account id>",
//!  "correlationid":"<uuid>","data":{…}}
//! ```
//!
//! `"synthetic":true` stands before `data` in a record made for a demonstration or
//! a test, and in no other: there is no `"synthetic":false` in the canonical form.
//!
//! [`compose`] writes this form, fields in this order and no white space between
//! them: the canonical form. [`parse`] reads it quickly, and reads any other
//! form of the same document as well. `time` is 25 bytes, to the second, at
//! +07:00; `recordedtime` is 24 bytes, to the millisecond, in UTC, so anything
//! finer is cut off when a record is composed.
//!
//! Deliberately absent: what the data means. It is handed out as the text that
//! is there; whoever knows the type parses it, and finds out then whether it
//! is valid JSON.

use std::borrow::Cow;

use jiff::civil::DateTime;
use jiff::{Timestamp, tz};
use uuid::Uuid;

use crate::Revision;

mod any_form;
mod canonical;

/// How far Asia/Ho_Chi_Minh is ahead of UTC, in seconds, all year and every year
/// since 1975.
const OFFSET_SECONDS: i32 = 7 * 60 * 60;

/// Everything about an event but what its data means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope<'a> {
    /// The event's own id.
    pub id: Uuid,
    /// The ledger it was recorded in, as `/hanoi`.
    pub source: Cow<'a, str>,
    /// What kind of event, ending in a version: `report.submitted.v1`.
    pub event_type: Cow<'a, str>,
    /// Its stream: always a valid [`StreamId`](crate::StreamId).
    pub subject: Cow<'a, str>,
    /// When it took effect, on clocks at +07:00.
    pub time: DateTime,
    /// When the ledger took it in.
    pub recorded_time: Timestamp,
    /// Its place in its stream.
    pub revision: Revision,
    /// The account that asked.
    pub actor: Cow<'a, str>,
    /// The command that caused it.
    pub correlation_id: Uuid,
    /// Whether it was made for a demonstration or a test, and never happened.
    pub synthetic: bool,
    /// A JSON object, not looked into.
    pub data: &'a str,
}

impl Envelope<'_> {
    /// What comes before the dot in the subject.
    #[must_use]
    pub fn category(&self) -> &str {
        self.split_subject().0
    }

    /// What comes after the dot in the subject.
    #[must_use]
    pub fn stream_key(&self) -> &str {
        self.split_subject().1
    }

    fn split_subject(&self) -> (&str, &str) {
        self.subject.split_once('.').unwrap_or((&self.subject, ""))
    }
}

/// Reads the envelope of `record`.
///
/// # Errors
///
/// [`EnvelopeError`], which says what is wrong and in which field.
pub fn parse(record: &[u8]) -> Result<Envelope<'_>, EnvelopeError> {
    match canonical::parse(record) {
        Some(envelope) => Ok(envelope),
        None => any_form::parse(record),
    }
}

/// Writes `envelope` in the canonical form.
///
/// `data` must be one JSON object: it is written as it is.
#[must_use]
pub fn compose(envelope: &Envelope<'_>) -> Vec<u8> {
    let mut record = Vec::with_capacity(420 + envelope.data.len());
    compose_into(&mut record, envelope);
    record
}

/// Writes `envelope` in the canonical form after what is in `record` already.
pub fn compose_into(record: &mut Vec<u8>, envelope: &Envelope<'_>) {
    canonical::compose_into(record, envelope);
}

/// Why a record's envelope cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum EnvelopeError {
    /// The record is no JSON object, or a field has the wrong JSON type or
    /// comes twice.
    #[error("the record is not the JSON object of an event")]
    Json(#[source] serde_json::Error),

    /// A field that every record has is not there.
    #[error("the record has no \"{field}\"")]
    Missing { field: &'static str },

    /// A field says something else than it should.
    #[error("the record's \"{field}\" is {found:?}, not {expected}")]
    Field {
        field: &'static str,
        found: String,
        expected: &'static str,
    },
}

fn offset() -> tz::Offset {
    tz::Offset::from_seconds(OFFSET_SECONDS).expect("seven hours are an offset")
}

#[cfg(test)]
mod tests;
