//! An obligation: what one unit owes by one due date. All counting is over obligations.
//!
//! ```text
//!            +------ return, refuse ------+
//!            v                            |
//! (opened) open --submit, claim--> submitted, claimed --(accept, confirm)--> fulfilled
//!            |  \--extend, transfer--> open
//!            +--excuse, cancel--> released
//! ```
//!
//! It is opened by a period of a requirement or by a task, in their streams; everything after that
//! is in its own. *Late* and *overdue* are not states: they follow from the due date and the day that
//! somebody asks ([`crate::standing`]). Acts that change what stands are told in the order of their
//! effective days; the last of them can be reversed, and is then as if it had never been.

use std::collections::BTreeSet;

use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};

use jiff::ToSpan;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::id::{AccountId, DocumentId, ObligationId, Sha256Hex, UnitId};
use crate::line::Line;
use crate::origin::Asking;
use crate::refusal::{Refused, refusals};
use crate::standing::{Act, Release, Standing, Terms, Verdict, standing};
use crate::unit::Unit;

/// What an obligation asks for.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "ObligationKind")]
pub enum Kind {
    /// A report of one period of a requirement.
    Report,
    /// The work of a task.
    Task,
}

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

/// One act in an obligation's stream, as decisions and counting need it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {
    /// Its revision.
    pub revision: u64,
    /// Its effective day.
    pub on: Date,
    /// What it did.
    pub act: Act,
    /// Who recorded it.
    pub actor: AccountId,
    /// Tells it from another act of the same sort ([`Event::mark`]).
    pub mark: u32,
}

/// An obligation: what opened it, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Obligation {
    /// What it asks for.
    pub kind: Kind,
    /// The document that asks for it.
    pub document: DocumentId,
    /// Who owed it first.
    pub unit: UnitId,
    /// Who took it over since, each with the revision of the transfer, oldest first.
    pub transfers: Vec<(u64, UnitId)>,
    /// Who assigned it: only that unit extends or cancels it. `None` where no document says.
    pub assigner: Option<UnitId>,
    /// Due date and rules, as opened.
    pub terms: Terms,
    /// The acts in its stream, oldest first; revision = index + 1.
    pub done: Vec<Done>,
}

impl Obligation {
    /// What stands at the end of `day`.
    pub fn standing(&self, day: Date) -> Standing {
        standing(
            &self.terms,
            self.done.iter().map(|done| (done.on, done.act)),
            day,
        )
    }

    /// Who owes it now.
    pub fn owner(&self) -> &UnitId {
        self.transfers.last().map_or(&self.unit, |(_, unit)| unit)
    }

    /// The revision of its stream: 0 where nothing happened since it was opened.
    pub fn revision(&self) -> u64 {
        self.done.last().map_or(0, |done| done.revision)
    }

    /// The acts that were not reversed, oldest first.
    fn valid(&self) -> impl DoubleEndedIterator<Item = &Done> {
        let undone = |done: &Done| {
            if let Act::Reversed { revision } = done.act {
                Some(revision)
            } else {
                None
            }
        };
        let reversed: BTreeSet<u64> = self.done.iter().filter_map(undone).collect();
        self.done
            .iter()
            .filter(move |done| !reversed.contains(&done.revision))
    }

    /// The last act that changed what stands and was not reversed.
    fn last_change(&self) -> Option<&Done> {
        self.valid().rfind(|done| done.act.changes_standing())
    }

    /// Whether this very event is recorded for that day, and was not reversed.
    fn did(&self, event: &Event, on: Date) -> bool {
        let wanted = (event.act(), on, event.mark());
        self.valid()
            .any(|done| (done.act, done.on, done.mark) == wanted)
    }

    /// From whom and to whom it went last, where that was on `day`.
    pub fn handed_over(&self, day: Date) -> Option<(&UnitId, &UnitId)> {
        let (revision, to) = self.transfers.last()?;
        let before = self.transfers.iter().rev().nth(1);
        let from = before.map_or(&self.unit, |(_, unit)| unit);
        let that_day = |done: &Done| (done.revision, done.on) == (*revision, day);
        self.done.iter().any(that_day).then_some((from, to))
    }
}

refusals!("obligation" {
    /// The command names no obligation.
    NoneNamed = "none_named", "the submission names no obligation";
    /// Nothing opened an obligation of this id.
    Unknown = "unknown", "no such obligation is in the ledger";
    /// Reports are submitted, tasks are claimed.
    NotAReport = "not_a_report", "the obligation is a task: it is claimed and confirmed, not submitted";
    /// Reports are submitted, tasks are claimed.
    NotATask = "not_a_task", "the obligation is a report: it is submitted and accepted, not claimed";
    /// A unit named is not in the ledger.
    UnknownUnit = "unknown_unit", "the unit is not in the ledger";
    /// A document named is not in the ledger.
    UnknownBasis = "unknown_basis", "the document named as basis is not in the ledger";
    /// Reported percentages end at 100.
    BadPercent = "bad_percent", "progress is 0 to 100 per cent";
    /// The reversal names an act that is there.
    NothingToReverse = "nothing_to_reverse", "no act that changes what stands has that revision";
    /// Only the last change can be undone; undo later ones first.
    NotTheLastAct = "not_the_last_act", "a later act stands on it: reverse that one first";
    /// Nothing happens before the assignment.
    BeforeAssignment = "before_assignment", "the effective day lies before the obligation was assigned";
    /// What has not happened yet cannot be recorded.
    InTheFuture = "in_the_future", "the effective day lies after the day of recording";
    /// Acts that change what stands are told in order.
    OutOfOrder = "out_of_order", "a later act is recorded already: reverse it first";
    /// It was excused or cancelled.
    Released = "released", "the obligation was excused or cancelled";
    /// It is fulfilled, or waits for an answer.
    NotOpen = "not_open", "the obligation is not open";
    /// There is nothing to answer yet.
    NotSubmitted = "not_submitted", "nothing has been submitted or claimed that waits for an answer";
    /// Whoever owes it may not judge it.
    SecondUnitRequired = "second_unit_required", "a unit may not judge, excuse or cancel what it owes itself";
    /// Extensions, cancellations and answers to a claim are the assigner's.
    NotTheAssigner = "not_the_assigner", "only the unit that assigned the obligation may do this";
    /// Whoever recorded the claim may not record its confirmation.
    SecondPersonRequired = "second_person_required", "whoever claims may not confirm";
    /// Only what has a due date can get another, pass it or miss it.
    NoDueDate = "no_due_date", "the obligation has no due date";
    /// Late is only what is due, unfulfilled and past.
    NotOverdue = "not_overdue", "the obligation is not overdue on that day";
    /// A unit asks once it owes, and is granted what it asked for.
    AskedOutOfTurn = "asked_out_of_turn", "an extension is asked for between the assignment and the day on which it is granted";
    /// An extension is asked for in time.
    AskedTooLate = "asked_too_late", "the extension was asked for after the due date";
    /// An extension extends.
    NotLater = "not_later", "the new due date is not later than the one in force";
    /// What was missed stays with the unit that missed it.
    Missed = "missed", "the due date has passed: what was missed stays with the unit that owed it";
    /// It owes it already.
    SameUnit = "same_unit", "the unit owes it already";
    /// An ended unit takes nothing over.
    NotAlive = "not_alive", "the unit does not exist on the effective day";
    /// An answer follows a return.
    AgainInThePast = "again_in_the_past", "the day to submit again lies before the effective day";
});

/// Decides what follows when `asking` asks `command`: events for each obligation concerned.
///
/// Asking again for what is already so yields no events, so a client may retry a request whose answer
/// it never saw.
///
/// # Errors
///
/// The [`Refusal`] that applies; where several do, the one declared first.
pub fn decide(
    command: &Command,
    asking: &Asking<'_>,
) -> Result<Vec<(ObligationId, Vec<Event>)>, Refused> {
    if let Command::Submit {
        obligations,
        submission,
    } = command
    {
        if obligations.is_empty() {
            return Err(Refusal::NoneNamed.into());
        }
        let each = obligations
            .iter()
            .collect::<std::collections::BTreeSet<_>>();
        let submit = |id: &ObligationId| {
            let case = Case::find(id, asking)?;
            Ok((id.clone(), case.submit(submission)?))
        };
        return each.into_iter().map(submit).collect();
    }
    let id = &command.obligations()[0];
    Ok(vec![(id.clone(), Case::find(id, asking)?.decide(command)?)])
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

type Decided = Result<Vec<Event>, Refused>;

/// One obligation and who asks what of it.
struct Case<'a> {
    obligation: Obligation,
    asking: &'a Asking<'a>,
}

impl<'a> Case<'a> {
    fn find(id: &ObligationId, asking: &'a Asking<'a>) -> Result<Self, Refused> {
        let obligation = asking.obligations.obligation(id);
        let obligation = obligation.ok_or_else(|| Refusal::Unknown.about(id))?;
        Ok(Self { obligation, asking })
    }

    fn decide(&self, command: &Command) -> Decided {
        match command {
            Command::Submit { submission, .. } => self.submit(submission),
            Command::Receive { by, .. } => self
                .kind(Kind::Report)?
                .units([by])?
                .on_submitted(Event::Received { by: by.clone() }),
            Command::Forward { by, to, .. } => {
                let event = Event::Forwarded {
                    by: by.clone(),
                    to: to.clone(),
                };
                self.kind(Kind::Report)?
                    .units([by, to])?
                    .on_submitted(event)
            }
            Command::Return {
                by,
                reason,
                resubmit_by,
                ..
            } => {
                let (by, reason, resubmit_by) = (by.clone(), reason.clone(), *resubmit_by);
                self.kind(Kind::Report)?.send_back(Event::Returned {
                    by,
                    reason,
                    resubmit_by,
                })
            }
            Command::Accept { by, .. } => self.kind(Kind::Report)?.accept(by),
            Command::Acknowledge { .. } => self.kind(Kind::Task)?.note(Event::Acknowledged {}),
            Command::Progress { percent, note, .. } => {
                self.kind(Kind::Task)?;
                if percent.is_some_and(|percent| percent > 100) {
                    return Err(Refusal::BadPercent.into());
                }
                self.note(Event::Progressed {
                    percent: *percent,
                    note: note.clone(),
                })
            }
            Command::Claim { evidence, note, .. } => {
                let by = self.obligation.owner().clone();
                let event = Event::Claimed {
                    by,
                    evidence: evidence.clone(),
                    note: note.clone(),
                };
                self.kind(Kind::Task)?.hand_in(event)
            }
            Command::Confirm { by, .. } => self.kind(Kind::Task)?.confirm(by),
            Command::Refuse {
                by,
                reason,
                redo_by,
                ..
            } => {
                let (by, reason, redo_by) = (by.clone(), reason.clone(), *redo_by);
                self.kind(Kind::Task)?.send_back(Event::Refused {
                    by,
                    reason,
                    redo_by,
                })
            }
            Command::Extend {
                due,
                by,
                requested,
                reason,
                basis,
                ..
            } => {
                let requested = requested.unwrap_or(self.asking.on);
                let (by, reason, basis) = (by.clone(), reason.clone(), basis.clone());
                self.extend(Event::Extended {
                    due: *due,
                    by,
                    requested,
                    reason,
                    basis,
                })
            }
            Command::Excuse {
                by,
                reason,
                legal_basis,
                ..
            } => {
                let (by, reason, legal_basis) = (by.clone(), reason.clone(), legal_basis.clone());
                self.release(
                    &by.clone(),
                    Event::Excused {
                        by,
                        reason,
                        legal_basis,
                    },
                )
            }
            Command::Cancel { by, reason, .. } => {
                let (by, reason) = (by.clone(), reason.clone());
                self.release(&by.clone(), Event::Cancelled { by, reason })
            }
            Command::Transfer { to, basis, .. } => self.transfer(to, basis),
            Command::Remind { by, note, .. } => {
                let event = Event::Reminded {
                    by: by.clone(),
                    note: note.clone(),
                };
                self.units([by])?.note(event)
            }
            Command::FlagLate { on, .. } => self.flag_late(*on),
            Command::Escalate { by, to, .. } => {
                let event = Event::Escalated {
                    by: by.clone(),
                    to: to.clone(),
                };
                self.units([by, to])?.note(event)
            }
            Command::RequestExplanation { by, answer_by, .. } => {
                let event = Event::ExplanationRequested {
                    by: by.clone(),
                    answer_by: *answer_by,
                };
                self.units([by])?.note(event)
            }
            Command::Explain {
                cause, attachments, ..
            } => {
                let event = Event::Explained {
                    cause: cause.clone(),
                    attachments: attachments.clone(),
                };
                self.note(event)
            }
            Command::Reverse {
                revision, reason, ..
            } => self.reverse(*revision, reason),
        }
    }

    /// What stands now, everything recorded counted.
    fn now(&self) -> Standing {
        self.obligation.standing(Date::MAX)
    }

    /// The due date on the effective day: one that is set or granted later is not in force yet.
    fn due_in_force(&self) -> Option<Date> {
        self.obligation.standing(self.asking.on).due
    }

    fn kind(&self, kind: Kind) -> Result<&Self, Refused> {
        match (self.obligation.kind, kind) {
            (Kind::Report, Kind::Report) | (Kind::Task, Kind::Task) => Ok(self),
            (Kind::Task, Kind::Report) => Err(Refusal::NotAReport.into()),
            (Kind::Report, Kind::Task) => Err(Refusal::NotATask.into()),
        }
    }

    fn units<'u>(&self, units: impl IntoIterator<Item = &'u UnitId>) -> Result<&Self, Refused> {
        let unknown = |unit: &&UnitId| self.asking.registry.unit(unit).is_none();
        units
            .into_iter()
            .find(unknown)
            .map_or(Ok(self), |unit| Err(Refusal::UnknownUnit.about(unit)))
    }

    fn basis(&self, basis: Option<&DocumentId>) -> Result<&Self, Refused> {
        match basis {
            Some(id) if !self.asking.registry.documents.contains_key(id) => {
                Err(Refusal::UnknownBasis.about(id))
            }
            _ => Ok(self),
        }
    }

    /// The effective day lies between the assignment and the day of recording.
    fn in_time(&self) -> Result<(), Refused> {
        let on = self.asking.on;
        if on < self.obligation.terms.opened {
            return Err(Refusal::BeforeAssignment.about(on));
        }
        if on > self.asking.origin.today() {
            return Err(Refusal::InTheFuture.about(on));
        }
        Ok(())
    }

    /// As [`in_time`](Self::in_time), and nothing that changed what stands lies after it.
    fn in_order(&self) -> Result<(), Refused> {
        self.in_time()?;
        match self.obligation.last_change() {
            Some(last) if last.on > self.asking.on => Err(Refusal::OutOfOrder.about(last.on)),
            _ => Ok(()),
        }
    }

    /// The effective day is in order and the obligation still waits for the unit.
    fn open(&self) -> Result<(), Refused> {
        self.in_order()?;
        let now = self.now();
        if now.released.is_some() {
            return Err(Refusal::Released.into());
        }
        match now.verdict {
            Verdict::Nothing | Verdict::SentBack => Ok(()),
            Verdict::Waiting | Verdict::Stands => Err(Refusal::NotOpen.into()),
        }
    }

    /// An act that changes nothing that stands; the same act on the same day is not told twice.
    fn note(&self, event: Event) -> Decided {
        self.in_time()?;
        if self.obligation.did(&event, self.asking.on) {
            return Ok(Vec::new());
        }
        Ok(vec![event])
    }

    fn on_submitted(&self, event: Event) -> Decided {
        self.in_time()?;
        match self.now().verdict {
            Verdict::Waiting | Verdict::Stands => self.note(event),
            Verdict::Nothing | Verdict::SentBack => Err(Refusal::NotSubmitted.into()),
        }
    }

    fn submit(&self, submission: &Submission) -> Decided {
        let (by, submission) = (self.obligation.owner().clone(), submission.clone());
        self.kind(Kind::Report)?
            .hand_in(Event::Submitted { by, submission })
    }

    fn hand_in(&self, event: Event) -> Decided {
        let handed_in = matches!(self.now().verdict, Verdict::Waiting | Verdict::Stands);
        if handed_in && self.obligation.did(&event, self.asking.on) {
            return Ok(Vec::new());
        }
        self.open()?;
        Ok(vec![event])
    }

    fn send_back(&self, event: Event) -> Decided {
        let (Event::Returned {
            by,
            resubmit_by: again_by,
            ..
        }
        | Event::Refused {
            by,
            redo_by: again_by,
            ..
        }) = &event
        else {
            unreachable!("only a return or a refusal sends back")
        };
        self.units([by])?;
        let now = self.now();
        if now.verdict == Verdict::SentBack && self.obligation.did(&event, self.asking.on) {
            return Ok(Vec::new());
        }
        self.in_order()?;
        if now.released.is_some() {
            return Err(Refusal::Released.into());
        }
        if !matches!(now.verdict, Verdict::Waiting | Verdict::Stands) {
            return Err(Refusal::NotSubmitted.into());
        }
        if by == self.obligation.owner() {
            return Err(Refusal::SecondUnitRequired.about(by));
        }
        if matches!(event, Event::Refused { .. }) {
            self.answers_claims(by)?;
        }
        if again_by.is_some_and(|day| day < self.asking.on) {
            return Err(Refusal::AgainInThePast.into());
        }
        Ok(vec![event])
    }

    fn accept(&self, by: &UnitId) -> Decided {
        self.units([by])?;
        let now = self.now();
        if now.accepted {
            return Ok(Vec::new());
        }
        self.in_order()?;
        if now.released.is_some() {
            return Err(Refusal::Released.into());
        }
        if !matches!(now.verdict, Verdict::Waiting | Verdict::Stands) {
            return Err(Refusal::NotSubmitted.into());
        }
        if by == self.obligation.owner() {
            return Err(Refusal::SecondUnitRequired.about(by));
        }
        Ok(vec![Event::Accepted { by: by.clone() }])
    }

    fn confirm(&self, by: &UnitId) -> Decided {
        self.units([by])?;
        let now = self.now();
        if now.accepted {
            return Ok(Vec::new());
        }
        self.in_order()?;
        if now.released.is_some() {
            return Err(Refusal::Released.into());
        }
        let claim = self
            .obligation
            .valid()
            .rfind(|done| done.act == Act::Claimed);
        let Some(claim) = claim.filter(|_| now.verdict != Verdict::SentBack) else {
            return Err(Refusal::NotSubmitted.into());
        };
        self.answers_claims(by)?;
        if claim.actor == self.asking.origin.actor {
            return Err(Refusal::SecondPersonRequired.into());
        }
        Ok(vec![Event::Confirmed { by: by.clone() }])
    }

    fn extend(&self, event: Event) -> Decided {
        let Event::Extended {
            due,
            by,
            requested,
            basis,
            ..
        } = &event
        else {
            unreachable!("an extension extends")
        };
        self.units([by])?.basis(basis.as_ref())?;
        if self.obligation.did(&event, self.asking.on) {
            return Ok(Vec::new());
        }
        self.open()?;
        self.assigner(by)?;
        let in_force = self.due_in_force().ok_or(Refusal::NoDueDate)?;
        if *requested < self.obligation.terms.opened || *requested > self.asking.on {
            return Err(Refusal::AskedOutOfTurn.about(requested));
        }
        if *requested > in_force {
            return Err(Refusal::AskedTooLate.about(in_force));
        }
        if *due <= in_force {
            return Err(Refusal::NotLater.about(in_force));
        }
        Ok(vec![event])
    }

    /// `by` assigned it, or has wholly followed the unit that did by the effective day.
    fn assigner(&self, by: &UnitId) -> Result<(), Refused> {
        let mut at = self.obligation.assigner.as_ref();
        while let Some(assigner) = at {
            if assigner == by {
                return Ok(());
            }
            let unit = self.asking.registry.unit(assigner);
            let gone = unit.filter(|unit| !unit.alive_on(self.asking.on));
            at = gone.and_then(Unit::whole_successor);
        }
        Err(Refusal::NotTheAssigner.about(by))
    }

    /// A claim is answered by whoever assigned the work. Where no document says who that is, or the
    /// unit assigned it to itself, any other unit may.
    fn answers_claims(&self, by: &UnitId) -> Result<(), Refused> {
        if by == self.obligation.owner() {
            return Err(Refusal::SecondUnitRequired.about(by));
        }
        match &self.obligation.assigner {
            Some(assigner) if assigner != self.obligation.owner() => self.assigner(by),
            _ => Ok(()),
        }
    }

    fn release(&self, by: &UnitId, event: Event) -> Decided {
        self.units([by])?;
        if self.now().released.is_some() && self.obligation.did(&event, self.asking.on) {
            return Ok(Vec::new());
        }
        self.open()?;
        if by == self.obligation.owner() {
            return Err(Refusal::SecondUnitRequired.about(by));
        }
        if matches!(event, Event::Cancelled { .. }) {
            self.assigner(by)?;
        }
        Ok(vec![event])
    }

    fn transfer(&self, to: &UnitId, basis: &Option<DocumentId>) -> Decided {
        self.units([to])?.basis(basis.as_ref())?;
        let from = self.obligation.owner().clone();
        let moved = self.obligation.handed_over(self.asking.on);
        if moved.is_some_and(|(_, taken_by)| taken_by == to) {
            return Ok(Vec::new());
        }
        self.open()?;
        if self.due_in_force().is_some_and(|due| due < self.asking.on) {
            return Err(Refusal::Missed.into());
        }
        if from == *to {
            return Err(Refusal::SameUnit.about(to));
        }
        if !self
            .asking
            .registry
            .unit(to)
            .is_some_and(|unit| unit.alive_on(self.asking.on))
        {
            return Err(Refusal::NotAlive.about(to));
        }
        Ok(vec![Event::Transferred {
            from,
            to: to.clone(),
            basis: basis.clone(),
        }])
    }

    fn flag_late(&self, on: Date) -> Decided {
        if on > self.asking.origin.today() {
            return Err(Refusal::InTheFuture.about(on));
        }
        let then = self.obligation.standing(on);
        let due = then.due.ok_or(Refusal::NoDueDate)?;
        if then.released.is_some() || then.fulfilled.is_some() || on <= due {
            return Err(Refusal::NotOverdue.about(on));
        }
        let flagged = self
            .obligation
            .valid()
            .any(|done| done.act == Act::FlaggedLate { due });
        Ok(if flagged {
            Vec::new()
        } else {
            vec![Event::FlaggedLate { due }]
        })
    }

    fn reverse(&self, revision: u64, reason: &Line) -> Decided {
        let done = self.obligation.done.iter();
        if done
            .clone()
            .any(|done| done.act == (Act::Reversed { revision }))
        {
            return Ok(Vec::new());
        }
        let named = done.clone().find(|done| done.revision == revision);
        if !named.is_some_and(|done| done.act.changes_standing()) {
            return Err(Refusal::NothingToReverse.about(revision));
        }
        match self.obligation.last_change() {
            Some(last) if last.revision == revision => Ok(vec![Event::Reversed {
                revision,
                reason: reason.clone(),
            }]),
            _ => Err(Refusal::NotTheLastAct.about(revision)),
        }
    }
}

/// The day on which an event takes effect where the command's day is not it: a late flag the day
/// after the due date, a reversal together with what it reverses.
pub fn effective(obligation: &Obligation, event: &Event, asked: Date) -> Date {
    match event {
        Event::FlaggedLate { due } => due.saturating_add(1.day()),
        Event::Reversed { revision, .. } => {
            let reversed = obligation
                .done
                .iter()
                .find(|done| done.revision == *revision);
            reversed.map_or(asked, |done| done.on)
        }
        _ => asked,
    }
}

/// Tells `obligation` one more fact, recorded by `actor` and true from `on`.
pub fn evolve(obligation: &mut Obligation, on: Date, actor: AccountId, event: &Event) {
    let revision = obligation.revision() + 1;
    match event {
        Event::Transferred { to, .. } => obligation.transfers.push((revision, to.clone())),
        Event::Reversed {
            revision: undone, ..
        } => {
            obligation
                .transfers
                .retain(|(transfer, _)| transfer != undone);
        }
        _ => {}
    }
    obligation.done.push(Done {
        revision,
        on,
        act: event.act(),
        actor,
        mark: event.mark(),
    });
}

#[cfg(test)]
pub(crate) mod tests;
