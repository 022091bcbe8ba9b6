//! Assigned work, as it stands on a day.

use clap::Args;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use socai_domain::id::{TaskId, UnitId};
use socai_domain::permission::Reading;
use socai_domain::subject::Subject;
use socai_domain::task::Task;

use super::named;
use super::named::among;
use super::when::When;
use crate::cells::{Cells, days, several, some, words};
use crate::known_at::KnownAt;
use crate::page::Place;
use crate::question::{Asked, Found, Question};
use crate::trouble::Trouble;

/// Assigned work, as it stands on a day.
#[derive(Debug, Clone, Default, Args, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tasks {
    /// Only this task
    #[arg(long, value_name = "ID")]
    pub task: Option<TaskId>,
    /// Only what this document assigns, by id or number
    #[arg(long, value_name = "ID|NUMBER")]
    pub document: Option<String>,
    /// Only what this unit does or helps with, alone or as a member of a group
    #[arg(long, value_name = "ID")]
    pub unit: Option<UnitId>,
    #[command(flatten)]
    #[serde(flatten)]
    #[allow(missing_docs, reason = "its fields stand in its place, and have docs")]
    pub when: When,
}

/// One task.
#[derive(Serialize, JsonSchema)]
pub struct Row {
    id: String,
    /// The document that assigns it.
    document: String,
    title: String,
    /// Who does it: units and groups.
    leads: Vec<String>,
    /// Who helps.
    coordinators: Vec<String>,
    /// Who confirms and extends; the issuer, where absent.
    assigner: Option<String>,
    /// The task that it is a part of.
    part_of: Option<String>,
    /// The day from which it is owed.
    assigned: Date,
    due: Option<Date>,
    /// The due date in the document's own words.
    due_text: Option<String>,
    /// How many units owe it.
    owed_by: u32,
}

impl Question for Tasks {
    const NAME: &'static str = "tasks";
    const SUMMARY: &'static str = "List the tasks: who leads, who helps, and when they are due";
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
        let wanted = |(id, known): &(&TaskId, &Task)| {
            let task = &known.assignment;
            let does = |unit| {
                among(asked.image, &task.leads, unit, day)
                    || among(asked.image, &task.coordinators, unit, day)
            };
            known.assigned <= day
                && self.task.as_ref().is_none_or(|wanted| wanted == *id)
                && only.as_ref().is_none_or(|only| *only == task.document)
                && self.unit.as_ref().is_none_or(does)
                && asked.sees(&Subject::Task((*id).clone()))
        };
        let found = asked.image.registry().tasks.iter().filter(wanted);
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
                several(&row.leads),
                several(&row.coordinators),
                row.assigned.to_string(),
                some(row.due.as_ref()),
            ]
        };
        Cells {
            columns: vec![
                words("id"),
                words("document"),
                words("title"),
                words("leads"),
                words("coordinators"),
                days("assigned"),
                days("due"),
            ],
            rows: rows.iter().map(cells).collect(),
            empty: "no such task is assigned by then",
        }
    }
}

fn row(id: &TaskId, known: &Task, day: Date) -> Row {
    let task = &known.assignment;
    let set = known.due_set.filter(|(from, _)| *from <= day);
    Row {
        id: id.to_string(),
        document: task.document.to_string(),
        title: task.title.to_string(),
        leads: task.leads.iter().map(ToString::to_string).collect(),
        coordinators: task.coordinators.iter().map(ToString::to_string).collect(),
        assigner: task.assigner.as_ref().map(ToString::to_string),
        part_of: task.part_of.as_ref().map(ToString::to_string),
        assigned: known.assigned,
        due: set.map(|(_, due)| due).or(known.due),
        due_text: task.due_text.as_ref().map(ToString::to_string),
        owed_by: known.owed_by,
    }
}
