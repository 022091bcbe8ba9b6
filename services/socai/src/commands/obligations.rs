//! `socai obligations`: the rows behind a number.

use std::process::ExitCode;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Serialize;
use socai_domain::obligation::Kind;
use socai_domain::period::Window;
use socai_domain::rate::Bucket;
use socai_ledger::query::Query;
use socai_ledger::rows::{ObligationRow, Source};

use crate::arguments::Obligations;
use crate::output::{self, Cells, figures, words};
use crate::{data_dir, filters};

/// One obligation. The shape of `--format json`.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Row {
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

pub(crate) async fn run(asked: &Obligations) -> anyhow::Result<ExitCode> {
    let looking = data_dir::look(&asked.data.dir, asked.filters.known_at).await?;
    let query = filters::query(&asked.filters, &looking.image)?;
    let query = Query {
        bucket: asked.bucket,
        ..query
    };
    let rows: Vec<Row> = looking
        .image
        .obligations(&query)
        .into_iter()
        .map(row)
        .collect();
    let frame = Some(looking.frame(Some(query.as_of)));
    output::show(asked.shown.format, frame, &rows, || cells(&rows))?;
    Ok(ExitCode::SUCCESS)
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
            words("due"),
            words("first due"),
            words("fulfilled"),
            figures("days late"),
            words("positions"),
        ],
        rows: rows.iter().map(cells).collect(),
        empty: "no obligation is in this bucket, window and filter",
    }
}
