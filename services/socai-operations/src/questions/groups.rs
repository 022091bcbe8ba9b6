//! Named sets of units, as they stand on a day.

use clap::Args;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use socai_domain::group::Group;
use socai_domain::id::{GroupId, UnitId};
use socai_domain::permission::Reading;
use socai_domain::subject::Subject;

use super::named;
use super::when::When;
use crate::cells::{Cells, days, several, words};
use crate::known_at::KnownAt;
use crate::page::Place;
use crate::question::{Asked, Found, Question};
use crate::trouble::Trouble;

/// Named sets of units, as they stand on a day.
#[derive(Debug, Clone, Default, Args, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Groups {
    /// Only this group
    #[arg(long, value_name = "ID")]
    pub group: Option<GroupId>,
    /// Only groups to which this unit belongs
    #[arg(long, value_name = "ID")]
    pub unit: Option<UnitId>,
    #[command(flatten)]
    #[serde(flatten)]
    #[allow(missing_docs, reason = "its fields stand in its place, and have docs")]
    pub when: When,
}

/// One group.
#[derive(Serialize, JsonSchema)]
pub struct Row {
    id: String,
    name: String,
    /// The day of its first members.
    defined: Date,
    /// Its members on the day.
    members: Vec<String>,
}

impl Question for Groups {
    const NAME: &'static str = "groups";
    const SUMMARY: &'static str = "List the groups of units, and who belongs to them";
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
        self.group
            .iter()
            .try_for_each(|group| named::group(asked.image, group))?;
        let has = |group: &Group, unit: &UnitId| group.members_on(day).any(|member| member == unit);
        let wanted = |(id, group): &(&GroupId, &Group)| {
            defined(group).is_some_and(|defined| defined <= day)
                && self.group.as_ref().is_none_or(|wanted| wanted == *id)
                && self.unit.as_ref().is_none_or(|unit| has(group, unit))
                && asked.sees(&Subject::Group((*id).clone()))
        };
        let groups = asked.image.registry().groups.iter().filter(wanted);
        Ok(Found::Rows(
            groups.map(|(id, group)| row(id, group, day)).collect(),
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
                row.defined.to_string(),
                several(&row.members),
            ]
        };
        Cells {
            columns: vec![
                words("id"),
                words("name"),
                days("defined"),
                words("members"),
            ],
            rows: rows.iter().map(cells).collect(),
            empty: "no such group is defined by then",
        }
    }
}

fn defined(group: &Group) -> Option<Date> {
    group.members.first().map(|(from, _)| *from)
}

fn row(id: &GroupId, group: &Group, day: Date) -> Row {
    Row {
        id: id.to_string(),
        name: group.name.to_string(),
        defined: defined(group).unwrap_or(day),
        members: group.members_on(day).map(ToString::to_string).collect(),
    }
}
