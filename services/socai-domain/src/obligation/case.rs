//! The conditions of each act of an obligation, and the refusal where one fails.

use jiff::civil::Date;

use super::{Event, Kind, Obligation, Refusal, Submission};
use crate::id::{DocumentId, ObligationId, UnitId};
use crate::line::Line;
use crate::origin::Asking;
use crate::refusal::Refused;
use crate::standing::{Act, Standing, Verdict};
use crate::unit::Unit;

pub(super) type Decided = Result<Vec<Event>, Refused>;

/// One obligation and who asks what of it.
pub(super) struct Case<'a> {
    pub(super) obligation: Obligation,
    pub(super) asking: &'a Asking<'a>,
}

impl<'a> Case<'a> {
    pub(super) fn find(id: &ObligationId, asking: &'a Asking<'a>) -> Result<Self, Refused> {
        let obligation = asking.obligations.obligation(id);
        let obligation = obligation.ok_or_else(|| Refusal::Unknown.about(id))?;
        Ok(Self { obligation, asking })
    }

    /// What stands now, everything recorded counted.
    fn now(&self) -> Standing {
        self.obligation.standing(Date::MAX)
    }

    /// The due date on the effective day: one that is set or granted later is not in force yet.
    fn due_in_force(&self) -> Option<Date> {
        self.obligation.standing(self.asking.on).due
    }

    pub(super) fn kind(&self, kind: Kind) -> Result<&Self, Refused> {
        match (self.obligation.kind, kind) {
            (Kind::Report, Kind::Report) | (Kind::Task, Kind::Task) => Ok(self),
            (Kind::Task, Kind::Report) => Err(Refusal::NotAReport.into()),
            (Kind::Report, Kind::Task) => Err(Refusal::NotATask.into()),
        }
    }

    pub(super) fn units<'u>(
        &self,
        units: impl IntoIterator<Item = &'u UnitId>,
    ) -> Result<&Self, Refused> {
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

    /// The effective day is in order, and the obligation, of which `now` stands, was neither excused nor cancelled.
    fn not_released(&self, now: &Standing) -> Result<(), Refused> {
        self.in_order()?;
        if now.released.is_some() {
            return Err(Refusal::Released.into());
        }
        Ok(())
    }

    /// The effective day is in order and the obligation still waits for the unit.
    fn open(&self) -> Result<(), Refused> {
        let now = self.now();
        self.not_released(&now)?;
        match now.verdict {
            Verdict::Nothing | Verdict::SentBack => Ok(()),
            Verdict::Waiting | Verdict::Stands => Err(Refusal::NotOpen.into()),
        }
    }

    /// The effective day is in order, and something was handed in that `by`, who owes it not itself, may answer.
    fn may_answer(&self, by: &UnitId, now: &Standing) -> Result<(), Refused> {
        self.not_released(now)?;
        if !matches!(now.verdict, Verdict::Waiting | Verdict::Stands) {
            return Err(Refusal::NotSubmitted.into());
        }
        if by == self.obligation.owner() {
            return Err(Refusal::SecondUnitRequired.about(by));
        }
        Ok(())
    }

    /// An act that changes nothing that stands; the same act on the same day is not told twice.
    pub(super) fn note(&self, event: Event) -> Decided {
        self.in_time()?;
        if self.obligation.did(&event, self.asking.on) {
            return Ok(Vec::new());
        }
        Ok(vec![event])
    }

    pub(super) fn on_submitted(&self, event: Event) -> Decided {
        self.in_time()?;
        match self.now().verdict {
            Verdict::Waiting | Verdict::Stands => self.note(event),
            Verdict::Nothing | Verdict::SentBack => Err(Refusal::NotSubmitted.into()),
        }
    }

    pub(super) fn submit(&self, submission: &Submission) -> Decided {
        let (by, submission) = (self.obligation.owner().clone(), submission.clone());
        self.kind(Kind::Report)?
            .hand_in(Event::Submitted { by, submission })
    }

    pub(super) fn hand_in(&self, event: Event) -> Decided {
        let handed_in = matches!(self.now().verdict, Verdict::Waiting | Verdict::Stands);
        if handed_in && self.obligation.did(&event, self.asking.on) {
            return Ok(Vec::new());
        }
        self.open()?;
        Ok(vec![event])
    }

    pub(super) fn send_back(&self, event: Event) -> Decided {
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
        self.may_answer(by, &now)?;
        if matches!(event, Event::Refused { .. }) {
            self.answers_claims(by)?;
        }
        if again_by.is_some_and(|day| day < self.asking.on) {
            return Err(Refusal::AgainInThePast.into());
        }
        Ok(vec![event])
    }

    pub(super) fn accept(&self, by: &UnitId) -> Decided {
        self.units([by])?;
        let now = self.now();
        if now.accepted {
            return Ok(Vec::new());
        }
        self.may_answer(by, &now)?;
        Ok(vec![Event::Accepted { by: by.clone() }])
    }

    pub(super) fn confirm(&self, by: &UnitId) -> Decided {
        self.units([by])?;
        let now = self.now();
        if now.accepted {
            return Ok(Vec::new());
        }
        self.not_released(&now)?;
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

    pub(super) fn extend(&self, event: Event) -> Decided {
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

    pub(super) fn release(&self, by: &UnitId, event: Event) -> Decided {
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

    pub(super) fn transfer(&self, to: &UnitId, basis: &Option<DocumentId>) -> Decided {
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

    pub(super) fn flag_late(&self, on: Date) -> Decided {
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

    pub(super) fn reverse(&self, revision: u64, reason: &Line) -> Decided {
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
