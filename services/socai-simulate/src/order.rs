//! Everything but what happens to single obligations: a command, and the events that follow from it.
//!
//! Such commands are few, so both are made at once. The suite holds the events to what the deciders
//! make of the command.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use socai_domain::command::Command;
use socai_domain::document::{self, Relation, id_of};
use socai_domain::due::Times;
use socai_domain::event::Event;
use socai_domain::group::{self, Expansion};
use socai_domain::id::{
    DocumentId, GroupId, InspectionId, ObligationId, RequirementId, TaskId, UnitId,
};
use socai_domain::line::Line;
use socai_domain::obligation;
use socai_domain::period::Period;
use socai_domain::requirement::{self, Rule};
use socai_domain::standing::Confirmation;
use socai_domain::subject::Subject;
use socai_domain::task::{self, Assignment, Due};
use socai_domain::unit::{self, EndKind, Extent, Successor};
use socai_domain::{calendar, inspection, number, year};

use crate::city::{Seat, Unit};
use crate::words::line;

/// A command and what follows from it.
#[derive(Debug, Clone)]
pub(crate) struct Order {
    /// Who records it.
    pub(crate) by: Seat,
    pub(crate) command: Command,
    pub(crate) told: Vec<(Subject, Event)>,
}

fn order(by: Seat, command: Command, told: Vec<(Subject, Event)>) -> Order {
    Order { by, command, told }
}

pub(crate) fn publish(by: Seat, year: i16, days: Vec<calendar::Day>) -> Order {
    let source = line("Lịch làm việc của cơ quan nhà nước (mô phỏng)");
    let event = year::Event::Published {
        version: 1,
        days: days.clone(),
        source: source.clone(),
    };
    let command = year::Command::Publish { year, days, source };
    let told = vec![(Subject::Calendar(year), Event::Calendar(event))];
    order(by, Command::Calendar(command), told)
}

pub(crate) fn form(
    by: Seat,
    new: &Unit,
    parent: Option<&UnitId>,
    basis: Option<&DocumentId>,
) -> Order {
    let (unit, name, kind) = (new.id.clone(), new.name.clone(), new.kind);
    let (parent, basis) = (parent.cloned(), basis.cloned());
    let event = unit::Event::Formed {
        name: name.clone(),
        kind,
        parent: parent.clone(),
        code: None,
        basis: basis.clone(),
    };
    let told = vec![(Subject::Unit(unit.clone()), Event::Unit(event))];
    let command = unit::Command::Form {
        unit,
        name,
        kind,
        parent,
        code: None,
        basis,
    };
    order(by, Command::Unit(command), told)
}

pub(crate) fn change_unit(
    by: Seat,
    of: &UnitId,
    command: unit::Command,
    event: unit::Event,
) -> Order {
    let told = vec![(Subject::Unit(of.clone()), Event::Unit(event))];
    order(by, Command::Unit(command), told)
}

/// Units that go as wholes into `into`, with the obligations that they take along in the order of their
/// ids, each with the unit that owed it.
pub(crate) fn merge(
    by: Seat,
    units: Vec<UnitId>,
    into: &UnitId,
    moved: &[(ObligationId, UnitId)],
    basis: &DocumentId,
) -> Order {
    let successors = vec![Successor {
        unit: into.clone(),
        extent: Extent::Whole,
    }];
    let ended = unit::Event::Ended {
        how: EndKind::Merged,
        successors,
        basis: Some(basis.clone()),
    };
    let ends: BTreeSet<UnitId> = units.iter().cloned().collect();
    let ends = ends
        .into_iter()
        .map(|unit| (Subject::Unit(unit), Event::Unit(ended.clone())));
    let moves = moved.iter().map(|(id, from)| {
        let event = obligation::Event::Transferred {
            from: from.clone(),
            to: into.clone(),
            basis: Some(basis.clone()),
        };
        (Subject::Obligation(id.clone()), Event::Obligation(event))
    });
    let told = ends.chain(moves).collect();
    let command = unit::Command::Merge {
        units,
        into: into.clone(),
        transfer: moved.iter().map(|(id, _)| id.clone()).collect(),
        basis: Some(basis.clone()),
    };
    order(by, Command::Unit(command), told)
}

/// A unit that ends in parts, in the order of their ids.
pub(crate) fn end(how: EndKind, parts: &[UnitId], basis: &DocumentId) -> unit::Event {
    let parts: BTreeSet<UnitId> = parts.iter().cloned().collect();
    let part = |unit| Successor {
        unit,
        extent: Extent::Part,
    };
    unit::Event::Ended {
        how,
        successors: parts.into_iter().map(part).collect(),
        basis: Some(basis.clone()),
    }
}

/// `members` in the order of their ids.
pub(crate) fn define(by: Seat, group: &GroupId, name: &Line, members: Vec<UnitId>) -> Order {
    let event = group::Event::Defined {
        name: name.clone(),
        members: members.clone(),
    };
    let command = group::Command::Define {
        group: group.clone(),
        name: name.clone(),
        members,
    };
    let told = vec![(Subject::Group(group.clone()), Event::Group(event))];
    order(by, Command::Group(command), told)
}

/// `added` and `removed` in the order of their ids.
pub(crate) fn regroup(
    by: Seat,
    group: &GroupId,
    added: Vec<UnitId>,
    removed: Vec<UnitId>,
) -> Order {
    let command = group::Command::Change {
        group: group.clone(),
        add: added.clone(),
        remove: removed.clone(),
    };
    let event = group::Event::Changed { added, removed };
    let told = vec![(Subject::Group(group.clone()), Event::Group(event))];
    order(by, Command::Group(command), told)
}

/// What a document is issued as.
pub(crate) struct Issue<'a> {
    pub(crate) by: Seat,
    pub(crate) issuer: &'a UnitId,
    pub(crate) number: &'a str,
    pub(crate) kind: &'a str,
    pub(crate) date: Date,
    pub(crate) about: Option<&'a str>,
}

/// The order, and the id that number, date and issuer make.
pub(crate) fn issue(issue: &Issue<'_>) -> (Order, DocumentId) {
    let (number, kind) = (Some(line(issue.number)), line(issue.kind));
    let (issuer, date) = (Some(issue.issuer.clone()), Some(issue.date));
    let (subject, secret) = (issue.about.map(line), issue.about.is_none());
    let id = id_of(&number::folded(issue.number), date, Some(issue.issuer))
        .expect("numbers and ids of units are short");
    let event = document::Event::Issued {
        number: number.clone(),
        kind: kind.clone(),
        issuer: issuer.clone(),
        date,
        subject: subject.clone(),
        secret,
    };
    let command = document::Command::Issue {
        document: None,
        number,
        kind,
        issuer,
        date,
        subject,
        secret,
    };
    let told = vec![(Subject::Document(id.clone()), Event::Document(event))];
    (order(issue.by, Command::Document(command), told), id)
}

pub(crate) fn relate(by: Seat, from: &DocumentId, relation: Relation, to: &DocumentId) -> Order {
    let command = document::Command::Relate {
        document: from.clone(),
        relation,
        to: to.clone(),
        passage: None,
    };
    let event = document::Event::Related {
        relation,
        to: to.clone(),
        passage: None,
    };
    of_document(by, from, command, event)
}

pub(crate) fn expire(by: Seat, id: &DocumentId) -> Order {
    let how = document::EndKind::Expired;
    let document = id.clone();
    let command = document::Command::End {
        document,
        how,
        by: None,
    };
    of_document(by, id, command, document::Event::Ended { how, by: None })
}

pub(crate) fn correct(by: Seat, id: &DocumentId, subject: &Line) -> Order {
    let (subject, reason) = (Some(subject.clone()), line("Ghi nhầm trích yếu"));
    let command = document::Command::Correct {
        document: id.clone(),
        number: None,
        kind: None,
        date: None,
        subject: subject.clone(),
        reason: reason.clone(),
    };
    let event = document::Event::Corrected {
        number: None,
        kind: None,
        date: None,
        subject,
        reason,
    };
    of_document(by, id, command, event)
}

fn of_document(
    by: Seat,
    id: &DocumentId,
    command: document::Command,
    event: document::Event,
) -> Order {
    let told = vec![(Subject::Document(id.clone()), Event::Document(event))];
    order(by, Command::Document(command), told)
}

pub(crate) fn require(by: Seat, id: &RequirementId, rule: &Rule) -> Order {
    let command = requirement::Command::Set {
        requirement: id.clone(),
        rule: Box::new(rule.clone()),
    };
    let event = requirement::Event::Set {
        rule: Box::new(rule.clone()),
    };
    of_requirement(by, id, command, event)
}

pub(crate) fn require_no_more(by: Seat, id: &RequirementId) -> Order {
    let reason = line("Thay bằng chế độ báo cáo mới");
    let command = requirement::Command::End {
        requirement: id.clone(),
        reason: reason.clone(),
    };
    of_requirement(by, id, command, requirement::Event::Ended { reason })
}

/// A period, as its opening resolves it.
pub(crate) struct Opening {
    pub(crate) period: Period,
    /// The due date, where the opening states it.
    pub(crate) due: Option<Date>,
    pub(crate) cause: Option<Line>,
    pub(crate) times: Times,
    pub(crate) calendars: BTreeMap<i16, u32>,
    pub(crate) expansion: Expansion,
}

pub(crate) fn open(by: Seat, id: &RequirementId, opening: Opening) -> Order {
    let command = requirement::Command::Open {
        requirement: id.clone(),
        period: opening.period.clone(),
        window: None,
        due: opening.due,
        cause: opening.cause.clone(),
    };
    let event = requirement::Event::Opened {
        period: opening.period,
        times: opening.times,
        reporters: opening.expansion.members.clone(),
        expansions: vec![opening.expansion],
        calendars: opening.calendars,
        cause: opening.cause,
    };
    of_requirement(by, id, command, event)
}

fn of_requirement(
    by: Seat,
    id: &RequirementId,
    command: requirement::Command,
    event: requirement::Event,
) -> Order {
    let told = vec![(Subject::Requirement(id.clone()), Event::Requirement(event))];
    order(by, Command::Requirement(command), told)
}

/// `owed_by` in the order of their ids.
pub(crate) fn assign(
    by: Seat,
    task: &TaskId,
    assignment: Assignment,
    owed_by: Vec<UnitId>,
    expansions: Vec<Expansion>,
) -> Order {
    let due = match &assignment.due {
        Due::Fixed { date } => Some(*date),
        Due::Period { period } => period.span().map(|span| span.to()),
        Due::OnEvent { .. } | Due::NotStated => None,
    };
    let confirmation = if assignment.claim_is_enough {
        Confirmation::NotRequired
    } else {
        Confirmation::Required
    };
    let event = task::Event::Assigned {
        assignment: Box::new(assignment.clone()),
        due,
        owed_by,
        expansions,
        confirmation,
    };
    let command = task::Command::Assign {
        task: task.clone(),
        assignment: Box::new(assignment),
    };
    of_task(by, task, command, event)
}

pub(crate) fn set_due(by: Seat, task: &TaskId, due: Date) -> Order {
    let cause = line("Kế hoạch chi tiết đã được phê duyệt");
    let command = task::Command::SetDue {
        task: task.clone(),
        due,
        cause: cause.clone(),
    };
    of_task(by, task, command, task::Event::DueSet { due, cause })
}

fn of_task(by: Seat, id: &TaskId, command: task::Command, event: task::Event) -> Order {
    let told = vec![(Subject::Task(id.clone()), Event::Task(event))];
    order(by, Command::Task(command), told)
}

pub(crate) fn inspect(
    by: Seat,
    id: &InspectionId,
    command: inspection::Command,
    event: inspection::Event,
) -> Order {
    let told = vec![(Subject::Inspection(id.clone()), Event::Inspection(event))];
    order(by, Command::Inspection(command), told)
}
