//! What became true of an obligation, and what it does to what stands.

use std::hash::{Hash, Hasher};

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Attachment, Submission};
use crate::id::{DocumentId, UnitId};
use crate::line::Line;
use crate::standing::{Act, Release};

/// What became true of an obligation. Names of variants and fields are stored.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum Event {
    /// A report was received on the effective day.
    #[serde(rename = "report.submitted.v1")]
    Submitted {
        /// The unit that owed it on that day.
        by: UnitId,
        submission: Submission,
    },
    /// The channel unit `by` has it.
    #[serde(rename = "report.received.v1")]
    Received { by: UnitId },
    /// The channel unit `by` passed it on to `to`.
    #[serde(rename = "report.forwarded.v1")]
    Forwarded { by: UnitId, to: UnitId },
    /// It was found wanting.
    #[serde(rename = "report.returned.v1")]
    Returned {
        by: UnitId,
        reason: Line,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        resubmit_by: Option<Date>,
    },
    /// It was found good.
    #[serde(rename = "report.accepted.v1")]
    Accepted { by: UnitId },

    /// The unit knows of the task.
    #[serde(rename = "task.acknowledged.v1")]
    Acknowledged {},
    /// The unit told how far it is.
    #[serde(rename = "task.progressed.v1")]
    Progressed {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        percent: Option<u8>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<Line>,
    },
    /// The unit claims that it was completed on the effective day.
    #[serde(rename = "task.claimed.v1")]
    Claimed {
        /// The unit that owed it on that day.
        by: UnitId,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        evidence: Vec<Attachment>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<Line>,
    },
    /// `by` agrees with the claim.
    #[serde(rename = "task.confirmed.v1")]
    Confirmed { by: UnitId },
    /// `by` does not agree with the claim.
    #[serde(rename = "task.refused.v1")]
    Refused {
        by: UnitId,
        reason: Line,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        redo_by: Option<Date>,
    },

    /// It is due on `due` instead.
    #[serde(rename = "obligation.extended.v1")]
    Extended {
        due: Date,
        by: UnitId,
        requested: Date,
        reason: Line,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        basis: Option<DocumentId>,
    },
    /// It does not count from the effective day on.
    #[serde(rename = "obligation.excused.v1")]
    Excused {
        by: UnitId,
        reason: Line,
        legal_basis: Line,
    },
    /// It was called off.
    #[serde(rename = "obligation.cancelled.v1")]
    Cancelled { by: UnitId, reason: Line },
    /// `to` owes it from the effective day on, and `from` no longer.
    #[serde(rename = "obligation.transferred.v1")]
    Transferred {
        from: UnitId,
        to: UnitId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        basis: Option<DocumentId>,
    },
    /// `by` urged the unit.
    #[serde(rename = "obligation.reminded.v1")]
    Reminded {
        by: UnitId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<Line>,
    },
    /// The due date passed unfulfilled; effective the day after it.
    #[serde(rename = "obligation.flagged_late.v1")]
    FlaggedLate { due: Date },
    /// The lateness was reported to `to`.
    #[serde(rename = "obligation.escalated.v1")]
    Escalated { by: UnitId, to: UnitId },
    /// The unit was asked why.
    #[serde(rename = "obligation.explanation_requested.v1")]
    ExplanationRequested {
        by: UnitId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        answer_by: Option<Date>,
    },
    /// The unit said why.
    #[serde(rename = "obligation.explained.v1")]
    Explained {
        cause: Line,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        attachments: Vec<Attachment>,
    },
    /// The event at `revision` was recorded in error and never happened.
    #[serde(rename = "obligation.reversed.v1")]
    Reversed { revision: u64, reason: Line },
}

impl Event {
    /// Tells what the event says from what another of the same sort says, in four bytes.
    ///
    /// An act is kept without its words. With its mark a repetition is told from a second reminder,
    /// by another unit, on the same day.
    pub fn mark(&self) -> u32 {
        let mut words = Words::default();
        self.hash(&mut words);
        let folded = words.finish() ^ (words.finish() >> 32);
        u32::try_from(folded & u64::from(u32::MAX)).expect("32 bits are left")
    }

    /// What the event does to the standing.
    pub fn act(&self) -> Act {
        match self {
            Self::Submitted { .. } => Act::Submitted,
            Self::Returned { resubmit_by, .. } => Act::Returned {
                again_by: *resubmit_by,
            },
            Self::Accepted { .. } => Act::Accepted,
            Self::Claimed { .. } => Act::Claimed,
            Self::Confirmed { .. } => Act::Confirmed,
            Self::Refused { redo_by, .. } => Act::Returned { again_by: *redo_by },
            Self::Extended { due, .. } => Act::Extended { due: *due },
            Self::Excused { .. } => Act::Released(Release::Excused),
            Self::Cancelled { .. } => Act::Released(Release::Cancelled),
            Self::Transferred { .. } => Act::Transferred,
            Self::FlaggedLate { due } => Act::FlaggedLate { due: *due },
            Self::Reversed { revision, .. } => Act::Reversed {
                revision: *revision,
            },
            Self::Received { .. } => Act::Received,
            Self::Forwarded { .. } => Act::Forwarded,
            Self::Acknowledged {} => Act::Acknowledged,
            Self::Progressed { .. } => Act::Progressed,
            Self::Reminded { .. } => Act::Reminded,
            Self::Escalated { .. } => Act::Escalated,
            Self::ExplanationRequested { .. } => Act::ExplanationRequested,
            Self::Explained { .. } => Act::Explained,
        }
    }
}

/// Multiplies by words and folds the product, as wyhash does: quick, the same answer in every process, and texts
/// that differ in a digit do not meet.
#[derive(Default)]
struct Words(u64);

impl Hasher for Words {
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            let mixed = self.0.rotate_left(5) ^ u64::from_le_bytes(word);
            let product = u128::from(mixed) * 0x517c_c1b7_2722_0a95;
            let folded = (product ^ (product >> 64)) & u128::from(u64::MAX);
            self.0 = u64::try_from(folded).expect("64 bits are left");
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}
