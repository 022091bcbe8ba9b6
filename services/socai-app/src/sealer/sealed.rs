//! What was sealed last, as the log of checkpoints tells it.

use std::num::NonZeroU32;

use bytes::Bytes;
use jiff::Timestamp;
use socai_store::CheckpointLog;
use socai_tlog::{Checkpoint, Hash, Note, Signature};

use super::{LogKeys, SealError};
use crate::role::Cosigned;

/// Entries looked back over for the largest checkpoint: a cosigned form of an earlier one may be added after it.
pub(super) const LOOK_BACK: NonZeroU32 = NonZeroU32::new(64).expect("not zero");

/// A checkpoint that was added to the log of checkpoints.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// The number of its entry.
    pub entry: u64,
    /// How many records it covers.
    pub size: u64,
    /// The root of their tree.
    pub root: Hash,
    /// All of it, as it was signed.
    pub note: Note,
}

impl Sealed {
    /// Who cosigned it, by what the lines below it say: they were checked when they were added.
    pub fn cosignatures(&self) -> Vec<Cosigned> {
        self.note.signatures.iter().filter_map(cosigned).collect()
    }
}

/// Who cosigned, and when, where `signature` is the line of a witness: eight bytes of time before 64 of signature.
pub fn cosigned(signature: &Signature) -> Option<Cosigned> {
    let (seconds, rest) = signature.bytes.split_first_chunk::<8>()?;
    let at = i64::try_from(u64::from_be_bytes(*seconds)).ok()?;
    let at = Timestamp::from_second(at).ok()?;
    let by = signature.name.clone();
    (rest.len() == 64).then_some(Cosigned { by, at })
}

/// How many entries there are, and the largest checkpoint among the last of them, in the last of its forms.
///
/// # Errors
///
/// [`SealError::NotACheckpoint`] where one of them is not signed by a key that the ledger named, or two contradict
/// each other.
pub(super) async fn last(
    log: &dyn CheckpointLog,
    keys: &LogKeys,
) -> Result<(u64, Option<Sealed>), SealError> {
    let entries = log.len().await?;
    let before = entries.saturating_sub(LOOK_BACK.get().into());
    let notes = log.read(before, LOOK_BACK).await?;
    let mut last: Option<Sealed> = None;
    // Others may have been added since the log was asked how many there are.
    for (entry, note) in (before + 1..=entries).zip(notes) {
        let sealed = read(entry, &note, keys)?;
        last = Some(match last {
            None => sealed,
            Some(last) => larger(last, sealed)?,
        });
    }
    Ok((entries, last))
}

fn larger(last: Sealed, next: Sealed) -> Result<Sealed, SealError> {
    if next.size == last.size && next.root != last.root {
        let problem = format!(
            "entry {} says that {} records have root {}, and this one {}",
            last.entry, last.size, last.root, next.root
        );
        let entry = next.entry;
        return Err(SealError::NotACheckpoint { entry, problem });
    }
    Ok(if next.size >= last.size { next } else { last })
}

/// Reads one entry.
///
/// # Errors
///
/// As [`last`].
fn read(entry: u64, note: &Bytes, keys: &LogKeys) -> Result<Sealed, SealError> {
    let not = |problem: String| SealError::NotACheckpoint { entry, problem };
    let note = Note::parse(note).map_err(|error| not(error.to_string()))?;
    let said = Checkpoint::parse(&note.text).map_err(|error| not(error.to_string()))?;
    let origin = keys.origin()?;
    if said.origin != origin {
        return Err(not(format!(
            "it is of {}, and this is {origin}",
            said.origin
        )));
    }
    let signed = note.verified_by(keys.all());
    if signed.map_err(|error| not(error.to_string()))?.is_empty() {
        return Err(not("none of the ledger's keys signed it".to_owned()));
    }
    Ok(Sealed {
        entry,
        size: said.size,
        root: said.root,
        note,
    })
}
