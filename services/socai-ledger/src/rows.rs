//! The obligations behind a number, each with what a reader asks of it.

use jiff::civil::Date;
use socai_domain::id::{DocumentId, ObligationId, RequirementId, TaskId, UnitId};
use socai_domain::obligation::{Done, Kind, Obligation};
use socai_domain::period::{Period, Window};
use socai_domain::rate::Bucket;
use socai_domain::standing::{Act, Standing};
use socai_store::Position;

use crate::day::Day;
use crate::digest::bucket_of;
use crate::image::Image;
use crate::query::Query;
use crate::row::{Opened, Row};
use crate::scan::{Hit, Scan};

/// One obligation, as it stands at the end of the as-of day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObligationRow {
    /// Its id.
    pub id: ObligationId,
    /// What it asks for.
    pub kind: Kind,
    /// Who owed it on the as-of day.
    pub unit: UnitId,
    /// What that unit was called on that day.
    pub unit_name: String,
    /// The unit in whose row of rates it counts: another one by successor only.
    pub counts_for: UnitId,
    /// The document that asks for it.
    pub document: DocumentId,
    /// The requirement or the task.
    pub source: Source,
    /// Its title.
    pub title: String,
    /// The data window, where one is stated.
    pub window: Option<Window>,
    /// The due date counted against, by the query's mode.
    pub due: Option<Date>,
    /// The due date that it was first given.
    pub original_due: Option<Date>,
    /// The day from which it is owed.
    pub opened: Date,
    /// The fulfilment date of what stands.
    pub fulfilled_on: Option<Date>,
    /// Where it falls.
    pub bucket: Bucket,
    /// Days from the due date to the fulfilment, or to the as-of day; `None` where it is not late.
    pub days_late: Option<i32>,
    /// How often the unit was urged.
    pub reminders: u32,
    /// How many due dates were flagged as passed.
    pub flags: u32,
    /// How often its lateness was reported to a superior.
    pub escalations: u32,
    /// How often it was extended.
    pub extensions: u32,
    /// Something of it was made for a demonstration or a test.
    pub synthetic: bool,
    /// The records that tell of it, effective by the as-of day, ascending.
    pub positions: Vec<Position>,
}

/// What created an obligation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A period of a requirement.
    Requirement(RequirementId, Period),
    /// A task.
    Task(TaskId),
}

impl Image {
    /// The obligations of `query`, in the order of their ids. There are as many as its rates count.
    pub fn obligations(&self, query: &Query) -> Vec<ObligationRow> {
        let mut rows = Vec::new();
        Scan::new(self, query).each(|hit| rows.push(self.describe(query, &hit)));
        rows.sort_unstable_by(|one, other| one.id.cmp(&other.id));
        rows
    }

    fn describe(&self, query: &Query, hit: &Hit<'_>) -> ObligationRow {
        let (table, opened) = (&self.table, hit.opened);
        let obligation = table.obligation(&self.journal, hit.at);
        let standing = obligation.standing(query.as_of);
        let bucket = bucket_of(hit.code);
        let unit = table.unit(hit.owner);
        let (source, title) = self.source(opened);
        let count = |counted: fn(Act) -> bool| count(&obligation, query.as_of, counted);
        ObligationRow {
            id: table.id(hit.at),
            kind: obligation.kind,
            unit_name: self.unit_name(&unit, query.as_of),
            unit,
            counts_for: table.unit(hit.unit),
            source,
            title,
            window: opened
                .window
                .0
                .date()
                .zip(opened.window.1.date())
                .and_then(|(from, to)| Window::new(from, to).ok()),
            due: standing.due(query.due_mode),
            original_due: standing.original_due,
            opened: obligation.terms.opened,
            fulfilled_on: standing.fulfilled,
            bucket,
            days_late: days_late(&standing, bucket, query),
            reminders: count(|act| act == Act::Reminded),
            flags: count(|act| matches!(act, Act::FlaggedLate { .. })),
            escalations: count(|act| act == Act::Escalated),
            extensions: count(|act| matches!(act, Act::Extended { .. })),
            synthetic: self.is_synthetic(hit.row, opened),
            positions: self.row_positions(hit.row, Day::of(query.as_of)),
            document: obligation.document,
        }
    }

    fn unit_name(&self, unit: &UnitId, day: Date) -> String {
        let known = self.registry.unit(unit);
        known.map_or_else(|| unit.to_string(), |known| known.name_on(day).to_string())
    }

    fn source(&self, opened: &Opened) -> (Source, String) {
        let maker = self.table.makers.get(opened.maker);
        match self.table.period(opened) {
            Some(period) => {
                let id = RequirementId::new(maker).expect("a period is one of a requirement");
                let requirement = self.registry.requirements.get(&id);
                let title = requirement
                    .map_or("", |known| known.rule.title.as_str())
                    .to_owned();
                (Source::Requirement(id, period), title)
            }
            None => {
                let id = TaskId::new(maker).expect("what has no period is a task");
                let task = self.registry.tasks.get(&id);
                let title = task
                    .map_or("", |known| known.assignment.title.as_str())
                    .to_owned();
                (Source::Task(id), title)
            }
        }
    }

    fn is_synthetic(&self, row: &Row, opened: &Opened) -> bool {
        let mut acts = self.journal.stream(row.last);
        self.journal.at(opened.position).synthetic() || acts.any(|(_, entry)| entry.synthetic())
    }

    /// The records that tell of a row, effective by `day`, ascending.
    pub(crate) fn row_positions(&self, row: &Row, day: Day) -> Vec<Position> {
        let opened = &self.table.opened[row.opened as usize];
        let shared = [opened.position, opened.due_set_at]
            .into_iter()
            .filter(|at| *at != 0);
        let shared = shared.map(|at| (at, self.journal.at(at)));
        let all = shared.chain(self.journal.stream(row.last));
        let mut positions: Vec<Position> = all
            .filter(|(_, entry)| entry.on() <= day)
            .map(|(at, _)| Position(at.into()))
            .collect();
        positions.sort_unstable();
        positions
    }
}

/// How many acts, effective by `day` and not reversed, `counted` counts.
fn count(obligation: &Obligation, day: Date, counted: fn(Act) -> bool) -> u32 {
    let reversed = |done: &Done| {
        let undoes = Act::Reversed {
            revision: done.revision,
        };
        obligation.done.iter().any(|later| later.act == undoes)
    };
    let counts = |done: &&Done| done.on <= day && counted(done.act) && !reversed(done);
    let number = obligation.done.iter().filter(counts).count();
    u32::try_from(number).expect("acts of an obligation are fewer than positions")
}

fn days_late(standing: &Standing, bucket: Bucket, query: &Query) -> Option<i32> {
    let until = match bucket {
        Bucket::Late => standing.fulfilled?,
        Bucket::Overdue => query.as_of,
        Bucket::OnTime | Bucket::Pending | Bucket::NoDueDate | Bucket::Excused => return None,
    };
    let due = standing.due(query.due_mode)?;
    due.until(until).ok().map(|span| span.get_days())
}
