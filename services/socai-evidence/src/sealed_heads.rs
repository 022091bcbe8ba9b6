//! `heads.json`: where the streams of a bundle ended when the heads of all streams were sealed, and the proof of it.
//!
//! The tree of heads is sorted by name. So a stream that is said to have no record is proven to have none by the two
//! neighbours between which it would stand.

use serde::{Deserialize, Serialize};
use socai_tlog::{Hash, verify_inclusion};

use crate::heads;
use crate::manifest::StreamHead;
use crate::text::{hash, hashes};

/// The heads that the bundle needs of those that were sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SealedHeads {
    /// They are those of the records up to this position.
    pub size: u64,
    /// How many streams had a record by then.
    pub streams: u64,
    /// The root of the tree over them.
    #[serde(with = "hash")]
    pub root: Hash,
    /// The position of the record that seals them.
    pub position: u64,
    /// The streams of the bundle, and the neighbours of those that had no record.
    pub items: Vec<HeadItem>,
}

/// A stream's head in the tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeadItem {
    /// Its place in the tree, from 0.
    pub index: u64,
    /// The stream's name.
    pub stream: String,
    /// The revision of its last record.
    pub revision: u64,
    /// The position of its last record.
    pub last: u64,
    /// The proof that the tree has it.
    #[serde(with = "hashes")]
    pub path: Vec<Hash>,
}

impl HeadItem {
    /// Whether the tree of `heads` has it there.
    #[must_use]
    pub fn is_in(&self, heads: &SealedHeads) -> bool {
        let leaf = heads::leaf(&self.stream, self.revision, self.last);
        verify_inclusion(&leaf, self.index, heads.streams, &heads.root, &self.path).is_ok()
    }
}

impl SealedHeads {
    /// Whether its items are in order, each once: by place and by name.
    #[must_use]
    pub fn is_in_order(&self) -> bool {
        let in_order =
            |one: &HeadItem, next: &HeadItem| one.index < next.index && one.stream < next.stream;
        self.items.is_sorted_by(in_order)
    }

    /// The item of a stream, where there is one.
    #[must_use]
    pub fn item(&self, stream: &str) -> Option<&HeadItem> {
        let place = |item: &HeadItem| item.stream.as_str().cmp(stream);
        let found = self.items.binary_search_by(place).ok()?;
        self.items.get(found)
    }

    /// Whether `head`, which says that its stream had a record, is what was sealed.
    #[must_use]
    pub fn prove(&self, head: &StreamHead) -> bool {
        self.item(&head.stream).is_some_and(|item| {
            (item.revision, item.last) == (head.revision, head.last) && item.is_in(self)
        })
    }

    /// Whether no stream of this name was among those sealed: its neighbours are, and nothing stands between.
    #[must_use]
    pub fn prove_absent(&self, stream: &str) -> bool {
        let smaller = |item: &HeadItem| item.stream.as_str() < stream;
        let (smaller, others) = self.items.split_at(self.items.partition_point(smaller));
        let (before, after) = (smaller.last(), others.first());
        let sealed = |item: Option<&HeadItem>| item.is_none_or(|item| item.is_in(self));
        let adjacent = match (before, after) {
            (Some(before), Some(after)) => before.index.checked_add(1) == Some(after.index),
            (Some(last), None) => last.index.checked_add(1) == Some(self.streams),
            (None, Some(first)) => first.index == 0,
            (None, None) => false,
        };
        adjacent && self.item(stream).is_none() && sealed(before) && sealed(after)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::heads::HeadsTree;

    fn tree() -> HeadsTree {
        let heads = ["b", "d", "f"].iter().zip(1..);
        let head = |(stream, last): (&&str, u64)| StreamHead {
            stream: (*stream).to_owned(),
            revision: 1,
            last,
        };
        HeadsTree::new(3, heads.map(head).collect())
    }

    fn proven(streams: &[&str]) -> SealedHeads {
        let streams: BTreeSet<String> = streams.iter().map(|name| (*name).to_owned()).collect();
        tree().prove(&streams, 4)
    }

    #[test]
    fn a_stream_without_a_record_is_proven_to_have_none_by_its_neighbours() {
        for absent in ["a", "c", "e", "g"] {
            let heads = proven(&[absent]);
            assert!(heads.prove_absent(absent), "{absent}: {heads:?}");
            assert!(heads.items.len() <= 2, "{absent}");
        }
        assert!(!proven(&["d"]).prove_absent("d"));
    }

    #[test]
    fn neighbours_between_which_something_stands_prove_nothing() {
        let around = proven(&["b", "f"]);
        assert!(!around.prove_absent("d"));
        assert!(!proven(&["d"]).prove_absent("a"));
        assert!(!proven(&["d"]).prove_absent("g"));
        let mut moved = around;
        moved.items[1].index = 1;
        assert!(
            !moved.prove_absent("d"),
            "the path is that of another place"
        );
        let mut shorter = proven(&["d"]);
        shorter.streams = 2;
        assert!(!shorter.prove_absent("g"));
    }

    #[test]
    fn a_head_is_proven_as_it_was_sealed_and_not_otherwise() {
        let heads = proven(&["d"]);
        let head = |revision, last| StreamHead {
            stream: "d".to_owned(),
            revision,
            last,
        };
        assert!(heads.prove(&head(1, 2)));
        assert!(!heads.prove(&head(2, 2)));
        assert!(!heads.prove(&head(1, 3)));
    }
}
