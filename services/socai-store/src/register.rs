//! A small value that several processes agree on.

use async_trait::async_trait;
use bytes::Bytes;

use crate::BackendError;

/// Bytes of a register's value, at most: it says who does what, not what was done.
pub const REGISTER_BYTES_MAX: usize = 4 * 1024;

/// What a register holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The value.
    pub value: Bytes,
    /// Which swap put it there. Grows with every swap, and names one value for ever.
    pub version: u64,
}

/// One value under one name, read by anybody and replaced by whoever saw the one that is there.
///
/// Registers say who seals and how far a ledger has been seen. They are kept beside the log and are
/// no part of it: a register that is lost is written anew.
///
/// A register is linearizable: a [`read`](Self::read) that begins after a [`swap`](Self::swap) has
/// been answered sees that value or a later one.
#[async_trait]
pub trait Register: Send + Sync {
    /// What is held, `None` where nothing was ever put.
    ///
    /// # Errors
    ///
    /// [`RegisterError`]: ask again later.
    async fn read(&self) -> Result<Option<Held>, RegisterError>;

    /// Puts `value` where the register is at version `expected` (`None`: was never put), and says its
    /// version. It is durable then.
    ///
    /// # Errors
    ///
    /// [`SwapError::Lost`] where it is not; whoever asked decides again on what is there now.
    async fn swap(&self, expected: Option<u64>, value: Bytes) -> Result<u64, SwapError>;
}

/// The register cannot be read now.
#[derive(Debug, thiserror::Error)]
#[error("the register is unavailable")]
pub struct RegisterError(#[source] pub BackendError);

/// Why a swap has no version to answer with.
#[derive(Debug, thiserror::Error)]
pub enum SwapError {
    /// Somebody else put another value first. Read it, decide again.
    #[error("somebody else was first")]
    Lost,
    /// It may or may not have been put. Read it: the value says whose it is.
    #[error("the register cannot say whether the value was put")]
    Unknown(#[source] BackendError),
}
