//! Gathers a bundle: records, proofs, checkpoints, as of one checkpoint.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU32;

use socai_evidence::{Facts, Kept, Proven};
use socai_store::{EventStore, Position, Recorded};
use socai_tlog::{
    Checkpoint, MissingTile, Note, Tile, Tiles, tiles_for_consistency, tiles_for_inclusion,
    tiles_for_root,
};

use super::brackets::bracketing;
use super::{Announced, EvidenceError, RECORDS_MAX, Top};
use crate::tree::{Sources, tiles_of};

/// Records read at once.
const CHUNK: NonZeroU32 = NonZeroU32::new(4_096).expect("not zero");

/// The facts of a bundle at `top`, which covers the export.
///
/// # Errors
///
/// [`EvidenceError`].
pub async fn gather(
    sources: &Sources,
    announced: Announced,
    top: &Top,
) -> Result<Facts, EvidenceError> {
    let Announced {
        selected,
        heads,
        export,
    } = announced;
    if top.checkpoint.size < export.0 {
        return Err(EvidenceError::NotSealed(export));
    }
    let mut records = selected.records;
    let sealed = selected.heads.size();
    add_tail(&*sources.store, sealed, top.checkpoint.size, &mut records).await?;
    let notes = bracketing(&*sources.checkpoints, records.keys().copied(), top).await?;
    let tree = tree(sources, &records, &notes, &top.checkpoint).await?;
    let (size, missing) = (top.checkpoint.size, contradiction);
    let mut proven = BTreeMap::new();
    for (position, record) in records {
        let hashes = tree.inclusion(position - 1, size).map_err(missing)?;
        let bytes = record.bytes.to_vec();
        proven.insert(position, Proven { bytes, hashes });
    }
    let kept = notes.into_iter().map(|(note, checkpoint)| {
        let consistency = tree.consistency(checkpoint.size, size).map_err(missing)?;
        Ok(Kept {
            note,
            checkpoint,
            consistency,
        })
    });
    Ok(Facts {
        query: selected.query,
        export: export.0,
        streams: selected.heads.of(&selected.streams),
        heads: selected.heads.prove(&selected.streams, heads.0),
        records: proven,
        checkpoints: kept.collect::<Result<_, EvidenceError>>()?,
    })
}

/// Adds every record above `sealed` up to `size`.
async fn add_tail(
    store: &dyn EventStore,
    sealed: u64,
    size: u64,
    records: &mut BTreeMap<u64, Recorded>,
) -> Result<(), EvidenceError> {
    let mut after = Position(sealed);
    while after.0 < size {
        let chunk = store.read_all(after, CHUNK).await?;
        let Some(last) = chunk.last().map(|record| record.position) else {
            let missing = format!("position {} is sealed and not there", after.0 + 1);
            return Err(EvidenceError::Contradiction(missing));
        };
        let within = chunk.into_iter().filter(|record| record.position.0 <= size);
        records.extend(within.map(|record| (record.position.0, record)));
        if records.len() > RECORDS_MAX {
            let records = records.len();
            return Err(EvidenceError::TooMany { records });
        }
        after = last;
    }
    Ok(())
}

/// Tiles enough for every proof of the bundle, with the root of the top.
async fn tree(
    sources: &Sources,
    records: &BTreeMap<u64, Recorded>,
    notes: &[(Note, Checkpoint)],
    top: &Checkpoint,
) -> Result<Tiles, EvidenceError> {
    let size = top.size;
    let mut wanted: BTreeSet<Tile> = tiles_for_root(size).into_iter().collect();
    for position in records.keys() {
        wanted.extend(tiles_for_inclusion(position - 1, size));
    }
    for (_, checkpoint) in notes {
        wanted.extend(tiles_for_consistency(checkpoint.size, size));
    }
    let tiles = tiles_of(sources, wanted, size).await?;
    match tiles.root(size).map_err(contradiction)? {
        root if root == top.root => Ok(tiles),
        root => Err(EvidenceError::Contradiction(format!(
            "the root of {size} records is {root}, and {} was signed",
            top.root
        ))),
    }
}

fn contradiction(missing: MissingTile) -> EvidenceError {
    EvidenceError::Contradiction(missing.to_string())
}
