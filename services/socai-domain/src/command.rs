//! Every command of the domain, and the one way from a command to what becomes true.

use std::collections::BTreeSet;

use jiff::civil::Date;

use crate::codec::{self, DecodeError};
use crate::event::Event;
use crate::origin::Asking;
use crate::refusal::Refused;
use crate::subject::Subject;
use crate::{
    account, attachment, document, evidence, group, inspection, ledger, obligation, requirement,
    task, unit, year,
};

mod name;

/// A command, by the aggregate that it asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Of the ledger itself.
    Ledger(ledger::Command),
    /// Of a year's calendar.
    Calendar(year::Command),
    /// Of units.
    Unit(unit::Command),
    /// Of a group.
    Group(group::Command),
    /// Of a document.
    Document(document::Command),
    /// Of a requirement.
    Requirement(requirement::Command),
    /// Of a task.
    Task(task::Command),
    /// Of obligations.
    Obligation(obligation::Command),
    /// Of an inspection.
    Inspection(inspection::Command),
    /// Of an attachment.
    Attachment(attachment::Command),
    /// Of evidence.
    Evidence(evidence::Command),
    /// Of an account.
    Account(account::Command),
}

/// What becomes true: for each subject its events, each with the day from which it holds.
///
/// All of it is appended at once or not at all. No events: it was so already.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Decision {
    /// The streams written.
    pub writes: Vec<(Subject, Vec<(Date, Event)>)>,
}

impl Decision {
    /// How many events follow.
    pub fn events(&self) -> usize {
        self.writes.iter().map(|(_, events)| events.len()).sum()
    }

    fn add<E>(&mut self, subject: Subject, on: Date, events: Vec<E>, wrap: fn(E) -> Event) {
        if !events.is_empty() {
            let events = events.into_iter().map(|event| (on, wrap(event))).collect();
            self.writes.push((subject, events));
        }
    }
}

impl Command {
    /// Reads the command called `name` from its JSON `body`.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] that says which command, field or value was not expected.
    pub fn decode(name: &str, body: &str) -> Result<Self, DecodeError> {
        let (category, _) = name.split_once('.').unwrap_or((name, ""));
        // A report or a task is handed in, judged and confirmed as an obligation.
        Ok(match (category, name) {
            ("ledger", _) => Self::Ledger(codec::decode_strictly(name, body)?),
            ("calendar", _) => Self::Calendar(codec::decode_strictly(name, body)?),
            ("unit", _) => Self::Unit(codec::decode_strictly(name, body)?),
            ("group", _) => Self::Group(codec::decode_strictly(name, body)?),
            ("document", _) => Self::Document(codec::decode_strictly(name, body)?),
            ("requirement" | "period", _) => Self::Requirement(codec::decode_strictly(name, body)?),
            (_, "task.assign" | "task.set_due") => Self::Task(codec::decode_strictly(name, body)?),
            ("obligation" | "report" | "task", _) => {
                Self::Obligation(codec::decode_strictly(name, body)?)
            }
            ("inspection", _) => Self::Inspection(codec::decode_strictly(name, body)?),
            ("attachment", _) => Self::Attachment(codec::decode_strictly(name, body)?),
            ("evidence", _) => Self::Evidence(codec::decode_strictly(name, body)?),
            ("account", _) => Self::Account(codec::decode_strictly(name, body)?),
            _ => {
                return Err(DecodeError::UnknownType {
                    name: name.to_owned(),
                    expected: "a command of schemas/commands, such as report.submit".to_owned(),
                });
            }
        })
    }

    /// The command's name, such as `report.submit`, and its JSON body.
    pub fn encode(&self) -> (String, String) {
        match self {
            Self::Ledger(command) => codec::encode(command),
            Self::Calendar(command) => codec::encode(command),
            Self::Unit(command) => codec::encode(command),
            Self::Group(command) => codec::encode(command),
            Self::Document(command) => codec::encode(command),
            Self::Requirement(command) => codec::encode(command),
            Self::Task(command) => codec::encode(command),
            Self::Obligation(command) => codec::encode(command),
            Self::Inspection(command) => codec::encode(command),
            Self::Attachment(command) => codec::encode(command),
            Self::Evidence(command) => codec::encode(command),
            Self::Account(command) => codec::encode(command),
        }
    }
}

/// Decides what follows when `asking` asks `command`.
///
/// # Errors
///
/// The refusal that applies; where several do, the one that its aggregate declares first.
pub fn decide(command: &Command, asking: &Asking<'_>) -> Result<Decision, Refused> {
    let (mut decision, on) = (Decision::default(), asking.on);
    match command {
        Command::Ledger(command) => {
            decision.add(
                Subject::Ledger,
                on,
                ledger::decide(command, asking)?,
                Event::Ledger,
            );
        }
        Command::Calendar(command) => {
            let (year, events) = year::decide(command, asking)?;
            decision.add(Subject::Calendar(year), on, events, Event::Calendar);
        }
        Command::Unit(command) => {
            for (id, events) in unit::decide(command, asking)? {
                decision.add(Subject::Unit(id), on, events, Event::Unit);
            }
            move_along(command, asking, &mut decision)?;
        }
        Command::Group(command) => {
            let id = match command {
                group::Command::Define { group, .. } | group::Command::Change { group, .. } => {
                    group
                }
            };
            let events = group::decide(command, asking)?;
            decision.add(Subject::Group(id.clone()), on, events, Event::Group);
        }
        Command::Document(command) => {
            let (id, events) = document::decide(command, asking)?;
            decision.add(Subject::Document(id), on, events, Event::Document);
        }
        Command::Requirement(command) => {
            let (id, events) = requirement::decide(command, asking)?;
            decision.add(Subject::Requirement(id), on, events, Event::Requirement);
        }
        Command::Task(command) => {
            let (id, events) = task::decide(command, asking)?;
            decision.add(Subject::Task(id), on, events, Event::Task);
        }
        Command::Obligation(command) => act(command, asking, &mut decision)?,
        Command::Inspection(command) => {
            let (id, events) = inspection::decide(command, asking)?;
            decision.add(Subject::Inspection(id), on, events, Event::Inspection);
        }
        Command::Attachment(command) => {
            let (id, events) = attachment::decide(command, asking)?;
            decision.add(Subject::Attachment(id), on, events, Event::Attachment);
        }
        Command::Evidence(command) => {
            let (id, events) = evidence::decide(command, asking)?;
            decision.add(Subject::Evidence(id), on, events, Event::Evidence);
        }
        Command::Account(command) => {
            let (id, events) = account::decide(command, asking)?;
            decision.add(Subject::Account(id), on, events, Event::Account);
        }
    }
    Ok(decision)
}

fn act(
    command: &obligation::Command,
    asking: &Asking<'_>,
    decision: &mut Decision,
) -> Result<(), Refused> {
    for (id, events) in obligation::decide(command, asking)? {
        let known = asking.obligations.obligation(&id);
        let first = events.first().zip(known.as_ref());
        let on = first.map_or(asking.on, |(event, known)| {
            obligation::effective(known, event, asking.on)
        });
        decision.add(Subject::Obligation(id), on, events, Event::Obligation);
    }
    Ok(())
}

/// A merger takes along the obligations that it names, and no others.
fn move_along(
    command: &unit::Command,
    asking: &Asking<'_>,
    decision: &mut Decision,
) -> Result<(), Refused> {
    let unit::Command::Merge {
        units,
        into,
        transfer,
        basis,
    } = command
    else {
        return Ok(());
    };
    for id in transfer.iter().collect::<BTreeSet<_>>() {
        let known = asking.obligations.obligation(id);
        let known = known.ok_or_else(|| unit::Refusal::NotOwed.about(id))?;
        let moved = known.handed_over(asking.on);
        let moved = moved.is_some_and(|(from, to)| units.contains(from) && to == into);
        if !moved && !units.contains(known.owner()) {
            return Err(unit::Refusal::NotOwed.about(id));
        }
        let (obligation, to, basis) = (id.clone(), into.clone(), basis.clone());
        act(
            &obligation::Command::Transfer {
                obligation,
                to,
                basis,
            },
            asking,
            decision,
        )?;
    }
    Ok(())
}
