//! The tree that the records come to: its roots where something was signed, and its tiles beside those that are kept.

use bytes::Bytes;
use socai_store::{Recorded, TileError};
use socai_tlog::hash::HASH_BYTES;
use socai_tlog::{Edge, Hash, Tile};
use tokio::sync::mpsc::Receiver;

use super::KeptTiles;
use super::problem::Problem;

/// What the records came to.
#[derive(Debug)]
pub(super) struct Grown {
    /// How many there were.
    pub(super) size: u64,
    /// How many hashes of tiles were compared with what is kept.
    pub(super) tiles: u64,
    /// The sizes to look at, and the roots of those that the tree reached.
    sizes: Vec<u64>,
    roots: Vec<Hash>,
    /// The first leaf that another hash is kept for.
    pub(super) other_leaf: Option<OtherLeaf>,
    /// What is wrong with tiles besides; the first of each sort.
    pub(super) problems: Vec<Problem>,
}

/// A leaf that another hash is kept for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct OtherLeaf {
    pub(super) position: u64,
    pub(super) tile: Tile,
    pub(super) place: usize,
    pub(super) kept: Hash,
    pub(super) found: Hash,
}

impl Grown {
    /// The root of the first `size` records; `None` where there are not so many, or nothing was signed there.
    pub(super) fn root(&self, size: u64) -> Option<Hash> {
        let at = self.sizes.binary_search(&size).ok()?;
        self.roots.get(at).copied()
    }
}

/// A tree that grows.
pub(super) struct Growing {
    edge: Edge,
    tiles: KeptTiles,
    /// How many records are sealed.
    sealed: u64,
    /// The partial tiles when the tree had that size.
    at_seal: Vec<(Tile, Vec<u8>)>,
    grown: Grown,
}

impl Growing {
    /// A tree without records, to be looked at at `sizes`, which are sorted and distinct.
    pub(super) fn new(tiles: KeptTiles, sizes: Vec<u64>) -> Self {
        let grown = Grown {
            size: 0,
            tiles: 0,
            roots: Vec::new(),
            other_leaf: None,
            problems: Vec::new(),
            sizes,
        };
        let mut growing = Self {
            edge: Edge::default(),
            tiles,
            sealed: grown.sizes.last().copied().unwrap_or(0),
            at_seal: Vec::new(),
            grown,
        };
        growing.look();
        growing
    }

    /// Grows by every record that comes, and compares the tiles.
    ///
    /// # Errors
    ///
    /// Where the tiles cannot be read at all.
    pub(super) async fn grow(
        mut self,
        mut records: Receiver<Vec<Recorded>>,
    ) -> Result<Grown, TileError> {
        while let Some(chunk) = records.recv().await {
            for recorded in &chunk {
                self.edge.push(Hash::of_leaf(&recorded.bytes));
                self.look();
            }
            for (tile, hashes) in self.edge.take_full() {
                self.compare(tile, &hashes).await?;
            }
        }
        for (tile, hashes) in std::mem::take(&mut self.at_seal) {
            self.compare_all_widths(tile, &hashes).await?;
        }
        for (tile, hashes) in self.edge.partial() {
            self.compare(tile, &hashes).await?;
        }
        self.grown.size = self.edge.size();
        Ok(self.grown)
    }

    /// Notes what has to be known of the tree at its present size.
    fn look(&mut self) {
        let size = self.edge.size();
        if self.grown.sizes.get(self.grown.roots.len()) == Some(&size) {
            self.grown.roots.push(self.edge.root());
            if size == self.sealed {
                self.at_seal = self.edge.partial();
            }
        }
    }

    /// Readers with an older checkpoint ask for fewer hashes, and those may be kept by themselves.
    async fn compare_all_widths(&mut self, tile: Tile, hashes: &[u8]) -> Result<(), TileError> {
        for width in 1..=tile.width {
            let narrow = Tile { width, ..tile };
            self.compare(narrow, &hashes[..narrow.bytes()]).await?;
        }
        Ok(())
    }

    async fn compare(&mut self, tile: Tile, hashes: &[u8]) -> Result<(), TileError> {
        let (KeptTiles::All(kept) | KeptTiles::Copies(kept)) = &self.tiles else {
            return Ok(());
        };
        match kept.read(&tile).await {
            Ok(Some(kept)) => {
                self.grown.tiles += 1;
                self.note_difference(tile, &kept, hashes);
            }
            Ok(None) => self.note_missing(tile),
            Err(unavailable @ TileError::Unavailable(_)) => return Err(unavailable),
            Err(error) => self.note(Problem::BadTile(error)),
        }
        Ok(())
    }

    fn note_difference(&mut self, tile: Tile, kept: &Bytes, hashes: &[u8]) {
        let (kept, _) = kept.as_chunks::<HASH_BYTES>();
        let (found, _) = hashes.as_chunks::<HASH_BYTES>();
        let Some(place) = kept.iter().zip(found).position(|(one, other)| one != other) else {
            return;
        };
        if tile.level > 0 {
            return self.note(Problem::OtherTile { tile, hash: place });
        }
        let other = OtherLeaf {
            position: tile.index * 256 + place as u64 + 1,
            tile,
            place,
            kept: Hash::from_bytes(kept[place]),
            found: Hash::from_bytes(found[place]),
        };
        self.grown.other_leaf.get_or_insert(other);
    }

    /// Beyond what is sealed a tile may be missing, and a copy anywhere.
    fn note_missing(&mut self, tile: Tile) {
        let hashes = self.sealed >> (8 * u32::from(tile.level));
        let is_sealed = tile.index * 256 + u64::from(tile.width) <= hashes;
        match &self.tiles {
            KeptTiles::All(_) if is_sealed => {
                let size = self.sealed;
                self.note(Problem::MissingTile { tile, size });
            }
            KeptTiles::All(_) | KeptTiles::Copies(_) | KeptTiles::Nowhere => {}
        }
    }

    fn note(&mut self, problem: Problem) {
        let sort = std::mem::discriminant(&problem);
        let known = |known: &Problem| std::mem::discriminant(known) == sort;
        if !self.grown.problems.iter().any(known) {
            self.grown.problems.push(problem);
        }
    }
}
