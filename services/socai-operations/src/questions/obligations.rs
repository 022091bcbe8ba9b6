//! The obligations behind a number.

use clap::Args;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use socai_domain::obligation::Kind;
use socai_domain::period::Window;
use socai_domain::permission::Reading;
use socai_domain::rate::Bucket;
use socai_ledger::query::Query;
use socai_ledger::rows::{ObligationRow, Source};

use super::counted::Counted;
use crate::cells::{Cells, days, figures, words};
use crate::known_at::KnownAt;
use crate::page::Place;
use crate::question::{Asked, Found, Question};
use crate::trouble::Trouble;

/// The obligations behind a number.
#[derive(Debug, Clone, Default, Args, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Obligations {
    #[command(flatten)]
    #[serde(flatten)]
    #[allow(missing_docs, reason = "its fields stand in its place, and have docs")]
    pub counted: Counted,
    /// Only this bucket: on_time, late, pending, overdue, no_due_date, excused
    #[arg(long)]
    pub bucket: Option<Bucket>,
}

/// One obligation.
#[derive(Serialize, JsonSchema)]
pub struct Row {
    id: String,
    kind: Kind,
    unit: String,
    unit_name: String,
    document: String,
    /// The requirement or the task.
    source: String,
    title: String,
    period: Option<String>,
    window: Option<Window>,
    /// The day from which it is owed.
    assigned: Date,
    due: Option<Date>,
    original_due: Option<Date>,
    fulfilled_on: Option<Date>,
    bucket: Bucket,
    /// Days from the due date to the fulfilment, or to the as-of day where it is overdue.
    days_late: Option<i32>,
    extensions: u32,
    reminders: u32,
    flags: u32,
    escalations: u32,
    synthetic: bool,
    /// Where its events stand in the ledger.
    positions: Vec<u64>,
}

impl Question for Obligations {
    const NAME: &'static str = "obligations";
    const SUMMARY: &'static str = "List the obligations behind a number";
    const READING: Reading = Reading::Counts;
    type Row = Row;

    fn known_at(&self) -> Option<KnownAt> {
        self.counted.known_at
    }

    fn as_of(&self, today: Date) -> Option<Date> {
        Some(self.counted.day(today))
    }

    fn answer(&self, asked: &Asked<'_>) -> Result<Found<Row>, Trouble> {
        let query = Query {
            bucket: self.bucket,
            ..self.counted.query(asked)?
        };
        let rows = asked.image.obligations(&query);
        Ok(Found::Rows(rows.into_iter().map(row).collect()))
    }

    fn place(row: &Row) -> Place {
        Place::of(&row.id)
    }

    fn cells(rows: &[Row]) -> Cells {
        cells(rows)
    }
}

fn row(row: ObligationRow) -> Row {
    let (source, period) = match row.source {
        Source::Requirement(requirement, period) => {
            (requirement.to_string(), Some(period.to_string()))
        }
        Source::Task(task) => (task.to_string(), None),
    };
    Row {
        id: row.id.to_string(),
        kind: row.kind,
        unit: row.unit.to_string(),
        unit_name: row.unit_name,
        document: row.document.to_string(),
        source,
        title: row.title,
        period,
        window: row.window,
        assigned: row.opened,
        due: row.due,
        original_due: row.original_due,
        fulfilled_on: row.fulfilled_on,
        bucket: row.bucket,
        days_late: row.days_late,
        extensions: row.extensions,
        reminders: row.reminders,
        flags: row.flags,
        escalations: row.escalations,
        synthetic: row.synthetic,
        positions: row.positions.iter().map(|position| position.0).collect(),
    }
}

fn cells(rows: &[Row]) -> Cells {
    let day = |date: Option<Date>| date.map_or_else(String::new, |date| date.to_string());
    let cells = |row: &Row| {
        vec![
            row.id.clone(),
            row.bucket.id().to_owned(),
            row.unit.clone(),
            row.title.clone(),
            day(row.due),
            day(row
                .original_due
                .filter(|original| Some(*original) != row.due)),
            day(row.fulfilled_on),
            row.days_late
                .map_or_else(String::new, |days| days.to_string()),
            row.positions
                .iter()
                .map(u64::to_string)
                .collect::<Vec<_>>()
                .join(" "),
        ]
    };
    Cells {
        columns: vec![
            words("id"),
            words("bucket"),
            words("unit"),
            words("title"),
            days("due"),
            days("first due"),
            days("fulfilled"),
            figures("days late"),
            words("positions"),
        ],
        rows: rows.iter().map(cells).collect(),
        empty: "no obligation is in this bucket, window and filter",
    }
}
