//! What would be so if decisions were recorded: told on top of what is so, which stays as it is.

use std::collections::BTreeSet;

use jiff::civil::Date;

use crate::book::Book;
use crate::command::Decision;
use crate::event::Event;
use crate::id::{AccountId, ObligationId, TaskId, UnitId};
use crate::obligation::Obligation;
use crate::origin::{Asking, Obligations, Origin};
use crate::registry::{Misfit, Registry};
use crate::subject::Subject;
use crate::task;

/// A draft on top of what is recorded.
pub struct Draft<'a> {
    recorded: &'a dyn Obligations,
    /// The registry with what was told, and the obligations that something was told of.
    book: Book,
}

impl<'a> Draft<'a> {
    /// Nothing told yet.
    pub fn on(registry: &Registry, recorded: &'a dyn Obligations) -> Self {
        let book = Book {
            registry: registry.clone(),
            ..Book::default()
        };
        Self { recorded, book }
    }

    /// What the next decision is made against.
    pub fn asking<'b>(&'b self, on: Date, origin: &'b Origin) -> Asking<'b> {
        Asking {
            on,
            origin,
            registry: &self.book.registry,
            obligations: self,
        }
    }

    /// Tells what was decided.
    ///
    /// # Errors
    ///
    /// [`Misfit`] where it was decided against something else.
    pub fn tell(&mut self, decision: &Decision, actor: &AccountId) -> Result<(), Misfit> {
        for (subject, events) in &decision.writes {
            for (on, event) in events {
                self.take_up(subject, event);
                self.book.fold(subject, *on, actor, event)?;
            }
        }
        Ok(())
    }

    /// Brings the recorded obligations that the event changes into the draft.
    fn take_up(&mut self, subject: &Subject, event: &Event) {
        let changed = match (subject, event) {
            (Subject::Obligation(id), _) => vec![id.clone()],
            (Subject::Task(id), Event::Task(task::Event::DueSet { .. })) => {
                self.recorded.of_task(id)
            }
            _ => Vec::new(),
        };
        for id in changed {
            if let Some(known) = self.obligation(&id) {
                self.book.obligations.insert(id, known);
            }
        }
    }

    /// What is told, and what is recorded of everything else, in the order of ids.
    fn both(&self, told: Vec<ObligationId>, mut recorded: Vec<ObligationId>) -> Vec<ObligationId> {
        recorded.retain(|id| !self.book.obligations.contains_key(id));
        let all: BTreeSet<ObligationId> = told.into_iter().chain(recorded).collect();
        all.into_iter().collect()
    }
}

impl Obligations for Draft<'_> {
    fn obligation(&self, id: &ObligationId) -> Option<Obligation> {
        let told = self.book.obligation(id);
        told.or_else(|| self.recorded.obligation(id))
    }

    fn open_of(&self, unit: &UnitId) -> Vec<ObligationId> {
        self.both(self.book.open_of(unit), self.recorded.open_of(unit))
    }

    fn of_task(&self, task: &TaskId) -> Vec<ObligationId> {
        self.both(self.book.of_task(task), self.recorded.of_task(task))
    }
}
