//! The checkpoint at which a bundle is made.

use std::cmp::Reverse;
use std::num::NonZeroU32;

use bytes::Bytes;
use socai_store::{CheckpointLog, Position};
use socai_tlog::{Checkpoint, Note};

use super::EvidenceError;

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

/// Looks for the checkpoint at which an export is handed out.
#[derive(Debug)]
pub struct Search {
    export: Position,
    read: u64,
    best: Option<Top>,
}

impl Search {
    /// For a checkpoint that covers `export`.
    pub fn new(export: Position) -> Self {
        Self {
            export,
            read: 0,
            best: None,
        }
    }

    /// Of the checkpoints there are by now, the one that most cosigned, and of those the smallest.
    ///
    /// # Errors
    ///
    /// [`EvidenceError`].
    pub async fn look(
        &mut self,
        checkpoints: &dyn CheckpointLog,
    ) -> Result<Option<&Top>, EvidenceError> {
        loop {
            let notes = checkpoints.read(self.read, CHUNK).await?;
            if notes.is_empty() {
                return Ok(self.best.as_ref());
            }
            for bytes in notes {
                self.read += 1;
                let (note, checkpoint) = read_note(self.read, &bytes)?;
                if checkpoint.size >= self.export.0 {
                    self.take(note, checkpoint);
                }
            }
        }
    }

    fn take(&mut self, note: Note, checkpoint: Checkpoint) {
        let entry = self.read;
        let top = Top {
            entry,
            note,
            checkpoint,
        };
        let rank = |top: &Top| (top.cosignatures(), Reverse(top.checkpoint.size));
        if self
            .best
            .as_ref()
            .is_none_or(|best| rank(&top) >= rank(best))
        {
            self.best = Some(top);
        }
    }
}

/// Reads one entry of the log of checkpoints.
pub(super) fn read_note(entry: u64, bytes: &Bytes) -> Result<(Note, Checkpoint), EvidenceError> {
    let not = |problem: String| {
        EvidenceError::Contradiction(format!("checkpoint entry {entry}: {problem}"))
    };
    let note = Note::parse(bytes).map_err(|error| not(error.to_string()))?;
    let checkpoint = Checkpoint::parse(&note.text).map_err(|error| not(error.to_string()))?;
    Ok((note, checkpoint))
}
