//! The checkpoints of a ledger that moves: they go along byte for byte, so that every receipt stays valid.
//!
//! They are read before the records are, so that each of them speaks of records that the source must have. Then each
//! is held against the records that the target has: one that is larger, or signs another root, is not brought, and
//! neither is any after it. As with records, what the target has must be the beginning of what the source has.
//! Deliberately absent: whose signature is below a checkpoint; the target's sealer looks at that before it signs.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use socai_store::{AddError, CheckpointError, CheckpointLog, EventStore, Position, ReadError};
use socai_tlog::{Checkpoint, Edge, Hash, Note};

/// Notes, and records, read at once.
const NOTES: NonZeroU32 = NonZeroU32::new(1_024).expect("not zero");
const RECORDS: NonZeroU32 = NonZeroU32::new(4_096).expect("not zero");

/// How many checkpoints went along.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Brought {
    /// The target had them already.
    pub there: u64,
    /// They were brought.
    pub brought: u64,
}

/// What was signed of a ledger, as far as its log of checkpoints was read.
#[derive(Debug, Clone, Default)]
pub struct Signed {
    entries: u64,
    /// By size: the first entry that signs it, and the root that it signs.
    roots: BTreeMap<u64, (u64, Hash)>,
}

/// Why checkpoints did not go along. What was brought by then stays, and bringing them again goes on.
#[derive(Debug, thiserror::Error)]
pub enum BringError {
    /// The source lost its end, or records were taken from it: it is not what was sealed.
    #[error(
        "entry {entry} of the source's checkpoints is of {size} records, and the target has {records}, \
         all that the source had: it has lost some"
    )]
    Larger {
        /// The entry.
        entry: u64,
        /// What it covers.
        size: u64,
        /// What there is.
        records: u64,
    },
    /// The records were changed after they were sealed, or are those of another ledger.
    #[error(
        "entry {entry} of the source's checkpoints signs root {signed} of {size} records, and theirs is {found}"
    )]
    OtherRoot {
        /// The entry.
        entry: u64,
        /// What it covers.
        size: u64,
        /// The root that was signed.
        signed: Hash,
        /// The root of the records, or that of an earlier entry.
        found: Hash,
    },
    /// The target was sealed by itself.
    #[error(
        "entry {entry} of the target's checkpoints is not the source's: both were sealed, and only one may be"
    )]
    Differ {
        /// The first entry at which they differ.
        entry: u64,
    },
    /// An entry of the source is no checkpoint.
    #[error("entry {entry} of the source's checkpoints does not read: {problem}")]
    Unreadable {
        /// Which entry.
        entry: u64,
        /// What is wrong with it.
        problem: String,
    },
    /// One of the two cannot be read.
    #[error(transparent)]
    Read(#[from] CheckpointError),
    /// The records in the target cannot be read.
    #[error(transparent)]
    Records(#[from] ReadError),
    /// The target did not take one.
    #[error("the target did not take entry {entry} of the checkpoints")]
    Add {
        /// Which entry.
        entry: u64,
        /// Why.
        #[source]
        source: AddError,
    },
}

impl Signed {
    /// Reads everything that `log` has. To be called before the records are brought: what is signed later may be of
    /// records that are not.
    ///
    /// # Errors
    ///
    /// [`BringError`] where an entry is no checkpoint, or two sign different roots of one size.
    pub async fn read(log: &dyn CheckpointLog) -> Result<Self, BringError> {
        let mut signed = Self::default();
        signed.read_on(log).await?;
        Ok(signed)
    }

    /// Reads what was added to `log` since.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read).
    pub async fn read_on(&mut self, log: &dyn CheckpointLog) -> Result<(), BringError> {
        loop {
            let notes = log.read(self.entries, NOTES).await?;
            if notes.is_empty() {
                return Ok(());
            }
            for note in notes {
                self.take_in(&note)?;
            }
        }
    }

    /// Reads the first `entries` of `log`, or all where there are fewer.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read).
    pub async fn read_first(log: &dyn CheckpointLog, entries: u64) -> Result<Self, BringError> {
        let mut signed = Self::default();
        while let Some(limit) = at_most(entries - signed.entries) {
            let notes = log.read(signed.entries, limit).await?;
            if notes.is_empty() {
                break;
            }
            for note in notes {
                signed.take_in(&note)?;
            }
        }
        Ok(signed)
    }

    /// How many entries were read.
    pub const fn entries(&self) -> u64 {
        self.entries
    }

    /// The largest size that was signed, and the root that was signed with it.
    pub fn last(&self) -> Option<(u64, Hash)> {
        let (size, (_, root)) = self.roots.last_key_value()?;
        Some((*size, *root))
    }

    /// The first entry that signs `size`.
    pub fn entry(&self, size: u64) -> Option<u64> {
        self.roots.get(&size).map(|(entry, _)| *entry)
    }

    /// The root that was signed at `size`.
    pub fn root(&self, size: u64) -> Option<Hash> {
        self.roots.get(&size).map(|(_, root)| *root)
    }

    /// Every size from `size` on that was signed, smallest first, with the root.
    pub(crate) fn since(&self, size: u64) -> impl Iterator<Item = (u64, Hash)> {
        let roots = self.roots.range(size..);
        roots.map(|(size, (_, root))| (*size, *root))
    }

    fn take_in(&mut self, note: &[u8]) -> Result<(), BringError> {
        self.entries += 1;
        let entry = self.entries;
        let unreadable = |problem: String| BringError::Unreadable { entry, problem };
        let note = Note::parse(note).map_err(|error| unreadable(error.to_string()))?;
        let said = Checkpoint::parse(&note.text).map_err(|error| unreadable(error.to_string()))?;
        let (size, signed) = (said.size, said.root);
        let (_, found) = *self.roots.entry(size).or_insert((entry, signed));
        expect_root(entry, size, signed, found)
    }

    /// Adds what was read of `from` to `to`, which stands beside `records`, as far as it is not there yet.
    ///
    /// # Errors
    ///
    /// [`BringError`]. Where a checkpoint does not fit the records, none is added.
    pub async fn bring(
        &self,
        from: &dyn CheckpointLog,
        to: &dyn CheckpointLog,
        records: &dyn EventStore,
    ) -> Result<Brought, BringError> {
        self.hold_against(records).await?;
        self.add(from, to).await
    }

    /// As [`bring`](Self::bring), where the records were held against it already.
    ///
    /// # Errors
    ///
    /// [`BringError`].
    pub(crate) async fn add(
        &self,
        from: &dyn CheckpointLog,
        to: &dyn CheckpointLog,
    ) -> Result<Brought, BringError> {
        let there = to.len().await?;
        if there > self.entries {
            let entry = self.entries + 1;
            return Err(BringError::Differ { entry });
        }
        let mut entries = 0;
        while entries < self.entries {
            entries += self.bring_some(from, to, entries).await?;
        }
        let brought = entries - there;
        Ok(Brought { there, brought })
    }

    /// Compares, or adds, what follows the first `entries`, and says how many that were.
    async fn bring_some(
        &self,
        from: &dyn CheckpointLog,
        to: &dyn CheckpointLog,
        entries: u64,
    ) -> Result<u64, BringError> {
        let limit = at_most(self.entries - entries).unwrap_or(NOTES);
        let theirs = to.read(entries, limit).await?;
        let mut next = entries;
        for (place, note) in from.read(entries, limit).await?.into_iter().enumerate() {
            let entry = next + 1;
            match theirs.get(place) {
                Some(theirs) if *theirs != note => return Err(BringError::Differ { entry }),
                Some(_) => {}
                None => {
                    let added = to.append(next, note).await;
                    added.map_err(|source| BringError::Add { entry, source })?;
                }
            }
            next = entry;
        }
        if next == entries {
            let (entry, problem) = (next + 1, "it was there a moment ago".to_owned());
            return Err(BringError::Unreadable { entry, problem });
        }
        Ok(next - entries)
    }

    /// Checks that every checkpoint is one of these records.
    async fn hold_against(&self, records: &dyn EventStore) -> Result<(), BringError> {
        let mut edge = Edge::default();
        for (&size, &(entry, signed)) in &self.roots {
            if !read_until(records, size, &mut edge).await? {
                let records = edge.size();
                return Err(BringError::Larger {
                    entry,
                    size,
                    records,
                });
            }
            expect_root(entry, size, signed, edge.root())?;
        }
        Ok(())
    }
}

/// As many notes as are read at once, and no more than `left`; `None` where that is none.
fn at_most(left: u64) -> Option<NonZeroU32> {
    let left = NonZeroU32::new(u32::try_from(left).unwrap_or(u32::MAX));
    left.map(|left| left.min(NOTES))
}

/// Takes in records until there are `size`, and says whether there are as many.
async fn read_until(
    records: &dyn EventStore,
    size: u64,
    edge: &mut Edge,
) -> Result<bool, BringError> {
    while edge.size() < size {
        let left = u32::try_from(size - edge.size()).ok();
        let limit = left
            .and_then(NonZeroU32::new)
            .map_or(RECORDS, |left| left.min(RECORDS));
        let some = records.read_all(Position(edge.size()), limit).await?;
        if some.is_empty() {
            return Ok(false);
        }
        edge.extend(some.iter().map(|record| Hash::of_leaf(&record.bytes)));
        // Nobody keeps its tiles here.
        edge.take_full();
    }
    Ok(true)
}

fn expect_root(entry: u64, size: u64, signed: Hash, found: Hash) -> Result<(), BringError> {
    if signed == found {
        return Ok(());
    }
    Err(BringError::OtherRoot {
        entry,
        size,
        signed,
        found,
    })
}
