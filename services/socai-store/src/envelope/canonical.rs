//! The quick path: the form that [`compose_into`] writes, and no other.
//!
//! [`parse`] answers `None` wherever a byte is not as expected, and the slow path
//! decides what is wrong, if anything is.

use std::borrow::Cow;
use std::io::Write;

use jiff::civil::{Date, DateTime, Time};
use jiff::{Timestamp, tz};
use uuid::Uuid;

use super::Envelope;
use crate::{Revision, place};

const TIME_BYTES: usize = "2019-04-10T00:00:00+07:00".len();
const RECORDED_TIME_BYTES: usize = "2026-11-23T05:00:00.123Z".len();

pub(super) fn parse(record: &[u8]) -> Option<Envelope<'_>> {
    let mut rest = Rest(std::str::from_utf8(record).ok()?);
    rest.literal(br#"{"specversion":"1.0","id":""#)?;
    let id = rest.uuid()?;
    rest.literal(br#"","source":""#)?;
    let source = rest.text()?;
    rest.literal(br#","type":""#)?;
    let event_type = rest.text()?;
    rest.literal(br#","subject":""#)?;
    let subject = rest.text()?;
    place::check(subject).ok()?;
    rest.literal(br#","time":""#)?;
    let time = time(rest.take(TIME_BYTES)?.as_bytes())?;
    rest.literal(br#"","recordedtime":""#)?;
    let recorded_time = recorded_time(rest.take(RECORDED_TIME_BYTES)?.as_bytes())?;
    rest.literal(br#"","revision":"#)?;
    let revision = rest.revision()?;
    rest.literal(br#","actor":""#)?;
    let actor = rest.text()?;
    rest.literal(br#","correlationid":""#)?;
    let correlation_id = rest.uuid()?;
    rest.literal(b"\",")?;
    let synthetic = rest.literal(br#""synthetic":true,"#).is_some();
    rest.literal(br#""data":"#)?;
    let data = rest.0.strip_suffix('}')?;
    if !is_one_object(data.as_bytes()) {
        return None;
    }
    Some(Envelope {
        id,
        source: Cow::Borrowed(source),
        event_type: Cow::Borrowed(event_type),
        subject: Cow::Borrowed(subject),
        time,
        recorded_time,
        revision,
        actor: Cow::Borrowed(actor),
        correlation_id,
        synthetic,
        data,
    })
}

/// The bytes that stand for themselves in a JSON string.
static PLAIN: [bool; 256] = {
    let mut plain = [false; 256];
    let mut byte = b' ' as usize;
    while byte <= b'~' as usize {
        plain[byte] = byte != b'"' as usize && byte != b'\\' as usize;
        byte += 1;
    }
    plain
};

/// What has not been read yet.
struct Rest<'a>(&'a str);

impl<'a> Rest<'a> {
    #[inline]
    fn literal<const BYTES: usize>(&mut self, literal: &[u8; BYTES]) -> Option<()> {
        let found = self.0.as_bytes().first_chunk()?;
        (found == literal).then(|| self.0 = &self.0[BYTES..])
    }

    #[inline]
    fn take(&mut self, bytes: usize) -> Option<&'a str> {
        let (taken, rest) = self.0.split_at_checked(bytes)?;
        self.0 = rest;
        Some(taken)
    }

    #[inline]
    fn uuid(&mut self) -> Option<Uuid> {
        Uuid::try_parse(self.take(36)?).ok()
    }

    /// A string up to its closing quote, that too: printable ASCII without escapes.
    #[inline]
    fn text(&mut self) -> Option<&'a str> {
        let end = self.0.bytes().position(|byte| !PLAIN[usize::from(byte)])?;
        let text = self.take(end).filter(|text| !text.is_empty())?;
        self.literal(b"\"")?;
        Some(text)
    }

    /// A count from 1 of at most 18 digits, which cannot overflow.
    #[inline]
    fn revision(&mut self) -> Option<Revision> {
        let end = self.0.bytes().position(|byte| !byte.is_ascii_digit())?;
        let digits = self.take(end)?.as_bytes();
        if !(1..=18).contains(&end) || digits[0] == b'0' {
            return None;
        }
        Some(Revision(
            digits
                .iter()
                .fold(0, |sum, digit| sum * 10 + u64::from(digit - b'0')),
        ))
    }
}

#[inline]
fn two(text: &[u8], at: usize) -> Option<i8> {
    let (tens, ones) = (text[at].wrapping_sub(b'0'), text[at + 1].wrapping_sub(b'0'));
    (tens < 10 && ones < 10).then(|| (tens * 10 + ones).cast_signed())
}

/// `2019-04-10T00:00:00` and no more; the caller has looked at the length.
#[inline]
fn civil(text: &[u8]) -> Option<DateTime> {
    let signs = [text[4], text[7], text[10], text[13], text[16]];
    if signs != *b"--T::" {
        return None;
    }
    let year = i16::from(two(text, 0)?) * 100 + i16::from(two(text, 2)?);
    let date = Date::new(year, two(text, 5)?, two(text, 8)?).ok()?;
    let time = Time::new(two(text, 11)?, two(text, 14)?, two(text, 17)?, 0).ok()?;
    Some(DateTime::from_parts(date, time))
}

fn time(text: &[u8]) -> Option<DateTime> {
    let (local, zone) = text.split_at(TIME_BYTES - 6);
    if zone != b"+07:00" {
        return None;
    }
    // Times so early that UTC has no name for them are for the slow path.
    civil(local).filter(|time| time.year() > 0)
}

fn recorded_time(text: &[u8]) -> Option<Timestamp> {
    let (second, fraction) = text.split_at(RECORDED_TIME_BYTES - 5);
    if fraction[0] != b'.' || fraction[4] != b'Z' || !fraction[3].is_ascii_digit() {
        return None;
    }
    let milliseconds = i64::from(two(fraction, 1)?) * 10 + i64::from(fraction[3] - b'0');
    let second = tz::Offset::UTC
        .to_timestamp(civil(second)?)
        .ok()?
        .as_second();
    Timestamp::from_millisecond(second * 1_000 + milliseconds).ok()
}

/// Whether `data` opens one object and closes it with its last byte, so that no
/// field follows it in the record.
#[inline]
fn is_one_object(data: &[u8]) -> bool {
    if data.len() < 2 || data[0] != b'{' || data[data.len() - 1] != b'}' {
        return false;
    }
    let inside = &data[1..data.len() - 1];
    // Without a way out of the loop it is done many bytes at a time.
    let has_braces = inside
        .iter()
        .fold(false, |found, byte| found | matches!(byte, b'{' | b'}'));
    !has_braces || closes_last(data)
}

/// [`is_one_object`] where there are braces within, in strings or objects.
fn closes_last(data: &[u8]) -> bool {
    let (mut depth, mut in_string, mut escaped) = (0_u32, false, false);
    for (at, &byte) in data.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'{' if !in_string => depth += 1,
            b'}' if !in_string => {
                depth -= 1;
                if depth == 0 {
                    return at == data.len() - 1;
                }
            }
            _ => {}
        }
    }
    false
}

pub(super) fn compose_into(record: &mut Vec<u8>, envelope: &Envelope<'_>) {
    record.extend_from_slice(br#"{"specversion":"1.0","id":""#);
    uuid_into(record, envelope.id);
    record.extend_from_slice(br#"","source":"#);
    text_into(record, &envelope.source);
    record.extend_from_slice(br#","type":"#);
    text_into(record, &envelope.event_type);
    record.extend_from_slice(br#","subject":"#);
    text_into(record, &envelope.subject);
    record.extend_from_slice(br#","time":""#);
    civil_into(record, envelope.time);
    record.extend_from_slice(br#"+07:00","recordedtime":""#);
    let recorded = tz::Offset::UTC.to_datetime(envelope.recorded_time);
    civil_into(record, recorded);
    digits_into(record, b'.', recorded.millisecond(), 3);
    record.extend_from_slice(br#"Z","revision":"#);
    write!(record, "{}", envelope.revision.0).expect("a vector takes every byte");
    record.extend_from_slice(br#","actor":"#);
    text_into(record, &envelope.actor);
    record.extend_from_slice(br#","correlationid":""#);
    uuid_into(record, envelope.correlation_id);
    record.extend_from_slice(b"\",");
    if envelope.synthetic {
        record.extend_from_slice(br#""synthetic":true,"#);
    }
    record.extend_from_slice(br#""data":"#);
    record.extend_from_slice(envelope.data.as_bytes());
    record.push(b'}');
}

fn uuid_into(record: &mut Vec<u8>, id: Uuid) {
    record.extend_from_slice(
        id.hyphenated()
            .encode_lower(&mut Uuid::encode_buffer())
            .as_bytes(),
    );
}

fn text_into(record: &mut Vec<u8>, text: &str) {
    serde_json::to_writer(record, text).expect("a vector takes every byte");
}

fn civil_into(record: &mut Vec<u8>, time: DateTime) {
    digits_into(record, b' ', time.year() / 100, 2);
    digits_into(record, b' ', time.year() % 100, 2);
    digits_into(record, b'-', time.month().into(), 2);
    digits_into(record, b'-', time.day().into(), 2);
    digits_into(record, b'T', time.hour().into(), 2);
    digits_into(record, b':', time.minute().into(), 2);
    digits_into(record, b':', time.second().into(), 2);
}

/// `sign`, unless it is a space, and `number` in `width` digits.
fn digits_into(record: &mut Vec<u8>, sign: u8, number: i16, width: u32) {
    if sign != b' ' {
        record.push(sign);
    }
    for place in (0..width).rev() {
        let digit = number.unsigned_abs() / 10_u16.pow(place) % 10;
        record.push(b'0' + u8::try_from(digit).expect("a digit is below ten"));
    }
}
