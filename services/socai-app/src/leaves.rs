//! The leaf hashes of what was just recorded: what whoever recorded it can hold the ledger to.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU32;

use socai_store::{EventStore, Position, ReadError};
use socai_tlog::Hash;

use crate::ledger::{Outcome, Written};

/// Records read at once.
const CHUNK: NonZeroU32 = NonZeroU32::new(512).expect("not zero");

/// The events that these commands came to.
pub fn events_of(outcomes: &[Outcome]) -> impl Iterator<Item = &Written> {
    outcomes.iter().flat_map(|outcome| match outcome {
        Outcome::Recorded(written) => &written[..],
        Outcome::Unchanged | Outcome::Refused(_) | Outcome::Failed | Outcome::Unknown => &[],
    })
}

/// The leaf hash of each event, by position. Records that somebody else may have written are read back from `store`.
///
/// # Errors
///
/// As [`EventStore::read_all`].
pub async fn leaves_of(
    store: &dyn EventStore,
    outcomes: &[Outcome],
) -> Result<BTreeMap<Position, Hash>, ReadError> {
    let (mut leaves, mut unknown) = (BTreeMap::new(), BTreeSet::new());
    for event in events_of(outcomes) {
        match &event.record {
            Some(record) => {
                leaves.insert(event.position, Hash::of_leaf(record));
            }
            None => {
                unknown.insert(event.position);
            }
        }
    }
    while let Some((next, last)) = unknown.first().zip(unknown.last()) {
        let before = Position(next.0 - 1);
        // One command is mostly one event: what stands behind it is nobody's here.
        let as_many = u32::try_from(last.0 - before.0)
            .ok()
            .and_then(NonZeroU32::new);
        let as_many = as_many.map_or(CHUNK, |count| count.min(CHUNK));
        let records = store.read_all(before, as_many).await?;
        if records.is_empty() {
            return Ok(leaves);
        }
        for record in records {
            if unknown.remove(&record.position) {
                leaves.insert(record.position, Hash::of_leaf(&record.bytes));
            }
        }
    }
    Ok(leaves)
}
