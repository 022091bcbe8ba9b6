//! The sealer: follows the log, keeps the tiles of its tree, and signs how far the log has come.
//!
//! ```text
//!  register: who may try        log of records            log of checkpoints: the last one is (S, R)
//!          │                        │                                  │
//!          ▼                        ▼                                  ▼
//!  take or keep the place ──► edge from the tiles below S ──► read on to S: is the root R?
//!                                   │                                  │ no: refused, until a person looks
//!                                   ▼                                  ▼
//!                             read on to n > S ──► tiles durable ──► S ≤ n proven from the tiles
//!                                                                      │
//!                                                                      ▼
//!                       added as entry k + 1, or lost ◄── signed with every key in force at n
//! ```
//!
//! The register decides only who may try, so that the others need not read along. What keeps two sealers from
//! signing two histories is the log of checkpoints: an entry is added only by whoever saw the last one, and a
//! checkpoint counts only once it is there. So a sealer that was paused past its term, or whose answer was lost,
//! forgets what it knew and looks again.
//!
//! Nothing is signed that is smaller than the last checkpoint, another root at its size, or not shown by a proof,
//! made from the tiles as they are kept and verified by the code that inspectors use, to continue it. After a crash
//! at any point the tiles may be ahead of the checkpoints, never behind. Deliberately absent: files, servers, clocks,
//! and whoever else cosigns.

use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;
use socai_store::{AddError, CheckpointLog, EventStore, Marks, TileStore};
use socai_tlog::Checkpoint;
use tracing::field::Empty;
use tracing::{Instrument, Span};

mod error;
mod followed;
mod keys;
mod marked;
mod place;
mod sealed;

pub use error::{CheckpointsGone, SealError};
pub use keys::{Held, HeldKeys, LogKeys};
pub use place::{Place, Seal};
pub use sealed::{Cosigned, Sealed, cosigned};

use followed::Followed;
use marked::Expected;
use place::Taken;

/// Where a sealer stands after a step.
#[derive(Debug, Clone, PartialEq)]
pub enum Standing {
    /// It seals.
    Sealing {
        /// The last checkpoint there is; none while the ledger is empty.
        sealed: Option<Sealed>,
        /// This step signed it.
        signed: bool,
        /// It has seen everything there was; else the next step has more to read.
        level: bool,
    },
    /// It has more to sign than this last checkpoint, for the first time since it took the place, and waits for
    /// [`Sealer::may_sign`].
    Asking(Box<Sealed>),
    /// Another one does.
    StandingBy(Seal),
    /// Another one put its seal, or its checkpoint, meanwhile; the next step tells which.
    Lost,
}

/// One that seals, or stands by.
pub struct Sealer {
    ports: Ports,
    place: Option<Place>,
    /// What is known since the last look; nothing, once another may have sealed.
    followed: Option<Followed>,
    asks: Asks,
    expected: Expected,
}

/// Whether others are asked before the first signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asks {
    Nobody,
    /// The next signature is the first.
    First,
    /// They were asked.
    Done,
}

/// What a sealer works on.
#[derive(Clone)]
pub struct Ports {
    /// The ledger.
    pub store: Arc<dyn EventStore>,
    /// The tiles of its tree.
    pub tiles: Arc<dyn TileStore>,
    /// What was signed.
    pub checkpoints: Arc<dyn CheckpointLog>,
    /// What is noted outside them.
    pub marks: Arc<dyn Marks>,
    /// The private keys that this process holds now, asked for again when the ledger names others.
    pub keys: HeldKeys,
}

impl Sealer {
    /// A sealer that others may stand by for, or take over from.
    pub fn in_turn(ports: Ports, place: Place) -> Self {
        let place = Some(place);
        Self {
            place,
            ..Self::alone(ports)
        }
    }

    /// A sealer without others: of a ledger that only this process has open.
    pub fn alone(ports: Ports) -> Self {
        Self {
            ports,
            place: None,
            followed: None,
            asks: Asks::Nobody,
            expected: Expected::All,
        }
    }

    /// The same, which waits with its first signature since it took the place, until witnesses were asked.
    #[must_use]
    pub fn asking_first(self) -> Self {
        let asks = Asks::First;
        Self { asks, ..self }
    }

    /// The same, which begins a log of checkpoints without those that are gone.
    #[must_use]
    pub fn anew(self) -> Self {
        let expected = Expected::Anew;
        Self { expected, ..self }
    }

    /// Lets it sign: witnesses were asked, and raised no alarm.
    pub fn may_sign(&mut self) {
        if self.asks == Asks::First {
            self.asks = Asks::Done;
        }
    }

    /// Takes the place where nobody holds it at `now`, reads on, and signs how far the log has come. To be called
    /// a few times a term at least. A long log takes several steps.
    ///
    /// # Errors
    ///
    /// [`SealError`]; [`SealError::is_passing`] tells whether a later step may help.
    pub async fn step(&mut self, now: Timestamp) -> Result<Standing, SealError> {
        // Gone, whatever ends this step early: then the next one trusts nothing that was in memory.
        let known = self.followed.take();
        if let Some(alarm) = self.ports.marks.alarm().await? {
            return Err(SealError::Alarm(alarm));
        }
        let known = match &mut self.place {
            None => known,
            Some(place) => match place.take(now).await? {
                Taken::Kept => known,
                Taken::Anew => {
                    self.ask_again();
                    None
                }
                Taken::Not(seal) => return Ok(Standing::StandingBy(seal)),
                Taken::Lost => return Ok(Standing::Lost),
            },
        };
        let mut followed = match known {
            Some(known) => known,
            None => Followed::look(&self.ports, self.expected).await?,
        };
        let level = followed.read_on(&self.ports).await?;
        let signed = followed.has_grown();
        if signed
            && self.asks == Asks::First
            && let Some(last) = followed.sealed().cloned()
        {
            self.followed = Some(followed);
            return Ok(Standing::Asking(Box::new(last)));
        }
        if signed {
            let sealing = tracing::error_span!("seal", role = "sealer", size = Empty);
            if !self.seal(&mut followed).instrument(sealing).await? {
                return Ok(Standing::Lost);
            }
        }
        let sealed = followed.sealed().cloned();
        self.followed = Some(followed);
        Ok(Standing::Sealing {
            sealed,
            signed,
            level,
        })
    }

    fn ask_again(&mut self) {
        if self.asks == Asks::Done {
            self.asks = Asks::First;
        }
    }

    /// Lets the next step look at what was signed, as a sealer that begins does: somebody else has added to it.
    pub fn look_again(&mut self) {
        self.followed = None;
    }

    /// Gives the place up, so that nobody waits for its term to end.
    ///
    /// # Errors
    ///
    /// As [`step`](Self::step).
    pub async fn resign(&mut self, now: Timestamp) -> Result<(), SealError> {
        self.followed = None;
        match &mut self.place {
            None => Ok(()),
            Some(place) => place.resign(now).await,
        }
    }

    /// Signs the tree that was followed, and says whether the checkpoint was added rather than another one.
    async fn seal(&self, followed: &mut Followed) -> Result<bool, SealError> {
        followed.keep_tiles(&self.ports).await?;
        followed.prove(&self.ports).await?;
        let (checkpoint, note) = followed.sign(&self.ports).await?;
        Span::current().record("size", checkpoint.size);
        followed.announce(&self.ports, &checkpoint).await?;
        let bytes = Bytes::from(note.to_string());
        let added = self.ports.checkpoints.append(followed.entries(), bytes);
        match added.await {
            Ok(entry) => {
                let Checkpoint { size, root, .. } = checkpoint;
                let sealed = Sealed {
                    entry,
                    size,
                    root,
                    note,
                };
                followed.was_sealed(&self.ports, sealed).await?;
                Ok(true)
            }
            Err(AddError::Lost) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}

/// The largest checkpoint of `log`, in the last of its forms, signed by one of `keys`.
///
/// # Errors
///
/// Where the log cannot be read, or an entry is not signed as it has to be.
pub async fn last_sealed(
    log: &dyn CheckpointLog,
    keys: &LogKeys,
) -> Result<Option<Sealed>, SealError> {
    let (_, last) = sealed::last(log, keys).await?;
    Ok(last)
}
