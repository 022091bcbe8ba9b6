//! A copy of a ledger that is a ledger itself, brought on from time to time while the ledger is used: what a backup is
//! made by, and what a backup is restored by.
//!
//! ```text
//! open    every record that was proven before is hashed as the copy has it ──► its root is the one that was proven
//! bring   the records after those, in order
//! prove   the new records are hashed as the copy has them ──► at every size that was signed, the root is the one signed
//!         ──► tiles and checkpoints are kept ──► the mark: so far it is proven
//! ```
//!
//! The log of a copy is only ever added to, and the mark moves last: a crash at any moment leaves the copy that was
//! proven, and what was brought since is compared and gone on from. Deliberately absent: attachments, which are brought
//! [beside it](crate::attachments::mirror()); and who signed, which an [audit](crate::audit) looks at.

use std::num::NonZeroU32;
use std::sync::Arc;

use socai_store::{
    CheckpointLog, EventStore, Mark, MarkError, Marks, Position, ReadError, TileError, TileStore,
};
use socai_tlog::{Edge, Hash, Tile};

use crate::migrate::checkpoints::{BringError, Signed};
use crate::migrate::{self, MigrateError, Progress};

mod persons;

pub use persons::{Persons, PersonsError, bring_persons, count_persons};

/// Records read at once.
const CHUNK: NonZeroU32 = NonZeroU32::new(4_096).expect("not zero");

/// Tiles that wait to be written, at most about so many: each costs a sync.
const TILES: usize = 256;

/// Where a copy is kept.
#[derive(Clone)]
pub struct Place {
    /// Its records.
    pub records: Arc<dyn EventStore>,
    /// Its checkpoints.
    pub checkpoints: Arc<dyn CheckpointLog>,
    /// The tiles of its tree, where it keeps any.
    pub tiles: Option<Arc<dyn TileStore>>,
    /// How far it is proven, where it notes that.
    pub marks: Option<Arc<dyn Marks>>,
}

/// A copy that was opened to be brought on.
pub struct Copy {
    place: Place,
    /// The tree of its records, as they were read from it.
    edge: Edge,
}

/// How far a copy is proven.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Proven {
    /// The size of the last checkpoint: it has the records up to this position, and what was signed of them.
    pub position: Position,
    /// The root of their tree, which is the one that was signed.
    pub root: Hash,
    /// Records behind that, which no checkpoint covers.
    pub unsealed: u64,
    /// Checkpoints that were brought.
    pub checkpoints: u64,
}

/// Why a copy is not brought on. What was proven before is there.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// It lost its end.
    #[error(
        "the copy is damaged: it was proven up to position {proven}, and ends at position {end}"
    )]
    Short {
        /// How far it was proven.
        proven: u64,
        /// Where it ends.
        end: u64,
    },
    /// It was changed.
    #[error(
        "the copy is damaged: it was proven up to position {proven} with root {signed}, and its records come to {found}"
    )]
    Changed {
        /// How far it was proven.
        proven: u64,
        /// The root that was proven.
        signed: Hash,
        /// The root of what is there.
        found: Hash,
    },
    /// The ledger was put back from another state, or the copy is that of another one.
    #[error(
        "the ledger never signed what the copy was proven by, position {proven} with root {root}: the copy is of another \
         history, or the ledger was put back from an older one"
    )]
    OtherHistory {
        /// How far the copy was proven.
        proven: u64,
        /// The root that was proven.
        root: Hash,
    },
    /// What was copied is not what was sealed.
    #[error(
        "the copy does not agree with the checkpoint of {size} records: that signs root {signed}, and the copy's records \
         come to {found}"
    )]
    OtherRoot {
        /// What the checkpoint covers.
        size: u64,
        /// The root that was signed.
        signed: Hash,
        /// The root of what was copied.
        found: Hash,
    },
    /// Nothing can be proven.
    #[error("nothing was ever sealed: a copy is proven by a checkpoint, and there is none")]
    NeverSealed,
    /// Records were not brought.
    #[error(transparent)]
    Records(#[from] MigrateError),
    /// The copy cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// Checkpoints were not brought.
    #[error(transparent)]
    Checkpoints(#[from] BringError),
    /// Tiles were not kept, or are others.
    #[error(transparent)]
    Tiles(#[from] TileError),
    /// How far it is proven cannot be read or noted.
    #[error(transparent)]
    Mark(#[from] MarkError),
}

impl Copy {
    /// Opens the copy in `place`, and hashes every record that was proven before.
    ///
    /// # Errors
    ///
    /// [`CopyError`], where it is not what was proven.
    pub async fn open(place: Place, mut progress: impl FnMut(Progress)) -> Result<Self, CopyError> {
        let mark = match &place.marks {
            Some(marks) => marks.mark().await?,
            None => None,
        };
        let edge = Edge::default();
        let mut copy = Self { place, edge };
        if let Some(Mark { size, root, .. }) = mark {
            let found = copy.hash_until(size, &mut progress).await?;
            if copy.edge.size() < size {
                let (proven, end) = (size, copy.edge.size());
                return Err(CopyError::Short { proven, end });
            }
            if found != root {
                return Err(CopyError::Changed {
                    proven: size,
                    signed: root,
                    found,
                });
            }
        }
        Ok(copy)
    }

    /// Checks that what was proven before is what the ledger signed.
    ///
    /// # Errors
    ///
    /// [`CopyError::OtherHistory`] and [`CopyError::NeverSealed`].
    pub fn expect_continued_by(&self, signed: &Signed) -> Result<(), CopyError> {
        if signed.last().is_none() {
            return Err(CopyError::NeverSealed);
        }
        let (proven, root) = (self.edge.size(), self.edge.root());
        if proven == 0 || signed.root(proven) == Some(root) {
            return Ok(());
        }
        Err(CopyError::OtherHistory { proven, root })
    }

    /// Brings the records of `from` up to `until`.
    ///
    /// # Errors
    ///
    /// [`CopyError::Records`].
    pub async fn bring(
        &self,
        from: &dyn EventStore,
        until: Position,
        progress: impl FnMut(Progress),
    ) -> Result<(), CopyError> {
        let beginning = self.edge.clone();
        let to = &*self.place.records;
        Ok(migrate::bring_after(from, to, beginning, until, progress).await?)
    }

    /// Holds the records of the copy against everything that was signed of them, and keeps it: tiles, the checkpoints,
    /// which are read from `from`, and how far it is proven.
    ///
    /// # Errors
    ///
    /// [`CopyError`]; what was proven before stays so.
    pub async fn prove(
        mut self,
        signed: &Signed,
        from: &dyn CheckpointLog,
        mut progress: impl FnMut(Progress),
    ) -> Result<Proven, CopyError> {
        let Some((position, root)) = signed.last() else {
            return Err(CopyError::NeverSealed);
        };
        for (size, signed) in signed.since(self.edge.size()) {
            let found = self.hash_until(size, &mut progress).await?;
            if found != signed || self.edge.size() < size {
                return Err(CopyError::OtherRoot {
                    size,
                    signed,
                    found,
                });
            }
        }
        self.keep_tiles(self.edge.partial()).await?;
        let added = signed.add(from, &*self.place.checkpoints).await?;
        if let Some(marks) = &self.place.marks {
            let (entries, size) = (signed.entries(), position);
            let mark = Mark {
                entries,
                size,
                root,
            };
            marks.keep(mark).await?;
        }
        Ok(Proven {
            position: Position(position),
            root,
            unsealed: self.place.records.head().await?.0 - position,
            checkpoints: added.brought,
        })
    }

    /// Reads records of the copy until there are `size`, or no more, and answers the root of their tree.
    async fn hash_until(
        &mut self,
        size: u64,
        progress: &mut impl FnMut(Progress),
    ) -> Result<Hash, CopyError> {
        let mut tiles = Vec::new();
        while self.edge.size() < size {
            let left = u32::try_from(size - self.edge.size()).ok();
            let limit = left.and_then(NonZeroU32::new).unwrap_or(CHUNK).min(CHUNK);
            let after = Position(self.edge.size());
            let records = self.place.records.read_all(after, limit).await?;
            if records.is_empty() {
                break;
            }
            let leaves = records.iter().map(|record| Hash::of_leaf(&record.bytes));
            self.edge.extend(leaves);
            tiles.extend(self.edge.take_full());
            if tiles.len() >= TILES {
                self.keep_tiles(std::mem::take(&mut tiles)).await?;
            }
            progress(Progress::ReadBack(self.edge.size()));
        }
        self.keep_tiles(tiles).await?;
        Ok(self.edge.root())
    }

    async fn keep_tiles(&self, tiles: Vec<(Tile, Vec<u8>)>) -> Result<(), TileError> {
        match &self.place.tiles {
            Some(kept) if !tiles.is_empty() => kept.write(tiles).await,
            Some(_) | None => Ok(()),
        }
    }
}
