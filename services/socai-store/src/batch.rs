//! What is appended together, and how much of it.

use std::collections::HashSet;

use bytes::Bytes;
use uuid::Uuid;

use crate::{AppendError, Revision, StreamId};

/// Events in one append, at most.
///
/// JetStream commits at most 1,000 messages as one atomic batch (NATS ADR-50),
/// and what one store cannot do is not in the contract.
pub const BATCH_EVENTS_MAX: usize = 1_000;

/// Bytes of one event, at most: half of the 1 MiB that a NATS server takes as a
/// message by default (`max_payload`), so that headers always fit.
pub const EVENT_BYTES_MAX: usize = 512 * 1024;

/// Bytes of one append's events together, at most: a store holds a batch in
/// memory, and the segment log writes it as one frame.
pub const BATCH_BYTES_MAX: usize = 8 * 1024 * 1024;

/// An event to be recorded: the whole record, composed, and the id it is known by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEvent {
    /// The id in the record's envelope.
    pub id: Uuid,
    /// The record. A store neither reads nor changes it.
    pub bytes: Bytes,
}

/// Events for one stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamAppend {
    /// The stream written.
    pub stream: StreamId,
    /// The revision that the decision was made against.
    pub expected: Revision,
    /// At least one; the first becomes `expected` + 1.
    pub events: Vec<NewEvent>,
}

/// An expectation on a stream that is not written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guard {
    /// The stream looked at.
    pub stream: StreamId,
    /// The revision that the decision was made against.
    pub expected: Revision,
}

/// What one append asks for: all of it happens, or nothing.
///
/// A stream is named once, among writes and guards together.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Append {
    /// The streams written, in the order in which positions are given.
    pub writes: Vec<StreamAppend>,
    /// The streams that must not have moved.
    pub guards: Vec<Guard>,
}

impl Append {
    /// An append of `events` to one stream.
    #[must_use]
    pub fn to(stream: StreamId, expected: Revision, events: Vec<NewEvent>) -> Self {
        Self {
            writes: vec![StreamAppend {
                stream,
                expected,
                events,
            }],
            guards: Vec::new(),
        }
    }

    /// How many events there are, over all streams.
    #[must_use]
    pub fn event_count(&self) -> usize {
        self.writes.iter().map(|write| write.events.len()).sum()
    }

    /// Checks what can be checked without a store. Every store calls it first.
    ///
    /// # Errors
    ///
    /// [`AppendError::BatchSize`], [`AppendError::TooLarge`],
    /// [`AppendError::StreamTwice`] or, for an id that comes twice,
    /// [`AppendError::IdTaken`].
    pub fn check(&self) -> Result<(), AppendError> {
        self.check_count()?;
        self.check_bytes()?;
        self.check_streams()?;
        self.check_ids()
    }

    fn check_count(&self) -> Result<(), AppendError> {
        if self.writes.iter().any(|write| write.events.is_empty()) {
            return Err(AppendError::BatchSize { count: 0 });
        }
        match self.event_count() {
            1..=BATCH_EVENTS_MAX => Ok(()),
            count => Err(AppendError::BatchSize { count }),
        }
    }

    fn check_bytes(&self) -> Result<(), AppendError> {
        let mut sum = 0;
        for event in self.writes.iter().flat_map(|write| &write.events) {
            let bytes = event.bytes.len();
            if bytes > EVENT_BYTES_MAX {
                return Err(AppendError::TooLarge {
                    bytes,
                    bytes_max: EVENT_BYTES_MAX,
                });
            }
            sum += bytes;
        }
        if sum > BATCH_BYTES_MAX {
            return Err(AppendError::TooLarge {
                bytes: sum,
                bytes_max: BATCH_BYTES_MAX,
            });
        }
        Ok(())
    }

    fn check_streams(&self) -> Result<(), AppendError> {
        if self.writes.len() + self.guards.len() == 1 {
            return Ok(());
        }
        let mut seen = HashSet::new();
        let written = self.writes.iter().map(|write| &write.stream);
        for stream in written.chain(self.guards.iter().map(|guard| &guard.stream)) {
            if !seen.insert(stream) {
                return Err(AppendError::StreamTwice {
                    stream: stream.clone(),
                });
            }
        }
        Ok(())
    }

    fn check_ids(&self) -> Result<(), AppendError> {
        if self.event_count() == 1 {
            return Ok(());
        }
        let mut seen = HashSet::new();
        for event in self.writes.iter().flat_map(|write| &write.events) {
            if !seen.insert(event.id) {
                return Err(AppendError::IdTaken { id: event.id });
            }
        }
        Ok(())
    }
}
