//! The sealer: one process at a time reads on in the log and keeps a watermark of how far it came.
//!
//! Who seals, until when, and the watermark are one value in a register, replaced only by whoever saw the
//! one that is there. A sealer that was paused past its term finds at its next swap that another has taken
//! over; the clock decides only who may try, never what is kept. The watermark never goes back: a log that
//! ends before it, or has another event at its place, is refused by everybody who takes over.
//!
//! ```text
//! standing by ──term over, swap won──► sealing ──swap lost──► standing by
//!                                         └──the log is not what was seen──► refused, until a person looks
//! ```

use std::num::NonZeroU32;
use std::sync::Arc;

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use socai_store::{EventStore, ReadError, Register, RegisterError, SwapError, envelope};
use uuid::Uuid;

use crate::history::record_at;
use crate::watermark::{NotNext, Watermark};

/// Records read at once.
const CHUNK: NonZeroU32 = NonZeroU32::new(4_096).expect("not zero");

/// Records taken in by one step, at most, so that a long log does not outlast a term.
const STEP_MAX: u64 = 65_536;

/// What the register holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seal {
    /// The process that seals: an id of its own, made when it started.
    pub holder: Uuid,
    /// What people call it.
    pub name: String,
    /// Grows with every change of holder.
    pub term: u64,
    /// Until when nobody else takes over.
    pub until: Timestamp,
    /// How far the log has been seen.
    pub watermark: Watermark,
}

/// Where a sealer stands after a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// It seals.
    Sealing {
        /// What it put.
        seal: Seal,
        /// It has seen everything there is; else the next step has more to read.
        level: bool,
    },
    /// Another one does.
    StandingBy(Seal),
    /// Another one put its seal meanwhile; the next step tells which.
    Lost,
}

/// Why a step came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// The log is not the one that was seen, or ends earlier: it was restored from an older copy, cut or
    /// replaced. Nothing is sealed until a person has looked.
    #[error("the log is not what was sealed: {0}")]
    NotWhatWasSealed(String),
    /// The register's value was written by a later program, or by something else.
    #[error("the register of the sealer does not read: {0}")]
    NotASeal(serde_json::Error),
    /// The register is not there. The next step tries again.
    #[error(transparent)]
    Register(#[from] RegisterError),
    /// The log cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A record is missing, or does not read.
    #[error(transparent)]
    NotNext(#[from] NotNext),
}

impl SealError {
    /// Whether trying again later may help without anybody doing anything.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Register(_) | Self::Read(ReadError::Unavailable(_)) => true,
            Self::NotWhatWasSealed(_)
            | Self::NotASeal(_)
            | Self::NotNext(_)
            | Self::Read(ReadError::Corrupt { .. }) => false,
        }
    }
}

/// One that seals, or stands by.
pub struct Sealer {
    store: Arc<dyn EventStore>,
    register: Arc<dyn Register>,
    holder: Uuid,
    name: String,
    term: SignedDuration,
}

impl Sealer {
    /// A sealer called `name` that keeps its place for `term` after each step.
    pub fn new(
        store: Arc<dyn EventStore>,
        register: Arc<dyn Register>,
        name: &str,
        term: SignedDuration,
    ) -> Self {
        Self {
            store,
            register,
            holder: Uuid::now_v7(),
            name: name.to_owned(),
            term,
        }
    }

    /// Takes over where nobody holds the place at `now`, reads on, and puts how far it came. To be called
    /// a few times a term.
    ///
    /// # Errors
    ///
    /// [`SealError`]; [`SealError::is_passing`] tells whether the next step may help.
    pub async fn step(&self, now: Timestamp) -> Result<Standing, SealError> {
        let (version, seal) = self.held().await?.unzip();
        let mut next = match seal {
            Some(seal) if seal.holder != self.holder && seal.until > now => {
                return Ok(Standing::StandingBy(seal));
            }
            seal => self.succeed(seal),
        };
        self.check(&next.watermark).await?;
        let level = self.read_on(&mut next.watermark).await?;
        next.until = now + self.term;
        Ok(if self.put(version, &next).await? {
            Standing::Sealing { seal: next, level }
        } else {
            Standing::Lost
        })
    }

    /// Gives the place up, so that nobody waits for its term to end. The watermark stays.
    ///
    /// # Errors
    ///
    /// As [`step`](Self::step).
    pub async fn resign(&self, now: Timestamp) -> Result<(), SealError> {
        if let Some((version, seal)) = self.held().await?
            && seal.holder == self.holder
        {
            let resigned = Seal { until: now, ..seal };
            self.put(Some(version), &resigned).await?;
        }
        Ok(())
    }

    async fn held(&self) -> Result<Option<(u64, Seal)>, SealError> {
        let Some(held) = self.register.read().await? else {
            return Ok(None);
        };
        let seal = serde_json::from_slice(&held.value).map_err(SealError::NotASeal)?;
        Ok(Some((held.version, seal)))
    }

    fn succeed(&self, seal: Option<Seal>) -> Seal {
        let mine = |seal: &Seal| seal.holder == self.holder;
        let term = seal
            .as_ref()
            .map_or(1, |seal| seal.term + u64::from(!mine(seal)));
        Seal {
            holder: self.holder,
            name: self.name.clone(),
            term,
            until: Timestamp::UNIX_EPOCH,
            watermark: seal.map(|seal| seal.watermark).unwrap_or_default(),
        }
    }

    /// Checks that the log still has what was seen of it.
    async fn check(&self, seen: &Watermark) -> Result<(), SealError> {
        if seen.position == 0 {
            return Ok(());
        }
        // A store that is a moment behind is not a shorter log: once it was asked for its end it is level.
        let head = self.store.head().await?;
        let Some(recorded) = record_at(&*self.store, seen.at()).await? else {
            return Err(SealError::NotWhatWasSealed(format!(
                "it was seen up to position {}, and ends at {head}",
                seen.position
            )));
        };
        let found = envelope::parse(&recorded.bytes).map(|record| record.id);
        match found {
            Ok(id) if id == seen.id => Ok(()),
            Ok(id) => Err(SealError::NotWhatWasSealed(format!(
                "event {} was seen at position {}, and {id} is there",
                seen.id, seen.position
            ))),
            Err(error) => Err(SealError::NotWhatWasSealed(error.to_string())),
        }
    }

    /// Reads on, and says whether it came to the end.
    async fn read_on(&self, watermark: &mut Watermark) -> Result<bool, SealError> {
        let stop = watermark.position + STEP_MAX;
        while watermark.position < stop {
            let records = self.store.read_all(watermark.at(), CHUNK).await?;
            for recorded in &records {
                watermark.push(recorded)?;
            }
            if records.is_empty() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether it was put, rather than another sealer's.
    async fn put(&self, version: Option<u64>, seal: &Seal) -> Result<bool, SealError> {
        let value = serde_json::to_vec(seal).expect("a seal is plain data");
        match self.register.swap(version, Bytes::from(value)).await {
            Ok(_) => Ok(true),
            Err(SwapError::Lost) => Ok(false),
            Err(SwapError::Unknown(source)) => Err(RegisterError(source).into()),
        }
    }
}
