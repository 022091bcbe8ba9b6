//! The right edge of a growing tree: everything that appending to it needs, and the tiles that appending makes.
//!
//! It is as large as the partial tiles, at most 8 × 255 hashes, however large the tree. Deliberately absent: full tiles
//! after they were taken, and so every proof.

use crate::Hash;
use crate::tile::{TILE_HEIGHT, TILE_LEVEL_MAX, TILE_WIDTH, Tile};
use crate::tiles::{MissingTile, Tiles};
use crate::tree::{Peaks, Subtree, root_of, subtrees};

/// The right edge of a tree; without leaves by default.
#[derive(Debug, Clone, Default)]
pub struct Edge {
    peaks: Peaks,
    /// The hashes of the partial tile of each level, from level 0.
    partial: Vec<Vec<Hash>>,
    full: Vec<(Tile, Vec<u8>)>,
}

impl Edge {
    /// How many leaves the tree has.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.peaks.size()
    }

    /// The root of the tree, at the price of a hash a level.
    #[must_use]
    pub fn root(&self) -> Hash {
        self.peaks.root()
    }

    /// Adds a leaf.
    ///
    /// # Panics
    ///
    /// If the tree has 2^64 − 1 leaves already.
    pub fn push(&mut self, leaf: Hash) {
        let leaf_number = self.peaks.size();
        let Self {
            peaks,
            partial,
            full,
        } = self;
        peaks.push(leaf, |height, node| {
            if height % TILE_HEIGHT == 0 {
                let number = leaf_number >> height;
                full.extend(add(partial, height / TILE_HEIGHT, number, node));
            }
        });
    }

    /// The full tiles that were completed since this was last asked, lower levels first.
    pub fn take_full(&mut self) -> Vec<(Tile, Vec<u8>)> {
        let mut full = std::mem::take(&mut self.full);
        full.sort_unstable_by_key(|(tile, _)| *tile);
        full
    }

    /// The partial tile of every level that has one, as of now.
    #[must_use]
    pub fn partial(&self) -> Vec<(Tile, Vec<u8>)> {
        let tiles = Self::tiles(self.size());
        tiles
            .into_iter()
            .map(|tile| (tile, bytes_of(&self.partial[usize::from(tile.level)])))
            .collect()
    }

    /// The tiles that [`Edge::load`] needs: the partial ones of the tree of `size` leaves, lower levels first.
    #[must_use]
    pub fn tiles(size: u64) -> Vec<Tile> {
        (0..=TILE_LEVEL_MAX)
            .map(|level| (level, size >> (u32::from(level) * TILE_HEIGHT)))
            .filter(|(_, hashes)| hashes % u64::from(TILE_WIDTH) != 0)
            .map(|(level, hashes)| Tile::holding(level, hashes - 1, size))
            .collect()
    }

    /// The edge of the tree of `size` leaves.
    ///
    /// # Errors
    ///
    /// [`MissingTile`] if `tiles` lack one of [`Edge::tiles`].
    pub fn load(size: u64, tiles: &Tiles) -> Result<Self, MissingTile> {
        let mut partial = Vec::new();
        for tile in Self::tiles(size) {
            partial.resize(usize::from(tile.level), Vec::new());
            partial.push(tiles.hashes(tile)?.to_vec());
        }
        let peaks = subtrees(0..size).into_iter().map(|node| {
            let (level, places) = places_of(node, size);
            root_of(&partial[level][places])
        });
        Ok(Self {
            peaks: Peaks::of(size, peaks.collect()),
            partial,
            full: Vec::new(),
        })
    }
}

impl Extend<Hash> for Edge {
    fn extend<T: IntoIterator<Item = Hash>>(&mut self, leaves: T) {
        leaves.into_iter().for_each(|leaf| self.push(leaf));
    }
}

/// Adds the hash `number` to a level, and answers the full tile that this completes.
fn add(
    partial: &mut Vec<Vec<Hash>>,
    level: u32,
    number: u64,
    hash: Hash,
) -> Option<(Tile, Vec<u8>)> {
    let place = level as usize;
    if partial.len() <= place {
        partial.resize(place + 1, Vec::with_capacity(usize::from(TILE_WIDTH)));
    }
    partial[place].push(hash);
    if partial[place].len() < usize::from(TILE_WIDTH) {
        return None;
    }
    let tile = Tile {
        level: u8::try_from(level).expect("at most 8 levels of tiles fit 64 bits"),
        index: number >> TILE_HEIGHT,
        width: TILE_WIDTH,
    };
    let bytes = bytes_of(&partial[place]);
    partial[place].clear();
    Some((tile, bytes))
}

/// The level of tiles, and the places in its partial tile, from which a peak follows.
fn places_of(peak: Subtree, size: u64) -> (usize, std::ops::Range<usize>) {
    let (tile, places) = Tile::under(peak, size);
    (usize::from(tile.level), places)
}

fn bytes_of(hashes: &[Hash]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| *hash.as_bytes()).collect()
}
