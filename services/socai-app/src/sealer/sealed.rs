//! What was sealed last, as the log of checkpoints tells it.

use std::num::NonZeroU32;

use bytes::Bytes;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use socai_store::CheckpointLog;
use socai_tlog::{Checkpoint, Hash, Note, Signature};

use super::{LogKeys, SealError};

/// Entries read at once while looking back.
const LOOK_BACK: NonZeroU32 = NonZeroU32::new(8).expect("not zero");

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

/// One that cosigned a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Cosigned {
    /// The name of its key.
    pub by: String,
    /// When, as it says.
    pub at: Timestamp,
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

/// How many entries there are, and the largest checkpoint, in the last of its forms.
///
/// Without cosignatures a checkpoint is added once, and each is larger than the one before. With some it may be added
/// again at any time later. So it is looked back to the last one without.
///
/// # Errors
///
/// [`SealError::NotACheckpoint`] where one of those is not signed by a key that the ledger named, or two contradict
/// each other.
pub(super) async fn last(
    log: &dyn CheckpointLog,
    keys: &LogKeys,
) -> Result<(u64, Option<Sealed>), SealError> {
    let entries = log.len().await?;
    let mut last: Option<Sealed> = None;
    let (mut after, mut is_known) = (entries, false);
    while after > 0 && !is_known {
        let until = after;
        after = until.saturating_sub(LOOK_BACK.get().into());
        let notes = log.read(after, LOOK_BACK).await?;
        // Others may have been added since the log was asked how many there are.
        let read_back: Vec<_> = (after + 1..=until).zip(notes).collect();
        for (entry, note) in read_back.into_iter().rev() {
            let sealed = read(entry, &note, keys)?;
            is_known |= sealed.cosignatures().is_empty();
            last = Some(match last {
                None => sealed,
                Some(last) => larger(sealed, last)?,
            });
        }
    }
    Ok((entries, last))
}

/// The larger of the two, or the later where both are of one size.
fn larger(earlier: Sealed, later: Sealed) -> Result<Sealed, SealError> {
    if earlier.size == later.size && earlier.root != later.root {
        let problem = format!(
            "entry {} says that {} records have root {}, and this one {}",
            earlier.entry, earlier.size, earlier.root, later.root
        );
        let entry = later.entry;
        return Err(SealError::NotACheckpoint { entry, problem });
    }
    Ok(if earlier.size > later.size {
        earlier
    } else {
        later
    })
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
