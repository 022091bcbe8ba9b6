//! The tree over a ledger's records, to make proofs from: the tiles that are kept, or tiles made again from the records.
//!
//! Tiles are kept by whoever seals. Another process may have no copy of them, or an earlier one; it reads the
//! records then, which takes a while and gives the same tree. Whether the tree is the one that was signed is for
//! whoever makes a proof from it to check.

use std::num::NonZeroU32;
use std::sync::Arc;

use socai_store::{CheckpointLog, EventStore, Position, ReadError, TileError, TileStore};
use socai_tlog::{BadTile, Edge, Hash, Tile, Tiles};

/// Records read at once.
const CHUNK: NonZeroU32 = NonZeroU32::new(8_192).expect("not zero");

/// What proofs are made from.
#[derive(Clone)]
pub struct Sources {
    /// The ledger.
    pub store: Arc<dyn EventStore>,
    /// The tiles of its tree, as far as they are kept here.
    pub tiles: Arc<dyn TileStore>,
    /// What was signed.
    pub checkpoints: Arc<dyn CheckpointLog>,
}

/// Why there is no tree.
#[derive(Debug, thiserror::Error)]
pub enum TreeError {
    /// The records cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The tiles cannot be read.
    #[error(transparent)]
    Tiles(#[from] TileError),
    /// What is kept as a tile is none of that size. The tiles can be made again: remove them, and seal.
    #[error("the tiles that are kept do not fit the tree")]
    Misfit(#[from] BadTile),
    /// The log is shorter than the tree that was asked for.
    #[error("the ledger ends at position {end}, before the {size} records of the tree")]
    Ends {
        /// Where it ends.
        end: u64,
        /// How many were asked for.
        size: u64,
    },
}

/// The `wanted` tiles of the tree of `size`, or all of them.
///
/// # Errors
///
/// [`TreeError`].
pub async fn tiles_of(
    sources: &Sources,
    wanted: impl IntoIterator<Item = Tile>,
    size: u64,
) -> Result<Tiles, TreeError> {
    let mut tiles = Tiles::default();
    for tile in wanted {
        let Some(bytes) = sources.tiles.read(&tile).await? else {
            return from_records(&*sources.store, size).await;
        };
        tiles.insert(tile, bytes)?;
    }
    Ok(tiles)
}

/// Every tile of the tree of `size`, from the records.
async fn from_records(store: &dyn EventStore, size: u64) -> Result<Tiles, TreeError> {
    let mut edge = Edge::default();
    while edge.size() < size {
        let end = edge.size();
        let records = store.read_all(Position(end), CHUNK).await?;
        if records.is_empty() {
            return Err(TreeError::Ends { end, size });
        }
        let within = records.iter().filter(|record| record.position.0 <= size);
        within.for_each(|record| edge.push(Hash::of_leaf(&record.bytes)));
    }
    let mut tiles = Tiles::default();
    for (tile, bytes) in edge.take_full().into_iter().chain(edge.partial()) {
        tiles.insert(tile, bytes)?;
    }
    Ok(tiles)
}
