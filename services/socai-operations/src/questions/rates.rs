//! Buckets and rates.

use std::collections::BTreeMap;

use clap::{Args, ValueEnum};
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use socai_domain::permission::Reading;
use socai_domain::rate::{Bucket, Counts, Rate, RateId};
use socai_ledger::query::Grouping;
use socai_ledger::rates::RateRow;

use super::counted::Counted;
use crate::cells::{Cells, Column, figures, words};
use crate::known_at::KnownAt;
use crate::page::Place;
use crate::question::{Asked, Found, Question};
use crate::trouble::Trouble;

/// Buckets and rates, for any grouping.
#[derive(Debug, Clone, Default, Args, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rates {
    #[command(flatten)]
    #[serde(flatten)]
    #[allow(missing_docs, reason = "its fields stand in its place, and have docs")]
    pub counted: Counted,
    /// What a row is
    #[arg(long, value_enum, default_value_t)]
    #[serde(default)]
    pub by: By,
}

/// What a row of rates is.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// The unit that owes
    #[default]
    Unit,
    /// The groups that the unit belongs to on the as-of day
    Group,
    /// Reports and tasks
    Kind,
    /// The document that asks
    Document,
    /// The year of the due date
    Year,
    /// The quarter of the due date
    Quarter,
    /// Everything in one row
    Total,
}

/// One row.
#[derive(Serialize, JsonSchema)]
pub struct Row {
    id: String,
    name: String,
    /// The unit has ended by the as-of day.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
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

impl Question for Rates {
    const NAME: &'static str = "rates";
    const SUMMARY: &'static str = "Count: buckets and rates, for any grouping";
    const READING: Reading = Reading::Counts;
    type Row = Row;

    fn known_at(&self) -> Option<KnownAt> {
        self.counted.known_at
    }

    fn as_of(&self, today: Date) -> Option<Date> {
        Some(self.counted.day(today))
    }

    fn answer(&self, asked: &Asked<'_>) -> Result<Found<Row>, Trouble> {
        let query = self.counted.query(asked)?;
        let rates = asked.image.rates(&query, self.by.into());
        Ok(Found::Rows(rates.rows.iter().map(row).collect()))
    }

    fn place(row: &Row) -> Place {
        Place::of(&row.id)
    }

    fn cells(rows: &[Row]) -> Cells {
        cells(rows, &RateId::ALL)
    }

    /// The rates that people ask for first, and everything in one line: a program that adds rows up must not
    /// find that line.
    fn table(&self, asked: &Asked<'_>, rows: &[Row]) -> Result<Cells, Trouble> {
        let mut table = cells(rows, &HEADLINES);
        if self.by != By::Total && rows.len() > 1 {
            let total = asked
                .image
                .rates(&self.counted.query(asked)?, Grouping::Total);
            let all = |row: &RateRow| RateRow {
                id: String::new(),
                name: "all".to_owned(),
                ..row.clone()
            };
            table.rows.extend(
                total
                    .rows
                    .iter()
                    .map(|total| row_cells(&row(&all(total)), &HEADLINES)),
            );
        }
        Ok(table)
    }
}

/// The rates that people ask for first; the others are in JSON and CSV.
const HEADLINES: [RateId; 2] = [RateId::CompletedOfDue, RateId::OnTimeOfDue];

impl From<By> for Grouping {
    fn from(by: By) -> Self {
        match by {
            By::Unit => Self::Unit,
            By::Group => Self::Group,
            By::Kind => Self::Kind,
            By::Document => Self::Document,
            By::Year => Self::Year,
            By::Quarter => Self::Quarter,
            By::Total => Self::Total,
        }
    }
}

fn row(row: &RateRow) -> Row {
    let counts = &row.counts;
    let count = |bucket: &Bucket| (bucket.id(), counts.get(*bucket));
    Row {
        id: row.id.clone(),
        name: row.name.clone(),
        ended: row.ended,
        buckets: Bucket::ALL.iter().map(count).collect(),
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
    Cells {
        columns,
        rows: rows.iter().map(|row| row_cells(row, rates)).collect(),
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
