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

/// Tells what `records`, in order, opened: one record at a time, so that nobody can fill memory with what many open.
pub fn openings<'a>(
    records: impl Iterator<Item = (u64, &'a Envelope<'a>)> + Clone,
    mut tell: impl FnMut(Opening),
) {
    let mut reader = Reader::default();
    let told = records.filter_map(|(position, envelope)| Told::of(position, envelope));
    told.clone().for_each(|told| reader.note_due(&told));
    told.for_each(|told| {
        if let Some(opening) = reader.opening(told) {
            tell(opening);
        }
    });
}

/// A record of a requirement or of a task.
struct Told {
    position: u64,
    on: Date,
    subject: Subject,
    event: Result<Event, String>,
}

impl Told {
    fn of(position: u64, envelope: &Envelope<'_>) -> Option<Self> {
        let subject = Subject::parse(&envelope.subject).ok();
        let subject = subject
            .filter(|subject| matches!(subject, Subject::Requirement(_) | Subject::Task(_)))?;
        let event = Event::decode(&subject, &envelope.event_type, envelope.data);
        Some(Self {
            position,
            on: envelope.time.date(),
            event: event.map_err(|_| envelope.event_type.to_string()),
            subject,
        })
    }
}

#[derive(Default)]
struct Reader {
    /// The document of each requirement, as far as was read.
    documents: BTreeMap<RequirementId, DocumentId>,
    /// Due dates of tasks that were set later.
    due_set: BTreeMap<TaskId, Date>,
}

impl Reader {
    fn note_due(&mut self, told: &Told) {
        if let (Subject::Task(id), Ok(Event::Task(task::Event::DueSet { due, .. }))) =
            (&told.subject, &told.event)
        {
            self.due_set.insert(id.clone(), *due);
        }
    }

    fn opening(&mut self, told: Told) -> Option<Opening> {
        let (position, on) = (told.position, told.on);
        match (told.subject, told.event) {
            (Subject::Requirement(id), Ok(Event::Requirement(event))) => {
                self.requirement((position, on), id, event)
            }
            (Subject::Task(id), Ok(Event::Task(event))) => self.task((position, on), &id, event),
            (_, Ok(_)) => None,
            (_, Err(event_type)) => Some(Opening::Unknown {
                position,
                event_type,
            }),
        }
    }

    fn requirement(
        &mut self,
        (position, on): (u64, Date),
        id: RequirementId,
        event: requirement::Event,
    ) -> Option<Opening> {
        match event {
            requirement::Event::Set { rule } => {
                self.documents.insert(id, rule.document);
                None
            }
            requirement::Event::Ended { .. } => None,
            requirement::Event::Opened {
                period,
                times,
                reporters,
                ..
            } => {
                let label = period.to_string();
                let named = |unit: UnitId| {
                    let obligation = ObligationId::of_report(&id, &label, &unit).ok()?;
                    Some((unit, obligation))
                };
                Some(Opening::Known(Known {
                    position,
                    document: self.documents.get(&id).cloned(),
                    from: on,
                    due: times.due.map(|due| due.due),
                    owed: reporters.into_iter().filter_map(named).collect(),
                }))
            }
        }
    }

    fn task(
        &self,
        (position, on): (u64, Date),
        id: &TaskId,
        event: task::Event,
    ) -> Option<Opening> {
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
                Some(Opening::Known(Known {
                    position,
                    document: Some(assignment.document),
                    from: on,
                    due: self.due_set.get(id).copied().or(due),
                    owed: owed_by.into_iter().filter_map(named).collect(),
                }))
            }
            task::Event::DueSet { .. } => None,
        }
    }
}
