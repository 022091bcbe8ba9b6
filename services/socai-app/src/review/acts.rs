//! Who did what about an obligation, in the words of the events.

use std::collections::BTreeMap;

use jiff::civil::Date;
use socai_domain::event::Event;
use socai_domain::id::{DocumentId, ObligationId, UnitId};
use socai_domain::line::Line;
use socai_domain::obligation::{self, Obligation};
use socai_domain::origin::Obligations as _;
use socai_domain::rate::Bucket;
use socai_domain::standing;
use socai_domain::subject::Subject;
use socai_ledger::Fact;
use socai_ledger::fact::About;
use socai_ledger::rows::ObligationRow;
use socai_review::facts::{Act, ActKind, Excuse, ExcuseKind, Extension, FlagsCheck};

use super::{Ground, period};

/// What was done about the obligations of a review.
#[derive(Default)]
pub(super) struct Acts {
    pub(super) extensions: Vec<Extension>,
    pub(super) excuses: Vec<Excuse>,
    pub(super) acts: Vec<Act>,
}

/// Everything done and not reversed, in the order of the ledger.
pub(super) fn acts(ground: &Ground<'_>, told: &[&Fact]) -> Acts {
    let rows = ground.by_id();
    let mut gathering = Gathering {
        ground,
        dues: BTreeMap::new(),
        acts: Acts::default(),
    };
    for fact in told {
        let About::Known(Subject::Obligation(id)) = &fact.about else {
            continue;
        };
        let (Some(row), Some(Event::Obligation(event))) = (rows.get(id), &fact.event) else {
            continue;
        };
        let obligation = ground.image.obligation(id);
        if let Some(obligation) = obligation.filter(|known| !is_reversed(known, fact.revision)) {
            gathering.take(fact, row, &obligation, event);
        }
    }
    gathering.acts
}

fn is_reversed(obligation: &Obligation, revision: u64) -> bool {
    let undoes = standing::Act::Reversed { revision };
    obligation.done.iter().any(|done| done.act == undoes)
}

struct Gathering<'a> {
    ground: &'a Ground<'a>,
    /// The due date in force after what was taken so far.
    dues: BTreeMap<ObligationId, Option<Date>>,
    acts: Acts,
}

/// Who grants or decides, and why.
struct Grounds<'a> {
    by: &'a UnitId,
    reason: &'a Line,
}

impl Gathering<'_> {
    fn take(
        &mut self,
        fact: &Fact,
        row: &ObligationRow,
        obligation: &Obligation,
        event: &obligation::Event,
    ) {
        use obligation::Event;
        let before = *self
            .dues
            .entry(row.id.clone())
            .or_insert_with(|| first_due(obligation, fact.on));
        match event {
            Event::Extended {
                due,
                by,
                requested,
                reason,
                basis,
            } => {
                self.dues.insert(row.id.clone(), Some(*due));
                let grounds = Grounds { by, reason };
                let extension = self.extension(
                    fact,
                    row,
                    (before, *due),
                    *requested,
                    &grounds,
                    basis.as_ref(),
                );
                self.acts.extensions.push(extension);
            }
            Event::Excused {
                by,
                reason,
                legal_basis,
            } => {
                let excuse = self.excuse(
                    fact,
                    row,
                    before,
                    &Grounds { by, reason },
                    Some(legal_basis),
                );
                self.acts.excuses.push(excuse);
            }
            Event::Cancelled { by, reason } => {
                let excuse = self.excuse(fact, row, before, &Grounds { by, reason }, None);
                self.acts.excuses.push(excuse);
            }
            Event::Reminded { by, note } => {
                self.act(fact, row, ActKind::Reminded, Some(by), note.as_ref())
            }
            Event::FlaggedLate { .. } => self.act(fact, row, ActKind::FlaggedLate, None, None),
            Event::Escalated { by, to } => {
                self.act(fact, row, ActKind::Escalated, Some(by), None);
                let to = self.ground.name(to, fact.on);
                self.acts.acts.last_mut().expect("it was just taken").to = Some(to);
            }
            Event::ExplanationRequested { by, .. } => {
                self.act(fact, row, ActKind::ExplanationRequested, Some(by), None);
            }
            Event::Explained { cause, .. } => {
                self.act(fact, row, ActKind::Explained, None, Some(cause));
            }
            Event::Submitted { .. }
            | Event::Received { .. }
            | Event::Forwarded { .. }
            | Event::Returned { .. }
            | Event::Accepted { .. }
            | Event::Acknowledged {}
            | Event::Progressed { .. }
            | Event::Claimed { .. }
            | Event::Confirmed { .. }
            | Event::Refused { .. }
            | Event::Transferred { .. }
            | Event::Reversed { .. } => {}
        }
    }

    fn extension(
        &self,
        fact: &Fact,
        row: &ObligationRow,
        (from, to): (Option<Date>, Date),
        requested: Date,
        grounds: &Grounds<'_>,
        basis: Option<&DocumentId>,
    ) -> Extension {
        let (unit, name) = self.unit(row);
        Extension {
            obligation: row.id.clone(),
            title: row.title.clone(),
            period: period(row),
            unit,
            name,
            granted_by: self.ground.name(grounds.by, fact.on),
            granted_on: fact.on,
            requested,
            from,
            to,
            before_deadline: from.is_none_or(|due| requested <= due),
            reason: Some(grounds.reason.to_string()),
            basis: basis.map(|document| self.ground.document_name(document)),
            position: fact.position.0,
        }
    }

    fn excuse(
        &self,
        fact: &Fact,
        row: &ObligationRow,
        due: Option<Date>,
        grounds: &Grounds<'_>,
        legal_basis: Option<&Line>,
    ) -> Excuse {
        let (unit, name) = self.unit(row);
        Excuse {
            what: match legal_basis {
                Some(_) => ExcuseKind::Excused,
                None => ExcuseKind::Cancelled,
            },
            obligation: row.id.clone(),
            title: row.title.clone(),
            period: period(row),
            unit,
            name,
            by: self.ground.name(grounds.by, fact.on),
            on: fact.on,
            due,
            reason: Some(grounds.reason.to_string()),
            legal_basis: legal_basis.map(ToString::to_string),
            position: fact.position.0,
        }
    }

    fn act(
        &mut self,
        fact: &Fact,
        row: &ObligationRow,
        what: ActKind,
        by: Option<&UnitId>,
        text: Option<&Line>,
    ) {
        let (unit, name) = self.unit(row);
        self.acts.acts.push(Act {
            what,
            on: fact.on,
            obligation: row.id.clone(),
            title: row.title.clone(),
            period: period(row),
            unit,
            name,
            by: by.map(|by| self.ground.name(by, fact.on)),
            to: None,
            text: text.map(ToString::to_string),
            position: fact.position.0,
        });
    }

    fn unit(&self, row: &ObligationRow) -> (UnitId, String) {
        let name = self.ground.name(&row.counts_for, self.ground.request.as_of);
        (row.counts_for.clone(), name)
    }
}

/// The due date before any extension.
fn first_due(obligation: &Obligation, day: Date) -> Option<Date> {
    let set = obligation.terms.due_set.filter(|(from, _)| *from <= day);
    obligation.terms.due.or(set.map(|(_, due)| due))
}

/// Late flags beside the buckets of the same obligations.
pub(super) fn flags(ground: &Ground<'_>) -> FlagsCheck {
    let mut check = FlagsCheck::default();
    for row in &ground.rows {
        let flagged = flagged_for(ground, row);
        let passed = matches!(row.bucket, Bucket::Late | Bucket::Overdue);
        let for_its_due = flagged.iter().any(|due| Some(*due) == row.due);
        match (passed, for_its_due) {
            (true, true) => check.flagged += 1,
            (true, false) => check.unflagged.push(row.id.clone()),
            (false, _) if !flagged.is_empty() => check.flagged_otherwise.push(row.id.clone()),
            (false, _) => {}
        }
        check.passed += u64::from(passed);
    }
    check
}

/// The due dates of an obligation that were flagged by the as-of day.
fn flagged_for(ground: &Ground<'_>, row: &ObligationRow) -> Vec<Date> {
    let done = ground
        .image
        .obligation(&row.id)
        .map(|known| known.done)
        .unwrap_or_default();
    let by_then = done.iter().filter(|done| done.on <= ground.request.as_of);
    by_then
        .filter_map(|done| match done.act {
            standing::Act::FlaggedLate { due } => Some(due),
            _ => None,
        })
        .collect()
}
