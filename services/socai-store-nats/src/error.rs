//! What can go wrong while a ledger is opened, by what the caller can do, and what damage is.

use socai_store::{BackendError, Position};
use uuid::Uuid;

use crate::connection::ConnectError;

/// Why a ledger cannot be made or opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Mend what it names.
    #[error(transparent)]
    Connect(#[from] ConnectError),

    /// Open it instead, or name another stream.
    #[error("stream {stream} is there already")]
    Exists { stream: String },

    /// Create it, or name the stream that holds the ledger.
    #[error("there is no stream {stream}")]
    NoLedger { stream: String },

    /// The stream is somebody else's: name another.
    #[error("stream {stream} does not say whose ledger it is: it was not made by socai")]
    NotALedger { stream: String },

    /// Use the release that made it, or a later one.
    #[error(
        "stream {stream} holds the ledger in format {format}, and this release reads format {}",
        crate::identity::SUPPORTED
    )]
    NewerFormat { stream: String, format: String },

    /// Somebody changed the stream. Find out who and why, then change it back.
    #[error("stream {stream} has {field} = {found}; a ledger needs {expected}")]
    Drift {
        stream: String,
        field: String,
        found: String,
        expected: String,
    },

    /// Say `sync_interval: always` in their configuration and start them again, or give a user of the
    /// system account who can ask them, or accept the risk with `allow_unsynced`.
    #[error("these servers do not say that they sync what they acknowledge (sync_interval: always): {}", servers.join(", "))]
    Unsynced { servers: Vec<String> },

    /// Stop, keep the files of the servers, verify, restore from a copy.
    #[error("the ledger is damaged")]
    Damaged(#[from] Damage),

    /// The ledger is not the one that was here before, or an old copy of it. Find out before anybody
    /// writes: appends would begin a second history.
    #[error("the ledger does not have event {id} at position {position}, which was there before")]
    RolledBack { position: Position, id: Uuid },

    /// Stop, keep the files of the servers, restore from a copy.
    #[error(transparent)]
    Checkpoints(socai_store::CheckpointError),

    /// The servers are not there, or do not let this process do what it needs. Try again later.
    #[error("the stream cannot be asked")]
    Unavailable(#[source] BackendError),
}

/// The first position that cannot be trusted, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("position {position}: {what}")]
pub struct Damage {
    pub position: Position,
    pub what: String,
}

/// What a message says that no event of this ledger does.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Flaw {
    #[error("its subject {0:?} names no stream of the ledger")]
    Subject(String),
    #[error("its header {0} is missing or unreadable")]
    Header(&'static str),
    #[error("its bytes do not have the checksum that they were recorded with")]
    Checksum,
    #[error("it is revision {found} of its stream, where {expected} must follow")]
    Revision { found: u64, expected: u64 },
    #[error("event {found} is there, where {expected} was recorded")]
    OtherEvent { found: Uuid, expected: Uuid },
    #[error("the message is not there")]
    Missing,
    #[error("the log is full: it has {} records", crate::index::RECORDS_MAX)]
    Full,
}

/// What a store says when it gives up, where no library has said it already.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Trouble {
    #[error("nats-server did not answer in time")]
    Late,
    #[error("the connection to nats-server is down")]
    Disconnected,
    #[error("nats-server says: {0}")]
    Refused(String),
    #[error("{0}")]
    Again(&'static str),
    #[error("the store was closed")]
    Closed,
    #[error("others kept writing first")]
    Outrun,
    #[error("these servers do not sync what they acknowledge any more: {}", .0.join(", "))]
    Unsynced(Vec<String>),
}
