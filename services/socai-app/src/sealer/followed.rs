//! The log as far as it was followed: the edge of its tree, and the last checkpoint that it has to agree with.

use std::num::NonZeroU32;

use socai_store::{Mark, Position, TileStore};
use socai_tlog::{
    Checkpoint, Edge, Hash, Note, SigningKey, Tile, Tiles, tiles_for_consistency, tiles_for_root,
    verify_consistency,
};

use super::error::NotWhatWasSealed;
use super::keys::Held;
use super::marked::{Expected, Marked};
use super::sealed::{self, Sealed};
use super::{LogKeys, Ports, SealError};

/// Records read at once.
const CHUNK: NonZeroU32 = NonZeroU32::new(4_096).expect("not zero");

/// Records taken in by one step, at most, so that a long log does not outlast a term.
const STEP_MAX: u64 = 65_536;

/// Leaves of a full tile of the lowest level.
const LEAVES: u64 = 256;

/// What a sealer knows since it looked.
pub(super) struct Followed {
    edge: Edge,
    /// How many leaves were taken from tiles, and not read from the log.
    from_tiles: u64,
    keys: LogKeys,
    /// Every private key at hand, as of when the ledger last named one.
    held: Held,
    /// Entries in the log of checkpoints.
    entries: u64,
    sealed: Option<Sealed>,
    /// What the log has to come by or to continue, besides what was sealed.
    marked: Marked,
}

impl Followed {
    /// Looks what was sealed, and begins with the tiles of what lies before its last tile: that one is read from
    /// the log again, so that a log with another end is noticed at once.
    pub(super) async fn look(ports: &Ports, expected: Expected) -> Result<Self, SealError> {
        // Before all else: who else notes something here has added it before.
        let marked = Marked::read(ports, expected).await?;
        // A store that is a moment behind is not a shorter log: once it was asked for its end it is level.
        let head = ports.store.head().await?.0;
        let mut keys = LogKeys::default();
        keys.read_on(&*ports.store).await?;
        keys.origin()?;
        let (entries, sealed) = sealed::last(&*ports.checkpoints, &keys).await?;
        let below = sealed.as_ref().map_or(0, |sealed| sealed.size - 1) / LEAVES;
        let edge = load(&*ports.tiles, below).await?;
        let followed = Self {
            marked,
            from_tiles: edge.size(),
            edge,
            keys,
            held: (ports.keys)()?,
            entries,
            sealed,
        };
        // Before a long log is read in vain.
        if head > followed.sealed_size() {
            followed.signers(head)?;
        }
        Ok(followed)
    }

    fn size(&self) -> u64 {
        self.edge.size()
    }

    fn root(&self) -> Hash {
        self.edge.root()
    }

    pub(super) fn entries(&self) -> u64 {
        self.entries
    }

    pub(super) fn sealed(&self) -> Option<&Sealed> {
        self.sealed.as_ref()
    }

    /// Notes that `checkpoint` is about to be added.
    pub(super) async fn announce(
        &mut self,
        ports: &Ports,
        checkpoint: &Checkpoint,
    ) -> Result<(), SealError> {
        self.marked.check_entries(self.entries)?;
        self.note(ports, checkpoint.size, checkpoint.root).await
    }

    pub(super) async fn was_sealed(
        &mut self,
        ports: &Ports,
        sealed: Sealed,
    ) -> Result<(), SealError> {
        self.entries = sealed.entry;
        let (size, root) = (sealed.size, sealed.root);
        self.sealed = Some(sealed);
        self.note(ports, size, root).await
    }

    async fn note(&mut self, ports: &Ports, size: u64, root: Hash) -> Result<(), SealError> {
        let entries = self.entries;
        let mark = Mark {
            entries,
            size,
            root,
        };
        self.marked.keep(ports, mark).await
    }

    /// Whether there is more than was sealed, and the log came by what was noted.
    pub(super) fn has_grown(&self) -> bool {
        self.size() > self.sealed_size() && self.marked.is_passed()
    }

    fn sealed_size(&self) -> u64 {
        self.sealed.as_ref().map_or(0, |sealed| sealed.size)
    }

    /// Reads on in the log, compares it with what was sealed where it comes by there, and says whether it came to
    /// the end.
    pub(super) async fn read_on(&mut self, ports: &Ports) -> Result<bool, SealError> {
        let head = ports.store.head().await?.0;
        self.check_end(head)?;
        let stop = head.min(self.size() + STEP_MAX);
        let sealed = self.sealed_size();
        if self.size() < sealed {
            if let Some(noted) = self.marked.within(self.size(), sealed) {
                self.come_by(ports, noted, stop).await?;
            }
            if let Some(Sealed { size, root, .. }) = self.sealed {
                self.come_by(ports, (size, root), stop).await?;
            }
            self.keep_tiles(ports).await?;
            if self.size() == sealed {
                self.check_marks(ports).await?;
            }
        }
        if self.size() >= sealed {
            if let Some(noted) = self.marked.within(self.size(), head) {
                self.come_by(ports, noted, stop).await?;
            }
            self.read_until(stop, ports).await?;
        }
        Ok(self.size() == head)
    }

    /// Reads on to a size, if it is before `stop`, and compares the root there.
    async fn come_by(
        &mut self,
        ports: &Ports,
        to: (u64, Hash),
        stop: u64,
    ) -> Result<(), SealError> {
        let (size, root) = to;
        if self.size() < size {
            self.read_until(stop.min(size), ports).await?;
        }
        if self.size() == size {
            self.compare(ports, size, root).await?;
            self.marked.came_by(size);
        }
        Ok(())
    }

    /// Checks what was noted against the tiles as they are kept, and against the log of checkpoints.
    async fn check_marks(&mut self, ports: &Ports) -> Result<(), SealError> {
        if let Some((old, old_root)) = self.marked.within(0, self.size()) {
            self.prove_continued(ports, old, old_root).await?;
            self.marked.came_by(old);
        }
        if !self.marked.is_passed() {
            return Ok(());
        }
        self.marked.check_entries(self.entries)?;
        match &self.sealed {
            Some(Sealed { size, root, .. }) if self.marked.is_news(self.entries, *size) => {
                self.note(ports, *size, *root).await
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Checks that the log still has what was sealed, and what was read.
    fn check_end(&self, head: u64) -> Result<(), SealError> {
        match &self.sealed {
            Some(Sealed { size, root, .. }) if *size > head => {
                let (size, root) = (*size, *root);
                Err(NotWhatWasSealed::Ends { size, root, head }.into())
            }
            _ if self.size() > head => Err(SealError::Hole {
                expected: head + 1,
                found: format!("the log had {} records, and ends at {head}", self.size()),
            }),
            _ => self.marked.check_end(head),
        }
    }

    async fn read_until(&mut self, stop: u64, ports: &Ports) -> Result<(), SealError> {
        while self.size() < stop {
            let left = u32::try_from(stop - self.size()).ok();
            let limit = left
                .and_then(NonZeroU32::new)
                .map_or(CHUNK, |n| n.min(CHUNK));
            let records = ports.store.read_all(Position(self.size()), limit).await?;
            if records.is_empty() {
                return Err(self.hole(format!("the log goes on to {stop}")));
            }
            for recorded in &records {
                if recorded.position.0 != self.size() + 1 {
                    return Err(
                        self.hole(format!("the record after it is at {}", recorded.position))
                    );
                }
                if self.entries == 0 {
                    self.marked.check_record(recorded)?;
                }
                self.edge.push(Hash::of_leaf(&recorded.bytes));
            }
        }
        Ok(())
    }

    fn hole(&self, found: String) -> SealError {
        let expected = self.size() + 1;
        SealError::Hole { expected, found }
    }

    /// Compares the tree, which is of `size`, with the `root` that was sealed.
    async fn compare(&mut self, ports: &Ports, size: u64, root: Hash) -> Result<(), SealError> {
        let found = self.root();
        if found == root {
            return Ok(());
        }
        let tiles = fetch(&*ports.tiles, tiles_for_root(size)).await?;
        let kept = tiles.and_then(|tiles| tiles.root(size).ok());
        if kept == Some(root) {
            return Err(self.other_record(ports, size, root, found).await?.into());
        }
        if self.from_tiles == 0 {
            return Err(NotWhatWasSealed::OtherRoot { size, root, found }.into());
        }
        Err(SealError::TilesDoNotFit(format!(
            "with them and the records after {} the root of {size} records is {found}, and {root} was sealed",
            self.from_tiles
        )))
    }

    /// The first record of the last tile that is not the one whose hash is kept there, where the tiles are those
    /// that were sealed.
    async fn other_record(
        &mut self,
        ports: &Ports,
        size: u64,
        root: Hash,
        found: Hash,
    ) -> Result<NotWhatWasSealed, SealError> {
        let last = last_tile(size);
        let kept = ports.tiles.read(&last).await?.unwrap_or_default();
        let ours = self.edge.take_full().into_iter().chain(self.edge.partial());
        let ours = ours
            .filter(|(tile, _)| *tile == last)
            .map(|(_, bytes)| bytes)
            .next();
        let ours = ours.unwrap_or_default();
        let (kept, ours) = (kept.as_chunks::<32>().0, ours.as_chunks::<32>().0);
        let differ = |(_, (kept, ours)): &(u64, (&[u8; 32], &[u8; 32]))| kept != ours;
        let first = (last.index * LEAVES + 1..)
            .zip(kept.iter().zip(ours))
            .find(differ);
        Ok(match first {
            Some((position, (kept, ours))) => NotWhatWasSealed::OtherRecord {
                position,
                sealed: Hash::from_bytes(*kept),
                found: Hash::from_bytes(*ours),
            },
            None => NotWhatWasSealed::OtherRoot { size, root, found },
        })
    }

    /// Makes the tiles of the tree durable, full and partial ones.
    pub(super) async fn keep_tiles(&mut self, ports: &Ports) -> Result<(), SealError> {
        let mut tiles = self.edge.take_full();
        tiles.extend(self.edge.partial());
        Ok(ports.tiles.write(tiles).await?)
    }

    /// Proves from the tiles, as they are kept, that the tree continues what was sealed.
    pub(super) async fn prove(&self, ports: &Ports) -> Result<(), SealError> {
        let (size, root) = (self.size(), self.root());
        let Some(sealed) = &self.sealed else {
            let tiles = self.kept(ports, tiles_for_root(size)).await?;
            let kept = tiles.root(size).map_err(misfit)?;
            if kept == root {
                return Ok(());
            }
            return Err(SealError::TilesDoNotFit(format!(
                "the root of {size} records is {root}, and theirs is {kept}"
            )));
        };
        self.prove_continued(ports, sealed.size, sealed.root).await
    }

    /// Proves from the tiles, as they are kept, that the tree continues `old` records with `old_root`.
    async fn prove_continued(
        &self,
        ports: &Ports,
        old: u64,
        old_root: Hash,
    ) -> Result<(), SealError> {
        let (size, root) = (self.size(), self.root());
        let wanted = tiles_for_consistency(old, size);
        let tiles = self.kept(ports, wanted).await?;
        let proof = tiles.consistency(old, size).map_err(misfit)?;
        let proven = verify_consistency(old, &old_root, size, &root, &proof);
        proven.map_err(|problem| {
            SealError::from(NotWhatWasSealed::NotContinued {
                old,
                old_root,
                size,
                root,
                problem,
            })
        })
    }

    async fn kept(&self, ports: &Ports, wanted: Vec<Tile>) -> Result<Tiles, SealError> {
        let tiles = fetch(&*ports.tiles, wanted).await?;
        tiles.ok_or_else(|| {
            SealError::TilesDoNotFit("one that was just kept is not there".to_owned())
        })
    }

    /// The checkpoint of the tree as it is, signed with every key in force that is at hand.
    pub(super) async fn sign(&mut self, ports: &Ports) -> Result<(Checkpoint, Note), SealError> {
        if self.keys.read_on(&*ports.store).await? {
            self.held = (ports.keys)()?;
        }
        let checkpoint = Checkpoint {
            origin: self.keys.origin()?.to_owned(),
            size: self.size(),
            root: self.root(),
            extensions: Vec::new(),
        };
        let note = checkpoint.sign(&self.signers(checkpoint.size)?);
        Ok((checkpoint, note))
    }

    /// The private keys at hand of those that sign a checkpoint of `size`.
    fn signers(&self, size: u64) -> Result<Vec<&SigningKey>, SealError> {
        let in_force: Vec<_> = self.keys.in_force(size).collect();
        let is_in_force = |key: &&SigningKey| in_force.contains(&key.verifier_key());
        let signers: Vec<&SigningKey> = self.held.keys.iter().filter(is_in_force).collect();
        if signers.is_empty() && size > 0 {
            if in_force.is_empty() {
                return Err(SealError::NoLogKey);
            }
            let wanted: Vec<String> = in_force.iter().map(ToString::to_string).collect();
            return Err(SealError::NoPrivateKey {
                wanted: wanted.join(", "),
                looked: self.held.looked.clone(),
            });
        }
        Ok(signers)
    }
}

/// The tile of the lowest level that holds the last of `size` leaves.
fn last_tile(size: u64) -> Tile {
    let index = (size - 1) / LEAVES;
    let width = u16::try_from(size - index * LEAVES).expect("a tile has at most 256 hashes");
    Tile {
        level: 0,
        index,
        width,
    }
}

/// The edge of as much of the tree as its tiles are there for, up to `full` tiles of the lowest level. A crash may
/// have left higher tiles behind the lower ones: then less is taken, and the rest read again.
async fn load(tiles: &dyn TileStore, full: u64) -> Result<Edge, SealError> {
    let full = full_tiles(tiles, full).await?;
    for coarser in [0, 8, 16, 24] {
        let size = ((full >> coarser) << coarser) * LEAVES;
        if size == 0 {
            break;
        }
        let found = fetch(tiles, Edge::tiles(size)).await?;
        if let Some(found) = found {
            return Edge::load(size, &found).map_err(misfit);
        }
    }
    Ok(Edge::default())
}

/// How many full tiles of the lowest level are there from the first on, at most `most`.
async fn full_tiles(tiles: &dyn TileStore, most: u64) -> Result<u64, SealError> {
    let (mut there, mut missing) = (0, most + 1);
    let mut asked = most;
    while there + 1 < missing {
        let tile = Tile {
            level: 0,
            index: asked - 1,
            width: 256,
        };
        match tiles.read(&tile).await? {
            Some(_) => there = asked,
            None => missing = asked,
        }
        asked = there + (missing - there) / 2;
    }
    Ok(there)
}

/// The tiles, where all of them are there.
async fn fetch(store: &dyn TileStore, wanted: Vec<Tile>) -> Result<Option<Tiles>, SealError> {
    let mut tiles = Tiles::default();
    for tile in wanted {
        let Some(bytes) = store.read(&tile).await? else {
            return Ok(None);
        };
        tiles.insert(tile, bytes).map_err(misfit)?;
    }
    Ok(Some(tiles))
}

fn misfit(problem: impl std::fmt::Display) -> SealError {
    SealError::TilesDoNotFit(problem.to_string())
}
