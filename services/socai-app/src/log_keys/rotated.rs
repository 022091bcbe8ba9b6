//! Whether a key that another took over may be retired at a size: nothing that it signed rightly may lose its worth.

use std::num::NonZeroU32;

use socai_domain::log_key::LogKey;
use socai_store::{CheckpointError, CheckpointLog, EventStore};
use socai_tlog::{Checkpoint, Note, VerifierKey};

use super::{NamedKey, named};
use crate::ledger::LoadError;

/// Entries read at once.
const CHUNK: NonZeroU32 = NonZeroU32::new(1_024).expect("not zero");

/// Why a key is not retired for a rotation at a size.
#[derive(Debug, thiserror::Error)]
pub enum RotationError {
    /// The size is too small.
    #[error(
        "entry {entry} of the checkpoints, of size {size}, is signed by this key alone and would not count any more: \
         expected a size of at least {size}"
    )]
    TooSmall { entry: u64, size: u64 },
    /// A checkpoint does not read.
    #[error("entry {entry} of the checkpoints does not read: {problem}")]
    Unreadable { entry: u64, problem: String },
    /// The checkpoints cannot be had.
    #[error(transparent)]
    Checkpoints(#[from] CheckpointError),
    /// The ledger cannot be read.
    #[error(transparent)]
    Load(#[from] LoadError),
}

/// Checks that no checkpoint above `valid_to` counts by `key` alone. What the ledger says of `key` already is not
/// checked again.
///
/// # Errors
///
/// [`RotationError`].
pub async fn check_rotated(
    store: &dyn EventStore,
    checkpoints: &dyn CheckpointLog,
    key: &LogKey,
    valid_to: u64,
) -> Result<(), RotationError> {
    let mut keys = named(store).await?;
    let Some(place) = keys.iter().position(|named| named.key == *key) else {
        return Ok(());
    };
    let rotated = Signer::of(keys.remove(place));
    let others: Vec<Signer> = keys.into_iter().map(Signer::of).collect();
    let (mut entry, mut largest) = (0, None);
    loop {
        let notes = checkpoints.read(entry, CHUNK).await?;
        if notes.is_empty() {
            break;
        }
        for note in notes {
            entry += 1;
            let (note, size) = read(entry, &note)?;
            if size > valid_to && rotated.counts(&note, size) && !any(&others, &note, size) {
                largest = largest.max(Some((size, entry)));
            }
        }
    }
    largest.map_or(Ok(()), |(size, entry)| {
        Err(RotationError::TooSmall { entry, size })
    })
}

/// A key of the ledger, as it is found in a note.
struct Signer {
    named: NamedKey,
    key: Option<VerifierKey>,
}

impl Signer {
    fn of(named: NamedKey) -> Self {
        let key = named.key.as_str().parse().ok();
        Self { named, key }
    }

    /// Whether `note`, of `size`, has a signature of this key by which it counts.
    fn counts(&self, note: &Note, size: u64) -> bool {
        let signed = |key: &VerifierKey| {
            let mut signatures = note.signatures.iter();
            signatures.any(|by| (by.name.as_str(), by.id) == (key.name(), key.id()))
        };
        self.named.is_in_force(size) && self.key.as_ref().is_some_and(signed)
    }
}

fn any(signers: &[Signer], note: &Note, size: u64) -> bool {
    signers.iter().any(|signer| signer.counts(note, size))
}

fn read(entry: u64, bytes: &[u8]) -> Result<(Note, u64), RotationError> {
    let not = |problem: String| RotationError::Unreadable { entry, problem };
    let note = Note::parse(bytes).map_err(|error| not(error.to_string()))?;
    let checkpoint = Checkpoint::parse(&note.text).map_err(|error| not(error.to_string()))?;
    Ok((note, checkpoint.size))
}
