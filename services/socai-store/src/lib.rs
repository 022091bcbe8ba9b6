//! The event-store port: an append-only log of streams, and the record envelope.
//!
//! A store keeps records byte for byte and knows their order, nothing of their
//! meaning. Deliberately absent: any store, any event of the domain, any clock.
//!
//! | Module | What is in it |
//! |---|---|
//! | [`identity`] | whose ledger it is |
//! | [`place`] | [`StreamId`], [`Revision`], [`Position`] |
//! | [`batch`] | what is appended, and its limits |
//! | [`error`] | what can go wrong, by what the caller can do |
//! | [`subscription`] | catch-up, then live |
//! | [`register`] | a small value that several processes agree on |
//! | [`blob`] | the port of attachments' bytes, and the address that they are kept under |
//! | [`tiles`] | the port of the tree's tiles |
//! | [`checkpoints`] | the port of everything that the sealer ever signed |
//! | [`marks`] | the port of what a sealer notes outside it |
//! | [`credentials`] | the port of what is known of persons beside the log |
//! | [`envelope`] | the JSON around an event's data |
#![cfg_attr(
    test,
    allow(clippy::unwrap_used, reason = "a test that unwraps fails with a place")
)]

use std::num::NonZeroU32;

use async_trait::async_trait;
use bytes::Bytes;

pub mod batch;
pub mod blob;
pub mod checkpoints;
pub mod credentials;
pub mod envelope;
pub mod error;
pub mod identity;
pub mod marks;
pub mod place;
pub mod register;
pub mod subscription;
pub mod tiles;

pub use batch::{
    Append, BATCH_BYTES_MAX, BATCH_EVENTS_MAX, EVENT_BYTES_MAX, Guard, NewEvent, StreamAppend,
};
pub use checkpoints::{AddError, CheckpointError, CheckpointLog, NOTE_BYTES_MAX};
pub use credentials::{
    Credentials, CredentialsError, KeepError, KeyHash, PasswordHash, Person, Session, Subject,
};
pub use envelope::{Envelope, EnvelopeError};
pub use error::{AppendError, BackendError, ReadError, chain};
pub use identity::Identity;
pub use marks::{Alarm, Mark, MarkError, Marks};
pub use place::{Position, Revision, StreamId, StreamIdError};
pub use register::{Held, Register, RegisterError, SwapError};
pub use subscription::{Delivery, Feed, Subscription};
pub use tiles::{TileError, TileStore};

/// A record as the store keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// Its place in the ledger.
    pub position: Position,
    /// The bytes that were appended, every one of them.
    pub bytes: Bytes,
}

/// An append-only log of event streams, in one total order.
///
/// A store is shared by every task of a process: all methods may run
/// concurrently. Positions count from 1 without gaps over the whole store,
/// revisions from 1 without gaps in their stream; both are given in the order
/// of an append's events. Nothing is ever changed or removed.
///
/// Dropping the future of an append before it ends leaves the append undecided,
/// exactly as [`AppendError::Unknown`] does. Dropping any other future leaves
/// nothing behind.
#[async_trait]
pub trait EventStore: Send + Sync {
    /// Appends every event of `append`, to one stream or several, or none.
    ///
    /// Each stream written and each stream guarded must be at its expected
    /// revision at the same moment. Answers the positions of the events, in the
    /// order given. By then the events are durable (synced to disk, or
    /// acknowledged by a majority of replicas) and any later read sees them.
    ///
    /// Of several appends that expect the same revision of a stream exactly one
    /// succeeds.
    ///
    /// **Asking again is safe, for ever.** Where the ids of each stream's events
    /// are recorded already, in this order, right after the expected revision,
    /// the answer is their positions, and nothing is written. Guards are not
    /// looked at again, nor are bytes compared: the id names the event.
    ///
    /// # Errors
    ///
    /// See [`AppendError`] for what each leaves behind; only
    /// [`AppendError::Unknown`] may have written. Where several apply, the one
    /// that it declares first.
    async fn append(&self, append: Append) -> Result<Vec<Position>, AppendError>;

    /// Reads `stream`, oldest first: at most `limit` records after `after`.
    ///
    /// A stream that does not exist reads as empty. An answer shorter than
    /// `limit` says only that this was the end when the store looked.
    ///
    /// # Errors
    ///
    /// [`ReadError::Corrupt`] where a stored record fails its checksum: no
    /// record of this answer is handed out.
    async fn read(
        &self,
        stream: &StreamId,
        after: Revision,
        limit: NonZeroU32,
    ) -> Result<Vec<Recorded>, ReadError>;

    /// Reads `stream`, newest first: at most `limit` records before `before`,
    /// or from the last one where that is `None`.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read).
    async fn read_backwards(
        &self,
        stream: &StreamId,
        before: Option<Revision>,
        limit: NonZeroU32,
    ) -> Result<Vec<Recorded>, ReadError>;

    /// Reads the ledger, oldest first: at most `limit` records after `after`.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read).
    async fn read_all(
        &self,
        after: Position,
        limit: NonZeroU32,
    ) -> Result<Vec<Recorded>, ReadError>;

    /// Reads the ledger, newest first: at most `limit` records before `before`,
    /// or from the last one where that is `None`.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read).
    async fn read_all_backwards(
        &self,
        before: Option<Position>,
        limit: NonZeroU32,
    ) -> Result<Vec<Recorded>, ReadError>;

    /// Every record after `after`: those that are there, then those to come.
    ///
    /// # Errors
    ///
    /// [`ReadError::Unavailable`] where the store cannot be asked.
    async fn subscribe(&self, after: Position) -> Result<Subscription, ReadError>;

    /// The position of the last durable record, [`Position::ZERO`] if none.
    ///
    /// Where several processes append, a read sees another process's records a moment later; once this
    /// has answered, every read sees whatever any process was told before it was asked.
    ///
    /// # Errors
    ///
    /// [`ReadError::Unavailable`] where the store cannot be asked.
    async fn head(&self) -> Result<Position, ReadError>;
}
