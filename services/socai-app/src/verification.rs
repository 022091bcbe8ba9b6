//! Reading the ledger again: the root of its records is held against the last checkpoint, while the ledger goes on.
//!
//! Deliberately absent: everything else that can be wrong, which [`crate::audit`] looks for and which takes the memory of
//! a second image.

use std::num::NonZeroU32;

use socai_store::{CheckpointLog, EventStore, Position, ReadError};
use socai_tlog::{Edge, Hash};

use crate::sealer::{LogKeys, SealError, last_sealed};

/// Records read at once: others read and write meanwhile.
const CHUNK: NonZeroU32 = NonZeroU32::new(4_096).expect("not zero");

/// What was found right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// How many records the checkpoint covers, all of which were read.
    pub size: u64,
    /// The root of their tree.
    pub root: Hash,
}

/// Why a ledger is not found right.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// The records are others than those that were sealed. Keep everything as it is, and find out which were changed:
    /// `socai verify`.
    #[error("{size} records were sealed with root {sealed}, and read again they have root {found}")]
    OtherRoot {
        /// How many.
        size: u64,
        /// What the checkpoint says.
        sealed: Hash,
        /// What the records come to.
        found: Hash,
    },
    /// Records that were sealed are gone. Keep everything as it is, and restore from a copy.
    #[error("{size} records were sealed, and the ledger ends at position {end}")]
    Ends {
        /// How many.
        size: u64,
        /// Where it ends.
        end: u64,
    },
    /// The records cannot be read, or are damaged.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The checkpoints cannot be read, or are not signed as they have to be.
    #[error(transparent)]
    Checkpoint(#[from] SealError),
}

impl VerifyError {
    /// Whether only something was away: nothing is known to be wrong, and the same may be asked later.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::OtherRoot { .. } | Self::Ends { .. } => false,
            Self::Read(ReadError::Unavailable(_)) => true,
            Self::Read(ReadError::Corrupt { .. }) => false,
            Self::Checkpoint(error) => error.is_passing(),
        }
    }
}

/// Reads every record that the last checkpoint covers, and compares. `None` where nothing was ever sealed.
///
/// # Errors
///
/// [`VerifyError`].
pub async fn read_again(
    store: &dyn EventStore,
    checkpoints: &dyn CheckpointLog,
) -> Result<Option<Verified>, VerifyError> {
    let mut keys = LogKeys::default();
    keys.read_on(store).await?;
    let Some(sealed) = last_sealed(checkpoints, &keys).await? else {
        return Ok(None);
    };
    let (size, sealed) = (sealed.size, sealed.root);
    let found = root_of(store, size).await?;
    if found != sealed {
        return Err(VerifyError::OtherRoot {
            size,
            sealed,
            found,
        });
    }
    Ok(Some(Verified { size, root: found }))
}

async fn root_of(store: &dyn EventStore, size: u64) -> Result<Hash, VerifyError> {
    let mut edge = Edge::default();
    while edge.size() < size {
        let end = edge.size();
        let records = store.read_all(Position(end), CHUNK).await?;
        if records.is_empty() {
            return Err(VerifyError::Ends { size, end });
        }
        let within = records.iter().filter(|record| record.position.0 <= size);
        within.for_each(|record| edge.push(Hash::of_leaf(&record.bytes)));
        // Tiles that are full are nobody's here.
        edge.take_full();
        tokio::task::yield_now().await;
    }
    Ok(edge.root())
}
