//! Inspections, as they stand on a day.

use clap::Args;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use socai_domain::id::{InspectionId, UnitId};
use socai_domain::inspection::{Inspection, Kind};
use socai_domain::period::Window;
use socai_domain::permission::Reading;
use socai_domain::subject::Subject;

use super::when::When;
use crate::cells::{Cells, days, figures, several, some, word, words};
use crate::known_at::KnownAt;
use crate::page::Place;
use crate::question::{Asked, Found, Question};
use crate::trouble::Trouble;

/// Inspections, as they stand on a day.
#[derive(Debug, Clone, Default, Args, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Inspections {
    /// Only this inspection
    #[arg(long, value_name = "ID")]
    pub inspection: Option<InspectionId>,
    /// Only inspections of this unit
    #[arg(long, value_name = "ID")]
    pub unit: Option<UnitId>,
    #[command(flatten)]
    #[serde(flatten)]
    #[allow(missing_docs, reason = "its fields stand in its place, and have docs")]
    pub when: When,
}

/// One inspection.
#[derive(Serialize, JsonSchema)]
pub struct Row {
    id: String,
    kind: Kind,
    title: String,
    /// The committee that inspects.
    by: String,
    /// Who is inspected.
    units: Vec<String>,
    /// The directives that are looked at.
    documents: Vec<String>,
    /// The dates examined.
    window: Window,
    opened: Date,
    concluded: Option<Date>,
    /// How many findings there are by the day.
    findings: usize,
}

impl Question for Inspections {
    const NAME: &'static str = "inspections";
    const SUMMARY: &'static str =
        "List the inspections: by whom, of whom, over which dates, and whether they are concluded";
    const READING: Reading = Reading::Histories;
    type Row = Row;

    fn known_at(&self) -> Option<KnownAt> {
        self.when.known_at
    }

    fn as_of(&self, today: Date) -> Option<Date> {
        Some(self.when.day(today))
    }

    fn answer(&self, asked: &Asked<'_>) -> Result<Found<Row>, Trouble> {
        let day = self.when.day(asked.today);
        let wanted = |(id, known): &(&InspectionId, &Inspection)| {
            known.opened <= day
                && self.inspection.as_ref().is_none_or(|wanted| wanted == *id)
                && self
                    .unit
                    .as_ref()
                    .is_none_or(|unit| known.plan.units.contains(unit))
                && asked.sees(&Subject::Inspection((*id).clone()))
        };
        let found = asked.image.registry().inspections.iter().filter(wanted);
        Ok(Found::Rows(
            found.map(|(id, known)| row(id, known, day)).collect(),
        ))
    }

    fn place(row: &Row) -> Place {
        Place::of(&row.id)
    }

    fn cells(rows: &[Row]) -> Cells {
        let cells = |row: &Row| {
            vec![
                row.id.clone(),
                word(row.kind),
                row.title.clone(),
                row.by.clone(),
                several(&row.units),
                row.window.from().to_string(),
                row.window.to().to_string(),
                row.opened.to_string(),
                some(row.concluded.as_ref()),
                row.findings.to_string(),
            ]
        };
        Cells {
            columns: vec![
                words("id"),
                words("kind"),
                words("title"),
                words("by"),
                words("units"),
                days("from"),
                days("to"),
                days("opened"),
                days("concluded"),
                figures("findings"),
            ],
            rows: rows.iter().map(cells).collect(),
            empty: "no such inspection is opened by then",
        }
    }
}

fn row(id: &InspectionId, known: &Inspection, day: Date) -> Row {
    let plan = &known.plan;
    let found = known.findings.values().filter(|found| found.on <= day);
    let concluded = known.concluded.as_ref().map(|(on, _)| *on);
    Row {
        id: id.to_string(),
        kind: plan.kind,
        title: plan.title.to_string(),
        by: plan.by.to_string(),
        units: plan.units.iter().map(ToString::to_string).collect(),
        documents: plan.documents.iter().map(ToString::to_string).collect(),
        window: plan.window,
        opened: known.opened,
        concluded: concluded.filter(|on| *on <= day),
        findings: found.count(),
    }
}
