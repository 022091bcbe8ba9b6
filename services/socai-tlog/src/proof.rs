//! Proofs that a leaf is in a tree and that a tree goes on from a smaller one: made, and verified by RFC 9162, 2.1.3.2
//! and 2.1.4.2.
//!
//! Left and right follow from index and sizes alone; a proof carries hashes and nothing else. Deliberately absent: the
//! tree of no leaves as the smaller one. It has no proof, every tree goes on from it, and whether that may be asked is
//! the caller's business.

use std::ops::Range;

use crate::Hash;
use crate::tree::{root_of, split};

/// Why a proof shows nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// No tree of that size has such a leaf.
    #[error("a tree of {size} leaves has no leaf {index}; they count from 0")]
    NotInTree { index: u64, size: u64 },
    /// The smaller tree is empty, or is not the smaller one.
    #[error("no proof leads from a tree of {old} leaves to one of {size}")]
    NotSmaller { old: u64, size: u64 },
    /// Hashes are missing.
    #[error("the proof ends too early: it has {hashes} hashes")]
    TooShort { hashes: usize },
    /// There are hashes that nothing needs.
    #[error("the proof goes on too long: it has {hashes} hashes")]
    TooLong { hashes: usize },
    /// It leads to another root than that of the tree.
    #[error("the proof leads to the root {found}, not to {expected}")]
    OtherRoot { expected: Hash, found: Hash },
    /// It starts from another root than that of the smaller tree.
    #[error("the proof starts from the root {found}, not from {expected}")]
    OtherOldRoot { expected: Hash, found: Hash },
}

/// Verifies that `leaf` has this index in the tree of `size` leaves and this root.
///
/// Size and root must be from one checkpoint: the same hashes lead to the same root from other indices of other sizes.
///
/// # Errors
///
/// The first [`ProofError`] that applies.
pub fn verify_inclusion(
    leaf: &Hash,
    index: u64,
    size: u64,
    root: &Hash,
    proof: &[Hash],
) -> Result<(), ProofError> {
    if index >= size {
        return Err(ProofError::NotInTree { index, size });
    }
    let mut climb = Climb::new(index, size - 1);
    let mut found = *leaf;
    for hash in proof {
        found = match climb.step(proof)? {
            Side::Left => Hash::of_node(hash, &found),
            Side::Right => Hash::of_node(&found, hash),
        };
    }
    climb.end(proof)?;
    same_root(root, found)
}

/// Verifies that the tree of `size` leaves begins with the tree of `old` leaves.
///
/// # Errors
///
/// The first [`ProofError`] that applies.
pub fn verify_consistency(
    old: u64,
    old_root: &Hash,
    size: u64,
    root: &Hash,
    proof: &[Hash],
) -> Result<(), ProofError> {
    let hashes = proof.len();
    if old == 0 || old > size {
        return Err(ProofError::NotSmaller { old, size });
    }
    if old == size {
        return match hashes {
            0 => same_root(root, *old_root),
            _ => Err(ProofError::TooLong { hashes }),
        };
    }
    // A complete tree is a node of the larger one, and its root starts the climb.
    let start = old.is_power_of_two().then_some(old_root);
    let mut hashes_from_start = start.into_iter().chain(proof);
    let Some(first) = hashes_from_start.next().filter(|_| hashes > 0) else {
        return Err(ProofError::TooShort { hashes });
    };

    let mut climb = Climb::new(old - 1, size - 1);
    climb.skip(climb.at.trailing_ones());
    let (mut found_old, mut found) = (*first, *first);
    for hash in hashes_from_start {
        match climb.step(proof)? {
            Side::Left => {
                found_old = Hash::of_node(hash, &found_old);
                found = Hash::of_node(hash, &found);
            }
            Side::Right => found = Hash::of_node(&found, hash),
        }
    }
    climb.end(proof)?;
    if found_old != *old_root {
        return Err(ProofError::OtherOldRoot {
            expected: *old_root,
            found: found_old,
        });
    }
    same_root(root, found)
}

/// The proof that `leaves` have the leaf of `index`, for a tree that fits into memory; none if they have not.
#[must_use]
pub fn inclusion_in(leaves: &[Hash], index: u64) -> Option<Vec<Hash>> {
    let size = leaves.len() as u64;
    (index < size).then(|| roots_of(leaves, inclusion_ranges(index, size)))
}

/// The proof that `leaves` go on from their first `old`, for a tree that fits into memory; none if there are not so many
/// or `old` is 0.
#[must_use]
pub fn consistency_in(leaves: &[Hash], old: u64) -> Option<Vec<Hash>> {
    let size = leaves.len() as u64;
    (1..=size)
        .contains(&old)
        .then(|| roots_of(leaves, consistency_ranges(old, size)))
}

fn roots_of(leaves: &[Hash], ranges: Vec<Range<u64>>) -> Vec<Hash> {
    let within = "a range of the proof lies within the tree";
    let place = |leaf| usize::try_from(leaf).expect(within);
    ranges
        .into_iter()
        .map(|range| root_of(&leaves[place(range.start)..place(range.end)]))
        .collect()
}

/// The ranges of leaves whose roots are the proof of inclusion, in its order. `index < size`.
pub(crate) fn inclusion_ranges(index: u64, size: u64) -> Vec<Range<u64>> {
    let (mut ranges, mut tree) = (Vec::new(), 0..size);
    while let Some(middle) = split(&tree) {
        if index < middle {
            ranges.push(middle..tree.end);
            tree.end = middle;
        } else {
            ranges.push(tree.start..middle);
            tree.start = middle;
        }
    }
    ranges.reverse();
    ranges
}

/// The ranges of leaves whose roots are the proof of consistency, in its order. `1 <= old <= size`.
pub(crate) fn consistency_ranges(old: u64, size: u64) -> Vec<Range<u64>> {
    let (mut ranges, mut tree) = (Vec::new(), 0..size);
    while old < tree.end {
        let middle = split(&tree).expect("old lies within the tree, so it has two leaves");
        if old <= middle {
            ranges.push(middle..tree.end);
            tree.end = middle;
        } else {
            ranges.push(tree.start..middle);
            tree.start = middle;
        }
    }
    // The whole smaller tree is what the verifier has already.
    if tree.start > 0 {
        ranges.push(tree);
    }
    ranges.reverse();
    ranges
}

fn same_root(expected: &Hash, found: Hash) -> Result<(), ProofError> {
    if found == *expected {
        return Ok(());
    }
    Err(ProofError::OtherRoot {
        expected: *expected,
        found,
    })
}

/// On which side of the node climbed to so far the next hash of the proof stands.
enum Side {
    Left,
    Right,
}

/// A way up the tree: the node it is at and the last node, both as indices of their level.
struct Climb {
    at: u64,
    last: u64,
}

impl Climb {
    fn new(at: u64, last: u64) -> Self {
        Self { at, last }
    }

    fn step(&mut self, proof: &[Hash]) -> Result<Side, ProofError> {
        if self.last == 0 {
            let hashes = proof.len();
            return Err(ProofError::TooLong { hashes });
        }
        let side = match self.at % 2 == 1 || self.at == self.last {
            true => Side::Left,
            false => Side::Right,
        };
        if matches!(side, Side::Left) {
            // The last node of a level without a sibling stands for itself on the levels above.
            self.skip(self.at.trailing_zeros());
        }
        self.skip(1);
        Ok(side)
    }

    /// Up `levels`, which may be 64: what is at 0 stays there.
    fn skip(&mut self, levels: u32) {
        self.at = self.at.checked_shr(levels).unwrap_or(0);
        self.last = self.last.checked_shr(levels).unwrap_or(0);
    }

    fn end(&self, proof: &[Hash]) -> Result<(), ProofError> {
        let hashes = proof.len();
        match self.last {
            0 => Ok(()),
            _ => Err(ProofError::TooShort { hashes }),
        }
    }
}
