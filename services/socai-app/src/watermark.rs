//! How far a ledger has been seen, in a form that tells two histories apart.
//!
//! The digest runs over every record: `d(0)` is 32 zero bytes, `d(n) = SHA-256(d(n-1) ‖ SHA-256(record n))`.
//! Two ledgers with the same watermark hold the same bytes in the same order. It proves nothing to anybody
//! who does not trust whoever wrote it down: that is what signed checkpoints are for.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use socai_store::{Position, Recorded, envelope};
use uuid::Uuid;

/// A position, the event that stands there, and a digest of everything up to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Watermark {
    /// The last position seen; 0 where nothing was.
    pub position: u64,
    /// The id of the event there; nil where nothing was seen.
    pub id: Uuid,
    #[serde(with = "hexadecimal")]
    digest: [u8; 32],
}

impl Default for Watermark {
    fn default() -> Self {
        Self {
            position: 0,
            id: Uuid::nil(),
            digest: [0; 32],
        }
    }
}

/// The record is not the next one, or says nothing that can be remembered.
#[derive(Debug, thiserror::Error)]
pub enum NotNext {
    /// Another position was to follow.
    #[error("position {expected} is missing: the record after it is at {found}")]
    Gap {
        /// What was to follow.
        expected: u64,
        /// What came.
        found: u64,
    },
    /// Its envelope does not read.
    #[error("position {position}: {source}")]
    Unreadable {
        /// Where it is.
        position: u64,
        /// What is wrong with it.
        source: envelope::EnvelopeError,
    },
}

impl Watermark {
    /// The digest, as 64 hexadecimal digits.
    pub fn digest(&self) -> String {
        hexadecimal::write(&self.digest)
    }

    /// The watermark one record later.
    ///
    /// # Errors
    ///
    /// [`NotNext`]; the watermark stays where it was.
    pub fn push(&mut self, recorded: &Recorded) -> Result<(), NotNext> {
        let (expected, found) = (self.position + 1, recorded.position.0);
        if expected != found {
            return Err(NotNext::Gap { expected, found });
        }
        let position = found;
        let record = envelope::parse(&recorded.bytes);
        let record = record.map_err(|source| NotNext::Unreadable { position, source })?;
        let mut hash = Sha256::new();
        hash.update(self.digest);
        hash.update(Sha256::digest(&recorded.bytes));
        (self.position, self.id, self.digest) = (position, record.id, hash.finalize().into());
        Ok(())
    }

    /// The position as a place in a store.
    pub fn at(&self) -> Position {
        Position(self.position)
    }
}

/// A digest as text.
mod hexadecimal {
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn write(digest: &[u8; 32]) -> String {
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn read(text: &str) -> Option<[u8; 32]> {
        let digits = text.as_bytes();
        let mut digest = [0; 32];
        for (byte, pair) in digest.iter_mut().zip(digits.chunks(2)) {
            *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
        }
        (digits.len() == 64).then_some(digest)
    }

    pub(super) fn serialize<S: Serializer>(digest: &[u8; 32], out: S) -> Result<S::Ok, S::Error> {
        out.serialize_str(&write(digest))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<[u8; 32], D::Error> {
        let text = String::deserialize(from)?;
        read(&text).ok_or_else(|| D::Error::custom("a digest has 64 hexadecimal digits"))
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn record(position: u64, data: &str) -> Recorded {
        let bytes = format!(
            r#"{{"specversion":"1.0","id":"0192f3a9-c1e7-7000-8000-00000000000{position}","source":"/hanoi","type":"unit.formed.v1","subject":"unit.a","time":"2014-01-01T00:00:00+07:00","recordedtime":"2026-11-23T05:00:00.123Z","revision":{position},"actor":"ana","correlationid":"0192f3a9-c1e7-7000-8000-000000000000","data":{data}}}"#
        );
        Recorded {
            position: Position(position),
            bytes: Bytes::from(bytes),
        }
    }

    #[test]
    fn one_other_byte_makes_another_digest_for_ever() {
        let (mut one, mut other) = (Watermark::default(), Watermark::default());
        one.push(&record(1, "{}")).unwrap();
        other.push(&record(1, "{ }")).unwrap();
        assert_ne!(one.digest(), other.digest());
        for mark in [&mut one, &mut other] {
            mark.push(&record(2, "{}")).unwrap();
        }
        assert_eq!((one.position, one.id), (other.position, other.id));
        assert_ne!(one.digest(), other.digest());
    }

    #[test]
    fn it_reads_back_and_a_short_digest_does_not() {
        let mut mark = Watermark::default();
        mark.push(&record(1, "{}")).unwrap();
        let text = serde_json::to_string(&mark).unwrap();
        assert_eq!(serde_json::from_str::<Watermark>(&text).unwrap(), mark);
        let short = text.replace(&mark.digest(), &mark.digest()[..62]);
        assert!(serde_json::from_str::<Watermark>(&short).is_err());
    }

    #[test]
    fn a_record_that_is_not_the_next_changes_nothing() {
        let mut mark = Watermark::default();
        let before = mark.clone();
        let refused = mark.push(&record(2, "{}"));
        assert!(
            matches!(
                refused,
                Err(NotNext::Gap {
                    expected: 1,
                    found: 2
                })
            ),
            "{refused:?}"
        );
        assert_eq!(mark, before);
    }
}
