//! Tiles in memory: roots and proofs of any tree that they hold, and which of them those need.
//!
//! What is needed is known before it is fetched, so the two are two calls. Deliberately absent: where tiles are kept.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::Hash;
use crate::hash::HASH_BYTES;
use crate::proof::{consistency_ranges, inclusion_ranges};
use crate::tile::Tile;
use crate::tree::{root_of, root_of_peaks, subtrees};

/// Tiles, at each place the widest that was given.
#[derive(Debug, Clone, Default)]
pub struct Tiles {
    held: BTreeMap<(u8, u64), Vec<Hash>>,
}

/// A tile that a root or a proof needs, and that is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0} is missing")]
pub struct MissingTile(pub Tile);

/// Bytes that are not those of a tile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadTile {
    /// There is no such tile in any tree.
    #[error("no tree has a tile {tile}")]
    Impossible { tile: Tile },
    /// It has not the bytes of so many hashes.
    #[error("{tile} has {found} bytes, and {} were expected", tile.bytes())]
    Length { tile: Tile, found: usize },
    /// A wider or narrower tile of this place has other hashes where both have some.
    #[error(
        "{tile} differs from another tile of its place, first in hash {hash}; they count from 0"
    )]
    Contradicted { tile: Tile, hash: usize },
}

impl Tiles {
    /// Adds a tile.
    ///
    /// # Errors
    ///
    /// [`BadTile`] if it is none, or not of one tree with the tiles that are here already. Nothing is added then.
    pub fn insert(&mut self, tile: Tile, bytes: impl AsRef<[u8]>) -> Result<(), BadTile> {
        let hashes = hashes_of(tile, bytes.as_ref())?;
        let held = self.held.entry((tile.level, tile.index)).or_default();
        let differs = hashes.iter().zip(&*held).position(|(new, old)| new != old);
        if let Some(hash) = differs {
            return Err(BadTile::Contradicted { tile, hash });
        }
        if hashes.len() > held.len() {
            *held = hashes;
        }
        Ok(())
    }

    /// The root of the tree of `size` leaves.
    ///
    /// # Errors
    ///
    /// [`MissingTile`], the first one met.
    pub fn root(&self, size: u64) -> Result<Hash, MissingTile> {
        self.range(0..size, size)
    }

    /// The proof that the leaf of `index` is in the tree of `size` leaves.
    ///
    /// # Errors
    ///
    /// [`MissingTile`], the first one met; for an index beyond the tree the tile that would hold it.
    pub fn inclusion(&self, index: u64, size: u64) -> Result<Vec<Hash>, MissingTile> {
        if index >= size {
            return Err(MissingTile(tile_ending_with(index)));
        }
        self.ranges(inclusion_ranges(index, size), size)
    }

    /// The proof that the tree of `size` leaves goes on from that of `old` leaves. From no leaves everything goes on,
    /// and the proof is empty.
    ///
    /// # Errors
    ///
    /// [`MissingTile`], the first one met; for an old tree larger than the new one the tile that would hold its last leaf.
    pub fn consistency(&self, old: u64, size: u64) -> Result<Vec<Hash>, MissingTile> {
        if old > size {
            return Err(MissingTile(tile_ending_with(old - 1)));
        }
        if old == 0 {
            return Ok(Vec::new());
        }
        self.ranges(consistency_ranges(old, size), size)
    }

    /// The hashes of a tile, or of its beginning if that is what is here.
    pub(crate) fn hashes(&self, tile: Tile) -> Result<&[Hash], MissingTile> {
        let held = self.held.get(&(tile.level, tile.index));
        held.and_then(|hashes| hashes.get(..usize::from(tile.width)))
            .ok_or(MissingTile(tile))
    }

    fn ranges(&self, ranges: Vec<Range<u64>>, size: u64) -> Result<Vec<Hash>, MissingTile> {
        ranges
            .into_iter()
            .map(|range| self.range(range, size))
            .collect()
    }

    fn range(&self, leaves: Range<u64>, size: u64) -> Result<Hash, MissingTile> {
        let peaks = subtrees(leaves).into_iter().map(|node| {
            let (tile, places) = Tile::under(node, size);
            Ok(root_of(&self.hashes(tile)?[places]))
        });
        Ok(root_of_peaks(&peaks.collect::<Result<Vec<_>, _>>()?))
    }
}

/// The tiles that [`Tiles::root`] needs, as those of the tree of `size` leaves, lower levels first.
#[must_use]
pub fn tiles_for_root(size: u64) -> Vec<Tile> {
    tiles_under(std::iter::once(0..size), size)
}

/// The tiles that [`Tiles::inclusion`] needs; none for an index beyond the tree.
#[must_use]
pub fn tiles_for_inclusion(index: u64, size: u64) -> Vec<Tile> {
    match index < size {
        true => tiles_under(inclusion_ranges(index, size), size),
        false => Vec::new(),
    }
}

/// The tiles that [`Tiles::consistency`] needs; none if the old tree is empty or larger than the new one.
#[must_use]
pub fn tiles_for_consistency(old: u64, size: u64) -> Vec<Tile> {
    match (1..=size).contains(&old) {
        true => tiles_under(consistency_ranges(old, size), size),
        false => Vec::new(),
    }
}

fn tiles_under(ranges: impl IntoIterator<Item = Range<u64>>, size: u64) -> Vec<Tile> {
    let nodes = ranges.into_iter().flat_map(subtrees);
    let mut tiles: Vec<Tile> = nodes.map(|node| Tile::under(node, size).0).collect();
    tiles.sort_unstable();
    tiles.dedup();
    tiles
}

fn tile_ending_with(leaf: u64) -> Tile {
    Tile::holding(0, leaf, leaf.saturating_add(1))
}

fn hashes_of(tile: Tile, bytes: &[u8]) -> Result<Vec<Hash>, BadTile> {
    if !tile.is_possible() {
        return Err(BadTile::Impossible { tile });
    }
    let found = bytes.len();
    if found != tile.bytes() {
        return Err(BadTile::Length { tile, found });
    }
    let (hashes, _) = bytes.as_chunks::<HASH_BYTES>();
    Ok(hashes.iter().copied().map(Hash::from_bytes).collect())
}
