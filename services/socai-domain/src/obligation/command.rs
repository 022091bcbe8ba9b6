//! What is asked of obligations, and what is handed in with it.

use std::collections::BTreeMap;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::id::{DocumentId, ObligationId, Sha256Hex, UnitId};
use crate::line::Line;

/// A file that was shown, by its SHA-256. The file itself is kept outside the log.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Attachment {
    /// The address that `socai attach store` gave, which is the SHA-256 of salt and content; of a file that
    /// is kept elsewhere, the SHA-256 of its bytes. 64 lower-case hexadecimal digits.
    pub sha256: Sha256Hex,
    /// What sort of file: a media type or a short name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media: Option<Line>,
    /// Its size in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
}

/// What a unit hands in with a report.
#[derive(Debug, Clone, PartialEq, Eq, Default, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Submission {
    /// The number of the report as a document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<Line>,
    /// The date of the report as a document; the day it was received is the effective day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<Date>,
    /// How it came: trục liên thông, fax, in person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<Line>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
    /// The figures asked for, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub figures: BTreeMap<String, serde_json::Number>,
    /// The sections of the outline that it covers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sections: Vec<Line>,
}

/// What is asked of obligations.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub enum Command {
    /// A report was received on the effective day. It may fulfil several obligations.
    #[serde(rename = "report.submit")]
    Submit {
        obligations: Vec<ObligationId>,
        #[serde(default)]
        submission: Submission,
    },
    /// The channel unit has it.
    #[serde(rename = "report.receive")]
    Receive {
        obligation: ObligationId,
        by: UnitId,
    },
    /// The channel unit passed it on.
    #[serde(rename = "report.forward")]
    Forward {
        obligation: ObligationId,
        by: UnitId,
        to: UnitId,
    },
    /// It was found wanting. Resubmitted by `resubmit_by` it keeps its first date.
    #[serde(rename = "report.return")]
    Return {
        obligation: ObligationId,
        by: UnitId,
        reason: Line,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        resubmit_by: Option<Date>,
    },
    /// It was found good.
    #[serde(rename = "report.accept")]
    Accept {
        obligation: ObligationId,
        by: UnitId,
    },

    /// The unit knows of the task.
    #[serde(rename = "task.acknowledge")]
    Acknowledge { obligation: ObligationId },
    /// The unit tells how far it is.
    #[serde(rename = "task.progress")]
    Progress {
        obligation: ObligationId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(range(max = 100))]
        percent: Option<u8>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<Line>,
    },
    /// The unit claims that it was completed on the effective day.
    #[serde(rename = "task.claim")]
    Claim {
        obligation: ObligationId,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        evidence: Vec<Attachment>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<Line>,
    },
    /// The assigner agrees with the claim.
    #[serde(rename = "task.confirm")]
    Confirm {
        obligation: ObligationId,
        by: UnitId,
    },
    /// The assigner does not agree. Claimed again by `redo_by` it keeps its first date.
    #[serde(rename = "task.refuse")]
    Refuse {
        obligation: ObligationId,
        by: UnitId,
        reason: Line,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        redo_by: Option<Date>,
    },

    /// The assigner grants a later due date. The original is never overwritten.
    #[serde(rename = "obligation.extend")]
    Extend {
        obligation: ObligationId,
        due: Date,
        by: UnitId,
        /// The day on which the unit asked; the effective day, where absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        requested: Option<Date>,
        reason: Line,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        basis: Option<DocumentId>,
    },
    /// An authority takes it out of the count.
    #[serde(rename = "obligation.excuse")]
    Excuse {
        obligation: ObligationId,
        by: UnitId,
        reason: Line,
        /// The legal basis, in words.
        legal_basis: Line,
    },
    /// The assigner calls it off.
    #[serde(rename = "obligation.cancel")]
    Cancel {
        obligation: ObligationId,
        by: UnitId,
        reason: Line,
    },
    /// Another unit owes it from the effective day on.
    #[serde(rename = "obligation.transfer")]
    Transfer {
        obligation: ObligationId,
        to: UnitId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        basis: Option<DocumentId>,
    },
    /// Somebody urges the unit (đôn đốc).
    #[serde(rename = "obligation.remind")]
    Remind {
        obligation: ObligationId,
        by: UnitId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<Line>,
    },
    /// The due date has passed unfulfilled by the end of `on`; what a sweep asks for each.
    #[serde(rename = "obligation.flag_late")]
    FlagLate { obligation: ObligationId, on: Date },
    /// The lateness is reported to a superior.
    #[serde(rename = "obligation.escalate")]
    Escalate {
        obligation: ObligationId,
        by: UnitId,
        to: UnitId,
    },
    /// The unit must say why.
    #[serde(rename = "obligation.request_explanation")]
    RequestExplanation {
        obligation: ObligationId,
        by: UnitId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        answer_by: Option<Date>,
    },
    /// The unit said why.
    #[serde(rename = "obligation.explain")]
    Explain {
        obligation: ObligationId,
        cause: Line,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        attachments: Vec<Attachment>,
    },
    /// The last act that changed what stands was recorded in error.
    #[serde(rename = "obligation.reverse")]
    Reverse {
        obligation: ObligationId,
        /// The revision of the event that is undone.
        revision: u64,
        reason: Line,
    },
}

impl Command {
    /// The obligations that it is about: one, but where a submission names several or none.
    pub fn obligations(&self) -> &[ObligationId] {
        match self {
            Self::Submit { obligations, .. } => obligations,
            Self::Receive { obligation, .. }
            | Self::Forward { obligation, .. }
            | Self::Return { obligation, .. }
            | Self::Accept { obligation, .. }
            | Self::Acknowledge { obligation }
            | Self::Progress { obligation, .. }
            | Self::Claim { obligation, .. }
            | Self::Confirm { obligation, .. }
            | Self::Refuse { obligation, .. }
            | Self::Extend { obligation, .. }
            | Self::Excuse { obligation, .. }
            | Self::Cancel { obligation, .. }
            | Self::Transfer { obligation, .. }
            | Self::Remind { obligation, .. }
            | Self::FlagLate { obligation, .. }
            | Self::Escalate { obligation, .. }
            | Self::RequestExplanation { obligation, .. }
            | Self::Explain { obligation, .. }
            | Self::Reverse { obligation, .. } => std::slice::from_ref(obligation),
        }
    }

    /// The unit for which it is done, where it names one.
    pub fn by(&self) -> Option<&UnitId> {
        match self {
            Self::Receive { by, .. }
            | Self::Forward { by, .. }
            | Self::Return { by, .. }
            | Self::Accept { by, .. }
            | Self::Confirm { by, .. }
            | Self::Refuse { by, .. }
            | Self::Extend { by, .. }
            | Self::Excuse { by, .. }
            | Self::Cancel { by, .. }
            | Self::Remind { by, .. }
            | Self::Escalate { by, .. }
            | Self::RequestExplanation { by, .. } => Some(by),
            Self::Submit { .. }
            | Self::Acknowledge { .. }
            | Self::Progress { .. }
            | Self::Claim { .. }
            | Self::Transfer { .. }
            | Self::FlagLate { .. }
            | Self::Explain { .. }
            | Self::Reverse { .. } => None,
        }
    }
}
