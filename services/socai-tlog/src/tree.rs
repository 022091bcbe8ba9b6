//! The shape of the tree of RFC 6962: how leaves fall into complete subtrees, and how those come to a root.
//!
//! A tree that is no power of two splits at the largest power of two below its size. Its root therefore follows from
//! its *peaks*, the complete subtrees that its size shows in binary, and these are all that a growing tree has to
//! remember. Deliberately absent: recursion, and any leaf once its node is made.

use std::ops::Range;

use crate::Hash;

/// The root of the tree over `leaves`.
#[must_use]
pub fn root_of(leaves: &[Hash]) -> Hash {
    let mut peaks = Peaks::default();
    for leaf in leaves {
        peaks.push(*leaf, |_, _| {});
    }
    peaks.root()
}

/// The peaks of a growing tree, the largest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Peaks {
    size: u64,
    hashes: Vec<Hash>,
}

impl Peaks {
    /// The tree of `size` leaves with these peaks.
    pub(crate) fn of(size: u64, hashes: Vec<Hash>) -> Self {
        debug_assert_eq!(size.count_ones() as usize, hashes.len());
        Self { size, hashes }
    }

    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// Adds a leaf, and tells `made` of every node that it completes, with its height; the first is the leaf itself.
    pub(crate) fn push(&mut self, leaf: Hash, mut made: impl FnMut(u32, Hash)) {
        let (mut node, mut height) = (leaf, 0);
        made(height, node);
        for _ in 0..self.size.trailing_ones() {
            let left = self.hashes.pop().expect("every 1 of the size has its peak");
            node = Hash::of_node(&left, &node);
            height += 1;
            made(height, node);
        }
        self.hashes.push(node);
        self.size = self.size.checked_add(1).expect("nobody has 2^64 leaves");
    }

    pub(crate) fn root(&self) -> Hash {
        root_of_peaks(&self.hashes)
    }
}

/// The root over complete subtrees of falling size.
pub(crate) fn root_of_peaks(peaks: &[Hash]) -> Hash {
    peaks
        .iter()
        .rev()
        .copied()
        .reduce(|right, left| Hash::of_node(&left, &right))
        .unwrap_or(Hash::OF_NOTHING)
}

/// A complete subtree: the leaves `index << height ..` of it, `1 << height` of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Subtree {
    pub(crate) height: u32,
    pub(crate) index: u64,
}

/// The complete subtrees of falling size that `leaves` fall into; it begins where a subtree of its size may begin.
pub(crate) fn subtrees(leaves: Range<u64>) -> Vec<Subtree> {
    let mut found = Vec::new();
    let mut from = leaves.start;
    while from < leaves.end {
        let height = (leaves.end - from).ilog2();
        found.push(Subtree {
            height,
            index: from >> height,
        });
        from += 1 << height;
    }
    found
}

/// Where a tree of `leaves` splits: none below two leaves.
pub(crate) fn split(leaves: &Range<u64>) -> Option<u64> {
    let last = (leaves.end - leaves.start).checked_sub(1)?;
    Some(leaves.start + (1 << last.checked_ilog2()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6962, 2.1, word for word.
    fn root_by_definition(leaves: &[Hash]) -> Hash {
        match leaves {
            [] => Hash::OF_NOTHING,
            [leaf] => *leaf,
            _ => {
                let half = leaves.len().next_power_of_two() / 2;
                let (left, right) = leaves.split_at(half);
                Hash::of_node(&root_by_definition(left), &root_by_definition(right))
            }
        }
    }

    #[test]
    fn the_root_is_that_of_the_definition() {
        let leaves: Vec<Hash> = (0_u32..70)
            .map(|n| Hash::of_leaf(&n.to_be_bytes()))
            .collect();
        for size in 0..=leaves.len() {
            let leaves = &leaves[..size];
            assert_eq!(root_of(leaves), root_by_definition(leaves), "{size}");
        }
    }

    #[test]
    fn a_tree_splits_at_the_largest_power_of_two_below_its_size() {
        assert_eq!(split(&(0..0)), None);
        assert_eq!(split(&(8..9)), None);
        assert_eq!(split(&(0..2)), Some(1));
        assert_eq!(split(&(0..8)), Some(4));
        assert_eq!(split(&(8..15)), Some(12));
        assert_eq!(split(&(0..u64::MAX)), Some(1 << 63));
        assert_eq!(subtrees(0..u64::MAX).len(), 64);
    }
}
