//! What records of requirements and tasks opened: the obligations that a bundle has to have.
//!
//! The exporter selects by this, and the verifier recomputes it: an obligation that was opened in a stream of the bundle
//! cannot be left out of it unseen. Deliberately absent: obligations that came to a unit by transfer or into a window by
//! an extension. Their own streams say so, and nothing else does.

use std::collections::BTreeMap;

use jiff::civil::Date;
use socai_domain::event::Event;
use socai_domain::evidence::Of;
use socai_domain::id::{DocumentId, ObligationId, RequirementId, TaskId, UnitId};
use socai_domain::subject::Subject;
use socai_domain::{requirement, task};
use socai_store::Envelope;

use crate::manifest::Query;

/// What a record opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opening {
    /// These obligations.
    Known(Known),
    /// Nobody knows: the record is of a kind that this program does not read.
    Unknown {
        /// Where the record stands.
        position: u64,
        /// Its type.
        event_type: String,
    },
}

/// The obligations that a record opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// Where the record stands.
    pub position: u64,
    /// The document that asks for them, where the streams at hand say so.
    pub document: Option<DocumentId>,
    /// The day from which they are owed.
    pub from: Date,
    /// Their first due date, where one is stated.
    pub due: Option<Date>,
    /// Who owes which.
    pub owed: Vec<(UnitId, ObligationId)>,
}

impl Known {
    /// Those that `query` asks for.
    pub fn asked_for(&self, query: &Query) -> impl Iterator<Item = (ObligationId, u64)> {
        let in_window = (query.from..=query.to).contains(&self.due.unwrap_or(self.from));
        let asked = move |unit: &UnitId, obligation: &ObligationId| match &query.of {
            Of::Unit(of) => in_window && of == unit,
            Of::Document(of) => in_window && self.document.as_ref() == Some(of),
            Of::Obligation(of) => of == obligation,
        };
        let owed = self.owed.iter().filter(move |(unit, id)| asked(unit, id));
        owed.map(|(_, id)| (id.clone(), self.position))
    }
}

/// What `records`, in order, opened.
pub fn openings<'a>(
    records: impl Iterator<Item = (u64, &'a Envelope<'a>)>,
) -> impl Iterator<Item = Opening> {
    let mut openings = Openings::default();
    for (position, envelope) in records {
        openings.tell(position, envelope);
    }
    let known = openings.known.into_iter().map(Opening::Known);
    known.chain(openings.unknown)
}

#[derive(Default)]
struct Openings {
    known: Vec<Known>,
    unknown: Vec<Opening>,
    documents: BTreeMap<RequirementId, DocumentId>,
    /// By task the place of what it opened.
    tasks: BTreeMap<TaskId, usize>,
}

impl Openings {
    fn tell(&mut self, position: u64, envelope: &Envelope<'_>) {
        let subject = match Subject::parse(&envelope.subject) {
            Ok(subject @ (Subject::Requirement(_) | Subject::Task(_))) => subject,
            Ok(_) | Err(_) => return,
        };
        let on = envelope.time.date();
        let body = str::from_utf8(envelope.data).unwrap_or_default();
        match (
            &subject,
            Event::decode(&subject, &envelope.event_type, body),
        ) {
            (Subject::Requirement(id), Ok(Event::Requirement(event))) => {
                self.requirement(position, on, id, event);
            }
            (Subject::Task(id), Ok(Event::Task(event))) => self.task(position, on, id, event),
            (_, Ok(_) | Err(_)) => self.unknown.push(Opening::Unknown {
                position,
                event_type: envelope.event_type.to_string(),
            }),
        }
    }

    fn requirement(
        &mut self,
        position: u64,
        on: Date,
        id: &RequirementId,
        event: requirement::Event,
    ) {
        match event {
            requirement::Event::Set { rule } => {
                self.documents.insert(id.clone(), rule.document);
            }
            requirement::Event::Ended { .. } => {}
            requirement::Event::Opened {
                period,
                times,
                reporters,
                ..
            } => {
                let label = period.to_string();
                let named = |unit: UnitId| {
                    let obligation = ObligationId::of_report(id, &label, &unit).ok()?;
                    Some((unit, obligation))
                };
                self.known.push(Known {
                    position,
                    document: self.documents.get(id).cloned(),
                    from: on,
                    due: times.due.map(|due| due.due),
                    owed: reporters.into_iter().filter_map(named).collect(),
                });
            }
        }
    }

    fn task(&mut self, position: u64, on: Date, id: &TaskId, event: task::Event) {
        match event {
            task::Event::Assigned {
                assignment,
                due,
                owed_by,
                ..
            } => {
                let named = |unit: UnitId| {
                    let obligation = ObligationId::of_task(id, &unit).ok()?;
                    Some((unit, obligation))
                };
                self.tasks.insert(id.clone(), self.known.len());
                self.known.push(Known {
                    position,
                    document: Some(assignment.document),
                    from: on,
                    due,
                    owed: owed_by.into_iter().filter_map(named).collect(),
                });
            }
            task::Event::DueSet { due, .. } => {
                if let Some(place) = self.tasks.get(id) {
                    self.known[*place].due = Some(due);
                }
            }
        }
    }
}
