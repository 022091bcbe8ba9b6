//! What a verifier answers: an outcome, what it found, and a line for each record.

use jiff::Timestamp;
use jiff::civil::Date;
use socai_tlog::Hash;

use crate::finding::{Finding, Weight};
use crate::manifest::Query;

/// What a bundle is worth. In the order of the exit statuses 0, 1, 2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Everything in it is proven, and nothing that can be known to belong to it is missing.
    Valid,
    /// It proves nothing.
    Invalid,
    /// What is there is proven; something is missing, or nobody but the log vouches for it.
    Incomplete,
}

/// What a verifier answers about a bundle.
#[derive(Debug)]
pub struct Verdict {
    /// What the bundle says of itself; `None` where not even that could be read.
    pub about: Option<About>,
    /// Everything found, the gravest first.
    pub findings: Vec<Finding>,
    /// Its records, in order.
    pub records: Vec<RecordLine>,
}

/// What a bundle says of itself.
#[derive(Debug, Clone)]
pub struct About {
    /// The log's origin.
    pub origin: String,
    /// What was asked.
    pub query: Query,
    /// The size of the top checkpoint.
    pub size: u64,
    /// Its root.
    pub root: Hash,
    /// How many streams are given whole.
    pub streams: u64,
    /// How many records are in the bundle only so that nothing can hide between heads and top.
    pub tail: u64,
    /// How many checkpoints there are.
    pub checkpoints: u64,
    /// Who cosigned the top checkpoint, by their names in the policy, and when.
    pub cosigned: Vec<(String, Timestamp)>,
}

/// A record, and when it can have been recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordLine {
    /// Its position in the ledger.
    pub position: u64,
    /// Its stream.
    pub stream: String,
    /// Its revision in the stream.
    pub revision: u64,
    /// What became true.
    pub event_type: String,
    /// From which day.
    pub effective: Date,
    /// When it was recorded, by the operator's clock.
    pub recorded: Timestamp,
    /// It is one of the records that were asked for; the others close the tail.
    pub selected: bool,
    /// When the witnesses say it was.
    pub bracket: Bracket,
    /// It took effect before it can have been recorded, by more than the tolerance.
    pub back_dated: bool,
}

/// Between which times a record was recorded, by the clocks of witnesses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Bracket {
    /// A witness saw the log without it at this time.
    pub after: Option<Timestamp>,
    /// The quorum saw the log with it at this time.
    pub by: Option<Timestamp>,
}

impl Verdict {
    /// The verdict about something that could not be read.
    #[must_use]
    pub fn unreadable(finding: Finding) -> Self {
        Self {
            about: None,
            findings: vec![finding],
            records: Vec::new(),
        }
    }

    /// What the bundle is worth.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        let gravest = self.findings.iter().map(Finding::weight).max();
        match gravest {
            Some(Weight::Invalid) => Outcome::Invalid,
            Some(Weight::Incomplete) => Outcome::Incomplete,
            Some(Weight::Remark) | None => Outcome::Valid,
        }
    }

    /// Whether both are valid and one witness cosigned both tops: no witness cosigns two histories.
    #[must_use]
    pub fn shares_a_witness_with(&self, other: &Self) -> bool {
        let names = |verdict: &Self| {
            let about = verdict.about.iter().flat_map(|about| &about.cosigned);
            about.map(|(name, _)| name.clone()).collect::<Vec<_>>()
        };
        let others = names(other);
        let valid = [self, other]
            .iter()
            .all(|verdict| verdict.outcome() == Outcome::Valid);
        valid && names(self).iter().any(|name| others.contains(name))
    }
}
