//! Which of all checkpoints a bundle needs: those that say most closely when its records were recorded.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU32;

use socai_store::CheckpointLog;
use socai_tlog::{Checkpoint, Note};

use super::EvidenceError;
use super::top::{CHUNK, Top, cosignatures, read_note};

/// A cosigned checkpoint, in the order of size and of signing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Cosigned {
    size: u64,
    entry: u64,
    by: usize,
}

/// The checkpoints that bracket `positions`, in order, with `top` as the last.
///
/// # Errors
///
/// [`EvidenceError`].
pub(super) async fn bracketing(
    checkpoints: &dyn CheckpointLog,
    positions: impl Iterator<Item = u64>,
    top: &Top,
) -> Result<Vec<(Note, Checkpoint)>, EvidenceError> {
    let cosigned = cosigned_up_to(checkpoints, top).await?;
    let mut needed = BTreeMap::new();
    for place in places(&cosigned, positions) {
        let Cosigned { size, entry, .. } = cosigned[place];
        needed.insert((size, entry), read_entry(checkpoints, entry).await?);
    }
    // Whatever of the top's size comes after it in signing order would be taken for the top.
    needed.retain(|(size, entry), _| (*size, *entry) < (top.checkpoint.size, top.entry));
    let mut notes: Vec<_> = needed.into_values().collect();
    notes.push((top.note.clone(), top.checkpoint.clone()));
    Ok(notes)
}

async fn cosigned_up_to(
    checkpoints: &dyn CheckpointLog,
    top: &Top,
) -> Result<Vec<Cosigned>, EvidenceError> {
    let mut cosigned = Vec::new();
    let mut entry = 0;
    loop {
        let notes = checkpoints.read(entry, CHUNK).await?;
        if notes.is_empty() {
            cosigned.sort_unstable();
            return Ok(cosigned);
        }
        for bytes in notes {
            entry += 1;
            let (note, checkpoint) = read_note(entry, &bytes)?;
            let (size, by) = (checkpoint.size, cosignatures(&note, &checkpoint));
            if by > 0 && size <= top.checkpoint.size {
                cosigned.push(Cosigned { size, entry, by });
            }
        }
    }
}

/// For each position the last checkpoint without it and the first with it that one, two, … cosigned. Which of the last
/// ones counts is for the verifier's policy to say, where its key was retired or stolen.
fn places(cosigned: &[Cosigned], positions: impl Iterator<Item = u64>) -> BTreeSet<usize> {
    let most = cosigned
        .iter()
        .map(|note| note.by)
        .max()
        .unwrap_or_default();
    let mut places = BTreeSet::new();
    for position in positions {
        let with = cosigned.partition_point(|note| note.size < position);
        for by in 1..=most {
            places.extend(cosigned[..with].iter().rposition(|note| note.by >= by));
            let after = cosigned[with..].iter().position(|note| note.by >= by);
            places.extend(after.map(|after| with + after));
        }
    }
    places
}

async fn read_entry(
    checkpoints: &dyn CheckpointLog,
    entry: u64,
) -> Result<(Note, Checkpoint), EvidenceError> {
    let notes = checkpoints.read(entry - 1, NonZeroU32::MIN).await?;
    let gone = || EvidenceError::Contradiction(format!("checkpoint entry {entry} is gone"));
    read_note(entry, notes.first().ok_or_else(gone)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(size: u64, entry: u64, by: usize) -> Cosigned {
        Cosigned { size, entry, by }
    }

    #[test]
    fn the_closest_checkpoints_on_both_sides_are_needed_and_no_others() {
        let cosigned = [
            at(2, 1, 1),
            at(4, 2, 1),
            at(4, 3, 2),
            at(6, 4, 1),
            at(9, 5, 1),
            at(9, 6, 2),
        ];
        let needed =
            |positions: &[u64]| Vec::from_iter(places(&cosigned, positions.iter().copied()));
        assert_eq!(needed(&[1]), [0, 2]);
        assert_eq!(needed(&[4]), [0, 1, 2]);
        assert_eq!(needed(&[5]), [2, 3, 5]);
        assert_eq!(needed(&[6]), [2, 3, 5]);
        assert_eq!(needed(&[9]), [2, 3, 4, 5]);
        assert_eq!(needed(&[10]), [5]);
        assert_eq!(needed(&[]), [0; 0]);
    }
}
