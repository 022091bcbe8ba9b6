//! Organisations, as they stand on a day.

use clap::Args;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use socai_domain::id::UnitId;
use socai_domain::permission::Reading;
use socai_domain::subject::Subject;
use socai_domain::unit::{EndKind, Kind, Unit};

use super::named;
use super::when::When;
use crate::cells::{Cells, days, several, some, word, words};
use crate::known_at::KnownAt;
use crate::page::Place;
use crate::question::{Asked, Found, Question};
use crate::trouble::Trouble;

/// Organisations, as they stand on a day.
#[derive(Debug, Clone, Default, Args, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Units {
    /// Only this unit
    #[arg(long, value_name = "ID")]
    pub unit: Option<UnitId>,
    /// Only units that stand under this one
    #[arg(long, value_name = "ID")]
    pub parent: Option<UnitId>,
    #[command(flatten)]
    #[serde(flatten)]
    #[allow(missing_docs, reason = "its fields stand in its place, and have docs")]
    pub when: When,
}

/// One unit.
#[derive(Serialize, JsonSchema)]
pub struct Row {
    id: String,
    /// What it is called on the day.
    name: String,
    kind: Kind,
    /// An official code.
    code: Option<String>,
    /// Under what it stands.
    parent: Option<String>,
    /// The first day on which it exists.
    formed: Date,
    /// The first day without it.
    ended: Option<Date>,
    /// How it ended.
    ended_how: Option<EndKind>,
    /// Where it went.
    successors: Vec<String>,
    /// All its names, the oldest first.
    names: Vec<String>,
}

impl Question for Units {
    const NAME: &'static str = "units";
    const SUMMARY: &'static str =
        "List the units: what they are called, under what they stand, where they went";
    const READING: Reading = Reading::Registry;
    type Row = Row;

    fn known_at(&self) -> Option<KnownAt> {
        self.when.known_at
    }

    fn as_of(&self, today: Date) -> Option<Date> {
        Some(self.when.day(today))
    }

    fn answer(&self, asked: &Asked<'_>) -> Result<Found<Row>, Trouble> {
        let day = self.when.day(asked.today);
        if let Some(unit) = &self.unit {
            named::unit(asked.image, asked.scope, unit)?;
        }
        let wanted = |(id, unit): &(&UnitId, &Unit)| {
            unit.formed <= day
                && self.unit.as_ref().is_none_or(|wanted| wanted == *id)
                && self
                    .parent
                    .as_ref()
                    .is_none_or(|parent| unit.parent_on(day) == Some(parent))
                && asked.sees(&Subject::Unit((*id).clone()))
        };
        let units = asked.image.registry().units.iter().filter(wanted);
        Ok(Found::Rows(
            units.map(|(id, unit)| row(id, unit, day)).collect(),
        ))
    }

    fn place(row: &Row) -> Place {
        Place::of(&row.id)
    }

    fn cells(rows: &[Row]) -> Cells {
        let cells = |row: &Row| {
            vec![
                row.id.clone(),
                row.name.clone(),
                word(row.kind),
                some(row.code.as_ref()),
                some(row.parent.as_ref()),
                row.formed.to_string(),
                some(row.ended.as_ref()),
                row.ended_how.map(word).unwrap_or_default(),
                several(&row.successors),
            ]
        };
        Cells {
            columns: vec![
                words("id"),
                words("name"),
                words("kind"),
                words("code"),
                words("parent"),
                days("formed"),
                days("ended"),
                words("how"),
                words("went into"),
            ],
            rows: rows.iter().map(cells).collect(),
            empty: "no such unit exists by then",
        }
    }
}

fn row(id: &UnitId, unit: &Unit, day: Date) -> Row {
    let ending = unit.ended.as_ref().filter(|ending| ending.on <= day);
    let names = unit.names.iter().filter(|(from, _)| *from <= day);
    let successors = ending.into_iter().flat_map(|ending| &ending.successors);
    Row {
        id: id.to_string(),
        name: unit.name_on(day).to_string(),
        kind: unit.kind,
        code: unit.code.as_ref().map(ToString::to_string),
        parent: unit.parent_on(day).map(ToString::to_string),
        formed: unit.formed,
        ended: ending.map(|ending| ending.on),
        ended_how: ending.map(|ending| ending.how),
        successors: successors
            .map(|successor| successor.unit.to_string())
            .collect(),
        names: names.map(|(_, name)| name.to_string()).collect(),
    }
}
