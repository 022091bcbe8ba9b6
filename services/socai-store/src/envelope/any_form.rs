//! The slow path: any field order, unknown fields, white space, escapes.

use std::borrow::Cow;
use std::str::FromStr;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::value::RawValue;
use uuid::Uuid;

use super::{Envelope, EnvelopeError, offset};
use crate::{Revision, place};

#[derive(Deserialize)]
struct Fields<'a> {
    specversion: Option<String>,
    id: Option<String>,
    source: Option<String>,
    #[serde(rename = "type")]
    event_type: Option<String>,
    subject: Option<String>,
    time: Option<String>,
    recordedtime: Option<String>,
    revision: Option<u64>,
    actor: Option<String>,
    correlationid: Option<String>,
    synthetic: Option<bool>,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
}

pub(super) fn parse(record: &[u8]) -> Result<Envelope<'_>, EnvelopeError> {
    let fields: Fields<'_> = serde_json::from_slice(record).map_err(EnvelopeError::Json)?;
    let specversion = present("specversion", fields.specversion)?;
    if specversion != "1.0" {
        return Err(wrong("specversion", &specversion, "1.0"));
    }
    Ok(Envelope {
        id: uuid("id", fields.id)?,
        source: text("source", fields.source)?,
        event_type: text("type", fields.event_type)?,
        subject: subject(fields.subject)?,
        time: time(fields.time)?,
        recorded_time: recorded_time(fields.recordedtime)?,
        revision: revision(fields.revision)?,
        actor: text("actor", fields.actor)?,
        correlation_id: uuid("correlationid", fields.correlationid)?,
        synthetic: fields.synthetic.unwrap_or(false),
        data: data(fields.data)?,
    })
}

fn present<T>(field: &'static str, value: Option<T>) -> Result<T, EnvelopeError> {
    value.ok_or(EnvelopeError::Missing { field })
}

fn wrong(field: &'static str, found: &str, expected: &'static str) -> EnvelopeError {
    EnvelopeError::Field {
        field,
        found: found.chars().take(80).collect(),
        expected,
    }
}

fn text(field: &'static str, value: Option<String>) -> Result<Cow<'static, str>, EnvelopeError> {
    let value = present(field, value)?;
    if value.is_empty() {
        return Err(wrong(field, &value, "a text that says something"));
    }
    Ok(Cow::Owned(value))
}

fn uuid(field: &'static str, value: Option<String>) -> Result<Uuid, EnvelopeError> {
    let value = present(field, value)?;
    // Other spellings of a UUID exist; one id has one spelling here.
    Uuid::from_str(&value)
        .ok()
        .filter(|_| value.len() == 36)
        .ok_or_else(|| wrong(field, &value, "a UUID with hyphens"))
}

fn subject(value: Option<String>) -> Result<Cow<'static, str>, EnvelopeError> {
    let value = present("subject", value)?;
    match place::check(&value) {
        Ok(_) => Ok(Cow::Owned(value)),
        Err(_) => Err(wrong("subject", &value, "<category>.<id>")),
    }
}

fn time(value: Option<String>) -> Result<jiff::civil::DateTime, EnvelopeError> {
    let value = present("time", value)?;
    let instant = value.parse::<Timestamp>().map_err(|_| {
        wrong(
            "time",
            &value,
            "an RFC 3339 time as 2019-04-10T00:00:00+07:00",
        )
    })?;
    Ok(offset().to_datetime(instant))
}

fn recorded_time(value: Option<String>) -> Result<Timestamp, EnvelopeError> {
    let value = present("recordedtime", value)?;
    value.parse().map_err(|_| {
        wrong(
            "recordedtime",
            &value,
            "an RFC 3339 time as 2026-11-23T05:00:00.123Z",
        )
    })
}

fn revision(value: Option<u64>) -> Result<Revision, EnvelopeError> {
    match present("revision", value)? {
        0 => Err(wrong("revision", "0", "a count from 1")),
        count => Ok(Revision(count)),
    }
}

fn data(value: Option<&RawValue>) -> Result<&str, EnvelopeError> {
    let value = present("data", value)?.get();
    if value.starts_with('{') {
        Ok(value)
    } else {
        Err(wrong("data", value, "a JSON object"))
    }
}
