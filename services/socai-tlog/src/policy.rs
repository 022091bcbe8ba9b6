//! Policies: whose signatures make a checkpoint worth believing (C2SP tlog-policy).
//!
//! ```text
//! log VERIFIER-KEY [URL]
//! witness NAME VERIFIER-KEY [URL]
//! group NAME all|any|K MEMBER…
//! quorum NAME|none
//! ```
//!
//! A checkpoint is signed by a log whose origin it states, and cosigned by as many witnesses as the quorum asks. The
//! quorum also gives the time: by then, so many saw the checkpoint that the operator alone cannot have moved it. A
//! policy is UTF-8 here, although the format would allow names in other encodings; a byte order mark before it and
//! carriage returns at the ends of lines, which editors put there unasked, mean nothing.

mod parse;

use std::collections::BTreeMap;

use crate::checkpoint::{BadCheckpoint, Checkpoint};
use crate::key::{BadSignature, VerifierKey};
use crate::note::{Note, Signed};

pub use parse::{BadPolicy, POLICY_BYTES_MAX, Wrong};

/// Known logs, known witnesses, and how many of them are enough.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    logs: Vec<Log>,
    witnesses: Vec<Witness>,
    quorum: Option<Rule>,
}

/// A log that is believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Log {
    /// Its key; the key's name is the origin. An origin may have several keys.
    pub key: VerifierKey,
    /// Where it is reached, if that is said.
    pub url: Option<String>,
}

/// A witness that is believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witness {
    /// What this policy calls it.
    pub name: String,
    /// Its key.
    pub key: VerifierKey,
    /// Where it is reached, if that is said.
    pub url: Option<String>,
}

/// Who has to have cosigned.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Rule {
    /// The witness at this place of the list.
    Witness(usize),
    /// At least `needed` of the members.
    Group { needed: usize, members: Vec<Rule> },
}

/// What a policy says of a checkpoint that a log of it signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// The checkpoint.
    pub checkpoint: Checkpoint,
    /// The keys of the log that signed it, in the order of the signatures.
    pub log_keys: Vec<VerifierKey>,
    /// The witnesses that cosigned it, by their names in the policy, and when, in seconds since 1970; for each the
    /// earliest time, in the policy's order.
    pub cosigned: Vec<(String, u64)>,
    /// Whether they are enough.
    pub quorum: Quorum,
}

/// Whether enough witnesses cosigned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quorum {
    /// Enough did.
    Reached {
        /// The smallest time by which there were enough, in seconds since 1970.
        at: u64,
    },
    /// Too few did.
    NotReached,
    /// The policy says `quorum none`: the log is believed alone, and no time is vouched for.
    NotAsked,
}

/// Why a policy does not even look at the cosignatures.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JudgeError {
    /// The note says something else.
    #[error("the note is no checkpoint: {0}")]
    NotACheckpoint(BadCheckpoint),
    /// No `log` line has the checkpoint's origin.
    #[error("the policy has no log with the origin `{origin}`")]
    UnknownLog {
        /// The checkpoint's first line.
        origin: String,
    },
    /// A signature in the name of a known key is not by it: the note was tampered with, or is worthless from birth.
    #[error("{0}")]
    BadSignature(BadSignature),
    /// None of the log's keys signed.
    #[error("the checkpoint is not signed by any key of its log; the policy knows {known}")]
    NotSigned {
        /// Those keys as `name+id`, separated by commas.
        known: String,
    },
}

impl Policy {
    /// The logs, in the file's order.
    #[must_use]
    pub fn logs(&self) -> &[Log] {
        &self.logs
    }

    /// The witnesses, in the file's order.
    #[must_use]
    pub fn witnesses(&self) -> &[Witness] {
        &self.witnesses
    }

    /// Judges a signed checkpoint. Signatures by keys that the policy does not know are passed over.
    ///
    /// # Errors
    ///
    /// Why it is not a checkpoint of a known log; the first in the order of declaration.
    pub fn judge(&self, note: &Note) -> Result<Judged, JudgeError> {
        let checkpoint = Checkpoint::parse(&note.text).map_err(JudgeError::NotACheckpoint)?;
        let known = self.keys_of(&checkpoint.origin)?;
        let all = self
            .logs
            .iter()
            .map(|log| &log.key)
            .chain(self.witnesses.iter().map(|it| &it.key));
        let signed = note.verified_by(all).map_err(JudgeError::BadSignature)?;

        let by_log = signed
            .iter()
            .map(|it| it.key)
            .filter(|key| known.contains(key));
        let log_keys: Vec<VerifierKey> = by_log.cloned().collect();
        if log_keys.is_empty() {
            let labels: Vec<String> = known.iter().map(|key| key.label()).collect();
            let known = labels.join(", ");
            return Err(JudgeError::NotSigned { known });
        }
        let times = self.times(&signed);
        Ok(Judged {
            checkpoint,
            log_keys,
            quorum: self.quorum_of(&times),
            cosigned: self.named(&times),
        })
    }

    fn keys_of(&self, origin: &str) -> Result<Vec<&VerifierKey>, JudgeError> {
        let keys = self.logs.iter().map(|log| &log.key);
        let known: Vec<&VerifierKey> = keys.filter(|key| key.name() == origin).collect();
        if known.is_empty() {
            let origin = origin.to_owned();
            return Err(JudgeError::UnknownLog { origin });
        }
        Ok(known)
    }

    /// The earliest time of each witness that cosigned, by its place in the list.
    fn times(&self, signed: &[Signed<'_>]) -> BTreeMap<usize, u64> {
        let earliest = |witness: &Witness| {
            let own = signed.iter().filter(|it| *it.key == witness.key);
            own.filter_map(|it| it.at).min()
        };
        let placed = self.witnesses.iter().map(earliest).enumerate();
        placed
            .filter_map(|(place, at)| Some((place, at?)))
            .collect()
    }

    fn named(&self, times: &BTreeMap<usize, u64>) -> Vec<(String, u64)> {
        let named = times
            .iter()
            .map(|(place, at)| (self.witnesses[*place].name.clone(), *at));
        named.collect()
    }

    fn quorum_of(&self, times: &BTreeMap<usize, u64>) -> Quorum {
        let Some(rule) = &self.quorum else {
            return Quorum::NotAsked;
        };
        rule.reached_at(times)
            .map_or(Quorum::NotReached, |at| Quorum::Reached { at })
    }
}

impl Judged {
    /// The earliest time at which a known witness saw it. One witness is enough to say that it existed by then, and
    /// not enough to say that there is no other.
    #[must_use]
    pub fn first_seen(&self) -> Option<u64> {
        self.cosigned.iter().map(|(_, at)| *at).min()
    }
}

impl Rule {
    /// The smallest time by which it is satisfied.
    fn reached_at(&self, times: &BTreeMap<usize, u64>) -> Option<u64> {
        match self {
            Self::Witness(place) => times.get(place).copied(),
            Self::Group { needed, members } => {
                let reached = members.iter().filter_map(|member| member.reached_at(times));
                let mut reached: Vec<u64> = reached.collect();
                reached.sort_unstable();
                reached.get(needed - 1).copied()
            }
        }
    }
}

#[cfg(test)]
mod tests;
