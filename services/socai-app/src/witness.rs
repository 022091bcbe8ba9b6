//! A witness: cosigns the checkpoints of logs that it was told of, and never two histories of one.
//!
//! ```text
//! request ──► signed by a log that it knows? ──► its turn for this log ──► continues what was cosigned last?
//!                                                                                   │
//!             cosignature handed out ◄── kept durably, instead of the last one ◄── cosigned
//! ```
//!
//! What is kept of a log is the checkpoint that was cosigned last. A crash between keeping and handing out costs the
//! log one more request. A witness that finds what it kept missing or damaged refuses to sign for that log, for ever:
//! it cannot know what it cosigned, and starting again would allow a second history. Deliberately absent: files, HTTP,
//! the clock, and any way to forget a log: of one whose key is distrusted, what was cosigned stays.

mod kept;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

use sha2::{Digest, Sha256};
use socai_store::{BackendError, Register, SwapError};
use socai_tlog::cosignature::cosign;
use socai_tlog::witness::{Refusal, decide, origin_of};
use socai_tlog::{AddCheckpoint, Note, Signature, SigningKey, VerifierKey};
use tokio::sync::Mutex;

pub use kept::{Cosigned, tell_of};

/// Bytes of the largest request: proof, checkpoint and signatures take a few thousand.
pub const REQUEST_BYTES_MAX: usize = 64 << 10;

/// How many seconds the clock may have been set back since the last cosignature for a log. Up to there the time of that
/// one is said again; beyond, one of the two times is wrong, and neither is vouched for.
pub const SET_BACK_MAX: u64 = 600;

/// A witness with everything that it cosigned.
pub struct Witness {
    key: SigningKey,
    logs: BTreeMap<String, Turn>,
}

/// A log that a witness was told of.
pub struct Log {
    /// Its name, which is that of all its keys.
    pub origin: String,
    /// The keys whose signature is believed.
    pub keys: Vec<VerifierKey>,
    /// Keys that were, and are not any more. What was cosigned last may be signed by one of them.
    pub distrusted: Vec<VerifierKey>,
    /// Where is kept what was cosigned last. [`tell_of`] makes it, once.
    pub last: Arc<dyn Register>,
}

/// A log, for one request after the other.
struct Turn {
    log: Log,
    turn: Mutex<()>,
}

/// Why a witness hands out nothing.
#[derive(Debug, thiserror::Error)]
pub enum WitnessError {
    /// It may not be cosigned. Ask for something else.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The checkpoint is longer than what can be kept: nobody writes such lines.
    #[error(
        "invalid checkpoint: with its signature it is longer than the {max} bytes that are kept of a log"
    )]
    TooLong {
        /// What can be kept.
        max: usize,
    },
    /// What was kept of the log cannot be trusted, so nothing is signed for it again.
    #[error(
        "what this witness kept of `{origin}` is {problem}; it cannot know what it cosigned, and signs no more"
    )]
    Damaged {
        /// The log.
        origin: String,
        /// What is wrong.
        problem: String,
    },
    /// The clock was set back, or was wrong before. A person has to say which.
    #[error(
        "the clock of this witness says {now} seconds since 1970, and what it cosigned last of `{origin}` says {last}: one \
         of the two is wrong, and nothing is signed for this log until the clock is where it was"
    )]
    ClockSetBack {
        /// The log.
        origin: String,
        /// The time of the last cosignature.
        last: u64,
        /// The time now.
        now: u64,
    },
    /// Nothing can be kept now, or nobody can say whether it was. Ask again later.
    #[error("the witness cannot keep what it cosigns now")]
    Unavailable(#[source] BackendError),
}

impl Witness {
    /// A witness that knows these logs. What was kept of each is read and checked first.
    ///
    /// # Errors
    ///
    /// [`WitnessError::Damaged`] and [`WitnessError::Unavailable`].
    ///
    /// # Panics
    ///
    /// If the key is not that of a witness.
    pub async fn open(key: SigningKey, logs: Vec<Log>) -> Result<Self, WitnessError> {
        let kind = key.verifier_key().kind();
        assert_eq!(
            kind,
            socai_tlog::KeyKind::CosignatureV1,
            "a witness has a key of its own kind"
        );
        let mut known = BTreeMap::new();
        for log in logs {
            kept::read(&log, key.verifier_key()).await?;
            let turn = Mutex::new(());
            known.insert(log.origin.clone(), Turn { log, turn });
        }
        Ok(Self { key, logs: known })
    }

    /// The key that verifies what this witness signs.
    #[must_use]
    pub fn verifier_key(&self) -> &VerifierKey {
        self.key.verifier_key()
    }

    /// The origins of the logs that it was told of, and what was cosigned last of each.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    pub async fn cosigned(&self) -> Result<Vec<(String, Option<Cosigned>)>, WitnessError> {
        let mut all = Vec::new();
        for (origin, turn) in &self.logs {
            let kept = kept::read(&turn.log, self.verifier_key()).await?;
            all.push((origin.clone(), kept.last));
        }
        Ok(all)
    }

    /// Cosigns the checkpoint that `request` asks for, as of `now` in seconds since 1970; or as of the last cosignature
    /// for this log, if the clock was set back a little. What is handed out is durably kept.
    ///
    /// # Errors
    ///
    /// [`WitnessError`]; where it is [`WitnessError::Unavailable`], the checkpoint may be kept all the same.
    pub async fn add_checkpoint(
        &self,
        request: &[u8],
        now: u64,
    ) -> Result<Signature, WitnessError> {
        let request = AddCheckpoint::parse(request)?;
        let origin = origin_of(&request)?;
        let Some(known) = self.logs.get(&origin) else {
            return Err(Refusal::UnknownLog { origin }.into());
        };
        let _turn = known.turn.lock().await;
        let kept = kept::read(&known.log, self.verifier_key()).await?;
        let last = kept.last.as_ref();
        let place = last.map(|it| (it.checkpoint.size, it.checkpoint.root));
        known.log.is_believed()?;
        decide(&request, &known.log.keys, place)?;

        let at = time_after(last, now)?;
        let signature = cosign(&request.checkpoint.text, &self.key, at);
        let note = cosigned_by(&signature, request.checkpoint, &known.log.keys);
        let swapped = known
            .log
            .last
            .swap(Some(kept.version), kept::value_of(&note)?)
            .await;
        match swapped {
            Ok(_) => Ok(signature),
            Err(SwapError::Unknown(source)) => Err(WitnessError::Unavailable(source)),
            Err(error @ SwapError::Lost) => Err(WitnessError::Unavailable(error.into())),
        }
    }

    /// The checkpoint that was cosigned last of the log that [`name_of`] calls `name`, in letters of either case.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    pub async fn checkpoint_of(&self, name: &str) -> Result<Option<Note>, WitnessError> {
        let name = name.to_ascii_lowercase();
        let Some((_, known)) = self.logs.iter().find(|(origin, _)| name_of(origin) == name) else {
            return Ok(None);
        };
        let kept = kept::read(&known.log, self.verifier_key()).await?;
        Ok(kept.last.map(|cosigned| cosigned.note))
    }
}

impl Log {
    fn is_believed(&self) -> Result<(), Refusal> {
        if self.keys.is_empty() {
            let why = "every key of this log that the witness was told of is distrusted";
            return Err(Refusal::NotSigned(why.to_owned()));
        }
        Ok(())
    }
}

/// The time to state: never before that of the last cosignature.
fn time_after(last: Option<&Cosigned>, now: u64) -> Result<u64, WitnessError> {
    match last {
        Some(last) if last.at.saturating_sub(now) > SET_BACK_MAX => {
            Err(WitnessError::ClockSetBack {
                origin: last.checkpoint.origin.clone(),
                last: last.at,
                now,
            })
        }
        Some(last) => Ok(last.at.max(now)),
        None => Ok(now),
    }
}

/// What a witness calls a log in paths: SHA-256 of its origin, in hex.
#[must_use]
pub fn name_of(origin: &str) -> String {
    let mut name = String::new();
    for byte in Sha256::digest(origin) {
        write!(name, "{byte:02x}").expect("a string takes every text");
    }
    name
}

/// The note as it is kept: signed by the keys of the log that are known, and by this witness. Strangers' signatures
/// are left out; there may be many.
fn cosigned_by(signature: &Signature, mut note: Note, keys: &[VerifierKey]) -> Note {
    let is_known = |line: &Signature| keys.iter().any(|key| key.is_named_by(line));
    note.signatures.retain(is_known);
    note.add(signature.clone());
    note
}

#[cfg(test)]
mod tests;
