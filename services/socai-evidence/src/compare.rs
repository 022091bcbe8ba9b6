//! Whether two bundles show one history.
//!
//! Each may be proven by itself and yet the log may have shown a different history to whoever holds the other. No
//! proof within one bundle can tell; two side by side can.

use std::collections::BTreeMap;

use socai_tlog::Hash;

use crate::bundle::Bundle;

/// What two bundles do not have in common, and would if they were of one history.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Difference {
    /// There is nothing to compare.
    #[error("the bundles are of two logs, {one:?} and {other:?}: nothing of them can be compared")]
    OtherLog { one: String, other: String },
    /// The log signed two histories.
    #[error(
        "a split view: at size {size} the log showed the root {one} to one and {other} to the other"
    )]
    SplitView { size: u64, one: Hash, other: Hash },
    /// The records of a position differ.
    #[error("a split view: the two bundles have different records at position {position}")]
    OtherRecord { position: u64 },
}

impl Difference {
    /// The code that programs match on.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::OtherLog { .. } => "bundles.other_log",
            Self::SplitView { .. } => "bundles.split_view",
            Self::OtherRecord { .. } => "bundles.other_record",
        }
    }
}

/// What differs between two bundles. Whether each is valid is for [`judge`](mod@crate::judge).
#[must_use]
pub fn compare(one: &Bundle, other: &Bundle) -> Vec<Difference> {
    let origins = [one, other].map(|bundle| bundle.manifest.origin.clone());
    if origins[0] != origins[1] {
        let [one, other] = origins;
        return vec![Difference::OtherLog { one, other }];
    }
    let mut differences = split_views(&roots(one), &roots(other));
    let records = one.records.iter().filter(|(position, entry)| {
        let same_place = other.records.get(position);
        same_place.is_some_and(|same| same.bytes != entry.bytes)
    });
    differences.extend(records.map(|(&position, _)| Difference::OtherRecord { position }));
    differences
}

fn roots(bundle: &Bundle) -> BTreeMap<u64, Hash> {
    let checkpoints = bundle.notes.iter().map(|note| &note.checkpoint);
    checkpoints
        .map(|checkpoint| (checkpoint.size, checkpoint.root))
        .collect()
}

fn split_views(one: &BTreeMap<u64, Hash>, other: &BTreeMap<u64, Hash>) -> Vec<Difference> {
    let both = one
        .iter()
        .filter_map(|(size, root)| Some((*size, *root, *other.get(size)?)));
    let split = both.filter(|(_, one, other)| one != other);
    split
        .map(|(size, one, other)| Difference::SplitView { size, one, other })
        .collect()
}
