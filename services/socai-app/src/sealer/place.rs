//! The place of the sealer: who may try, until when.

use std::sync::Arc;

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use socai_store::{Register, RegisterError, SwapError};
use uuid::Uuid;

use super::SealError;

/// What the register holds. It is replaced only by whoever saw the one that is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seal {
    /// The process that seals: an id of its own, made when it started.
    pub holder: Uuid,
    /// What people call it.
    pub name: String,
    /// Grows with every change of holder.
    pub term: u64,
    /// Until when nobody else takes over.
    pub until: Timestamp,
}

/// A place that one of several holds at a time, as their clocks say. What a clock says wrongly costs work, never
/// a fork.
pub struct Place {
    register: Arc<dyn Register>,
    holder: Uuid,
    name: String,
    term: SignedDuration,
    /// What this process put last.
    put: Option<Seal>,
}

/// How the place stands for whoever tried to take it.
pub(super) enum Taken {
    /// It was this process's, and is.
    Kept,
    /// It is this process's, and another may have held it in between.
    Anew,
    /// It is another's.
    Not(Seal),
    /// Another was quicker just now.
    Lost,
}

impl Place {
    /// The place that `register` says who holds, for a process called `name`. It is held for `term` at a time.
    pub fn new(register: Arc<dyn Register>, name: &str, term: SignedDuration) -> Self {
        Self {
            register,
            holder: Uuid::now_v7(),
            name: name.to_owned(),
            term,
            put: None,
        }
    }

    /// Takes the place where nobody holds it at `now`, and renews it where a quarter of the term has passed.
    pub(super) async fn take(&mut self, now: Timestamp) -> Result<Taken, SealError> {
        if self
            .put
            .as_ref()
            .is_some_and(|seal| self.is_fresh(seal, now))
        {
            return Ok(Taken::Kept);
        }
        let last = self.put.take();
        let (version, held) = self.held().await?.unzip();
        if let Some(seal) = &held
            && seal.holder != self.holder
            && seal.until > now
        {
            return Ok(Taken::Not(seal.clone()));
        }
        let next = self.succeed(held, now);
        if !self.swap(version, &next).await? {
            return Ok(Taken::Lost);
        }
        let kept = last.is_some_and(|last| last.term == next.term);
        self.put = Some(next);
        Ok(if kept { Taken::Kept } else { Taken::Anew })
    }

    /// Gives it up, where it is this process's.
    pub(super) async fn resign(&mut self, now: Timestamp) -> Result<(), SealError> {
        self.put = None;
        if let Some((version, seal)) = self.held().await?
            && seal.holder == self.holder
        {
            let resigned = Seal { until: now, ..seal };
            self.swap(Some(version), &resigned).await?;
        }
        Ok(())
    }

    /// More than three quarters of the term are left, and not more than all of it: a clock that was set back
    /// says nothing.
    fn is_fresh(&self, seal: &Seal, now: Timestamp) -> bool {
        let left = seal.until.duration_since(now);
        left <= self.term && left > self.term * 3 / 4
    }

    fn succeed(&self, held: Option<Seal>, now: Timestamp) -> Seal {
        let grown = |held: Seal| held.term + u64::from(held.holder != self.holder);
        Seal {
            holder: self.holder,
            name: self.name.clone(),
            term: held.map_or(1, grown),
            until: now + self.term,
        }
    }

    async fn held(&self) -> Result<Option<(u64, Seal)>, SealError> {
        let Some(held) = self.register.read().await? else {
            return Ok(None);
        };
        let seal = serde_json::from_slice(&held.value).map_err(SealError::NotASeal)?;
        Ok(Some((held.version, seal)))
    }

    /// Whether `seal` was put, rather than another process's.
    async fn swap(&self, version: Option<u64>, seal: &Seal) -> Result<bool, SealError> {
        let value = serde_json::to_vec(seal).expect("a seal is plain data");
        match self.register.swap(version, Bytes::from(value)).await {
            Ok(_) => Ok(true),
            Err(SwapError::Lost) => Ok(false),
            Err(SwapError::Unknown(source)) => Err(RegisterError(source).into()),
        }
    }
}
