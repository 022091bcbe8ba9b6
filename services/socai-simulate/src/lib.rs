//! A synthetic history of a city: what is directed, owed, handed in, judged and reorganised.
//!
//! From a plan and a seed follow the same steps on every machine: whole numbers only, no clock, no
//! other source of chance. Steps come in two forms that tell the same: commands, for whoever decides,
//! and the events that the deciders would answer, for filling large ledgers directly.
//!
//! **Order.** Steps come in the order in which they are recorded; recorded times never run backwards,
//! and lie within working hours. Some acts are recorded days after they took effect, so effective days
//! do not strictly ascend; within one obligation everything that changes what stands does.
//!
//! **The ledger** into which the steps go has been created, with a simulated clock and without a
//! number of days after which claims stand by themselves; an `Origin` takes each step's recorded time.
//!
//! Deliberately absent: ids of events and commands (the caller's), the deciders, and any state that
//! grows with history: memory follows the units and what is open.
#![cfg_attr(
    test,
    allow(clippy::unwrap_used, reason = "a test that unwraps fails with a place")
)]

mod chance;
mod city;
mod course;
mod days;
mod inspect;
mod life;
mod office;
mod order;
mod published;
mod reform;
mod render;
mod reorganise;
mod rules;
mod words;

use std::collections::VecDeque;

use jiff::Timestamp;
use jiff::civil::Date;
use socai_domain::calendar::YearCalendar;
use socai_domain::command::Command;
use socai_domain::event::Event;
use socai_domain::id::AccountId;
use socai_domain::subject::Subject;

use crate::city::{UNITS_MAX, UNITS_MIN};
use crate::course::{Course, Deed, Item};

pub use published::{Figures, Scenario};

/// The last year of every simulation.
pub const LAST_YEAR: i16 = 2025;
/// Years of a simulation, at most.
pub const YEARS_MAX: u16 = 30;
/// Events of a simulation, at most.
pub const EVENTS_MAX: u64 = 10_000_000;

/// What to simulate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    /// Organisations on the first day.
    pub units: u32,
    /// Whole years, of which [`LAST_YEAR`] is the last.
    pub years: u16,
    /// What all chance follows from.
    pub seed: u64,
    /// How many events are to result; as many as the city gives rise to, where absent.
    pub events: Option<u64>,
}

/// Why nothing can be simulated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadPlan {
    /// A city has offices, departments, districts, communes.
    #[error("a simulated city has {UNITS_MIN} to {UNITS_MAX} units, not {0}")]
    Units(u32),
    /// Calendars are made for these years.
    #[error("a simulation lasts 1 to {YEARS_MAX} years, not {0}")]
    Years(u16),
    /// Some are needed, and there is an end.
    #[error("a simulation has 1 to {EVENTS_MAX} events, not {0}")]
    Events(u64),
}

impl Plan {
    fn check(self) -> Result<(), BadPlan> {
        if !(UNITS_MIN..=UNITS_MAX).contains(&self.units) {
            return Err(BadPlan::Units(self.units));
        }
        if !(1..=YEARS_MAX).contains(&self.years) {
            return Err(BadPlan::Years(self.years));
        }
        match self.events {
            Some(events) if !(1..=EVENTS_MAX).contains(&events) => Err(BadPlan::Events(events)),
            _ => Ok(()),
        }
    }

    /// The first and the last year.
    pub fn years(self) -> (i16, i16) {
        let before = i16::try_from(self.years).unwrap_or(i16::MAX).max(1) - 1;
        (LAST_YEAR.saturating_sub(before), LAST_YEAR)
    }
}

/// A command, as somebody would have recorded it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The day on which it happened.
    pub effective: Date,
    /// When it is recorded.
    pub recorded: Timestamp,
    /// Who records it.
    pub actor: AccountId,
    /// What is asked.
    pub command: Command,
}

/// An event, as the deciders would have answered it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The step that it follows from, counted from 1. Events of one step are recorded at once.
    pub step: u64,
    /// What it is about.
    pub subject: Subject,
    /// The day from which it holds.
    pub effective: Date,
    /// When it is recorded.
    pub recorded: Timestamp,
    /// Who recorded it.
    pub actor: AccountId,
    /// What became true.
    pub event: Event,
}

/// The steps of a simulation.
pub struct Simulation {
    course: Course,
    events_left: Option<u64>,
}

impl Simulation {
    /// The simulation of `plan`, with calendars of weekends and fixed holidays.
    ///
    /// # Errors
    ///
    /// [`BadPlan`] where a number of the plan is out of bounds.
    pub fn new(plan: Plan) -> Result<Self, BadPlan> {
        Self::with_calendars(plan, &[])
    }

    /// As [`new`](Self::new), with the calendars of the years given.
    ///
    /// # Errors
    ///
    /// [`BadPlan`] where a number of the plan is out of bounds.
    pub fn with_calendars(plan: Plan, calendars: &[YearCalendar]) -> Result<Self, BadPlan> {
        plan.check()?;
        Ok(Self {
            course: Course::new(plan.units, plan.years(), plan.seed, plan.events, calendars),
            events_left: plan.events,
        })
    }

    /// The same history as events.
    pub fn events(self) -> Events {
        Events {
            simulation: self,
            step: 0,
            waiting: VecDeque::new(),
        }
    }

    /// What comes next, unless it has more events than are left.
    fn take_next(&mut self) -> Option<(Timestamp, Deed)> {
        let (recorded, deed) = self.course.take()?;
        if let Some(left) = &mut self.events_left {
            let events = match &deed {
                Deed::Order(order) => order.told.len() as u64,
                Deed::Act(item) => 1 + u64::from(self.course.linked(item).is_some()),
            };
            *left = left.checked_sub(events)?;
        }
        Some((recorded, deed))
    }
}

impl Iterator for Simulation {
    type Item = Step;

    fn next(&mut self) -> Option<Step> {
        let (recorded, deed) = self.take_next()?;
        let course = &self.course;
        match deed {
            Deed::Order(order) => Some(Step {
                effective: course.days.date(course.today),
                recorded,
                actor: course.city.unit(order.by).account.clone(),
                command: order.command,
            }),
            Deed::Act(item) => {
                let scene = course.scene(&item);
                let step = Step {
                    effective: course.days.date(scene.on),
                    recorded,
                    actor: scene.actor(),
                    command: Command::Obligation(scene.command(course.linked(&item))),
                };
                self.course.done(&item);
                Some(step)
            }
        }
    }
}

/// The events of a simulation.
pub struct Events {
    simulation: Simulation,
    step: u64,
    waiting: VecDeque<Told>,
}

impl Events {
    fn act(&mut self, recorded: Timestamp, item: &Item) -> Told {
        let course = &self.simulation.course;
        let scene = course.scene(item);
        let first = Told {
            step: self.step,
            subject: Subject::Obligation(scene.slot.id.clone()),
            effective: course.days.date(scene.effective()),
            recorded,
            actor: scene.actor(),
            event: Event::Obligation(scene.event()),
        };
        let other = course.linked(item).map(|id| Told {
            subject: Subject::Obligation(id.clone()),
            ..first.clone()
        });
        self.simulation.course.done(item);
        match other {
            // A decision names obligations in the order of their ids.
            Some(other) if other.subject < first.subject => {
                self.waiting.push_back(first);
                other
            }
            other => {
                self.waiting.extend(other);
                first
            }
        }
    }
}

impl Iterator for Events {
    type Item = Told;

    fn next(&mut self) -> Option<Told> {
        if let Some(told) = self.waiting.pop_front() {
            return Some(told);
        }
        let (recorded, deed) = self.simulation.take_next()?;
        self.step += 1;
        match deed {
            Deed::Act(item) => Some(self.act(recorded, &item)),
            Deed::Order(order) => {
                let course = &self.simulation.course;
                let effective = course.days.date(course.today);
                let actor = course.city.unit(order.by).account.clone();
                let step = self.step;
                let told = |(subject, event)| Told {
                    step,
                    subject,
                    effective,
                    recorded,
                    actor: actor.clone(),
                    event,
                };
                self.waiting.extend(order.told.into_iter().map(told));
                self.waiting.pop_front()
            }
        }
    }
}
