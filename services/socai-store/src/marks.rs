//! The port of what a sealer notes outside the log of checkpoints, so that it knows when that log or the ledger is an
//! older one.

use async_trait::async_trait;
use socai_tlog::Hash;

use crate::BackendError;

/// How far a sealer was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// How many entries the log of checkpoints had.
    pub entries: u64,
    /// How many records the checkpoint covers that was signed, or about to be.
    pub size: u64,
    /// The root of their tree.
    pub root: Hash,
}

/// An alarm that was raised and not removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alarm {
    /// What was said.
    pub sentence: String,
    /// What a person removes after having looked.
    pub place: String,
}

/// One mark and one alarm, of one ledger and one machine. They are not where the log of checkpoints is: whoever
/// restores or removes that one leaves these. What is kept is durable on return, in the place of what was there.
#[async_trait]
pub trait Marks: Send + Sync {
    /// The mark that was kept last.
    ///
    /// # Errors
    ///
    /// [`MarkError`].
    async fn mark(&self) -> Result<Option<Mark>, MarkError>;

    /// Keeps `mark`.
    ///
    /// # Errors
    ///
    /// [`MarkError::Unavailable`]: it is kept or not.
    async fn keep(&self, mark: Mark) -> Result<(), MarkError>;

    /// The alarm, where one was raised.
    ///
    /// # Errors
    ///
    /// [`MarkError::Unavailable`].
    async fn alarm(&self) -> Result<Option<Alarm>, MarkError>;

    /// Raises an alarm. One that was raised before stays as it is.
    ///
    /// # Errors
    ///
    /// [`MarkError::Unavailable`]: it is raised or not.
    async fn raise(&self, sentence: &str) -> Result<(), MarkError>;
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum MarkError {
    /// It is not what was kept. A person has to look, and removes it where that is meant.
    #[error(
        "{place} does not read: expected how far the ledger was sealed; remove it where that is meant"
    )]
    Corrupt {
        /// Where it is.
        place: String,
    },
    /// It cannot be read or written now.
    #[error("how far the ledger was sealed cannot be read or noted")]
    Unavailable(#[source] BackendError),
}
