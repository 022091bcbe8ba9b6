//! What a command touches: the units that it is done to, and the unit that it is done for.

use crate::attachment::About;
use crate::command::Command;
use crate::evidence::Of;
use crate::group::Addressee;
use crate::id::{AccountId, DocumentId, InspectionId, ObligationId, TaskId, UnitId};
use crate::inspection::Inspection;
use crate::obligation::Kind;
use crate::origin::Asking;
use crate::requirement::Requirement;
use crate::{
    account, attachment, evidence, group, inspection, obligation, requirement, task, unit,
};

/// What a command touches.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Touched {
    /// The unit that it is done for, where the command says so.
    pub(super) acting: Option<UnitId>,
    /// What it is done to; `None` for each thing that belongs to no unit or is not there.
    pub(super) upon: Vec<Option<Upon>>,
    /// The account that it is done to.
    pub(super) account: Option<AccountId>,
}

/// A unit that something is done to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Upon {
    /// The unit.
    pub(super) unit: UnitId,
    /// What asks for the report, where it is done to a report that the unit owes.
    pub(super) report_of: Option<DocumentId>,
}

impl Touched {
    pub(super) fn by(command: &Command, asking: &Asking<'_>) -> Self {
        match command {
            Command::Obligation(command) => Self::by_act(command, asking),
            Command::Account(command) => Self::by_account(command),
            Command::Unit(command) => Self::upon(by_unit(command, asking)),
            Command::Group(command) => Self::upon(by_group(command)),
            Command::Requirement(command) => Self::upon(by_requirement(command, asking)),
            Command::Task(command) => Self::upon(by_task(command, asking)),
            Command::Inspection(command) => Self::upon(by_inspection(command, asking)),
            Command::Attachment(command) => Self::upon(by_attachment(command, asking)),
            Command::Evidence(evidence::Command::Export { of, .. }) => {
                Self::upon(by_evidence(of, asking))
            }
            // A text is everybody's: what it asks of whom is in requirements and tasks.
            Command::Ledger(_) | Command::Calendar(_) | Command::Document(_) => {
                Self::upon(vec![None])
            }
        }
    }

    fn upon(upon: Vec<Option<Upon>>) -> Self {
        Self {
            upon,
            ..Self::default()
        }
    }

    fn by_act(command: &obligation::Command, asking: &Asking<'_>) -> Self {
        let owed = command.obligations().iter().map(|id| owed(id, asking));
        let mut upon: Vec<Option<Upon>> = owed.collect();
        if let obligation::Command::Transfer { to, .. } = command {
            upon.push(some(to));
        }
        Self {
            acting: command.by().cloned(),
            upon,
            account: None,
        }
    }

    fn by_account(command: &account::Command) -> Self {
        let unit = match command {
            account::Command::Create { unit, .. } => unit.as_ref(),
            account::Command::GrantRole { .. }
            | account::Command::RevokeRole { .. }
            | account::Command::IssueToken { .. }
            | account::Command::RevokeToken { .. }
            | account::Command::Close { .. }
            | account::Command::NoteExport { .. } => None,
        };
        Self {
            acting: None,
            upon: unit.map(some).into_iter().collect(),
            account: Some(command.account().clone()),
        }
    }
}

fn some(unit: &UnitId) -> Option<Upon> {
    let (unit, report_of) = (unit.clone(), None);
    Some(Upon { unit, report_of })
}

fn all<'a>(units: impl IntoIterator<Item = &'a UnitId>) -> Vec<Option<Upon>> {
    units.into_iter().map(some).collect()
}

/// Who owes the obligation now.
fn owed(id: &ObligationId, asking: &Asking<'_>) -> Option<Upon> {
    let known = asking.obligations.obligation(id)?;
    let is_report = known.kind == Kind::Report;
    Some(Upon {
        unit: known.owner().clone(),
        report_of: is_report.then_some(known.document),
    })
}

/// The units addressed, groups by their members of the effective day.
fn addressed(addressees: &[Addressee], asking: &Asking<'_>) -> Vec<Option<Upon>> {
    let each = addressees.iter().flat_map(|addressee| match addressee {
        Addressee::Unit(unit) => vec![some(unit)],
        Addressee::Group(id) => {
            let group = asking.registry.groups.get(id);
            group.map_or(vec![None], |group| all(group.members_on(asking.on)))
        }
    });
    each.collect()
}

fn by_unit(command: &unit::Command, asking: &Asking<'_>) -> Vec<Option<Upon>> {
    match command {
        unit::Command::Form { unit, parent, .. } | unit::Command::Reparent { unit, parent, .. } => {
            all([unit].into_iter().chain(parent))
        }
        unit::Command::Rename { unit, .. } => all([unit]),
        unit::Command::CedePart { unit, to, .. } => all([unit, to]),
        unit::Command::Merge {
            units,
            into,
            transfer,
            ..
        } => {
            let mut upon = all(units.iter().chain([into]));
            upon.extend(transfer.iter().map(|id| owed(id, asking)));
            upon
        }
        unit::Command::Divide { unit, among, .. } => all([unit].into_iter().chain(among)),
        unit::Command::Dissolve { unit, parts_to, .. } => all([unit].into_iter().chain(parts_to)),
    }
}

fn by_group(command: &group::Command) -> Vec<Option<Upon>> {
    match command {
        group::Command::Define { members, .. } => all(members),
        group::Command::Change { add, remove, .. } => all(add.iter().chain(remove)),
    }
}

fn by_requirement(command: &requirement::Command, asking: &Asking<'_>) -> Vec<Option<Upon>> {
    match command {
        requirement::Command::Set { rule, .. } => addressed(&rule.reporters, asking),
        requirement::Command::End { requirement, .. }
        | requirement::Command::Open { requirement, .. } => {
            let known = asking.registry.requirements.get(requirement);
            let reporters = |known: &Requirement| addressed(&known.rule.reporters, asking);
            known.map_or(vec![None], reporters)
        }
    }
}

fn by_task(command: &task::Command, asking: &Asking<'_>) -> Vec<Option<Upon>> {
    match command {
        task::Command::Assign { assignment, .. } => addressed(&assignment.leads, asking),
        task::Command::SetDue { task, .. } => owed_by_task(task, asking),
    }
}

/// Every unit that owes the task.
fn owed_by_task(task: &TaskId, asking: &Asking<'_>) -> Vec<Option<Upon>> {
    let obligations = asking.obligations.of_task(task);
    if obligations.is_empty() {
        return vec![None];
    }
    obligations.iter().map(|id| owed(id, asking)).collect()
}

fn by_inspection(command: &inspection::Command, asking: &Asking<'_>) -> Vec<Option<Upon>> {
    match command {
        inspection::Command::Open { plan, .. } => all(&plan.units),
        inspection::Command::RecordFinding {
            inspection,
            finding,
            ..
        } => {
            let mut upon = inspected(inspection, asking);
            upon.push(some(&finding.unit));
            upon
        }
        inspection::Command::SetFollowUp {
            inspection, task, ..
        } => {
            let mut upon = inspected(inspection, asking);
            upon.extend(owed_by_task(task, asking));
            upon
        }
        inspection::Command::Conclude { inspection, .. } => inspected(inspection, asking),
    }
}

fn inspected(id: &InspectionId, asking: &Asking<'_>) -> Vec<Option<Upon>> {
    let known = asking.registry.inspections.get(id);
    known.map_or(vec![None], |known: &Inspection| all(&known.plan.units))
}

fn by_attachment(command: &attachment::Command, asking: &Asking<'_>) -> Vec<Option<Upon>> {
    let about = match command {
        attachment::Command::Store { file, .. } => file.about.as_ref(),
        attachment::Command::Erase { attachment, .. } => {
            let known = asking.registry.attachments.get(attachment);
            known.and_then(|known| known.file.about.as_ref())
        }
    };
    match about {
        Some(About::Obligation(id)) => vec![owed(id, asking)],
        Some(About::Inspection(id)) => inspected(id, asking),
        Some(About::Document(_)) | None => vec![None],
    }
}

fn by_evidence(of: &Of, asking: &Asking<'_>) -> Vec<Option<Upon>> {
    match of {
        Of::Unit(unit) => vec![some(unit)],
        Of::Obligation(id) => vec![owed(id, asking)],
        Of::Document(_) => vec![None],
    }
}
