//! What can go wrong, by what the caller can do about it.

use uuid::Uuid;

use crate::{Position, Revision, StreamId};

/// What a store's own machinery said.
pub type BackendError = Box<dyn std::error::Error + Send + Sync>;

/// Why an append has no positions to answer with.
///
/// Only [`Unknown`](Self::Unknown) may have written anything.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// More events than [`BATCH_EVENTS_MAX`](crate::BATCH_EVENTS_MAX), or a
    /// stream with none. A bug in the caller.
    #[error("an append has 1 to {max} events and at least one for each stream, not {count}", max = crate::BATCH_EVENTS_MAX)]
    BatchSize { count: usize },

    /// One event, or all together, are larger than a store takes. Say it in
    /// fewer bytes, or in several appends.
    #[error("{bytes} bytes are more than the {bytes_max} that a store takes")]
    TooLarge { bytes: usize, bytes_max: usize },

    /// A stream is named twice among writes and guards. A bug in the caller.
    #[error("stream {stream} is named twice in one append")]
    StreamTwice { stream: StreamId },

    /// A stream has moved on. Read it again, decide again, append again.
    #[error("stream {stream} is at revision {actual}, not at {expected}")]
    Conflict {
        stream: StreamId,
        expected: Revision,
        actual: Revision,
    },

    /// Every stream is where it was expected, but an event with this id is
    /// recorded at another place, or comes twice in the append. An id names one
    /// event for ever: find out what it was used for, or give a fresh one.
    #[error("event id {id} is taken by another event")]
    IdTaken { id: Uuid },

    /// The log is open for reading only. Append where it is open for writing.
    #[error("the store is open for reading only")]
    ReadOnly,

    /// The store is not there, is full, or has stopped. Nothing was recorded;
    /// the same append may be tried later.
    #[error("the store is unavailable, and nothing was recorded")]
    Unavailable(#[source] BackendError),

    /// The answer was lost: the events may or may not be there. Ask again with
    /// the same ids and expectations, which cannot double them.
    #[error("the store cannot say whether the events were recorded")]
    Unknown(#[source] BackendError),
}

/// Why a read has no records to answer with.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// What is stored is not what was recorded. Stop, keep the files, verify,
    /// restore from a copy.
    #[error("the ledger is damaged at position {position}")]
    Corrupt {
        /// The first position that cannot be trusted.
        position: Position,
        #[source]
        source: BackendError,
    },

    /// The store is not there. The same read may be tried later.
    #[error("the store is unavailable")]
    Unavailable(#[source] BackendError),
}

/// An error and what caused it, as one line.
pub fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |line, cause| format!("{line}: {cause}"))
}
