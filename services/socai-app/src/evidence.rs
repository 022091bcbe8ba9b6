//! Handing out evidence: which records, sealed how, and the bundle that proves them.
//!
//! ```text
//! select ──► seal the heads of all streams ──► record the export ──► a checkpoint covers both ──► gather the bundle
//!            ledger.heads_sealed, at size n    evidence.exported      (whoever seals)              at that checkpoint
//! ```
//!
//! What was recorded stays recorded, whatever fails after it: an export that came to nothing is in the ledger, and
//! another one may be asked for. Deliberately absent: sealing itself, files, and whose signature counts.

use jiff::civil::Date;
use socai_domain::evidence::Of;
use socai_domain::id::EvidenceId;
use socai_store::{CheckpointError, Position, ReadError};
use socai_tlog::Hash;

use crate::heads::SealHeadsError;
use crate::ledger::LoadError;
use crate::records::RecordError;
use crate::tree::TreeError;

mod again;
mod announce;
mod brackets;
mod gather;
mod select;
mod top;

pub use again::{Exported, announce_again, exported};
pub use announce::{Announced, Export, announce};
pub use gather::gather;
pub use select::{Selected, Streams, day_of};
pub use socai_evidence::{Query, compose};
pub use top::{Search, Top};

/// Why there is no evidence.
#[derive(Debug, thiserror::Error)]
pub enum EvidenceError {
    /// Nothing to hand out.
    #[error("{of} is not in the ledger")]
    Unknown {
        /// What was asked for.
        of: Of,
    },
    /// Nothing to hand out again.
    #[error("no export {id} is in the ledger")]
    NoExport {
        /// The id asked for.
        id: EvidenceId,
    },
    /// More than a bundle holds. Ask for a shorter window.
    #[error(
        "{records} records answer, and a bundle holds at most {RECORDS_MAX}: ask for a shorter window"
    )]
    TooMany {
        /// How many.
        records: usize,
    },
    /// The heads were not sealed: nothing was recorded, unless the source does not know.
    #[error("the heads of the streams are not sealed")]
    Heads(#[from] SealHeadsError),
    /// The export was not recorded, unless the source does not know.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// The ledger cannot be read now.
    #[error("the ledger cannot be read")]
    Read(#[from] ReadError),
    /// The checkpoints cannot be read now, or are damaged.
    #[error("the checkpoints cannot be read")]
    Checkpoints(#[from] CheckpointError),
    /// There is no tree to prove it from.
    #[error(transparent)]
    Tree(#[from] TreeError),
    /// The ledger cannot be folded.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// No checkpoint covers the export yet. Seal, and gather again.
    #[error("no checkpoint covers position {0} yet")]
    NotSealed(Position),
    /// What is stored contradicts itself. Verify the ledger.
    #[error("the ledger does not hold together: {0}; `socai verify` says more")]
    Contradiction(String),
}

/// Records of one bundle, at most: two files each, below the limit of the format.
pub const RECORDS_MAX: usize = 90_000;

/// What somebody asks for.
#[derive(Debug, Clone)]
pub struct Asked {
    /// A unit, a document or an obligation, and a window.
    pub query: Query,
    /// The day of asking: who owes what is looked at on that day.
    pub on: Date,
}

/// The root over records, as the export says it.
fn root_over(leaves: &[Hash]) -> socai_domain::root::Root {
    let root = socai_tlog::root_of(leaves).to_string();
    root.parse()
        .expect("a hash is written as the ledger reads it")
}
