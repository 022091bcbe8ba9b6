//! What a log asks of a witness, and what the witness decides (C2SP tlog-witness, `add-checkpoint`).
//!
//! ```text
//! old 20852014                 the size of the checkpoint that the witness cosigned last; 0 for none
//! base64(hash)                 the consistency proof from there
//!
//! the signed checkpoint …
//! ```
//!
//! Deciding is pure. Whoever runs a witness keeps, for each origin, the checkpoint that was cosigned last; holds it
//! fast from reading it to replacing it; and replaces it durably before the cosignature leaves the house.

use std::fmt;

use crate::checkpoint::{BadCheckpoint, Checkpoint, decimal};
use crate::hash::Hash;
use crate::key::VerifierKey;
use crate::note::{BadNote, NOTE_BYTES_MAX, Note};
use crate::proof::verify_consistency;
use crate::proof_file::PROOF_HASHES_MAX;

/// A request to cosign a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddCheckpoint {
    /// The size of the checkpoint from which `proof` leads here; 0 where there is none.
    pub old: u64,
    /// The consistency proof.
    pub proof: Vec<Hash>,
    /// The checkpoint, signed by the log.
    pub checkpoint: Note,
}

/// Why a checkpoint is not cosigned, in the order in which the reasons are looked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No request at all.
    #[error("invalid input: {0}")]
    Malformed(Malformed),
    /// A note, and no checkpoint.
    #[error("invalid checkpoint: {0}")]
    NotACheckpoint(BadCheckpoint),
    /// Nobody told the witness of this log.
    #[error("unknown log: this witness was not told of any key for the origin `{origin}`")]
    UnknownLog {
        /// The checkpoint's first line.
        origin: String,
    },
    /// No signature of a key of the log, or one that is not by it.
    #[error("invalid signature: {0}")]
    NotSigned(String),
    /// The proof leads backwards.
    #[error("invalid input: the old size {old} is larger than the checkpoint's size {size}")]
    Backwards {
        /// The size that the proof starts from.
        old: u64,
        /// The checkpoint's size.
        size: u64,
    },
    /// The proof starts elsewhere than at the checkpoint that was cosigned last. The answer to it is that size.
    #[error(
        "the checkpoint cosigned last for this log has size {size}, and the proof starts at {old}"
    )]
    Conflict {
        /// The size cosigned last.
        size: u64,
        /// The size that the proof starts from.
        old: u64,
    },
    /// Two histories of one size. Both checkpoints together prove it to anybody.
    #[error("another root of this log was cosigned at size {size}: its history was forked")]
    Forked {
        /// The size of both.
        size: u64,
    },
    /// What was cosigned last is not a beginning of this tree, or nobody showed it.
    #[error("invalid consistency proof: {0}")]
    Inconsistent(String),
}

/// Bytes that are no request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// More than anybody asks.
    #[error("a request has at most {NOTE_BYTES_MAX} bytes and {PROOF_HASHES_MAX} hashes")]
    TooLarge,
    /// Not text, or no blank line.
    #[error(
        "expected `old SIZE`, the hashes of a consistency proof, a blank line, and a signed checkpoint"
    )]
    Form,
    /// The first line.
    #[error("line 1: expected `old` and a size in decimal, without leading zeros")]
    Old,
    /// A line of the proof.
    #[error("line {0}: expected a hash in base64")]
    Hash(usize),
    /// What follows the blank line.
    #[error("below the proof: {0}")]
    Note(BadNote),
}

impl AddCheckpoint {
    /// Reads a request.
    ///
    /// # Errors
    ///
    /// [`Refusal::Malformed`]; and [`Refusal::NotSigned`] where a signature is no base64, because a signature that
    /// cannot be read is one that does not verify.
    pub fn parse(bytes: &[u8]) -> Result<Self, Refusal> {
        if bytes.len() > NOTE_BYTES_MAX {
            return Err(Refusal::Malformed(Malformed::TooLarge));
        }
        let text = str::from_utf8(bytes).map_err(|_| Refusal::Malformed(Malformed::Form))?;
        let (head, note) = text
            .split_once("\n\n")
            .ok_or(Refusal::Malformed(Malformed::Form))?;
        let (old, proof) = head_of(head).map_err(Refusal::Malformed)?;
        let checkpoint = Note::parse(note.as_bytes()).map_err(|bad| match bad {
            BadNote::SignatureLine(_) => Refusal::NotSigned(bad.to_string()),
            BadNote::TooLarge | BadNote::NotText | BadNote::Form => {
                Refusal::Malformed(Malformed::Note(bad))
            }
        })?;
        Ok(Self {
            old,
            proof,
            checkpoint,
        })
    }
}

impl fmt::Display for AddCheckpoint {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "old {}", self.old)?;
        self.proof
            .iter()
            .try_for_each(|hash| writeln!(out, "{hash}"))?;
        write!(out, "\n{}", self.checkpoint)
    }
}

impl Refusal {
    /// The status by which it is said over HTTP.
    #[must_use]
    pub const fn status(&self) -> u16 {
        match self {
            Self::Malformed(_) | Self::NotACheckpoint(_) | Self::Backwards { .. } => 400,
            Self::NotSigned(_) => 403,
            Self::UnknownLog { .. } => 404,
            Self::Conflict { .. } | Self::Forked { .. } => 409,
            Self::Inconsistent(_) => 422,
        }
    }

    /// The size that was cosigned last, where the answer has to state it.
    #[must_use]
    pub const fn cosigned_size(&self) -> Option<u64> {
        match self {
            Self::Conflict { size, .. } | Self::Forked { size } => Some(*size),
            Self::Malformed(_)
            | Self::NotACheckpoint(_)
            | Self::UnknownLog { .. }
            | Self::NotSigned(_)
            | Self::Backwards { .. }
            | Self::Inconsistent(_) => None,
        }
    }
}

/// Decides whether a witness that knows these keys of logs, and for the request's origin cosigned `last` last (size and
/// root), may cosign. It answers the checkpoint that has to be kept as the last one before the cosignature is given
/// away.
///
/// # Errors
///
/// The [`Refusal`] that applies; where several do, the one declared first.
pub fn decide(
    request: &AddCheckpoint,
    logs: &[VerifierKey],
    last: Option<(u64, Hash)>,
) -> Result<Checkpoint, Refusal> {
    let asked = Checkpoint::parse(&request.checkpoint.text).map_err(Refusal::NotACheckpoint)?;
    is_signed_by_its_log(&request.checkpoint, &asked.origin, logs)?;
    follows(request, &asked, last.unwrap_or((0, Hash::OF_NOTHING)))?;
    Ok(asked)
}

/// The origin that a request is about, to find what was cosigned last. Nothing is verified yet.
///
/// # Errors
///
/// [`Refusal::NotACheckpoint`].
pub fn origin_of(request: &AddCheckpoint) -> Result<String, Refusal> {
    let checkpoint = Checkpoint::parse(&request.checkpoint.text);
    checkpoint
        .map(|it| it.origin)
        .map_err(Refusal::NotACheckpoint)
}

fn is_signed_by_its_log(note: &Note, origin: &str, logs: &[VerifierKey]) -> Result<(), Refusal> {
    let keys = logs.iter().filter(|key| key.name() == origin);
    if keys.clone().next().is_none() {
        let origin = origin.to_owned();
        return Err(Refusal::UnknownLog { origin });
    }
    match note.verified_by(keys) {
        Err(bad) => Err(Refusal::NotSigned(bad.key)),
        Ok(signed) if signed.is_empty() => Err(Refusal::NotSigned(
            "none is by a key that this witness was told of".to_owned(),
        )),
        Ok(_) => Ok(()),
    }
}

/// Whether the checkpoint continues what was cosigned last.
fn follows(request: &AddCheckpoint, asked: &Checkpoint, last: (u64, Hash)) -> Result<(), Refusal> {
    let (old, size) = (request.old, asked.size);
    let (last_size, last_root) = last;
    if old > size {
        return Err(Refusal::Backwards { old, size });
    }
    if old != last_size {
        return Err(Refusal::Conflict {
            size: last_size,
            old,
        });
    }
    if old == size && asked.root != last_root {
        return Err(Refusal::Forked { size });
    }
    if old == 0 || old == size {
        return if request.proof.is_empty() {
            Ok(())
        } else {
            Err(Refusal::Inconsistent(
                "there is nothing to prove from this size, and hashes are given".to_owned(),
            ))
        };
    }
    verify_consistency(old, &last_root, size, &asked.root, &request.proof)
        .map_err(|error| Refusal::Inconsistent(error.to_string()))
}

/// `old SIZE`, and the hashes below it.
fn head_of(head: &str) -> Result<(u64, Vec<Hash>), Malformed> {
    let mut lines = head.split('\n');
    let old = lines
        .next()
        .and_then(|line| line.strip_prefix("old "))
        .and_then(decimal);
    let mut proof = Vec::new();
    for (line, number) in lines.zip(2..) {
        if proof.len() == PROOF_HASHES_MAX {
            return Err(Malformed::TooLarge);
        }
        proof.push(line.parse().map_err(|_| Malformed::Hash(number))?);
    }
    Ok((old.ok_or(Malformed::Old)?, proof))
}

#[cfg(test)]
mod tests;
