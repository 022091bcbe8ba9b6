//! Who did what: extensions, excuses, acts about lateness, inspections.

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use socai_domain::id::{InspectionId, ObligationId, UnitId};
use socai_domain::inspection;

/// A later due date that the assigner granted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Extension {
    /// The obligation.
    pub obligation: ObligationId,
    /// What it asks for.
    pub title: String,
    /// The period, such as `2015-q1`; null for a task.
    pub period: Option<String>,
    /// The unit that owes it.
    pub unit: UnitId,
    /// Its name.
    pub name: String,
    /// The name of the unit that granted it.
    pub granted_by: String,
    /// The day on which it was granted.
    pub granted_on: Date,
    /// The day on which the unit asked.
    pub requested: Date,
    /// The due date before.
    pub from: Option<Date>,
    /// The due date after.
    pub to: Date,
    /// Whether the unit asked on or before the due date of that day.
    pub before_deadline: bool,
    /// The reason.
    pub reason: Option<String>,
    /// The document that grants it.
    pub basis: Option<String>,
    /// The event.
    pub position: u64,
}

/// How an obligation left the count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ExcuseKind {
    /// An authority excused it.
    Excused,
    /// The assigner called it off.
    Cancelled,
}

/// What took an obligation out of the count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Excuse {
    /// How.
    pub what: ExcuseKind,
    /// The obligation.
    pub obligation: ObligationId,
    /// What it asks for.
    pub title: String,
    /// The period, such as `2015-q1`; null for a task.
    pub period: Option<String>,
    /// The unit that owed it.
    pub unit: UnitId,
    /// Its name.
    pub name: String,
    /// The name of the unit that decided so.
    pub by: String,
    /// The day from which it does not count.
    pub on: Date,
    /// The due date on that day.
    pub due: Option<Date>,
    /// The reason.
    pub reason: Option<String>,
    /// The legal basis.
    pub legal_basis: Option<String>,
    /// The event.
    pub position: u64,
}

/// An act about lateness.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ActKind {
    /// Somebody urged the unit.
    Reminded,
    /// The due date passed unfulfilled, and that was recorded.
    FlaggedLate,
    /// The lateness was reported to a superior.
    Escalated,
    /// The unit was asked why.
    ExplanationRequested,
    /// The unit said why.
    Explained,
}

impl ActKind {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 5] = [
        Self::Reminded,
        Self::FlaggedLate,
        Self::Escalated,
        Self::ExplanationRequested,
        Self::Explained,
    ];
}

/// One act about lateness.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Act {
    /// What was done.
    pub what: ActKind,
    /// When.
    pub on: Date,
    /// About which obligation.
    pub obligation: ObligationId,
    /// What it asks for.
    pub title: String,
    /// The period, such as `2015-q1`; null for a task.
    pub period: Option<String>,
    /// The unit that owes it.
    pub unit: UnitId,
    /// Its name.
    pub name: String,
    /// The name of the unit that acted; null for the ledger's own sweep.
    pub by: Option<String>,
    /// The name of the unit that it was reported to.
    pub to: Option<String>,
    /// The note or the cause, in short words.
    pub text: Option<String>,
    /// The event.
    pub position: u64,
}

/// An inspection or supervision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Inspection {
    /// Its id.
    pub id: InspectionId,
    /// What sort of case it is.
    pub kind: inspection::Kind,
    /// What it is called.
    pub title: String,
    /// The name of the committee that inspects.
    pub by: String,
    /// The names of the units that are inspected.
    pub units: Vec<String>,
    /// The first date examined.
    pub from: Date,
    /// The last date examined.
    pub to: Date,
    /// When it began.
    pub opened: Date,
    /// When it was concluded, by the as-of day.
    pub concluded: Option<Date>,
    /// The conclusion.
    pub conclusion: Option<String>,
    /// What was found.
    pub findings: Vec<Finding>,
}

/// A finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// Its number within the inspection.
    pub number: u32,
    /// What was found.
    pub text: String,
    /// The name of the unit that it concerns.
    pub unit: String,
    /// The cause.
    pub cause: Option<String>,
    /// Who answers for it.
    pub responsibility: Option<String>,
    /// The tasks that follow.
    pub follow_ups: Vec<String>,
}

/// Late flags beside buckets. No bucket depends on a flag, so the two are compared.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FlagsCheck {
    /// Obligations in the buckets late and overdue: each passed its due date unfulfilled.
    pub passed: u64,
    /// Those of them that are flagged for that due date.
    pub flagged: u64,
    /// Those of them that are not.
    pub unflagged: Vec<ObligationId>,
    /// Flagged, and neither late nor overdue by now: extended, excused or corrected since.
    pub flagged_otherwise: Vec<ObligationId>,
}
