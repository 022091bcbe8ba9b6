//! Whether two bundles show one history.
//!
//! Each may be proven by itself and yet the log may have shown a different history to whoever holds the other. No
//! proof within one bundle can tell; two side by side can, as far as they speak of the same: sizes, positions, events
//! and heads of streams. Where nothing connects them they may still be of two histories, and that is said.

use std::collections::{BTreeMap, BTreeSet};

use socai_store::envelope;
use socai_tlog::Hash;

use crate::bundle::Bundle;
use crate::finding::Weight;

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
    /// One event stands at two positions.
    #[error(
        "a split view: revision {revision} of {stream} stands at position {one} in one and at {other} in the other"
    )]
    OtherPlace {
        stream: String,
        revision: u64,
        one: u64,
        other: u64,
    },
    /// What one says of the end of a stream, the records of the other do not come to.
    #[error(
        "a split view: up to position {size} {stream} has {sealed} events by one bundle and {found} by the other"
    )]
    OtherHead {
        stream: String,
        size: u64,
        sealed: u64,
        found: u64,
    },
    /// Neither shows that the other is of its history. Where one policy's quorum cosigned both, its witnesses do.
    #[error(
        "nothing shows that the ledger of {larger} records continues that of {smaller}: what the bundles have in common \
         agrees, the rest cannot be compared. Witnesses who cosigned both, under one policy, vouch for it"
    )]
    NotConnected { smaller: u64, larger: u64 },
}

impl Difference {
    /// The code that programs match on.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::OtherLog { .. } => "bundles.other_log",
            Self::SplitView { .. } => "bundles.split_view",
            Self::OtherRecord { .. } => "bundles.other_record",
            Self::OtherPlace { .. } => "bundles.other_place",
            Self::OtherHead { .. } => "bundles.other_head",
            Self::NotConnected { .. } => "bundles.not_connected",
        }
    }

    /// What it does to the two bundles.
    #[must_use]
    pub const fn weight(&self) -> Weight {
        match self {
            Self::OtherLog { .. }
            | Self::SplitView { .. }
            | Self::OtherRecord { .. }
            | Self::OtherPlace { .. }
            | Self::OtherHead { .. } => Weight::Invalid,
            Self::NotConnected { .. } => Weight::Incomplete,
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
    let (events, other_events) = (Events::of(one), Events::of(other));
    differences.extend(events.other_places(&other_events));
    differences.extend(other_events.other_heads(one, other));
    differences.extend(events.other_heads(other, one));
    if differences.is_empty() {
        differences.extend(not_connected(one, other));
    }
    differences
}

/// Where the events of a bundle stand: by stream, their positions in the order of their revisions.
struct Events(BTreeMap<String, BTreeMap<u64, u64>>);

impl Events {
    /// Those whose envelopes read; of the others the bundle's own verdict tells.
    fn of(bundle: &Bundle) -> Self {
        let mut events = BTreeMap::<String, BTreeMap<u64, u64>>::new();
        for (&position, entry) in &bundle.records {
            if let Ok(record) = envelope::parse(&entry.bytes) {
                let stream = events.entry(record.subject.into_owned()).or_default();
                stream.insert(record.revision.0, position);
            }
        }
        Self(events)
    }

    fn other_places(&self, others: &Self) -> impl Iterator<Item = Difference> {
        let both = self
            .0
            .iter()
            .filter_map(|(stream, events)| Some((stream, events, others.0.get(stream)?)));
        both.flat_map(|(stream, events, others)| {
            let pairs = events
                .iter()
                .filter_map(|(revision, one)| Some((*revision, *one, *others.get(revision)?)));
            pairs
                .filter(|(_, one, other)| one != other)
                .map(|(revision, one, other)| {
                    let stream = stream.clone();
                    Difference::OtherPlace {
                        stream,
                        revision,
                        one,
                        other,
                    }
                })
        })
    }

    /// Where the heads that `sealed` has are not those of these events, which are those of `holder`.
    fn other_heads(&self, sealed: &Bundle, holder: &Bundle) -> impl Iterator<Item = Difference> {
        let size = sealed.heads.size;
        let whole = holder.manifest.streams.iter().map(|stream| &stream.stream);
        let whole: BTreeSet<&String> = whole.collect();
        let items = sealed.heads.items.iter();
        let both =
            items.filter(move |item| size <= holder.manifest.size && whole.contains(&item.stream));
        both.filter_map(move |item| {
            let events = self
                .0
                .get(&item.stream)
                .into_iter()
                .flat_map(BTreeMap::values);
            let found = events.filter(|position| **position <= size).count() as u64;
            let (stream, sealed) = (item.stream.clone(), item.revision);
            (found != sealed).then_some(Difference::OtherHead {
                stream,
                size,
                sealed,
                found,
            })
        })
    }
}

/// Where the smaller of two tops is none of the other's checkpoints.
fn not_connected(one: &Bundle, other: &Bundle) -> Option<Difference> {
    let (smaller, larger) = match one.manifest.size <= other.manifest.size {
        true => (one, other),
        false => (other, one),
    };
    let size = smaller.manifest.size;
    let connected = roots(larger).contains_key(&size);
    let larger = larger.manifest.size;
    (!connected).then_some(Difference::NotConnected {
        smaller: size,
        larger,
    })
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
