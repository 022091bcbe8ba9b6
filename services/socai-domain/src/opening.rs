//! What opens obligations: a period of a requirement, or the assignment of a task.

use jiff::civil::Date;

use crate::event::Event;
use crate::id::{DocumentId, ObligationId, RequirementId, TaskId, UnitId};
use crate::obligation::{Kind, Obligation};
use crate::period::{Period, Window};
use crate::registry::Registry;
use crate::standing::{Confirmation, Terms};
use crate::subject::Subject;
use crate::{requirement, task};

/// The obligations that one event opens, one for each unit.
#[derive(Debug, Clone)]
pub struct Opening<'a> {
    /// What creates them.
    pub source: Source<'a>,
    /// The document that asks for them.
    pub document: &'a DocumentId,
    /// Who may extend and cancel them.
    pub assigner: Option<&'a UnitId>,
    /// Due date and rules.
    pub terms: Terms,
    /// Who owes them.
    pub units: &'a [UnitId],
}

/// What creates an obligation.
#[derive(Debug, Clone, Copy)]
pub enum Source<'a> {
    /// A period of a requirement.
    Period {
        /// The requirement.
        requirement: &'a RequirementId,
        /// The period.
        period: &'a Period,
        /// The data window, where one is stated.
        window: Option<Window>,
    },
    /// A task.
    Task(&'a TaskId),
}

impl<'a> Opening<'a> {
    /// The obligations that `event`, true from `on`, opens; `None` where it opens none. `registry`
    /// has been told the event.
    pub fn of(
        subject: &'a Subject,
        on: Date,
        event: &'a Event,
        registry: &'a Registry,
    ) -> Option<Self> {
        match (subject, event) {
            (
                Subject::Requirement(id),
                Event::Requirement(requirement::Event::Opened {
                    period,
                    times,
                    reporters,
                    ..
                }),
            ) => {
                let rule = &registry.requirements.get(id)?.rule;
                let due = times.due.as_ref().map(|due| due.due);
                let confirmation = Confirmation::NotRequired;
                Some(Self {
                    source: Source::Period {
                        requirement: id,
                        period,
                        window: times.window,
                    },
                    document: &rule.document,
                    assigner: rule
                        .assigner
                        .as_ref()
                        .or_else(|| registry.issuer(&rule.document)),
                    terms: Terms {
                        opened: on,
                        due,
                        due_set: None,
                        confirmation,
                    },
                    units: reporters,
                })
            }
            (
                Subject::Task(id),
                Event::Task(task::Event::Assigned {
                    assignment,
                    due,
                    owed_by,
                    confirmation,
                    ..
                }),
            ) => {
                let document = &assignment.document;
                let (due, confirmation) = (*due, *confirmation);
                Some(Self {
                    source: Source::Task(id),
                    document,
                    assigner: assignment
                        .assigner
                        .as_ref()
                        .or_else(|| registry.issuer(document)),
                    terms: Terms {
                        opened: on,
                        due,
                        due_set: None,
                        confirmation,
                    },
                    units: owed_by,
                })
            }
            _ => None,
        }
    }

    /// What the obligations ask for.
    pub fn kind(&self) -> Kind {
        match self.source {
            Source::Period { .. } => Kind::Report,
            Source::Task(_) => Kind::Task,
        }
    }

    /// The id of the obligation of `unit`.
    ///
    /// # Panics
    ///
    /// Where the id would be too long: the deciders refuse to open such an obligation.
    pub fn id(&self, unit: &UnitId) -> ObligationId {
        let id = match self.source {
            Source::Period {
                requirement,
                period,
                ..
            } => ObligationId::of_report(requirement, &period.to_string(), unit),
            Source::Task(task) => ObligationId::of_task(task, unit),
        };
        id.expect("no event opens an obligation that cannot be named")
    }

    /// The obligations, one for each unit.
    pub fn obligations(&self) -> impl Iterator<Item = (ObligationId, Obligation)> {
        self.units.iter().map(|unit| {
            let obligation = Obligation {
                kind: self.kind(),
                document: self.document.clone(),
                unit: unit.clone(),
                transfers: Vec::new(),
                assigner: self.assigner.cloned(),
                terms: self.terms.clone(),
                done: Vec::new(),
            };
            (self.id(unit), obligation)
        })
    }
}
