//! Asking witnesses to cosign a checkpoint, and keeping what they answer.
//!
//! ```text
//! checkpoint n ──► old size o: what this witness cosigned last ──► proof o → n from the tiles ──► asked
//!                          ▲                                                                       │
//!                          └──────────── "I am at size s", s ≤ n, once ◄───────────────────────────┤
//!                                                                                                  ▼
//!  entry of the checkpoint log ◄── the note with every signature there is ◄── cosignature, verified
//! ```
//!
//! A witness that is further than the ledger, or that has another history of it, is an alarm: what it signed cannot
//! be taken back, so the ledger was rolled back or forked, and no more may be sealed. A witness that does not answer
//! is none. Deliberately absent: HTTP, the pace of the rounds, and who the witnesses are.

mod ask;
mod collected;

use std::sync::Arc;

use async_trait::async_trait;
use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use socai_store::{AddError, BackendError, CheckpointError, CheckpointLog, TileError, TileStore};
use socai_tlog::witness::AddCheckpoint;
use socai_tlog::{Note, Signature, VerifierKey};

use crate::sealer::Sealed;

pub use ask::request;
pub use collected::{Accepted, accept, last_cosigned_by, newest};

/// How far a witness's clock and this one may lie apart, before its cosignature is not kept: its time would mislead
/// whoever reads it.
pub const CLOCKS_APART_MAX: SignedDuration = SignedDuration::from_mins(10);

/// One that can be asked to cosign.
///
/// All methods may run concurrently. A dropped future leaves it open whether the checkpoint was cosigned; asking again
/// is safe.
#[async_trait]
pub trait Witness: Send + Sync {
    /// Asks for a cosignature, and answers the lines that came back, unverified.
    ///
    /// # Errors
    ///
    /// [`AskError`], by what can be done.
    async fn add_checkpoint(&self, request: &AddCheckpoint) -> Result<Vec<Signature>, AskError>;
}

/// Why there is no answer to keep.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// It cosigned another size last. Ask again from there, or raise the alarm.
    #[error("it cosigned size {size} last")]
    Behind {
        /// That size.
        size: u64,
    },
    /// It will not.
    #[error("it refuses with status {status}: {sentence}")]
    Refused {
        /// The status of its answer.
        status: u16,
        /// What it says.
        sentence: String,
    },
    /// It does not answer, or nobody can understand what. Ask again in the next round.
    #[error("it is unavailable")]
    Unavailable(#[source] BackendError),
}

/// A witness that this ledger asks.
#[derive(Clone)]
pub struct Cosigner {
    /// Its key.
    pub key: VerifierKey,
    /// The way to it.
    pub witness: Arc<dyn Witness>,
}

/// The rounds of asking.
pub struct Cosigning {
    tiles: Arc<dyn TileStore>,
    checkpoints: Arc<dyn CheckpointLog>,
    cosigners: Vec<Asked>,
    renew_after: SignedDuration,
}

/// A witness, and the size that it cosigned last, as far as is known.
struct Asked {
    cosigner: Cosigner,
    last: Option<u64>,
}

/// What a round brought.
#[derive(Debug)]
pub struct Collected {
    /// The entry that was added to the log of checkpoints; none where nobody signed anew.
    pub entry: Option<u64>,
    /// The checkpoint with every signature there is now.
    pub note: Note,
    /// What each witness answered, by its key as `name+id`.
    pub answers: Vec<(String, Answer)>,
}

/// What a witness answered.
#[derive(Debug)]
pub enum Answer {
    /// It cosigned this checkpoint before, and was not asked again.
    Standing,
    /// It cosigned.
    Cosigned {
        /// When, in seconds since 1970.
        at: u64,
    },
    /// It did not, or its answer cannot be used. The next round asks again.
    Nothing {
        /// Why not.
        why: String,
    },
}

/// Why a round came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum CosignError {
    /// A witness holds against this ledger what cannot be explained away. Nothing is sealed until a person has looked.
    #[error(transparent)]
    Alarm(#[from] Alarm),
    /// The tiles cannot be read.
    #[error(transparent)]
    Tiles(#[from] TileError),
    /// A tile that a proof needs is not there.
    #[error("no proof can be made: {0}")]
    NoProof(socai_tlog::MissingTile),
    /// The checkpoints cannot be read.
    #[error(transparent)]
    Checkpoints(#[from] CheckpointError),
    /// The cosignatures were not kept, or nobody can say. The next round asks again.
    #[error(transparent)]
    Add(#[from] AddError),
    /// An entry in the log of checkpoints is none.
    #[error("entry {0} of the checkpoints does not read as a checkpoint")]
    NotACheckpoint(u64),
    /// A cosignature that was carried here says a time that has not come. Find out whose clock is wrong.
    #[error(
        "it was cosigned as of {at} seconds since 1970, and the clock here says {now}: one of the two is wrong, and \
         nothing was kept"
    )]
    NotYet {
        /// Its time.
        at: u64,
        /// The time here.
        now: i64,
    },
}

/// What a witness holds against this ledger.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Alarm {
    /// It cosigned more records than there are.
    #[error(
        "witness {witness} cosigned {cosigned} records of this ledger, and {size} are sealed: the ledger was rolled back \
         to an older copy"
    )]
    RolledBack {
        /// Its key.
        witness: String,
        /// The size that it cosigned.
        cosigned: u64,
        /// The size that is sealed here.
        size: u64,
    },
    /// It cosigned another root at this size.
    #[error(
        "witness {witness} cosigned another root of these {size} records: there are two histories of this ledger"
    )]
    Forked {
        /// Its key.
        witness: String,
        /// The size of both.
        size: u64,
    },
    /// What it cosigned is not the beginning of what is here.
    #[error(
        "witness {witness} cosigned {old} records that are not the first {old} of these {size}: there are two histories \
         of this ledger; it says: {sentence}"
    )]
    NotContinued {
        /// Its key.
        witness: String,
        /// The size that it cosigned.
        old: u64,
        /// The size that is sealed here.
        size: u64,
        /// What it says.
        sentence: String,
    },
}

impl CosignError {
    /// Whether the next round may help, without anybody looking into what there is.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Tiles(TileError::Unavailable(_))
            | Self::Checkpoints(CheckpointError::Unavailable(_))
            // The sealer makes tiles again that are not there.
            | Self::NoProof(_)
            | Self::Add(AddError::Lost | AddError::Unavailable(_) | AddError::Unknown(_)) => true,
            Self::Alarm(_)
            | Self::NotACheckpoint(_)
            | Self::NotYet { .. }
            | Self::Tiles(
                TileError::Size { .. } | TileError::Different { .. } | TileError::Corrupt { .. },
            )
            | Self::Checkpoints(CheckpointError::Corrupt { .. })
            | Self::Add(AddError::TooLarge { .. }) => false,
        }
    }
}

impl Cosigning {
    /// Rounds of asking `cosigners`. One that cosigned a checkpoint is asked for a later time when `renew_after` has
    /// passed and the ledger has not grown.
    #[must_use]
    pub fn new(
        tiles: Arc<dyn TileStore>,
        checkpoints: Arc<dyn CheckpointLog>,
        cosigners: Vec<Cosigner>,
        renew_after: SignedDuration,
    ) -> Self {
        let asked = |cosigner| Asked {
            cosigner,
            last: None,
        };
        Self {
            tiles,
            checkpoints,
            cosigners: cosigners.into_iter().map(asked).collect(),
            renew_after,
        }
    }

    /// Asks every witness at once to cosign `sealed`, which is the largest checkpoint there is, and adds what they
    /// sign to the log of checkpoints. A sealer may seal on meanwhile.
    ///
    /// # Errors
    ///
    /// [`CosignError`]. One alarm is the answer whatever the other witnesses say.
    pub async fn collect(
        &mut self,
        sealed: &Sealed,
        now: Timestamp,
    ) -> Result<Collected, CosignError> {
        let renew_after = self.renew_after;
        self.collect_after(renew_after, sealed, now).await
    }

    /// As [`collect`](Self::collect), and asks those as well who cosigned `sealed` lately: what they know may be later
    /// than what is kept here.
    ///
    /// # Errors
    ///
    /// As [`collect`](Self::collect).
    pub async fn collect_from_all(
        &mut self,
        sealed: &Sealed,
        now: Timestamp,
    ) -> Result<Collected, CosignError> {
        self.collect_after(SignedDuration::MIN, sealed, now).await
    }

    async fn collect_after(
        &mut self,
        renew_after: SignedDuration,
        sealed: &Sealed,
        now: Timestamp,
    ) -> Result<Collected, CosignError> {
        let note = collected::with_all_signatures(&*self.checkpoints, sealed).await?;
        for asked in &mut self.cosigners {
            if asked.last.is_none() {
                let last = last_cosigned_by(&*self.checkpoints, &asked.cosigner.key).await?;
                asked.last = Some(last);
            }
        }
        let round = ask::Round {
            tiles: &*self.tiles,
            checkpoints: &*self.checkpoints,
            renew_after,
            size: sealed.size,
            note: &note,
            now,
        };
        let answers = join_all(self.cosigners.iter_mut().map(|asked| round.ask(asked))).await;
        let mut told = Vec::new();
        let mut signed = Vec::new();
        for (asked, answer) in self.cosigners.iter().zip(answers) {
            let (answer, signature) = answer?;
            signed.extend(signature);
            told.push((asked.cosigner.key.label(), answer));
        }
        collected::add_all(&*self.checkpoints, note, signed, told).await
    }
}

#[cfg(test)]
mod tests;
