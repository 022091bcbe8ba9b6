//! An inspection: from its opening over findings and follow-up tasks to its conclusion.
//!
//! Kept are the facts of the case (domain-facts: 296-QĐ/TW, 89-QĐ/TW): who inspects whom, over which
//! window, what was found and what follows. Minutes, statements and drafts stay outside the log.

use std::collections::BTreeMap;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::id::{DocumentId, InspectionId, ObligationId, TaskId, UnitId};
use crate::line::Line;
use crate::origin::Asking;
use crate::period::Window;
use crate::refusal::{Refused, refusals};

/// What sort of case it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "InspectionKind")]
pub enum Kind {
    /// Kiểm tra: examines and concludes.
    Inspection,
    /// Giám sát: follows and influences in time.
    Supervision,
}

/// What an inspection sets out to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Plan {
    pub kind: Kind,
    /// The committee that inspects.
    pub by: UnitId,
    /// Who is inspected, ended units included.
    pub units: Vec<UnitId>,
    /// The directives whose implementation is looked at.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub documents: Vec<DocumentId>,
    /// The dates examined.
    pub window: Window,
    pub title: Line,
    /// The decision to inspect.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basis: Option<DocumentId>,
}

/// What was found. The finding's own words are short; evidence is named by what it is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    pub text: Line,
    /// Whom it concerns.
    pub unit: UnitId,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub obligations: Vec<ObligationId>,
    /// Nguyên nhân.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<Line>,
    /// Trách nhiệm, as an organisation's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub responsibility: Option<Line>,
}

/// What is asked of inspections.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub enum Command {
    /// An inspection begins.
    #[serde(rename = "inspection.open")]
    Open {
        inspection: InspectionId,
        plan: Plan,
    },
    /// Something was found; `number` counts from 1 within the inspection.
    #[serde(rename = "inspection.record_finding")]
    RecordFinding {
        inspection: InspectionId,
        number: u32,
        finding: Finding,
    },
    /// A task follows from a finding.
    #[serde(rename = "inspection.set_follow_up")]
    SetFollowUp {
        inspection: InspectionId,
        number: u32,
        task: TaskId,
    },
    /// The inspection is concluded.
    #[serde(rename = "inspection.conclude")]
    Conclude {
        inspection: InspectionId,
        conclusion: Line,
        /// The notice of the conclusion.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        document: Option<DocumentId>,
    },
}

/// What became true of an inspection. Names of variants and fields are stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Event {
    /// The inspection began.
    #[serde(rename = "inspection.opened.v1")]
    Opened { plan: Plan },
    /// Something was found.
    #[serde(rename = "inspection.finding_recorded.v1")]
    FindingRecorded { number: u32, finding: Finding },
    /// A task follows from the finding of that number.
    #[serde(rename = "inspection.follow_up_set.v1")]
    FollowUpSet { number: u32, task: TaskId },
    /// The inspection was concluded.
    #[serde(rename = "inspection.concluded.v1")]
    Concluded {
        conclusion: Line,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        document: Option<DocumentId>,
    },
}

/// An inspection as its events tell it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inspection {
    /// What it set out to do.
    pub plan: Plan,
    /// The day on which it began.
    pub opened: Date,
    /// What was found, by number.
    pub findings: BTreeMap<u32, Found>,
    /// The day of its conclusion, and the conclusion.
    pub concluded: Option<(Date, Line)>,
}

/// A finding, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// What was found.
    pub finding: Finding,
    /// The day from which it counts.
    pub on: Date,
    /// The tasks that follow.
    pub tasks: Vec<TaskId>,
}

refusals!("inspection" {
    /// Somebody is inspected.
    NobodyInspected = "nobody_inspected", "the inspection names no unit";
    /// Nobody inspects itself here.
    Itself = "itself", "a unit may not inspect itself";
    /// It is not in the ledger.
    Unknown = "unknown", "no such inspection is in the ledger";
    /// Something named is not in the ledger.
    UnknownSubject = "unknown_subject", "a unit, document, obligation or task named is not in the ledger";
    /// An id is given once.
    AlreadyOpened = "already_opened", "an inspection of this id is opened already, with other facts";
    /// A number is given once.
    AlreadyRecorded = "already_recorded", "a finding of this number is recorded already, with other facts";
    /// The finding is not there.
    NoSuchFinding = "no_such_finding", "no finding of this number is recorded";
    /// Nothing is found or concluded before the inspection begins.
    BeforeOpening = "before_opening", "the effective day lies before the inspection began";
    /// It has ended.
    Concluded = "concluded", "the inspection is concluded";
    /// Findings count from 1 without gaps.
    BadNumber = "bad_number", "findings are numbered from 1 without gaps";
});

/// Decides what follows when `asking` asks `command`.
///
/// Asking again for what is already so yields no events.
///
/// # Errors
///
/// The [`Refusal`] that applies; where several do, the one declared first.
pub fn decide(
    command: &Command,
    asking: &Asking<'_>,
) -> Result<(InspectionId, Vec<Event>), Refused> {
    let (id, events) = match command {
        Command::Open { inspection, plan } => (inspection, open(inspection, plan, asking)?),
        Command::RecordFinding {
            inspection,
            number,
            finding,
        } => (
            inspection,
            record(known(inspection, asking)?, *number, finding, asking)?,
        ),
        Command::SetFollowUp {
            inspection,
            number,
            task,
        } => (
            inspection,
            follow_up(known(inspection, asking)?, *number, task, asking)?,
        ),
        Command::Conclude {
            inspection,
            conclusion,
            document,
        } => {
            let event = Event::Concluded {
                conclusion: conclusion.clone(),
                document: document.clone(),
            };
            (
                inspection,
                conclude(known(inspection, asking)?, event, asking)?,
            )
        }
    };
    Ok((id.clone(), events))
}

fn known<'a>(id: &InspectionId, asking: &Asking<'a>) -> Result<&'a Inspection, Refused> {
    asking
        .registry
        .inspections
        .get(id)
        .ok_or_else(|| Refusal::Unknown.about(id))
}

fn open(id: &InspectionId, plan: &Plan, asking: &Asking<'_>) -> Result<Vec<Event>, Refused> {
    let registry = asking.registry;
    if plan.units.is_empty() {
        return Err(Refusal::NobodyInspected.into());
    }
    if plan.units.contains(&plan.by) {
        return Err(Refusal::Itself.about(&plan.by));
    }
    let mut units = plan.units.iter().chain([&plan.by]);
    if let Some(unknown) = units.find(|unit| registry.unit(unit).is_none()) {
        return Err(Refusal::UnknownSubject.about(unknown));
    }
    let mut documents = plan.documents.iter().chain(&plan.basis);
    if let Some(unknown) = documents.find(|document| !registry.documents.contains_key(*document)) {
        return Err(Refusal::UnknownSubject.about(unknown));
    }
    match registry.inspections.get(id) {
        None => Ok(vec![Event::Opened { plan: plan.clone() }]),
        Some(known) if (&known.plan, known.opened) == (plan, asking.on) => Ok(Vec::new()),
        Some(_) => Err(Refusal::AlreadyOpened.about(id)),
    }
}

impl Inspection {
    fn begun(&self, asking: &Asking<'_>) -> Result<(), Refused> {
        if asking.on < self.opened {
            return Err(Refusal::BeforeOpening.about(self.opened));
        }
        Ok(())
    }
}

fn record(
    inspection: &Inspection,
    number: u32,
    finding: &Finding,
    asking: &Asking<'_>,
) -> Result<Vec<Event>, Refused> {
    if asking.registry.unit(&finding.unit).is_none() {
        return Err(Refusal::UnknownSubject.about(&finding.unit));
    }
    if let Some(unknown) = finding
        .obligations
        .iter()
        .find(|id| !asking.obligations.has(id))
    {
        return Err(Refusal::UnknownSubject.about(unknown));
    }
    if let Some(known) = inspection.findings.get(&number) {
        let same = (&known.finding, known.on) == (finding, asking.on);
        return if same {
            Ok(Vec::new())
        } else {
            Err(Refusal::AlreadyRecorded.about(number))
        };
    }
    inspection.begun(asking)?;
    if inspection.concluded.is_some() {
        return Err(Refusal::Concluded.into());
    }
    if usize::try_from(number) != Ok(inspection.findings.len() + 1) {
        return Err(Refusal::BadNumber.about(number));
    }
    Ok(vec![Event::FindingRecorded {
        number,
        finding: finding.clone(),
    }])
}

fn follow_up(
    inspection: &Inspection,
    number: u32,
    task: &TaskId,
    asking: &Asking<'_>,
) -> Result<Vec<Event>, Refused> {
    if !asking.registry.tasks.contains_key(task) {
        return Err(Refusal::UnknownSubject.about(task));
    }
    match inspection.findings.get(&number) {
        None => Err(Refusal::NoSuchFinding.about(number)),
        Some(found) if found.tasks.contains(task) => Ok(Vec::new()),
        Some(_) => {
            inspection.begun(asking)?;
            Ok(vec![Event::FollowUpSet {
                number,
                task: task.clone(),
            }])
        }
    }
}

fn conclude(
    inspection: &Inspection,
    event: Event,
    asking: &Asking<'_>,
) -> Result<Vec<Event>, Refused> {
    let Event::Concluded {
        conclusion,
        document,
    } = &event
    else {
        unreachable!("a conclusion concludes")
    };
    let known = |id: &DocumentId| asking.registry.documents.contains_key(id);
    if let Some(unknown) = document.as_ref().filter(|document| !known(document)) {
        return Err(Refusal::UnknownSubject.about(unknown));
    }
    inspection.begun(asking)?;
    match &inspection.concluded {
        None => Ok(vec![event]),
        Some((on, text)) if (*on, text) == (asking.on, conclusion) => Ok(Vec::new()),
        Some(_) => Err(Refusal::Concluded.into()),
    }
}

/// Tells `inspection` one more fact, true from `on`; `None` where the event cannot follow.
pub fn evolve(inspection: Option<Inspection>, on: Date, event: &Event) -> Option<Inspection> {
    match (inspection, event.clone()) {
        (None, Event::Opened { plan }) => Some(Inspection {
            plan,
            opened: on,
            findings: BTreeMap::new(),
            concluded: None,
        }),
        (Some(mut inspection), Event::FindingRecorded { number, finding }) => {
            let tasks = Vec::new();
            inspection
                .findings
                .insert(number, Found { finding, on, tasks });
            Some(inspection)
        }
        (Some(mut inspection), Event::FollowUpSet { number, task }) => {
            inspection.findings.get_mut(&number)?.tasks.push(task);
            Some(inspection)
        }
        (
            Some(mut inspection),
            Event::Concluded {
                conclusion,
                document: _,
            },
        ) => {
            inspection.concluded = Some((on, conclusion));
            Some(inspection)
        }
        (Some(_), Event::Opened { .. }) | (None, _) => None,
    }
}

#[cfg(test)]
pub(crate) mod tests;
