//! The keys that a ledger names, and from which position to which each signs.
//!
//! Up to which size a retired key is believed is asked by whoever verifies; what signs does not ask.

use std::num::NonZeroU32;
use std::sync::Arc;

use serde::Deserialize;
use socai_domain::ledger::Retired;
use socai_store::{EventStore, Recorded, Revision, StreamId, envelope};
use socai_tlog::{KeyKind, SigningKey, VerifierKey};

use super::SealError;

/// Events of the ledger about itself that are read at once.
const CHUNK: NonZeroU32 = NonZeroU32::new(1_024).expect("not zero");

/// Hands out the private keys that are at hand, or says what is wrong with them; with where it looked.
pub type HeldKeys = Arc<dyn Fn() -> Result<Held, SealError> + Send + Sync>;

/// Private keys, and where they were looked for.
#[derive(Debug, Default)]
pub struct Held {
    /// The keys.
    pub keys: Vec<SigningKey>,
    /// Where was looked, for whoever finds one missing.
    pub looked: String,
}

/// A key that the ledger named.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Named {
    key: VerifierKey,
    /// It signs checkpoints of this size and larger ones.
    from: u64,
    /// How it was retired, if it was.
    retired: Option<Retirement>,
}

/// How a key was retired.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Retirement {
    /// It signs none of this size, nor a larger one.
    from: u64,
    /// Of what it signed, this is the largest size that counts by it alone.
    valid_to: u64,
    /// Where it was stolen none counts by it alone.
    reason: Retired,
}

/// The keys that a ledger named so far, as its own events tell it.
#[derive(Debug, Clone, Default)]
pub struct LogKeys {
    named: Vec<Named>,
    /// How many events of the ledger about itself were read.
    read: u64,
}

/// The part of an event that names a key.
#[derive(Deserialize)]
struct Names {
    log_key: Option<String>,
    key: Option<String>,
    valid_to: Option<u64>,
    reason: Option<Retired>,
}

impl LogKeys {
    /// Every key that was ever named.
    pub fn all(&self) -> impl Iterator<Item = &VerifierKey> + Clone {
        self.named.iter().map(|named| &named.key)
    }

    /// The keys that sign a checkpoint of `size`.
    pub fn in_force(&self, size: u64) -> impl Iterator<Item = &VerifierKey> {
        let counts = move |named: &&Named| {
            named.from <= size && named.retired.is_none_or(|retired| size < retired.from)
        };
        self.named.iter().filter(counts).map(|named| &named.key)
    }

    /// Where a checkpoint of `size` does not count by `key` alone: the largest that does, and why the key was retired.
    pub fn retired_below(&self, key: &VerifierKey, size: u64) -> Option<(u64, Retired)> {
        let named = self.named.iter().find(|named| named.key == *key)?;
        let Retirement {
            valid_to, reason, ..
        } = named.retired?;
        match reason {
            Retired::Rotation if size <= valid_to => None,
            Retired::Rotation | Retired::Stolen => Some((valid_to, reason)),
        }
    }

    /// The name of the log: that of its first key, and of every other.
    ///
    /// # Errors
    ///
    /// [`SealError::NoLogKey`].
    pub fn origin(&self) -> Result<&str, SealError> {
        let first = self.named.first().ok_or(SealError::NoLogKey)?;
        Ok(first.key.name())
    }

    /// Reads on in what the ledger said of itself, and says whether that names other keys than before.
    ///
    /// # Errors
    ///
    /// Where it cannot be read.
    pub async fn read_on(&mut self, store: &dyn EventStore) -> Result<bool, SealError> {
        let stream = StreamId::new("ledger", "main").expect("a plain word is an id");
        let mut changed = false;
        loop {
            let records = store.read(&stream, Revision(self.read), CHUNK).await?;
            if records.is_empty() {
                return Ok(changed);
            }
            for recorded in &records {
                changed |= self.take_in(recorded)?;
                self.read += 1;
            }
        }
    }

    /// Takes in one event, and says whether it was about a key.
    fn take_in(&mut self, recorded: &Recorded) -> Result<bool, SealError> {
        let position = recorded.position.0;
        let bad = |problem: String| SealError::UnreadableKey { position, problem };
        let event = envelope::parse(&recorded.bytes).map_err(|error| bad(error.to_string()))?;
        let kind = &*event.event_type;
        if ![
            "ledger.created.v1",
            "ledger.log_key_added.v1",
            "ledger.log_key_retired.v1",
        ]
        .contains(&kind)
        {
            return Ok(false);
        }
        let data = event.data;
        let names: Names = serde_json::from_str(data).map_err(|error| bad(error.to_string()))?;
        let retired = names.valid_to.zip(names.reason);
        let Some(text) = names.log_key.or(names.key) else {
            return Ok(false);
        };
        let key: VerifierKey = text.parse().map_err(|error| bad(format!("{error}")))?;
        let key = key.of_kind(KeyKind::Ed25519);
        let key = key.map_err(|error| bad(error.to_string()))?;
        if kind == "ledger.log_key_retired.v1" {
            let retired = retired.ok_or_else(|| bad("no valid_to or no reason".to_owned()))?;
            self.retire(&key, position, retired);
        } else {
            self.named.push(Named {
                key,
                from: position,
                retired: None,
            });
        }
        Ok(true)
    }

    /// Of several retirements the first position, the smallest size and the worst reason hold.
    fn retire(&mut self, key: &VerifierKey, from: u64, (valid_to, reason): (u64, Retired)) {
        for named in self.named.iter_mut().filter(|named| named.key == *key) {
            let retired = named.retired.get_or_insert(Retirement {
                from,
                valid_to,
                reason,
            });
            retired.valid_to = retired.valid_to.min(valid_to);
            retired.reason = retired.reason.max(reason);
        }
    }
}
