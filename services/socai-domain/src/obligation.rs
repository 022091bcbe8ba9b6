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

use jiff::ToSpan;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::id::{AccountId, DocumentId, UnitId};
use crate::refusal::refusals;
use crate::standing::{Act, Standing, Terms, standing};

mod case;
mod command;
mod decide;
mod event;

pub use command::{Attachment, Command, Submission};
pub use decide::decide;
pub use event::Event;

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
