//! What is counted from the obligations of a review.

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use socai_domain::document::Passage;
use socai_domain::id::{DocumentId, ObligationId, UnitId};
use socai_domain::obligation::Kind;
use socai_domain::rate::ageing::Band;
use socai_domain::rate::{Bucket, Counts, RateId};
use socai_domain::unit;

use super::tally::{Rated, Tally, Totals};

/// Everything that is counted from the obligations.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Counted {
    /// All of them.
    pub totals: Totals,
    /// By unit, in the order of kind and Vietnamese name.
    pub by_unit: Vec<UnitRow>,
    /// By the year of the due date; of the day of assignment where there is no due date.
    pub by_year: Vec<PeriodRow>,
    /// By quarter, likewise.
    pub by_quarter: Vec<PeriodRow>,
    /// By task.
    pub by_task: Vec<Subject>,
    /// By reporting requirement.
    pub by_requirement: Vec<Subject>,
    /// Units by headline rate.
    pub leagues: Leagues,
    /// Units by quarter.
    pub matrix: Matrix,
    /// How long ago the due dates of what is overdue passed.
    pub ageing: Vec<Age>,
    /// Every obligation in the buckets late and overdue, longest first.
    pub missed: Vec<Missed>,
    /// Every obligation without a due date, oldest first.
    pub undated: Vec<Undated>,
}

/// What one unit owed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UnitRow {
    /// The unit.
    pub unit: UnitId,
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: unit::Kind,
    /// The first day without it.
    pub ended: Option<Date>,
    /// Tasks and reports.
    #[serde(flatten)]
    pub totals: Totals,
}

/// What was owed in a year or a quarter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PeriodRow {
    /// `2014` or `2014-q1`.
    pub period: String,
    /// Tasks and reports.
    #[serde(flatten)]
    pub totals: Totals,
}

/// A task or a reporting requirement, and what became of its obligations.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Subject {
    /// Its id.
    pub id: String,
    /// What is asked for.
    pub title: String,
    /// The document that asks for it.
    pub document: DocumentId,
    /// What that document is called.
    pub document_name: String,
    /// Where the document says so, and in which words.
    pub passage: Option<Passage>,
    /// What became of it.
    pub tally: Tally,
}

/// Units by headline rate, best first, then by Vietnamese name; units of which nothing was due last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Leagues {
    /// By `completed_of_due` of tasks.
    pub tasks: Vec<LeagueRow>,
    /// By `on_time_of_due` of reports.
    pub reports: Vec<LeagueRow>,
}

/// A unit's place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LeagueRow {
    /// Equal rates share a rank, and the next rank counts them all; null where nothing was due.
    pub rank: Option<u32>,
    /// The unit.
    pub unit: UnitId,
    /// Its name.
    pub name: String,
    /// The headline rate.
    pub rate: Rated,
}

/// Units by quarter: all obligations, tasks and reports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Matrix {
    /// The rate whose numerator and denominator the cells show.
    pub rate: RateId,
    /// The quarters, ascending.
    pub periods: Vec<String>,
    /// A row a unit, in the order of `by_unit`.
    pub rows: Vec<MatrixRow>,
}

/// A unit's quarters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MatrixRow {
    /// The unit.
    pub unit: UnitId,
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: unit::Kind,
    /// A cell a quarter; null where the unit owed nothing.
    pub cells: Vec<Option<Cell>>,
}

/// A unit in a quarter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cell {
    /// What became of what it owed.
    pub counts: Counts,
    /// What that comes to.
    pub mark: Mark,
    /// The mark's sign, which every text font has.
    pub symbol: String,
    /// On time of due, such as "9/10"; where nothing was due, how many are owed.
    pub text: String,
}

impl Cell {
    /// The cell of `counts`; none where nothing was owed.
    pub fn of(counts: Counts) -> Option<Self> {
        let mark = Mark::of(&counts)?;
        let rate = counts.rate(RateId::OnTimeOfDue);
        let text = match rate.d {
            0 => counts.total().to_string(),
            due => format!("{}/{due}", rate.n),
        };
        let symbol = mark.symbol().to_owned();
        Some(Self {
            counts,
            mark,
            symbol,
            text,
        })
    }
}

/// What a cell comes to. The worst that holds of it.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// Something is overdue.
    Overdue,
    /// Everything due was done, something late.
    Late,
    /// Everything due was done on time.
    OnTime,
    /// Nothing is due yet.
    Pending,
    /// Nothing has a due date.
    NoDueDate,
    /// Nothing counts any more.
    Excused,
}

impl Mark {
    /// All of them, best first.
    pub const ALL: [Self; 6] = [
        Self::OnTime,
        Self::Late,
        Self::Overdue,
        Self::Pending,
        Self::NoDueDate,
        Self::Excused,
    ];

    /// The mark of `counts`; none where nothing was owed.
    pub fn of(counts: &Counts) -> Option<Self> {
        let order = [
            (Bucket::Overdue, Self::Overdue),
            (Bucket::Late, Self::Late),
            (Bucket::OnTime, Self::OnTime),
            (Bucket::Pending, Self::Pending),
            (Bucket::NoDueDate, Self::NoDueDate),
            (Bucket::Excused, Self::Excused),
        ];
        let held = order
            .into_iter()
            .find(|(bucket, _)| counts.get(*bucket) > 0);
        held.map(|(_, mark)| mark)
    }

    /// A sign of the oldest common set, so that no printer lacks it.
    pub const fn symbol(self) -> &'static str {
        match self {
            Self::OnTime => "●",
            Self::Late => "▲",
            Self::Overdue => "■",
            Self::Pending => "○",
            Self::NoDueDate => "◊",
            Self::Excused => "–",
        }
    }
}

/// Overdue obligations of one age.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Age {
    /// Days overdue.
    pub band: Band,
    /// Task obligations.
    pub tasks: u64,
    /// Report obligations.
    pub reports: u64,
}

/// An obligation that was fulfilled late or is overdue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Missed {
    /// The obligation.
    pub obligation: ObligationId,
    /// Report or task.
    pub kind: Kind,
    /// What it asks for.
    pub title: String,
    /// The period, such as `2015-q1`; null for a task.
    pub period: Option<String>,
    /// The unit that owed it.
    pub unit: UnitId,
    /// Its name.
    pub name: String,
    /// The due date counted against.
    pub due: Date,
    /// The due date that it was first given.
    pub original_due: Option<Date>,
    /// When it was fulfilled.
    pub fulfilled_on: Option<Date>,
    /// `late` or `overdue`.
    pub bucket: Bucket,
    /// Days from the due date to the fulfilment, or to the as-of day.
    pub days_late: u32,
    /// Its events.
    pub positions: Vec<u64>,
}

/// An obligation without a due date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Undated {
    /// The obligation.
    pub obligation: ObligationId,
    /// Report or task.
    pub kind: Kind,
    /// What it asks for.
    pub title: String,
    /// The period, such as `2015-q1`; null for a task.
    pub period: Option<String>,
    /// The unit that owes it.
    pub unit: UnitId,
    /// Its name.
    pub name: String,
    /// The day from which it is owed.
    pub since: Date,
    /// When it was fulfilled.
    pub fulfilled_on: Option<Date>,
    /// Days from that day to its fulfilment, or to the as-of day.
    pub age_days: u32,
}
