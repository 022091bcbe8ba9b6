//! Cosignatures in the log of checkpoints: which there are, and how one more is added.

use std::num::NonZeroU32;

use bytes::Bytes;
use jiff::Timestamp;
use socai_store::{AddError, CheckpointLog};
use socai_tlog::cosignature::cosigned_at;
use socai_tlog::{Checkpoint, Note, Signature, VerifierKey};

use super::{Answer, CLOCKS_APART_MAX, Collected, CosignError};
use crate::sealer::Sealed;

/// Entries read at once.
const CHUNK: NonZeroU32 = NonZeroU32::new(256).expect("not zero");

/// How often adding is tried while others add.
const TRIES: u32 = 32;

/// A cosignature that was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// Its entry in the log of checkpoints; `None` where it was there before.
    pub entry: Option<u64>,
    /// The size of the checkpoint that it is over.
    pub size: u64,
    /// When it was made, in seconds since 1970.
    pub at: u64,
}

/// Keeps a cosignature that came by another way than a round: `line` of the witness with `key`, over any checkpoint
/// in the log. `None` where it is over none of them. It may have been on its way for days, but cannot come from the future.
///
/// # Errors
///
/// [`CosignError::NotYet`]; or where the log can be neither read nor added to.
pub async fn accept(
    log: &dyn CheckpointLog,
    key: &VerifierKey,
    line: Signature,
    now: Timestamp,
) -> Result<Option<Accepted>, CosignError> {
    let mut found = None;
    let mut before = log.len().await?;
    while found.is_none() && before > 0 {
        let notes = chunk_before(log, &mut before).await?;
        let signed = notes.into_iter().rev().find_map(|(_, note)| {
            let at = key.verify(&note.text, &line).ok().flatten();
            at.map(|at| (note, at))
        });
        found = signed;
    }
    let Some((note, at)) = found else {
        return Ok(None);
    };
    is_past(at, now)?;
    let size = size_of(&note).unwrap_or_default();
    let note = united(log, note).await?;
    let entry = if note.signatures.contains(&line) {
        None
    } else {
        Some(add(log, &replaced(note, line)).await?)
    };
    Ok(Some(Accepted { entry, size, at }))
}

fn is_past(at: u64, now: Timestamp) -> Result<(), CosignError> {
    let ahead = time_of(at).map(|at| at.duration_since(now));
    if ahead.is_some_and(|ahead| ahead <= CLOCKS_APART_MAX) {
        return Ok(());
    }
    let now = now.as_second();
    Err(CosignError::NotYet { at, now })
}

/// The largest size that the witness with `key` cosigned, as far as the log of checkpoints tells; 0 for none.
///
/// # Errors
///
/// Where the log cannot be read.
pub async fn last_cosigned_by(
    log: &dyn CheckpointLog,
    key: &VerifierKey,
) -> Result<u64, CosignError> {
    let mut before = log.len().await?;
    while before > 0 {
        let notes = chunk_before(log, &mut before).await?;
        let cosigned = |note: &Note| cosigned_at(note, key).ok().flatten();
        let sizes = notes.iter().filter(|(_, note)| cosigned(note).is_some());
        // Later entries are of larger checkpoints, but for cosigned forms that were added late.
        if let Some(size) = sizes.filter_map(|(_, note)| size_of(note)).max() {
            return Ok(size);
        }
    }
    Ok(0)
}

/// The largest checkpoint that there is, and its size; `None` where nothing is sealed.
///
/// # Errors
///
/// Where the log cannot be read.
pub async fn newest(log: &dyn CheckpointLog) -> Result<Option<(Note, u64)>, CosignError> {
    let mut before = log.len().await?;
    let notes = chunk_before(log, &mut before).await?;
    let sized = notes.into_iter().filter_map(|(_, note)| {
        let size = size_of(&note)?;
        Some((note, size))
    });
    Ok(sized.max_by_key(|(_, size)| *size))
}

/// The size of the largest checkpoint that there is now.
pub(super) async fn largest(log: &dyn CheckpointLog) -> Result<u64, CosignError> {
    Ok(newest(log).await?.map_or(0, |(_, size)| size))
}

pub(super) fn time_of(seconds: u64) -> Option<Timestamp> {
    Timestamp::from_second(i64::try_from(seconds).ok()?).ok()
}

/// The checkpoint with every signature that any of its entries has.
pub(super) async fn with_all_signatures(
    log: &dyn CheckpointLog,
    sealed: &Sealed,
) -> Result<Note, CosignError> {
    united(log, sealed.note.clone()).await
}

/// Adds the signatures to the log, in one entry with those that were there.
pub(super) async fn add_all(
    log: &dyn CheckpointLog,
    note: Note,
    signed: Vec<Signature>,
    answers: Vec<(String, Answer)>,
) -> Result<Collected, CosignError> {
    let is_new = !signed.is_empty();
    let note = signed.into_iter().fold(note, replaced);
    let entry = if is_new {
        Some(add(log, &note).await?)
    } else {
        None
    };
    Ok(Collected {
        entry,
        note,
        answers,
    })
}

/// The note with the signature, instead of an earlier one by the same key.
fn replaced(mut note: Note, line: Signature) -> Note {
    note.signatures.retain(|other| !is_by_one_key(other, &line));
    note.add(line);
    note
}

fn is_by_one_key(one: &Signature, other: &Signature) -> bool {
    (&one.name, one.id) == (&other.name, other.id)
}

/// `note` with the signatures of other keys that entries have over the same text. Those stand behind the first entry of
/// this size.
async fn united(log: &dyn CheckpointLog, mut note: Note) -> Result<Note, CosignError> {
    let mut before = log.len().await?;
    let size = size_of(&note);
    while before > 0 {
        let notes = chunk_before(log, &mut before).await?;
        for (_, other) in notes.iter().rev() {
            if other.text == note.text {
                unite(&mut note, other);
            }
        }
        if notes
            .first()
            .is_some_and(|(_, other)| size_of(other) < size)
        {
            break;
        }
    }
    Ok(note)
}

fn unite(note: &mut Note, other: &Note) {
    for line in &other.signatures {
        if !note
            .signatures
            .iter()
            .any(|there| is_by_one_key(there, line))
        {
            note.add(line.clone());
        }
    }
}

/// Adds a form of a checkpoint. Where a larger one was there last it is added again behind it, because the last entry is
/// what the log publishes.
async fn add(log: &dyn CheckpointLog, note: &Note) -> Result<u64, CosignError> {
    let mut lost = None;
    for _ in 0..TRIES {
        let last = log.last().await?;
        let entries = last.as_ref().map_or(0, |(entries, _)| *entries);
        match log.append(entries, Bytes::from(note.to_string())).await {
            Ok(entry) => {
                if let Some((_, last)) = last {
                    publish_again(log, entry, note, last).await?;
                }
                return Ok(entry);
            }
            Err(error @ AddError::Lost) => lost = Some(error),
            Err(error) => return Err(error.into()),
        }
    }
    Err(lost.unwrap_or(AddError::Lost).into())
}

async fn publish_again(
    log: &dyn CheckpointLog,
    entry: u64,
    added: &Note,
    last: Bytes,
) -> Result<(), CosignError> {
    let larger = Note::parse(&last).ok().and_then(|last| size_of(&last));
    if larger <= size_of(added) {
        return Ok(());
    }
    match log.append(entry, last).await {
        // Another entry is last now: whoever added it has seen to it.
        Ok(_) | Err(AddError::Lost) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// The entries before `before` with their numbers, a chunk of them, and `before` moved to the first.
async fn chunk_before(
    log: &dyn CheckpointLog,
    before: &mut u64,
) -> Result<Vec<(u64, Note)>, CosignError> {
    let end = *before;
    *before = end.saturating_sub(CHUNK.get().into());
    let notes = log.read(*before, CHUNK).await?;
    let numbered = (*before + 1..=end).zip(notes);
    let read = |(entry, note): (u64, Bytes)| {
        let note = Note::parse(&note).map_err(|_| CosignError::NotACheckpoint(entry))?;
        Ok((entry, note))
    };
    numbered.map(read).collect()
}

fn size_of(note: &Note) -> Option<u64> {
    Checkpoint::parse(&note.text).ok().map(|it| it.size)
}
