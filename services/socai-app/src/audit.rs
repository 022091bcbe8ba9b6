//! Holding a ledger against everything that was sealed of it: `socai verify` of a directory or of servers.
//!
//! ```text
//!                       ┌──► tree: leaves, roots at the signed sizes, tiles ──► every tile that is kept
//!  whoever reads ───────┤                    └──► every checkpoint: its signature, its size, its root
//!  all records once     └──► fold: revisions, what follows from what ──► the snapshot, the heads sealed last
//! ```
//!
//! Each record is read once and goes both ways, on threads of their own. What is wrong in one does not hide what is
//! wrong in the other: a report has the first problem of each sort. Deliberately absent: checksums of a store, which
//! whoever reads compares; and whom to believe besides the ledger's own key, which a policy says.

use std::sync::Arc;

use socai_store::TileStore;
use socai_store::{
    BackendError, CheckpointError, CheckpointLog, EventStore, ReadError, Recorded, TileError,
};
use socai_tlog::Policy;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

mod checkpoints;
mod fold;
mod heads;
mod problem;
mod proof;
mod tree;
mod whole;

pub use checkpoints::Sealed;
pub use problem::{Problem, Wrong};
pub use whole::{AtRest, Counting, Opened, Stored, Verified, verify};

use crate::sealer::{LogKeys, SealError};
use crate::snapshots::Kept;
use checkpoints::{Checkpoints, Signers};
use fold::Refolded;
use tree::{Growing, Grown};

/// Chunks of records that wait for one way while the other is busy, at most.
const AHEAD: usize = 4;

/// Is told how many more records were folded.
pub type Progress = Arc<dyn Fn(u64) + Send + Sync>;

/// What a ledger is held against.
pub struct Against {
    /// The ledger itself, asked for what it says of its keys.
    pub store: Arc<dyn EventStore>,
    /// The tiles of its tree.
    pub tiles: KeptTiles,
    /// What was signed; nothing where that cannot be opened, which whoever opens it says.
    pub checkpoints: Option<Arc<dyn CheckpointLog>>,
    /// Whom else a checkpoint should be signed by.
    pub policy: Option<Policy>,
    /// A snapshot that should be what the records come to.
    pub snapshot: Option<Kept>,
}

/// The tiles that are kept.
#[derive(Clone)]
pub enum KeptTiles {
    /// Of everything that is sealed.
    All(Arc<dyn TileStore>),
    /// Copies: those that are there have to be right.
    Copies(Arc<dyn TileStore>),
    /// None here.
    Nowhere,
}

/// An audit under way.
pub struct Audit {
    records: Records,
    tree: JoinHandle<Result<Grown, TileError>>,
    fold: JoinHandle<Refolded>,
    checkpoints: Checkpoints,
    tiles: KeptTiles,
    problems: Vec<Problem>,
}

/// Where records go, in order.
#[derive(Clone)]
pub struct Records {
    tree: mpsc::Sender<Vec<Recorded>>,
    fold: mpsc::Sender<Vec<Recorded>>,
}

/// What was found.
#[derive(Debug, Default)]
pub struct Report {
    /// How many records there were.
    pub records: u64,
    /// Up to where they follow from each other.
    pub folded: u64,
    /// The position of the snapshot that equals a fresh fold.
    pub snapshot: Option<u64>,
    /// How many checkpoints there are.
    pub checkpoints: u64,
    /// The largest that the records agree with.
    pub sealed: Option<Sealed>,
    /// The largest of those that the policy believes, if there is a policy.
    pub believed: Option<Sealed>,
    /// How many tiles were compared.
    pub tiles: u64,
    /// How many records the heads cover that the ledger sealed last, if it did and they are those of its streams.
    pub heads: Option<u64>,
    /// What is wrong: the first of each sort, what comes first in the list explaining most.
    pub problems: Vec<Problem>,
    /// What is worth knowing: checkpoints that do not count and do not have to, the first of each sort.
    pub remarks: Vec<Problem>,
}

/// Why nothing can be said.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// The records cannot be had.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The tiles cannot be had.
    #[error(transparent)]
    Tiles(#[from] TileError),
    /// The checkpoints cannot be had.
    #[error(transparent)]
    Checkpoints(#[from] CheckpointError),
    /// The ledger cannot be opened where it is kept.
    #[error(transparent)]
    Open(BackendError),
}

impl Audit {
    /// Verifies who signed what, and waits for records.
    ///
    /// # Errors
    ///
    /// [`AuditError`], where something is away. What is wrong is no error but a [`Problem`].
    pub async fn start(against: Against, progress: Progress) -> Result<Self, AuditError> {
        let (keys, problem) = keys(&*against.store).await?;
        let policy = against.policy;
        let signers = Arc::new(Signers { keys, policy });
        let checkpoints = match against.checkpoints {
            Some(log) => checkpoints::read(&*log, &signers).await?,
            None => Checkpoints::default(),
        };
        let growing = Growing::new(against.tiles.clone(), checkpoints.sizes());
        let (tree, leaves) = mpsc::channel(AHEAD);
        let (fold, facts) = mpsc::channel(AHEAD);
        let refold = move || fold::refold(facts, against.snapshot.as_ref(), &progress);
        Ok(Self {
            records: Records { tree, fold },
            tree: tokio::spawn(growing.grow(leaves)),
            fold: tokio::task::spawn_blocking(refold),
            checkpoints,
            tiles: against.tiles,
            problems: problem.into_iter().collect(),
        })
    }

    /// Where the records go. It is to be dropped when all of them have been given.
    #[must_use]
    pub fn records(&self) -> Records {
        self.records.clone()
    }

    /// Waits until everything was looked at, and says what was found.
    ///
    /// # Errors
    ///
    /// As [`start`](Self::start).
    pub async fn end(self) -> Result<Report, AuditError> {
        drop(self.records);
        let grown = self.tree.await.expect("no record panics the tree")?;
        let refolded = self.fold.await.expect("no record panics the fold");
        let mut checkpoints = self.checkpoints;
        checkpoints.judge(&grown);
        let mut report = Report {
            records: grown.size,
            folded: refolded.image.position().0,
            snapshot: refolded.snapshot,
            checkpoints: checkpoints.entries,
            sealed: checkpoints.last,
            believed: checkpoints.believed,
            tiles: grown.tiles,
            heads: refolded.heads,
            problems: self.problems,
            remarks: std::mem::take(&mut checkpoints.remarks),
        };
        let of_the_tree = of_the_tree(grown, &self.tiles, &checkpoints).await;
        report.problems.extend(of_the_tree);
        if checkpoints.entries == 0 && checkpoints.problems.is_empty() {
            report
                .problems
                .extend(fold::told_of_checkpoints(&refolded.image));
        }
        report.problems.extend(checkpoints.problems);
        report.problems.extend(refolded.problems);
        Ok(report)
    }
}

impl Records {
    /// Takes the next records. Waits while both ways are busy.
    pub async fn give(&self, records: Vec<Recorded>) {
        // Neither way ends before its records do.
        let _ = self.fold.send(records.clone()).await;
        let _ = self.tree.send(records).await;
    }

    /// As [`give`](Self::give), on a thread that may block.
    ///
    /// # Panics
    ///
    /// On one that may not.
    pub fn give_blocking(&self, records: Vec<Recorded>) {
        let _ = self.fold.blocking_send(records.clone());
        let _ = self.tree.blocking_send(records);
    }
}

/// The keys that the ledger names, as far as that reads.
async fn keys(store: &dyn EventStore) -> Result<(LogKeys, Option<Problem>), ReadError> {
    let mut keys = LogKeys::default();
    match keys.read_on(store).await {
        Ok(_) => Ok((keys, None)),
        Err(SealError::Read(unavailable @ ReadError::Unavailable(_))) => Err(unavailable),
        Err(error) => Ok((keys, Some(Problem::Keys(error.to_string())))),
    }
}

/// Says whether a leaf that differs is a record that was changed or a tile that was: what was signed tells.
async fn of_the_tree(grown: Grown, kept: &KeptTiles, checkpoints: &Checkpoints) -> Vec<Problem> {
    let Some(leaf) = grown.other_leaf else {
        return grown.problems;
    };
    for signed in &checkpoints.disagreed {
        if proof::was_sealed(&leaf, signed, kept).await {
            let record = Problem::Record {
                position: leaf.position,
                tile: leaf.tile,
                sealed: leaf.kept,
                found: leaf.found,
            };
            // The tiles above are others because this leaf is.
            let others = grown.problems.into_iter();
            let others = others.filter(|problem| !matches!(problem, Problem::OtherTile { .. }));
            return std::iter::once(record).chain(others).collect();
        }
    }
    let tile = Problem::OtherTile {
        tile: leaf.tile,
        hash: leaf.place,
    };
    std::iter::once(tile).chain(grown.problems).collect()
}
