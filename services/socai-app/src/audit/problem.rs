//! What can be wrong with a sealed ledger, each in a sentence that names it and its place.

use socai_ledger::image::FoldError;
use socai_ledger::pipeline::Interrupted;
use socai_store::{CheckpointError, ReadError, TileError};
use socai_tlog::{Hash, Tile};

/// Something that is wrong.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// A record is another one than when it was sealed: neither tile nor checkpoint agrees with it.
    #[error(
        "the record at position {position} is not the one that was sealed there: its leaf hash is {found}, and \
         {tile} has {sealed}"
    )]
    Record {
        position: u64,
        tile: Tile,
        sealed: Hash,
        found: Hash,
    },
    /// A tile is another one than that of the records, and what was signed agrees with the records or says nothing.
    #[error(
        "{tile} is not what the records come to, first in hash {hash} of 0 to {}",
        tile.width - 1
    )]
    OtherTile { tile: Tile, hash: usize },
    /// A tile that proofs of sealed records need is not there.
    #[error("{tile} is missing, and {size} records are sealed")]
    MissingTile { tile: Tile, size: u64 },
    /// A tile cannot be read as one.
    #[error("a tile does not read: {0}")]
    BadTile(TileError),
    /// The log of checkpoints has lost something or was changed.
    #[error("{}", with_source(.0))]
    Checkpoints(CheckpointError),
    /// One checkpoint is wrong.
    #[error("entry {entry} of the checkpoints: {problem}")]
    Checkpoint { entry: u64, problem: Wrong },
    /// All of them are gone.
    #[error(
        "no checkpoint is kept, and the ledger was sealed: evidence of sealed records was exported ({stream})"
    )]
    NoCheckpoints {
        /// Where the ledger says so.
        stream: String,
    },
    /// What the ledger says of its keys does not read.
    #[error("the ledger's keys do not read: {0}")]
    Keys(String),
    /// The heads that the ledger sealed are not those of its streams.
    #[error(
        "the heads sealed of the first {size} records are of {streams} streams with root {sealed}, and those records \
         have {found_streams} streams with root {found}"
    )]
    Heads {
        size: u64,
        streams: u64,
        sealed: String,
        found_streams: u64,
        found: String,
    },
    /// A record does not read, or does not follow from those before it.
    #[error("{0}")]
    Fold(FoldError),
    /// Records cannot be had.
    #[error("{}", with_source(.0))]
    Read(ReadError),
    /// The snapshot is one of other records.
    #[error(
        "the snapshot at position {position} is not what the records come to: delete {path} and open the ledger again"
    )]
    Snapshot { position: u64, path: String },
}

/// What is wrong with a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    /// It does not read.
    #[error("it is no checkpoint: {0}")]
    NotACheckpoint(String),
    /// It was signed elsewhere.
    #[error("it is of the log {found}, and this one is {origin}")]
    OtherLog { origin: String, found: String },
    /// Text or signature was changed.
    #[error("{0}: the checkpoint was changed after it was signed, or was never signed")]
    BadSignature(String),
    /// Nobody who may signed it.
    #[error("no key that the ledger names for {size} records signed it")]
    Unsigned { size: u64 },
    /// Another key took over, by what the ledger says of this one.
    #[error(
        "it does not count: it covers {size} records, and the log key {key} alone counts up to {valid_to} and is \
         retired; a quorum of witnesses would make it count, which --policy names"
    )]
    KeyRetired {
        key: String,
        size: u64,
        valid_to: u64,
    },
    /// Somebody else may have signed.
    #[error(
        "it does not count: it covers {size} records, and the log key {key} was stolen; a quorum of witnesses would \
         make it count, which --policy names"
    )]
    KeyStolen { key: String, size: u64 },
    /// Records are gone.
    #[error(
        "it covers {size} records, and the ledger ends at position {end}: records were dropped from its end, or an \
         older copy was restored"
    )]
    BeyondEnd { size: u64, end: u64 },
    /// The records are others.
    #[error(
        "it was signed over {size} records with root {signed}, and the first {size} records come to {found}: after \
         position {agreed} something was changed, left out or put in"
    )]
    OtherRoot {
        size: u64,
        signed: Hash,
        found: Hash,
        agreed: u64,
    },
    /// A fork: what no honest log does.
    #[error(
        "it was signed over {size} records with root {signed}, and another entry over as many with root {found}: the \
         key signed two histories"
    )]
    TwoHistories {
        size: u64,
        signed: Hash,
        found: Hash,
    },
    /// An older state came back and was signed.
    #[error(
        "it covers {size} records, and an earlier entry covered {largest} already: a log never becomes smaller"
    )]
    Backwards { size: u64, largest: u64 },
}

impl From<Interrupted<ReadError>> for Problem {
    fn from(error: Interrupted<ReadError>) -> Self {
        match error {
            Interrupted::Read(error) => Self::Read(error),
            Interrupted::Fold(error) => Self::Fold(error),
        }
    }
}

fn with_source(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    let all = std::iter::once(error.to_string()).chain(causes.map(ToString::to_string));
    all.collect::<Vec<_>>().join(": ")
}
