//! The checkpoints of a ledger that moves: they go along byte for byte, so that every receipt stays valid.
//!
//! As with records, what the target has must be the beginning of what the source has. Only what covers records
//! that the target holds is brought: more may have been signed since they were.

use std::num::NonZeroU32;

use socai_store::{AddError, CheckpointError, CheckpointLog, Position};
use socai_tlog::{Checkpoint, Note};

/// Notes read at once.
const CHUNK: NonZeroU32 = NonZeroU32::new(1_024).expect("not zero");

/// How many checkpoints went along.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Brought {
    /// The target had them already.
    pub there: u64,
    /// They were brought.
    pub brought: u64,
}

/// Why checkpoints did not go along. What was brought by then stays, and bringing them again goes on.
#[derive(Debug, thiserror::Error)]
pub enum BringError {
    /// The target was sealed by itself.
    #[error(
        "entry {entry} of the target's checkpoints is not the source's: both were sealed, and only one may be"
    )]
    Differ {
        /// The first entry at which they differ.
        entry: u64,
    },
    /// An entry of the source is no checkpoint.
    #[error("entry {entry} of the source's checkpoints does not read: {problem}")]
    Unreadable {
        /// Which entry.
        entry: u64,
        /// What is wrong with it.
        problem: String,
    },
    /// One of the two cannot be read.
    #[error(transparent)]
    Read(#[from] CheckpointError),
    /// The target did not take one.
    #[error("the target did not take entry {entry} of the checkpoints")]
    Add {
        /// Which entry.
        entry: u64,
        /// Why.
        #[source]
        source: AddError,
    },
}

/// Brings every checkpoint of `from` that `to` does not have yet and that covers no more than `end`.
///
/// # Errors
///
/// [`BringError`].
pub async fn bring(
    from: &dyn CheckpointLog,
    to: &dyn CheckpointLog,
    end: Position,
) -> Result<Brought, BringError> {
    let there = to.len().await?;
    let mut entries = 0;
    loop {
        let ours = from.read(entries, CHUNK).await?;
        let theirs = to.read(entries, CHUNK).await?;
        if ours.len() < theirs.len() {
            let entry = entries + ours.len() as u64 + 1;
            return Err(BringError::Differ { entry });
        }
        if ours.is_empty() {
            break;
        }
        for (place, note) in ours.into_iter().enumerate() {
            let entry = entries + 1;
            match theirs.get(place) {
                Some(theirs) if *theirs != note => return Err(BringError::Differ { entry }),
                Some(_) => {}
                None if size(entry, &note)? > end.0 => return Ok(brought(there, entries)),
                None => {
                    let added = to.append(entries, note).await;
                    added.map_err(|source| BringError::Add { entry, source })?;
                }
            }
            entries = entry;
        }
    }
    Ok(brought(there, entries))
}

fn brought(there: u64, entries: u64) -> Brought {
    let brought = entries - there;
    Brought { there, brought }
}

fn size(entry: u64, note: &[u8]) -> Result<u64, BringError> {
    let unreadable = |problem: String| BringError::Unreadable { entry, problem };
    let note = Note::parse(note).map_err(|error| unreadable(error.to_string()))?;
    let said = Checkpoint::parse(&note.text).map_err(|error| unreadable(error.to_string()))?;
    Ok(said.size)
}
