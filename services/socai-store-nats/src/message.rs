//! An event as a message: one literal subject for each ledger stream, three headers, the record's bytes.
//!
//! ```text
//! subject   ledger.hanoi.obligation.hn-2019-0042
//! Socai-Id        019d2f3a-9c1e-7b22-8a55-0d6f3f1c9e01
//! Socai-Revision  3
//! Socai-Crc       1a2b3c4d        crc32c of the payload
//! payload   the record, every byte as it was appended
//! ```
//!
//! Deliberately absent: `Nats-Msg-Id` (its memory is short, and R1 and R3 answer a retry differently) and
//! `Nats-Expected-Last-Msg-Id` (a stale one stops a replicated stream for good).

use async_nats::HeaderMap;
use bytes::Bytes;
use socai_store::{NewEvent, Position, Recorded, StreamId};
use uuid::Uuid;

use crate::error::Flaw;

pub(crate) const ID: &str = "Socai-Id";
pub(crate) const REVISION: &str = "Socai-Revision";
pub(crate) const CRC: &str = "Socai-Crc";

/// The subjects of one ledger.
#[derive(Debug, Clone)]
pub(crate) struct Subjects {
    /// Ends in a dot.
    prefix: String,
}

impl Subjects {
    pub(crate) fn new(prefix: &str) -> Self {
        Self {
            prefix: format!("{prefix}."),
        }
    }

    /// All of them, as a stream takes them in.
    pub(crate) fn all(&self) -> String {
        format!("{}*.*", self.prefix)
    }

    pub(crate) fn of(&self, stream: &StreamId) -> String {
        format!("{}{stream}", self.prefix)
    }

    /// The ledger stream that `subject` names.
    pub(crate) fn stream(&self, subject: &str) -> Result<StreamId, Flaw> {
        let name = subject.strip_prefix(&self.prefix);
        let stream = name.and_then(|name| StreamId::parse(name).ok());
        stream.ok_or_else(|| Flaw::Subject(subject.chars().take(80).collect()))
    }
}

/// What the headers tell of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Label {
    pub(crate) id: Uuid,
    pub(crate) revision: u64,
    crc: u32,
}

impl Label {
    pub(crate) fn new(event: &NewEvent, revision: u64) -> Self {
        let crc = crc32c::crc32c(&event.bytes);
        Self {
            id: event.id,
            revision,
            crc,
        }
    }

    pub(crate) fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(ID, self.id.to_string());
        headers.insert(REVISION, self.revision.to_string());
        headers.insert(CRC, format!("{:08x}", self.crc));
        headers
    }

    pub(crate) fn read(headers: &HeaderMap) -> Result<Self, Flaw> {
        let text = |name| {
            headers
                .get(name)
                .map(|value| value.as_str())
                .ok_or(Flaw::Header(name))
        };
        let revision = text(REVISION)?
            .parse()
            .map_err(|_| Flaw::Header(REVISION))?;
        Ok(Self {
            id: Uuid::try_parse(text(ID)?).map_err(|_| Flaw::Header(ID))?,
            revision,
            crc: u32::from_str_radix(text(CRC)?, 16).map_err(|_| Flaw::Header(CRC))?,
        })
    }

    /// The record at `position`, if `bytes` are what was appended.
    pub(crate) fn record(&self, position: u64, bytes: Bytes) -> Result<Recorded, Flaw> {
        if crc32c::crc32c(&bytes) != self.crc {
            return Err(Flaw::Checksum);
        }
        let position = Position(position);
        Ok(Recorded { position, bytes })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_read_as_it_was_written_and_its_bytes_are_checked() {
        let bytes = Bytes::from_static(b"\0{}");
        let event = NewEvent {
            id: Uuid::from_u128(7),
            bytes: bytes.clone(),
        };
        let label = Label::new(&event, 3);
        assert_eq!(Ok(label), Label::read(&label.headers()));
        assert_eq!(Position(9), label.record(9, bytes).unwrap().position);
        assert_eq!(
            Err(Flaw::Checksum),
            label.record(9, Bytes::from_static(b"{}"))
        );
        assert_eq!(Err(Flaw::Header(REVISION)), Label::read(&HeaderMap::new()));
    }

    #[test]
    fn a_subject_names_one_stream() {
        let subjects = Subjects::new("ledger.hanoi");
        let stream = StreamId::parse("unit.a-1").unwrap();
        assert_eq!("ledger.hanoi.unit.a-1", subjects.of(&stream));
        assert_eq!(Ok(stream), subjects.stream("ledger.hanoi.unit.a-1"));
        for other in [
            "ledger.hue.unit.a",
            "ledger.hanoi.unit",
            "ledger.hanoi.Unit.a",
        ] {
            assert!(subjects.stream(other).is_err(), "{other}");
        }
    }
}
