//! A task: work that a document assigns. Each lead unit gets an obligation of its own.
//!
//! Coordinators are recorded with the task and owe nothing by themselves. A task may be due on a
//! date, in a quarter, once something happened, or without any date.

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::document::Passage;
use crate::group::{Addressee, Expansion, expand};
use crate::id::{DocumentId, ObligationId, TaskId, UnitId};
use crate::line::Line;
use crate::origin::Asking;
use crate::period::Period;
use crate::refusal::{Refused, refusals};
use crate::registry::Registry;
use crate::standing::Confirmation;

/// When a task is due.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "rule", rename_all = "snake_case")]
pub enum Due {
    /// On a date.
    Fixed {
        /// The date.
        date: Date,
    },
    /// In a period ("quý II/2018"): by its last day.
    Period {
        /// The period.
        period: Period,
    },
    /// A date that is set once something has happened ("căn cứ thời gian thực tế").
    OnEvent {
        /// What has to happen.
        event: Line,
    },
    /// The document does not say. Nothing is ever late then.
    NotStated,
}

/// What a document says about one task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Assignment {
    /// The document that assigns it.
    pub document: DocumentId,
    pub title: Line,
    /// Who does it; each lead owes it. Groups are expanded on the effective day.
    pub leads: Vec<Addressee>,
    /// Who helps.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub coordinators: Vec<Addressee>,
    pub due: Due,
    /// The due date in the document's own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_text: Option<Line>,
    /// Who confirms and extends; the document's issuer, where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assigner: Option<UnitId>,
    /// The document says that a claim is enough.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub claim_is_enough: bool,
    /// The task that this one is a part of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part_of: Option<TaskId>,
    /// Where the document says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passage: Option<Passage>,
}

/// What is asked of tasks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub enum Command {
    /// A document assigns work. `effective` is the day from which it is owed.
    #[serde(rename = "task.assign")]
    Assign {
        task: TaskId,
        assignment: Box<Assignment>,
    },
    /// What the due date waited for has happened.
    #[serde(rename = "task.set_due")]
    SetDue {
        task: TaskId,
        due: Date,
        cause: Line,
    },
}

/// What became true of a task. Names of variants and fields are stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Event {
    /// Each of `owed_by` owes it from the effective day on.
    #[serde(rename = "task.assigned.v1")]
    Assigned {
        assignment: Box<Assignment>,
        /// The due date as resolved on that day.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        due: Option<Date>,
        /// The leads, in the order of their ids.
        owed_by: Vec<UnitId>,
        /// How groups were expanded.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        expansions: Vec<Expansion>,
        /// What makes a claim stand.
        confirmation: Confirmation,
    },
    /// What the due date waited for has happened; it is `due` now.
    #[serde(rename = "task.due_set.v1")]
    DueSet { due: Date, cause: Line },
}

/// A task as its events tell it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// What the document says.
    pub assignment: Assignment,
    /// The day from which it is owed.
    pub assigned: Date,
    /// The due date that it was assigned with.
    pub due: Option<Date>,
    /// The due date that was set later, and the day from which it holds.
    pub due_set: Option<(Date, Date)>,
    /// What makes a claim stand.
    pub confirmation: Confirmation,
    /// How many owe it.
    pub owed_by: u32,
}

refusals!("task" {
    /// Somebody must do it.
    NoLead = "no_lead", "the task names nobody who does it";
    /// It is not in the ledger.
    Unknown = "unknown", "no such task is in the ledger";
    /// The document is not in the ledger.
    UnknownDocument = "unknown_document", "the document is not in the ledger";
    /// A unit or group named is not in the ledger.
    UnknownUnit = "unknown_unit", "the unit is not in the ledger";
    /// The task that it is a part of is not in the ledger.
    UnknownWhole = "unknown_whole", "the task that it is a part of is not in the ledger";
    /// A secret document is not quoted here.
    Secret = "secret", "the document is secret: no passage of it is kept";
    /// Only a month, quarter, half-year or year ends on a known day.
    BadPeriod = "bad_period", "the period has no last day: name a month, quarter, half-year or year";
    /// Nothing happens to a task before its assignment.
    BeforeAssignment = "before_assignment", "the effective day lies before the day of assignment";
    /// It is due on the day it is assigned, or its date is set, at the earliest.
    DueBeforeAssignment = "due_before_assignment", "the due date lies before the day on which it is set";
    /// An id is given once.
    AlreadyAssigned = "already_assigned", "a task of this id is assigned already, with other facts";
    /// Only a date that waits for something is set later.
    DueNotAwaited = "due_not_awaited", "the task's due date does not wait for an event: extend the obligation instead";
    /// What was set once is extended, not set again.
    AlreadySet = "already_set", "the due date was set already: extend the obligation instead";
    /// Its id becomes a part of obligations' ids, and each obligation needs one of its own.
    BadId = "bad_id", "the id has an underscore, is too long to name obligations by, or makes one that is taken";
});

/// Decides what follows when `asking` asks `command`.
///
/// Asking again for what is already so yields no events.
///
/// # Errors
///
/// The [`Refusal`] that applies; where several do, the one declared first.
pub fn decide(command: &Command, asking: &Asking<'_>) -> Result<(TaskId, Vec<Event>), Refused> {
    match command {
        Command::Assign { task, assignment } => {
            Ok((task.clone(), assign(task, assignment, asking)?))
        }
        Command::SetDue { task, due, cause } => {
            Ok((task.clone(), set_due(task, *due, cause, asking)?))
        }
    }
}

fn assign(
    id: &TaskId,
    assignment: &Assignment,
    asking: &Asking<'_>,
) -> Result<Vec<Event>, Refused> {
    let registry = asking.registry;
    if assignment.leads.is_empty() {
        return Err(Refusal::NoLead.into());
    }
    assignment.names_what_is_known(registry)?;
    if assignment.passage.is_some() && registry.is_secret(&assignment.document) {
        return Err(Refusal::Secret.about(&assignment.document));
    }
    let due = assignment.due.date()?;
    if let Some(due) = due.filter(|due| *due < asking.on) {
        return Err(Refusal::DueBeforeAssignment.about(due));
    }
    if let Some(known) = registry.tasks.get(id) {
        let same = (&known.assignment, known.assigned) == (assignment, asking.on);
        return if same {
            Ok(Vec::new())
        } else {
            Err(Refusal::AlreadyAssigned.about(id))
        };
    }
    let (owed_by, expansions) = expand(&assignment.leads, asking.on, registry)?;
    if id.as_str().contains('_') || id.as_str().len() > 48 {
        return Err(Refusal::BadId.about(id));
    }
    for unit in &owed_by {
        let named = ObligationId::of_task(id, unit).ok();
        named
            .filter(|named| !asking.obligations.has(named))
            .ok_or_else(|| Refusal::BadId.about(unit))?;
    }
    let confirmation = match (
        assignment.claim_is_enough,
        registry.ledger.claims_stand_after_days,
    ) {
        (true, _) => Confirmation::NotRequired,
        (false, Some(days)) => Confirmation::AfterDays(days),
        (false, None) => Confirmation::Required,
    };
    let assignment = Box::new(assignment.clone());
    Ok(vec![Event::Assigned {
        assignment,
        due,
        owed_by,
        expansions,
        confirmation,
    }])
}

impl Assignment {
    fn names_what_is_known(&self, registry: &Registry) -> Result<(), Refused> {
        if !registry.documents.contains_key(&self.document) {
            return Err(Refusal::UnknownDocument.about(&self.document));
        }
        let mut assigner = self.assigner.iter();
        if let Some(unit) = assigner.find(|unit| registry.unit(unit).is_none()) {
            return Err(Refusal::UnknownUnit.about(unit));
        }
        let mut addressees = self.leads.iter().chain(&self.coordinators);
        if let Some(who) = addressees.find(|who| !registry.knows(who)) {
            return Err(Refusal::UnknownUnit.about(who));
        }
        match &self.part_of {
            Some(whole) if !registry.tasks.contains_key(whole) => {
                Err(Refusal::UnknownWhole.about(whole))
            }
            _ => Ok(()),
        }
    }
}

impl Due {
    fn date(&self) -> Result<Option<Date>, Refused> {
        match self {
            Self::Fixed { date } => Ok(Some(*date)),
            Self::Period { period } => match period.span() {
                Some(span) => Ok(Some(span.to())),
                None => Err(Refusal::BadPeriod.about(period)),
            },
            Self::OnEvent { event: _ } | Self::NotStated => Ok(None),
        }
    }
}

fn set_due(
    id: &TaskId,
    due: Date,
    cause: &Line,
    asking: &Asking<'_>,
) -> Result<Vec<Event>, Refused> {
    let task = asking
        .registry
        .tasks
        .get(id)
        .ok_or_else(|| Refusal::Unknown.about(id))?;
    if asking.on < task.assigned {
        return Err(Refusal::BeforeAssignment.about(task.assigned));
    }
    if due < asking.on {
        return Err(Refusal::DueBeforeAssignment.about(due));
    }
    if !matches!(task.assignment.due, Due::OnEvent { .. }) {
        return Err(Refusal::DueNotAwaited.about(id));
    }
    match task.due_set {
        None => Ok(vec![Event::DueSet {
            due,
            cause: cause.clone(),
        }]),
        Some(set) if set == (asking.on, due) => Ok(Vec::new()),
        Some((_, set)) => Err(Refusal::AlreadySet.about(set)),
    }
}

/// Tells `task` one more fact, true from `on`; `None` where the event cannot follow.
pub fn evolve(task: Option<Task>, on: Date, event: &Event) -> Option<Task> {
    match (task, event) {
        (
            None,
            Event::Assigned {
                assignment,
                due,
                owed_by,
                expansions: _,
                confirmation,
            },
        ) => Some(Task {
            assignment: Assignment::clone(assignment),
            assigned: on,
            due: *due,
            due_set: None,
            confirmation: *confirmation,
            owed_by: u32::try_from(owed_by.len()).unwrap_or(u32::MAX),
        }),
        (Some(mut task), Event::DueSet { due, cause: _ }) => {
            task.due_set = Some((on, *due));
            Some(task)
        }
        (Some(_), Event::Assigned { .. }) | (None, Event::DueSet { .. }) => None,
    }
}

#[cfg(test)]
pub(crate) mod tests;
