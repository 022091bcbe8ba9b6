//! The port of the checkpoint log: everything that the sealer ever signed.

use std::num::NonZeroU32;

use async_trait::async_trait;
use bytes::Bytes;

use crate::BackendError;

/// Bytes of a signed note, at most: a checkpoint is some 200, and each cosignature adds some 150.
pub const NOTE_BYTES_MAX: usize = 16 * 1024;

/// Every checkpoint ever signed, each a signed note, in the order of signing. Entries count from 1 without gaps.
///
/// The log is what keeps two sealers from signing two histories: a checkpoint is published only after it has
/// been added here, and of several that are added at one number exactly one is. A cosigned form of a checkpoint
/// is a further entry. Nothing is ever changed or removed. A log keeps notes byte for byte, and knows nothing of
/// what they say.
///
/// It is shared by every task of a process and, where the store allows it, by several processes; all methods may
/// run concurrently. It is linearizable: a read that begins after an [`append`](Self::append) has been answered
/// sees that entry.
///
/// Dropping the future of an append leaves it undecided, exactly as [`AddError::Unknown`] does.
#[expect(
    clippy::len_without_is_empty,
    reason = "whoever asks whether there is any wants the last one"
)]
#[async_trait]
pub trait CheckpointLog: Send + Sync {
    /// How many entries there are.
    ///
    /// # Errors
    ///
    /// [`CheckpointError`].
    async fn len(&self) -> Result<u64, CheckpointError>;

    /// At most `limit` notes after the first `after`, oldest first. None where there are no more.
    ///
    /// # Errors
    ///
    /// [`CheckpointError`]; no note of the answer is handed out then.
    async fn read(&self, after: u64, limit: NonZeroU32) -> Result<Vec<Bytes>, CheckpointError>;

    /// The last entry and its number, `None` where there is none.
    ///
    /// # Errors
    ///
    /// [`CheckpointError`].
    async fn last(&self) -> Result<Option<(u64, Bytes)>, CheckpointError>;

    /// Adds `note`, at most [`NOTE_BYTES_MAX`], where the log has `expected` entries, and answers its number. It
    /// is durable then.
    ///
    /// Asking again is safe as long as nothing follows: where the last entry is `expected` + 1 and has these
    /// bytes, the answer is its number.
    ///
    /// # Errors
    ///
    /// See [`AddError`] for what each leaves behind; only [`AddError::Unknown`] may have added anything.
    async fn append(&self, expected: u64, note: Bytes) -> Result<u64, AddError>;
}

/// Why no checkpoint can be read.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// What is stored is not what was added. Stop, keep what is there, and restore from a copy.
    #[error("the log of checkpoints is damaged at entry {entry}")]
    Corrupt {
        /// The first entry that cannot be trusted.
        entry: u64,
        #[source]
        source: BackendError,
    },

    /// The store is not there. The same may be asked later.
    #[error("the log of checkpoints is unavailable")]
    Unavailable(#[source] BackendError),
}

/// Why a checkpoint has no number.
#[derive(Debug, thiserror::Error)]
pub enum AddError {
    /// More than [`NOTE_BYTES_MAX`]: too many cosignatures. A bug in the caller.
    #[error("a note of {bytes} bytes is longer than the {NOTE_BYTES_MAX} of an entry")]
    TooLarge { bytes: usize },

    /// The log has another number of entries: somebody else signed. Read what there is, decide again.
    #[error("another checkpoint was added first")]
    Lost,

    /// The log is not there, is full, or has stopped. Nothing was added; the same may be asked later.
    #[error("the log of checkpoints is unavailable, and nothing was added")]
    Unavailable(#[source] BackendError),

    /// It may or may not have been added. Read the last entry, or ask again.
    #[error("the log of checkpoints cannot say whether the checkpoint was added")]
    Unknown(#[source] BackendError),
}
