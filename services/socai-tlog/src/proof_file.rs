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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::key::{KeyKind, SigningKey};
    use crate::proof::inclusion_in;
    use crate::tree::root_of;

    fn leaves(size: u8) -> Vec<Hash> {
        (0..size).map(|leaf| Hash::of_leaf(&[leaf])).collect()
    }

    fn proof_of(index: u64, size: u8) -> ProofFile {
        let leaves = leaves(size);
        let top = Checkpoint {
            origin: "example.com/log".to_owned(),
            size: leaves.len() as u64,
            root: root_of(&leaves),
            extensions: Vec::new(),
        };
        let key = SigningKey::from_seed("example.com/log", KeyKind::Ed25519, [1; 32]).unwrap();
        ProofFile {
            extra: None,
            index,
            hashes: inclusion_in(&leaves, index).unwrap(),
            checkpoint: top.sign(&[&key]),
        }
    }

    #[test]
    fn it_reads_back_and_proves_its_leaf_and_no_other() {
        for (index, size) in [(0, 1), (0, 2), (6, 11), (10, 11)] {
            let proof = proof_of(index, size);
            let read = ProofFile::parse(proof.to_string().as_bytes()).unwrap();
            assert_eq!(read, proof);
            let leaves = leaves(size);
            let own = usize::try_from(index).unwrap();
            assert_eq!(read.verify(&leaves[own]).unwrap().size, u64::from(size));
            let other = Hash::of_leaf(b"another");
            assert!(matches!(
                read.verify(&other),
                Err(NotProven::NotIncluded(_))
            ));
        }
    }

    #[test]
    fn extra_bytes_are_kept_and_an_empty_line_of_them_too() {
        for extra in [&b""[..], b"see the receipt"] {
            let mut proof = proof_of(3, 5);
            proof.extra = Some(extra.to_vec());
            assert_eq!(ProofFile::parse(proof.to_string().as_bytes()), Ok(proof));
        }
    }

    #[test]
    fn a_proof_that_ends_in_no_checkpoint_proves_nothing() {
        let mut proof = proof_of(0, 1);
        proof.checkpoint.text = "any\ntext\n".to_owned();
        let refused = proof.verify(&leaves(1)[0]).unwrap_err();
        assert_eq!(refused, NotProven::NotACheckpoint(BadCheckpoint::Lines));
    }

    #[test]
    fn bytes_that_are_no_proof_file_are_refused_with_the_line() {
        let good = proof_of(6, 11).to_string();
        let line = |line, expected| BadProofFile::Line { line, expected };
        let index = "`index` and a decimal number";
        let hash = "a hash in base64";
        let cases = [
            (String::new(), BadProofFile::Form),
            (good.replace("@v1", "@v2"), line(1, PROOF_FILE)),
            (good.replace("index 6\n", ""), line(2, index)),
            (good.replace("index 6", "index 06"), line(2, index)),
            (good.replace("index 6", "index -6"), line(2, index)),
            (
                good.replace("index 6", "extra A\nindex 6"),
                line(2, "`extra` and base64"),
            ),
            (
                good.replace("index 6", "extra AAAA\nextra AAAA\nindex 6"),
                line(3, index),
            ),
            (good.replace("index 6", "index 6\nAAAA"), line(3, hash)),
            (
                good.replace("— ", "- "),
                BadProofFile::Checkpoint(BadNote::SignatureLine(1)),
            ),
            (
                good.replace(
                    "index 6",
                    &format!("index 6{}", format!("\n{}", Hash::OF_NOTHING).repeat(64)),
                ),
                BadProofFile::TooLarge,
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(ProofFile::parse(text.as_bytes()), Err(expected), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_byte_of_it_can_be_another(at: prop::sample::Index, byte: u8) {
            let proof = proof_of(6, 11);
            let mut bytes = proof.to_string().into_bytes();
            let at = at.index(bytes.len());
            prop_assume!(bytes[at] != byte);
            bytes[at] = byte;
            let Ok(read) = ProofFile::parse(&bytes) else { return Ok(()) };
            let key = SigningKey::from_seed("example.com/log", KeyKind::Ed25519, [1; 32]).unwrap();
            let signed = read.checkpoint.verified_by([key.verifier_key()]);
            let believed = signed.is_ok_and(|signed| !signed.is_empty());
            prop_assert!(!believed || read.verify(&leaves(11)[6]).is_err());
        }

        #[test]
        fn whatever_reads_is_written_the_same(bytes: Vec<u8>, head in "(extra [A-Z]{0,4}\n)?index [0-9]{1,2}\n") {
            prop_assert!(ProofFile::parse(&bytes).is_err());
            let note = proof_of(0, 1).checkpoint;
            let text = format!("{PROOF_FILE}\n{head}\n{note}");
            if let Ok(proof) = ProofFile::parse(text.as_bytes()) {
                prop_assert_eq!(proof.to_string(), text);
            }
        }
    }
}
