//! From rows of obligations to everything that is counted from them.
//!
//! One pass over the rows, and all tables are sums of the same rows, so that no two of them can
//! disagree. Years and quarters without obligations stand with zeros.

mod league;
mod period;

use std::collections::BTreeMap;

use jiff::civil::Date;
use socai_domain::document::Passage;
use socai_domain::id::{DocumentId, ObligationId, UnitId};
use socai_domain::obligation::Kind;
use socai_domain::rate::ageing::{Ages, Band, days_overdue};
use socai_domain::rate::{Bucket, Counts, RateId};
use socai_domain::text::CollationKey;
use socai_domain::unit;

use crate::facts::{
    Age, Asked, Cell, Counted, Leagues, Matrix, MatrixRow, Missed, PeriodRow, Subject, Tally,
    Totals, Undated, UnitRow,
};

/// One obligation of a review, as the image answers for it.
#[derive(Debug, Clone)]
pub struct Row {
    /// The obligation.
    pub obligation: ObligationId,
    /// Report or task.
    pub kind: Kind,
    /// The task or requirement that created it, by the name of its stream.
    pub subject: String,
    /// The period, of a report.
    pub period: Option<String>,
    /// The unit that it is counted with.
    pub unit: UnitId,
    /// The day from which it is owed.
    pub opened: Date,
    /// The due date counted against.
    pub due: Option<Date>,
    /// The due date that it was first given.
    pub original_due: Option<Date>,
    /// When it was fulfilled.
    pub fulfilled: Option<Date>,
    /// What became of it.
    pub bucket: Bucket,
    /// Its events.
    pub positions: Vec<u64>,
}

/// What units are called: name, kind and the first day without them.
pub type Units = BTreeMap<UnitId, (String, unit::Kind, Option<Date>)>;

/// Tasks and requirements by the names of their streams.
pub type Subjects = BTreeMap<String, Asks>;

/// What a task or a requirement asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asks {
    /// What.
    pub title: String,
    /// The document that asks.
    pub document: DocumentId,
    /// What that document is called.
    pub document_name: String,
    /// Where it says so.
    pub passage: Option<Passage>,
}

/// Counts `rows`. A unit or subject without a name goes by its id.
pub fn count(rows: &[Row], units: &Units, subjects: &Subjects, asked: &Asked) -> Counted {
    let mut pots = Pots::default();
    for row in rows {
        pots.add(row, asked.as_of);
    }
    let names = Names { units, subjects };
    let by_unit = pots.units(&names);
    let quarters = period::quarters(asked.from, asked.to);
    Counted {
        totals: pots.total.totals(),
        by_year: periods(&pots.years, period::years(asked.from, asked.to)),
        by_quarter: periods(&pots.quarters, quarters.clone()),
        by_task: pots.subjects(Kind::Task, &names),
        by_requirement: pots.subjects(Kind::Report, &names),
        leagues: Leagues {
            tasks: league::league(&by_unit, Kind::Task),
            reports: league::league(&by_unit, Kind::Report),
        },
        matrix: pots.matrix(&by_unit, quarters),
        ageing: pots.ageing(),
        missed: missed(rows, &names, asked.as_of),
        undated: undated(rows, &names, asked.as_of),
        by_unit,
    }
}

/// Counts of tasks and of reports.
#[derive(Default)]
struct Pot {
    tasks: Counts,
    reports: Counts,
}

impl Pot {
    fn add(&mut self, row: &Row) {
        let counts = match row.kind {
            Kind::Task => &mut self.tasks,
            Kind::Report => &mut self.reports,
        };
        match (row.bucket, row.fulfilled) {
            (Bucket::NoDueDate, Some(_)) => counts.add_no_due_date_done(),
            (bucket, _) => counts.add(bucket),
        }
    }

    fn totals(&self) -> Totals {
        Totals {
            tasks: Tally::of(self.tasks),
            reports: Tally::of(self.reports),
        }
    }

    fn both(&self) -> Counts {
        let mut both = self.tasks;
        both.merge(&self.reports);
        both
    }
}

#[derive(Default)]
struct Pots<'a> {
    total: Pot,
    units: BTreeMap<&'a UnitId, Pot>,
    years: BTreeMap<String, Pot>,
    quarters: BTreeMap<String, Pot>,
    cells: BTreeMap<(&'a UnitId, String), Pot>,
    subjects: BTreeMap<(Kind, &'a str), Pot>,
    ages: [Ages; 2],
}

impl<'a> Pots<'a> {
    fn add(&mut self, row: &'a Row, as_of: Date) {
        let day = row.due.unwrap_or(row.opened);
        let quarter = period::quarter(day);
        self.total.add(row);
        self.units.entry(&row.unit).or_default().add(row);
        self.years.entry(period::year(day)).or_default().add(row);
        self.cells
            .entry((&row.unit, quarter.clone()))
            .or_default()
            .add(row);
        self.quarters.entry(quarter).or_default().add(row);
        self.subjects
            .entry((row.kind, &row.subject))
            .or_default()
            .add(row);
        if let (Bucket::Overdue, Some(due)) = (row.bucket, row.due) {
            self.ages[row.kind as usize].add(due, as_of);
        }
    }

    fn units(&self, names: &Names<'_>) -> Vec<UnitRow> {
        let told = |(unit, pot): (&&UnitId, &Pot)| {
            let (name, kind, ended) = names.unit(unit);
            UnitRow {
                unit: (*unit).clone(),
                name,
                kind,
                ended,
                totals: pot.totals(),
            }
        };
        let mut rows: Vec<UnitRow> = self.units.iter().map(told).collect();
        rows.sort_by_cached_key(|row| (row.kind, CollationKey::new(&row.name), row.unit.clone()));
        rows
    }

    fn subjects(&self, kind: Kind, names: &Names<'_>) -> Vec<Subject> {
        let ours = self.subjects.iter().filter(|((of, _), _)| *of == kind);
        ours.filter_map(|((_, id), pot)| {
            let asks = names.subjects.get(*id)?.clone();
            let totals = pot.totals();
            Some(Subject {
                id: (*id).to_owned(),
                title: asks.title,
                document: asks.document,
                document_name: asks.document_name,
                passage: asks.passage,
                tally: totals.of_kind(kind).clone(),
            })
        })
        .collect()
    }

    fn matrix(&self, units: &[UnitRow], periods: Vec<String>) -> Matrix {
        let cell = |unit: &UnitRow, period: &String| {
            let pot = self.cells.get(&(&unit.unit, period.clone()))?;
            Cell::of(pot.both())
        };
        let row = |unit: &UnitRow| MatrixRow {
            unit: unit.unit.clone(),
            name: unit.name.clone(),
            kind: unit.kind,
            cells: periods.iter().map(|period| cell(unit, period)).collect(),
        };
        let rows = units.iter().map(row).collect();
        Matrix {
            rate: RateId::OnTimeOfDue,
            rows,
            periods,
        }
    }

    fn ageing(&self) -> Vec<Age> {
        let age = |band| Age {
            band,
            tasks: self.ages[Kind::Task as usize].get(band),
            reports: self.ages[Kind::Report as usize].get(band),
        };
        Band::ALL.map(age).into()
    }
}

fn periods(pots: &BTreeMap<String, Pot>, periods: Vec<String>) -> Vec<PeriodRow> {
    let empty = Pot::default();
    let row = |period: String| {
        let totals = pots.get(&period).unwrap_or(&empty).totals();
        PeriodRow { period, totals }
    };
    periods.into_iter().map(row).collect()
}

struct Names<'a> {
    units: &'a Units,
    subjects: &'a Subjects,
}

impl Names<'_> {
    fn unit(&self, unit: &UnitId) -> (String, unit::Kind, Option<Date>) {
        let unnamed = || (unit.to_string(), unit::Kind::Other, None);
        self.units.get(unit).cloned().unwrap_or_else(unnamed)
    }

    fn title(&self, subject: &str) -> String {
        let told = self.subjects.get(subject);
        told.map_or_else(|| subject.to_owned(), |asks| asks.title.clone())
    }
}

fn missed(rows: &[Row], names: &Names<'_>, as_of: Date) -> Vec<Missed> {
    let told = |row: &Row| {
        let due = row
            .due
            .filter(|_| matches!(row.bucket, Bucket::Late | Bucket::Overdue))?;
        Some(Missed {
            obligation: row.obligation.clone(),
            kind: row.kind,
            title: names.title(&row.subject),
            period: row.period.clone(),
            unit: row.unit.clone(),
            name: names.unit(&row.unit).0,
            due,
            original_due: row.original_due,
            fulfilled_on: row.fulfilled,
            bucket: row.bucket,
            days_late: days_overdue(due, row.fulfilled.unwrap_or(as_of)),
            positions: row.positions.clone(),
        })
    };
    let mut missed: Vec<Missed> = rows.iter().filter_map(told).collect();
    missed.sort_by(|a, b| (b.days_late, &a.obligation).cmp(&(a.days_late, &b.obligation)));
    missed
}

fn undated(rows: &[Row], names: &Names<'_>, as_of: Date) -> Vec<Undated> {
    let without = rows.iter().filter(|row| row.bucket == Bucket::NoDueDate);
    let told = |row: &Row| Undated {
        obligation: row.obligation.clone(),
        kind: row.kind,
        title: names.title(&row.subject),
        period: row.period.clone(),
        unit: row.unit.clone(),
        name: names.unit(&row.unit).0,
        since: row.opened,
        fulfilled_on: row.fulfilled,
        age_days: days_overdue(row.opened, row.fulfilled.unwrap_or(as_of)),
    };
    let mut undated: Vec<Undated> = without.map(told).collect();
    undated.sort_by(|a, b| (a.since, &a.obligation).cmp(&(b.since, &b.obligation)));
    undated
}
