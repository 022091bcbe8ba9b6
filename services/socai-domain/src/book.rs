//! The whole ledger as plain maps: the shortest fold that is right, and slow.
//!
//! What the compact image of a running ledger is held against, and what generators and tests decide
//! with. Deliberately absent: indexes, compactness, positions.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::command::{Command, Decision, decide};
use crate::event::Event;
use crate::id::{AccountId, ObligationId, TaskId, UnitId};
use crate::obligation::{self, Kind, Obligation};
use crate::opening::Opening;
use crate::origin::{Asking, Obligations, Origin};
use crate::refusal::Refused;
use crate::registry::{Misfit, Registry};
use crate::standing::Verdict;
use crate::subject::Subject;
use crate::task;

/// Every state, by id.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Book {
    /// Everything but obligations.
    pub registry: Registry,
    /// The obligations.
    pub obligations: BTreeMap<ObligationId, Obligation>,
}

impl Obligations for Book {
    fn obligation(&self, id: &ObligationId) -> Option<Obligation> {
        self.obligations.get(id).cloned()
    }

    fn open_of(&self, unit: &UnitId) -> Vec<ObligationId> {
        let open = |(id, obligation): (&ObligationId, &Obligation)| {
            let now = obligation.standing(Date::MAX);
            let open = now.released.is_none() && now.verdict != Verdict::Stands;
            (open && obligation.owner() == unit).then(|| id.clone())
        };
        self.obligations.iter().filter_map(open).collect()
    }

    fn of_task(&self, task: &TaskId) -> Vec<ObligationId> {
        // A requirement of the same id has reports whose ids begin so too.
        let prefix = format!("{task}_");
        let of_task = |(id, known): &(&ObligationId, &Obligation)| {
            known.kind == Kind::Task && id.as_str().starts_with(&prefix)
        };
        let all = self.obligations.iter().filter(of_task);
        all.map(|(id, _)| id.clone()).collect()
    }
}

impl Book {
    /// Decides what follows when `origin` asks `command`, true from `on`.
    ///
    /// # Errors
    ///
    /// The refusal that applies.
    pub fn decide(
        &self,
        command: &Command,
        on: Date,
        origin: &Origin,
    ) -> Result<Decision, Refused> {
        decide(
            command,
            &Asking {
                on,
                origin,
                registry: &self.registry,
                obligations: self,
            },
        )
    }

    /// Tells the book one more fact, recorded by `actor` and true from `on`.
    ///
    /// # Errors
    ///
    /// [`Misfit`] where the event cannot follow.
    pub fn fold(
        &mut self,
        subject: &Subject,
        on: Date,
        actor: &AccountId,
        event: &Event,
    ) -> Result<(), Misfit> {
        self.registry.fold(subject, on, event)?;
        if let Some(opening) = Opening::of(subject, on, event, &self.registry) {
            self.obligations.extend(opening.obligations());
        }
        match (subject, event) {
            (Subject::Obligation(id), Event::Obligation(event)) => {
                let misfit = || Misfit {
                    subject: subject.to_string(),
                };
                let known = self.obligations.get_mut(id).ok_or_else(misfit)?;
                obligation::evolve(known, on, actor.clone(), event);
            }
            (Subject::Task(id), Event::Task(task::Event::DueSet { due, .. })) => {
                for id in self.of_task(id) {
                    let known = self.obligations.get_mut(&id);
                    let known = known.expect("what was just found is there");
                    known.terms.due_set = Some((on, *due));
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Decides and folds. Answers the decision, which may be empty.
    ///
    /// # Errors
    ///
    /// The refusal that applies; the book is as before then.
    ///
    /// # Panics
    ///
    /// Where what was decided cannot follow, which is a bug in a decider.
    pub fn execute(
        &mut self,
        command: &Command,
        on: Date,
        origin: &Origin,
    ) -> Result<Decision, Refused> {
        let decision = self.decide(command, on, origin)?;
        for (subject, events) in &decision.writes {
            for (on, event) in events {
                let told = self.fold(subject, *on, &origin.actor, event);
                told.expect("what was decided follows from what it was decided against");
            }
        }
        Ok(decision)
    }
}
