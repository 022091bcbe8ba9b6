//! `socai rates`: buckets and rates.

use std::collections::BTreeMap;
use std::process::ExitCode;

use schemars::JsonSchema;
use serde::Serialize;
use socai_domain::rate::{Bucket, Counts, Rate, RateId};
use socai_ledger::query::Grouping;
use socai_ledger::rates::RateRow;

use crate::arguments::{By, Format, Rates};
use crate::output::{self, Cells, Column, figures, words};
use crate::{data_dir, filters};

/// One row. The shape of `--format json`.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Row {
    id: String,
    name: String,
    /// The unit has ended by the as-of day.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    ended: bool,
    buckets: BTreeMap<&'static str, u64>,
    /// Of those without a due date, how many are done.
    no_due_date_done: u64,
    #[schemars(with = "BTreeMap<String, RateShown>")]
    rates: BTreeMap<&'static str, Rate>,
    #[serde(skip)]
    #[schemars(skip)]
    counts: Counts,
}

/// A rate as JSON shows it: numerator, denominator, and two decimals or null for 0/0.
#[derive(JsonSchema)]
#[allow(dead_code, reason = "only its schema is used: the domain writes it so")]
struct RateShown {
    n: u64,
    d: u64,
    percent: Option<String>,
}

pub(crate) async fn run(asked: &Rates) -> anyhow::Result<ExitCode> {
    let looking = data_dir::look(&asked.data.dir, asked.filters.known_at).await?;
    let query = filters::query(&asked.filters, &looking.image)?;
    let rates = looking.image.rates(&query, grouping(asked.by));
    let mut rows: Vec<Row> = rates.rows.iter().map(row).collect();
    // The total is a line of its own for people only: a program that adds rows up must not find it.
    let listed = rows.len();
    if asked.by != By::Total && listed > 1 {
        let (id, name) = (String::new(), "all".to_owned());
        rows.push(row(&RateRow {
            id,
            name,
            ended: false,
            counts: rates.total,
        }));
    }
    let frame = Some(looking.frame(Some(query.as_of)));
    let people = asked.shown.format == Format::Table;
    output::show(
        asked.shown.format,
        frame,
        &rows[..listed],
        || match people {
            true => cells(&rows, &HEADLINES),
            false => cells(&rows[..listed], &RateId::ALL),
        },
    )?;
    Ok(ExitCode::SUCCESS)
}

/// The rates that people ask for first; the others are in JSON and CSV.
const HEADLINES: [RateId; 2] = [RateId::CompletedOfDue, RateId::OnTimeOfDue];

const fn grouping(by: By) -> Grouping {
    match by {
        By::Unit => Grouping::Unit,
        By::Group => Grouping::Group,
        By::Kind => Grouping::Kind,
        By::Document => Grouping::Document,
        By::Year => Grouping::Year,
        By::Quarter => Grouping::Quarter,
        By::Total => Grouping::Total,
    }
}

fn row(row: &RateRow) -> Row {
    let counts = &row.counts;
    Row {
        id: row.id.clone(),
        name: row.name.clone(),
        ended: row.ended,
        buckets: Bucket::ALL
            .iter()
            .map(|bucket| (bucket.id(), counts.get(*bucket)))
            .collect(),
        no_due_date_done: counts.no_due_date_done,
        rates: RateId::ALL
            .iter()
            .map(|id| (id.id(), counts.rate(*id)))
            .collect(),
        counts: *counts,
    }
}

fn cells(rows: &[Row], rates: &[RateId]) -> Cells {
    let mut columns: Vec<Column> = vec![words("id"), words("name")];
    columns.extend(Bucket::ALL.iter().map(|bucket| figures(bucket.id())));
    columns.extend(rates.iter().map(|id| figures(id.id())));
    let rows = rows.iter().map(|row| row_cells(row, rates)).collect();
    Cells {
        columns,
        rows,
        empty: "nothing was owed that this asks for",
    }
}

fn row_cells(row: &Row, rates: &[RateId]) -> Vec<String> {
    let ended = if row.ended { " (ended)" } else { "" };
    let mut cells = vec![row.id.clone(), format!("{}{ended}", row.name)];
    cells.extend(
        Bucket::ALL
            .iter()
            .map(|bucket| row.counts.get(*bucket).to_string()),
    );
    cells.extend(rates.iter().map(|id| rate_cell(row.counts.rate(*id))));
    cells
}

/// A rate is never shown without its numerator and denominator.
fn rate_cell(rate: Rate) -> String {
    match rate.percent() {
        Some(percent) => format!("{percent}% {}/{}", rate.n, rate.d),
        None => "- 0/0".to_owned(),
    }
}
