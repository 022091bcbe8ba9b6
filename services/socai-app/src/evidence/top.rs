//! The checkpoint at which a bundle is made.

use std::num::NonZeroU32;

use socai_store::{CheckpointLog, Position};
use socai_tlog::{Checkpoint, Note};

use super::EvidenceError;
use super::brackets::read_note;

/// Entries read at once.
pub(super) const CHUNK: NonZeroU32 = NonZeroU32::new(1_024).expect("not zero");

/// A checkpoint that covers an export.
#[derive(Debug, Clone)]
pub struct Top {
    /// The number of its entry.
    pub entry: u64,
    /// As it was signed.
    pub note: Note,
    /// What it says.
    pub checkpoint: Checkpoint,
}

impl Top {
    /// How many others than the log signed it.
    pub fn cosignatures(&self) -> usize {
        cosignatures(&self.note, &self.checkpoint)
    }
}

/// How many others than the log signed a checkpoint.
pub(super) fn cosignatures(note: &Note, checkpoint: &Checkpoint) -> usize {
    let others = note
        .signatures
        .iter()
        .filter(|signature| signature.name != checkpoint.origin);
    others.count()
}

/// Of the checkpoints that cover `position`, the one that most cosigned, and of those the smallest.
///
/// # Errors
///
/// [`EvidenceError`].
pub async fn latest(
    checkpoints: &dyn CheckpointLog,
    position: Position,
) -> Result<Option<Top>, EvidenceError> {
    let mut best: Option<Top> = None;
    let mut read = 0;
    loop {
        let notes = checkpoints.read(read, CHUNK).await?;
        if notes.is_empty() {
            return Ok(best);
        }
        for bytes in notes {
            read += 1;
            let (note, checkpoint) = read_note(read, &bytes)?;
            let top = Top {
                entry: read,
                note,
                checkpoint,
            };
            let rank = |top: &Top| (top.cosignatures(), std::cmp::Reverse(top.checkpoint.size));
            if top.checkpoint.size >= position.0
                && best.as_ref().is_none_or(|best| rank(&top) >= rank(best))
            {
                best = Some(top);
            }
        }
    }
}
