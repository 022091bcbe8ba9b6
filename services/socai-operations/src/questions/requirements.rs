//! Rules that create report obligations, as they stand on a day.

use clap::Args;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use socai_domain::id::{RequirementId, UnitId};
use socai_domain::period::Cadence;
use socai_domain::permission::Reading;
use socai_domain::requirement::{Kind, Requirement};
use socai_domain::subject::Subject;

use super::named;
use super::named::among;
use super::when::When;
use crate::cells::{Cells, days, several, some, word, words};
use crate::known_at::KnownAt;
use crate::page::Place;
use crate::question::{Asked, Found, Question};
use crate::trouble::Trouble;

/// Rules that create report obligations, as they stand on a day.
#[derive(Debug, Clone, Default, Args, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Requirements {
    /// Only this requirement
    #[arg(long, value_name = "ID")]
    pub requirement: Option<RequirementId>,
    /// Only what this document asks for, by id or number
    #[arg(long, value_name = "ID|NUMBER")]
    pub document: Option<String>,
    /// Only what this unit reports, alone or as a member of a group
    #[arg(long, value_name = "ID")]
    pub unit: Option<UnitId>,
    #[command(flatten)]
    #[serde(flatten)]
    #[allow(missing_docs, reason = "its fields stand in its place, and have docs")]
    pub when: When,
}

/// One requirement.
#[derive(Serialize, JsonSchema)]
pub struct Row {
    id: String,
    /// The document that asks for it.
    document: String,
    title: String,
    kind: Kind,
    cadence: Cadence,
    /// Who reports: units and groups.
    reporters: Vec<String>,
    /// The channel unit.
    via: Option<String>,
    /// To whom; absent where the document does not say.
    to: Option<String>,
    /// Who grants extensions; the issuer, where absent.
    assigner: Option<String>,
    /// The requirement whose report it is a section of.
    host: Option<String>,
    /// The day from which it is asked for.
    set: Date,
    /// The day from which it is not.
    ended: Option<Date>,
    /// The periods that were opened.
    periods: Vec<Opened>,
}

impl Question for Requirements {
    const NAME: &'static str = "requirements";
    const SUMMARY: &'static str =
        "List the report requirements: who reports, how often, and the periods that were opened";
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
        let only = named::only_document(asked.image, self.document.as_ref())?;
        let wanted = |(id, known): &(&RequirementId, &Requirement)| {
            let rule = &known.rule;
            known.set <= day
                && self.requirement.as_ref().is_none_or(|wanted| wanted == *id)
                && only.as_ref().is_none_or(|only| *only == rule.document)
                && self
                    .unit
                    .as_ref()
                    .is_none_or(|unit| among(asked.image, &rule.reporters, unit, day))
                && asked.sees(&Subject::Requirement((*id).clone()))
        };
        let found = asked.image.registry().requirements.iter().filter(wanted);
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
                row.document.clone(),
                row.title.clone(),
                word(row.cadence),
                several(&row.reporters),
                some(row.via.as_ref()),
                row.set.to_string(),
                some(row.ended.as_ref()),
                several(&row.periods),
            ]
        };
        Cells {
            columns: vec![
                words("id"),
                words("document"),
                words("title"),
                words("cadence"),
                words("reporters"),
                words("via"),
                days("set"),
                days("ended"),
                words("periods"),
            ],
            rows: rows.iter().map(cells).collect(),
            empty: "no such requirement is set by then",
        }
    }
}

/// A period that was opened.
#[derive(Serialize, JsonSchema)]
struct Opened {
    period: String,
    /// The day from which its reports are owed.
    opened: Date,
    due: Option<Date>,
    /// How many owe it.
    reporters: u32,
}

impl std::fmt::Display for Opened {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.period)
    }
}

fn row(id: &RequirementId, known: &Requirement, day: Date) -> Row {
    let rule = &known.rule;
    let periods = known.periods.iter().filter(|(_, opened)| opened.on <= day);
    let periods = periods.map(|(period, opened)| Opened {
        period: period.to_string(),
        opened: opened.on,
        due: opened.due,
        reporters: opened.reporters,
    });
    Row {
        id: id.to_string(),
        document: rule.document.to_string(),
        title: rule.title.to_string(),
        kind: rule.kind,
        cadence: rule.cadence,
        reporters: rule.reporters.iter().map(ToString::to_string).collect(),
        via: rule.via.as_ref().map(ToString::to_string),
        to: rule.to.as_ref().map(ToString::to_string),
        assigner: rule.assigner.as_ref().map(ToString::to_string),
        host: rule.host.as_ref().map(ToString::to_string),
        set: known.set,
        ended: known.ended.filter(|ended| *ended <= day),
        periods: periods.collect(),
    }
}
