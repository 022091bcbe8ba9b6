//! A receipt: the proof that one record is in the log, as a file that anybody can check without the ledger.
//!
//! It holds no record. Whoever has the record, and whoever was told its leaf hash when it was recorded, can check
//! with it that the log had exactly that, at that position, when the checkpoint was signed.

use std::num::NonZeroU32;

use socai_store::{CheckpointError, CheckpointLog, Position, ReadError};
use socai_tlog::checkpoint::BadCheckpoint;
use socai_tlog::note::BadNote;
use socai_tlog::proof_file::NotProven;
use socai_tlog::{Checkpoint, Hash, MissingTile, Note, ProofFile, tiles_for_inclusion};

use crate::history::record_at;
use crate::sealer::cosigned;
use crate::tree::{Sources, TreeError, tiles_of};

/// How many of the last checkpoints are looked through for one that somebody else cosigned.
const LOOK_BACK: NonZeroU32 = NonZeroU32::new(1_024).expect("not zero");

/// Why there is no receipt.
#[derive(Debug, thiserror::Error)]
pub enum ReceiptError {
    /// Nothing stands there.
    #[error("no record is at position {position}: the ledger ends at position {end}")]
    NotThere {
        /// Which was asked for.
        position: Position,
        /// Where the ledger ends.
        end: Position,
    },
    /// No checkpoint covers it. Seal, and ask again.
    #[error("position {position} is not sealed yet: the last checkpoint covers {sealed} records")]
    NotSealed {
        /// Which was asked for.
        position: Position,
        /// How far the last checkpoint reaches.
        sealed: u64,
    },
    /// The records cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The checkpoints cannot be read.
    #[error(transparent)]
    Checkpoints(#[from] CheckpointError),
    /// An entry of the checkpoints is no signed note.
    #[error("an entry of the checkpoints does not read")]
    NotANote(#[from] BadNote),
    /// An entry of the checkpoints is a note of something else.
    #[error("an entry of the checkpoints does not read")]
    NotACheckpoint(#[from] BadCheckpoint),
    /// There is no tree to prove it from.
    #[error(transparent)]
    Tree(#[from] TreeError),
    /// A tile of the tree was not there after all.
    #[error("the tree is not whole")]
    Missing(#[from] MissingTile),
    /// The record, the tiles and the checkpoint are not of one log. Which of them was changed cannot be told without
    /// all records.
    #[error(
        "the record at position {position}, or a tile that its proof needs, is not what was sealed; socai verify tells which"
    )]
    NotProven {
        /// Which was asked for.
        position: Position,
        /// What does not fit.
        #[source]
        source: NotProven,
    },
}

/// The receipt of the record at `position`, in the newest checkpoint that covers it and that somebody else cosigned;
/// in the newest that covers it, where nobody did.
///
/// # Errors
///
/// [`ReceiptError`].
pub async fn receipt(sources: &Sources, position: Position) -> Result<ProofFile, ReceiptError> {
    let Some(record) = record_at(&*sources.store, position).await? else {
        let end = sources.store.head().await?;
        return Err(ReceiptError::NotThere { position, end });
    };
    let (note, checkpoint) = covering(&*sources.checkpoints, position).await?;
    let (index, size) = (position.0 - 1, checkpoint.size);
    let tiles = tiles_of(sources, tiles_for_inclusion(index, size), size).await?;
    let proof = ProofFile {
        extra: None,
        index,
        hashes: tiles.inclusion(index, size)?,
        checkpoint: note,
    };
    let proven = proof.verify(&Hash::of_leaf(&record.bytes));
    proven.map_err(|source| ReceiptError::NotProven { position, source })?;
    Ok(proof)
}

async fn covering(
    log: &dyn CheckpointLog,
    position: Position,
) -> Result<(Note, Checkpoint), ReceiptError> {
    let entries = log.len().await?;
    let before = entries.saturating_sub(LOOK_BACK.get().into());
    let (mut found, mut sealed): (Option<(Note, Checkpoint)>, u64) = (None, 0);
    for bytes in log.read(before, LOOK_BACK).await? {
        let note = Note::parse(&bytes)?;
        let checkpoint = Checkpoint::parse(&note.text)?;
        sealed = sealed.max(checkpoint.size);
        let better = |(kept, _): &(Note, Checkpoint)| is_cosigned(&note) || !is_cosigned(kept);
        if checkpoint.size >= position.0 && found.as_ref().is_none_or(better) {
            found = Some((note, checkpoint));
        }
    }
    found.ok_or(ReceiptError::NotSealed { position, sealed })
}

/// Whether a witness signed it, whose word is for the reader to weigh.
fn is_cosigned(note: &Note) -> bool {
    note.signatures.iter().any(|by| cosigned(by).is_some())
}
