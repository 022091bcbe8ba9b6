//! Proof files: that a record is in a log, to be checked without the log (C2SP tlog-proof).
//!
//! ```text
//! c2sp.org/tlog-proof@v1
//! extra base64                 may be absent
//! index 73894
//! base64(hash)                 the inclusion proof, from the leaf's sibling upwards
//!
//! the signed checkpoint …
//! ```

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::checkpoint::{BadCheckpoint, Checkpoint, decimal};
use crate::hash::Hash;
use crate::note::{BadNote, NOTE_BYTES_MAX, Note};
use crate::proof::{ProofError, verify_inclusion};

/// The first line of every proof file.
pub const PROOF_FILE: &str = "c2sp.org/tlog-proof@v1";

/// The most hashes that a proof in any of these formats has: one for each doubling of a tree.
pub const PROOF_HASHES_MAX: usize = 63;

/// An inclusion proof with the checkpoint that it ends in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProofFile {
    /// Bytes for whoever reads it. Nothing vouches for them.
    pub extra: Option<Vec<u8>>,
    /// The index of the leaf: its position in the ledger less one.
    pub index: u64,
    /// The inclusion proof.
    pub hashes: Vec<Hash>,
    /// The checkpoint, and whoever signed it.
    pub checkpoint: Note,
}

/// Bytes that are no proof file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadProofFile {
    /// More than anybody writes.
    #[error("a proof file has at most {NOTE_BYTES_MAX} bytes and {PROOF_HASHES_MAX} hashes")]
    TooLarge,
    /// Not text, or no blank line before the checkpoint.
    #[error(
        "a proof file is text: `{PROOF_FILE}`, an index, hashes, a blank line, and a signed checkpoint"
    )]
    Form,
    /// A line before the checkpoint.
    #[error("line {line} of the proof file: expected {expected}")]
    Line {
        /// Its number, from 1.
        line: usize,
        /// What should be there.
        expected: &'static str,
    },
    /// What follows the blank line.
    #[error("below the proof: {0}")]
    Checkpoint(BadNote),
}

/// A proof file that proves nothing about the leaf.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotProven {
    /// It ends in something else.
    #[error("the proof ends in no checkpoint: {0}")]
    NotACheckpoint(BadCheckpoint),
    /// The hashes do not lead from the leaf to the root.
    #[error("the leaf is not proven to be in the checkpoint's tree: {0}")]
    NotIncluded(ProofError),
}

impl ProofFile {
    /// Reads a proof file.
    ///
    /// # Errors
    ///
    /// What is wrong with it. One that reads may still prove nothing: see [`Self::verify`].
    pub fn parse(bytes: &[u8]) -> Result<Self, BadProofFile> {
        if bytes.len() > NOTE_BYTES_MAX {
            return Err(BadProofFile::TooLarge);
        }
        let text = str::from_utf8(bytes).map_err(|_| BadProofFile::Form)?;
        let (head, note) = text.split_once("\n\n").ok_or(BadProofFile::Form)?;
        let mut lines = head.split('\n').zip(1..).peekable();
        if lines.next().is_none_or(|(first, _)| first != PROOF_FILE) {
            return Err(expected(1, PROOF_FILE));
        }
        let extra = lines.next_if(|(line, _)| line.starts_with("extra "));
        Ok(Self {
            extra: extra.map(extra_in).transpose()?,
            index: index_in(lines.next().unwrap_or(("", 2)))?,
            hashes: hashes_in(lines)?,
            checkpoint: Note::parse(note.as_bytes()).map_err(BadProofFile::Checkpoint)?,
        })
    }

    /// Checks that the leaf is in the tree of the checkpoint, and answers that checkpoint. Who signed it, and whether
    /// that is enough, is for a [policy](crate::policy) to say; without one, the answer means nothing.
    ///
    /// # Errors
    ///
    /// Why nothing is proven.
    pub fn verify(&self, leaf: &Hash) -> Result<Checkpoint, NotProven> {
        let top = Checkpoint::parse(&self.checkpoint.text).map_err(NotProven::NotACheckpoint)?;
        verify_inclusion(leaf, self.index, top.size, &top.root, &self.hashes)
            .map_err(NotProven::NotIncluded)?;
        Ok(top)
    }
}

impl fmt::Display for ProofFile {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "{PROOF_FILE}")?;
        if let Some(extra) = &self.extra {
            writeln!(out, "extra {}", STANDARD.encode(extra))?;
        }
        writeln!(out, "index {}", self.index)?;
        self.hashes
            .iter()
            .try_for_each(|hash| writeln!(out, "{hash}"))?;
        write!(out, "\n{}", self.checkpoint)
    }
}

/// Extra data, from the line that begins so.
fn extra_in((line, number): (&str, usize)) -> Result<Vec<u8>, BadProofFile> {
    let base64 = line.strip_prefix("extra ").unwrap_or_default();
    STANDARD
        .decode(base64)
        .map_err(|_| expected(number, "`extra` and base64"))
}

fn index_in((line, number): (&str, usize)) -> Result<u64, BadProofFile> {
    let index = line.strip_prefix("index ").and_then(decimal);
    index.ok_or_else(|| expected(number, "`index` and a decimal number"))
}

/// Hashes, one in a line, the lines with their numbers.
fn hashes_in<'a>(lines: impl Iterator<Item = (&'a str, usize)>) -> Result<Vec<Hash>, BadProofFile> {
    let mut hashes = Vec::new();
    for (line, number) in lines {
        if hashes.len() == PROOF_HASHES_MAX {
            return Err(BadProofFile::TooLarge);
        }
        hashes.push(
            line.parse()
                .map_err(|_| expected(number, "a hash in base64"))?,
        );
    }
    Ok(hashes)
}

const fn expected(line: usize, expected: &'static str) -> BadProofFile {
    BadProofFile::Line { line, expected }
}
