//! Why a step of the sealer came to nothing.

use socai_store::{
    AddError, Alarm, CheckpointError, MarkError, ReadError, RegisterError, TileError,
};
use socai_tlog::{Hash, ProofError};

/// Why a step came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// The log is not the one that was sealed, or ends earlier: it was restored from an older copy, cut or
    /// replaced. Nothing is sealed until a person has looked.
    #[error("the log is not what was sealed: {0}")]
    NotWhatWasSealed(Box<NotWhatWasSealed>),
    /// The tiles do not fit what was sealed, or the log. They can be made again from the log, once a person has looked:
    /// they may be all that is left of records that are gone.
    #[error(
        "the tiles are not those of the log: {0}; where the ledger is whole, move the folder tlog/tile away and they are \
         made again"
    )]
    TilesDoNotFit(String),
    /// The log of checkpoints has fewer entries than it had.
    #[error("checkpoints are gone: {0}; socai seal --anew begins without them")]
    CheckpointsAreGone(CheckpointsGone),
    /// A witness raised an alarm earlier. Nothing is signed until a person has looked and removed it.
    #[error(
        "an alarm was raised, and nothing is sealed before somebody has looked into it and removed {}: {}", .0.place, .0.sentence
    )]
    Alarm(Alarm),
    /// What was noted of earlier sealing is not there, or does not read.
    #[error(transparent)]
    Marks(#[from] MarkError),
    /// A record is missing.
    #[error("position {expected} is missing: {found}")]
    Hole {
        /// What was to follow.
        expected: u64,
        /// What there is instead.
        found: String,
    },
    /// An entry in the log of checkpoints is no checkpoint of this ledger, or contradicts another.
    #[error("entry {entry} of the checkpoints is not this ledger's: {problem}")]
    NotACheckpoint {
        /// Which entry.
        entry: u64,
        /// What is wrong with it.
        problem: String,
    },
    /// An event that names a key does not read.
    #[error("position {position}: the log key that it names does not read: {problem}")]
    UnreadableKey {
        /// Where the event is.
        position: u64,
        /// What is wrong with it.
        problem: String,
    },
    /// The register's value was written by a later program, or by something else.
    #[error("the register of the sealer does not read: {0}")]
    NotASeal(serde_json::Error),
    /// The ledger names no key to be sealed with, or retired the last one.
    #[error(
        "the ledger names no log key in force: socai key make adds one, and it is sealed from then on"
    )]
    NoLogKey,
    /// None of the keys in force is at hand.
    #[error("no private key at hand for {wanted}: {looked}")]
    NoPrivateKey {
        /// The verifier keys in force.
        wanted: String,
        /// Where was looked.
        looked: String,
    },
    /// A file of private keys does not read.
    #[error("a private log key does not read: {0}")]
    BadPrivateKey(String),
    /// The register is not there. The next step tries again.
    #[error(transparent)]
    Register(#[from] RegisterError),
    /// The log cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The tiles can be neither read nor written.
    #[error(transparent)]
    Tiles(TileError),
    /// The checkpoints cannot be read.
    #[error(transparent)]
    Checkpoints(#[from] CheckpointError),
    /// The checkpoint was not added, or nobody can say.
    #[error(transparent)]
    Add(#[from] AddError),
}

/// What the log has instead of what was sealed.
#[derive(Debug, thiserror::Error)]
pub enum NotWhatWasSealed {
    /// It ends earlier.
    #[error("it was sealed up to position {size} with root {root}, and ends at {head}")]
    Ends { size: u64, root: Hash, head: u64 },
    /// One record is another one.
    #[error(
        "the record at position {position} has leaf hash {found}, and {sealed} was sealed there"
    )]
    OtherRecord {
        position: u64,
        sealed: Hash,
        found: Hash,
    },
    /// Some record is another one.
    #[error("up to position {size} its root is {found}, and {root} was sealed")]
    OtherRoot { size: u64, root: Hash, found: Hash },
    /// The sealer's own proof says so.
    #[error(
        "nothing shows that {size} records with root {root} continue {old} with root {old_root}: {problem}"
    )]
    NotContinued {
        old: u64,
        old_root: Hash,
        size: u64,
        root: Hash,
        problem: ProofError,
    },
}

/// What tells that there were more checkpoints.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointsGone {
    /// It was noted.
    #[error("{size} records were sealed, with {noted} entries, and {entries} are kept")]
    Noted {
        /// The size of the checkpoint that was signed last.
        size: u64,
        /// How many entries there were.
        noted: u64,
        /// How many there are.
        entries: u64,
    },
    /// A record says so: evidence is handed out only of what is sealed.
    #[error("evidence of sealed records was exported at position {position}, and no entry is kept")]
    Exported {
        /// Where the record is.
        position: u64,
    },
}

impl SealError {
    /// Whether a later step may help, without anybody looking into what there is: something is not there yet, or
    /// not now.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::NoLogKey
            | Self::NoPrivateKey { .. }
            | Self::Register(_)
            | Self::Read(ReadError::Unavailable(_))
            | Self::Tiles(TileError::Unavailable(_))
            | Self::Checkpoints(CheckpointError::Unavailable(_))
            | Self::Marks(MarkError::Unavailable(_))
            | Self::Add(AddError::Lost | AddError::Unavailable(_) | AddError::Unknown(_)) => true,
            Self::NotWhatWasSealed(_)
            | Self::TilesDoNotFit(_)
            | Self::CheckpointsAreGone(_)
            | Self::Alarm(_)
            | Self::Marks(MarkError::Corrupt { .. })
            | Self::Hole { .. }
            | Self::NotACheckpoint { .. }
            | Self::UnreadableKey { .. }
            | Self::NotASeal(_)
            | Self::BadPrivateKey(_)
            | Self::Read(ReadError::Corrupt { .. })
            | Self::Tiles(
                TileError::Size { .. } | TileError::Different { .. } | TileError::Corrupt { .. },
            )
            | Self::Checkpoints(CheckpointError::Corrupt { .. })
            | Self::Add(AddError::TooLarge { .. }) => false,
        }
    }
}

impl From<CheckpointsGone> for SealError {
    fn from(gone: CheckpointsGone) -> Self {
        Self::CheckpointsAreGone(gone)
    }
}

impl From<NotWhatWasSealed> for SealError {
    fn from(found: NotWhatWasSealed) -> Self {
        Self::NotWhatWasSealed(Box::new(found))
    }
}

impl From<TileError> for SealError {
    fn from(error: TileError) -> Self {
        match error {
            TileError::Different { .. } | TileError::Corrupt { .. } => {
                Self::TilesDoNotFit(error.to_string())
            }
            TileError::Size { .. } | TileError::Unavailable(_) => Self::Tiles(error),
        }
    }
}
