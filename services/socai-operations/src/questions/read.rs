//! What a text cites, as commands for a person to confirm.

use clap::Args;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use socai_app::request::{self, Request};
use socai_domain::permission::Reading;
use socai_reading::{Check, Findings, FoundDate, Proposal, propose, read};

use crate::cells::{Cells, figures, words};
use crate::known_at::KnownAt;
use crate::page::Place;
use crate::question::{Asked, Carried, Found, Question};
use crate::trouble::Trouble;

/// Characters of a passage that a cell shows.
const PASSAGE_SHOWN: usize = 60;

/// What a text cites. It takes nothing from the ledger.
#[derive(Debug, Clone, Default, Args, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Read {
    /// The text of a document or an article, at most 1 MiB
    pub text: String,
}

/// What was found, and what follows from it.
#[derive(Serialize, JsonSchema)]
pub struct Row {
    dates: Vec<FoundDate>,
    issuers: Vec<String>,
    /// Commands, in the order in which they can be recorded.
    pub proposals: Vec<Proposed>,
}

/// One proposal.
#[derive(Serialize, JsonSchema)]
pub struct Proposed {
    line: usize,
    column: usize,
    /// What a person has to look at before confirming.
    check: Vec<Check>,
    passage: String,
    /// A command, as a line has it.
    #[schemars(with = "serde_json::Map<String, serde_json::Value>")]
    pub command: Box<RawValue>,
    #[serde(skip)]
    #[schemars(skip)]
    proposal: Proposal,
}

impl Question for Read {
    const NAME: &'static str = "read";
    const SUMMARY: &'static str =
        "Read a document's or an article's text: numbers, dates, issuers and relations it cites";
    const READING: Reading = Reading::Registry;
    const CARRIED: Carried = Carried::InTheBody;
    type Row = Row;

    fn known_at(&self) -> Option<KnownAt> {
        None
    }

    fn as_of(&self, _: Date) -> Option<Date> {
        None
    }

    fn answer(&self, asked: &Asked<'_>) -> Result<Found<Row>, Trouble> {
        Ok(Found::Rows(vec![self.row(asked.today)?]))
    }

    fn place(_: &Row) -> Place {
        Place::at(1)
    }

    fn cells(rows: &[Row]) -> Cells {
        Cells {
            columns: vec![
                words("command"),
                figures("line"),
                words("effective"),
                words("look at"),
                words("data"),
            ],
            rows: rows.iter().flat_map(cells).collect(),
            empty: "the text cites no document",
        }
    }
}

impl Read {
    /// What is found; `read_on` stands for the day of documents without a date.
    ///
    /// # Errors
    ///
    /// [`Trouble::Parameter`] where the text is too long.
    pub fn row(&self, read_on: Date) -> Result<Row, Trouble> {
        let findings =
            read(&self.text).map_err(|error| Trouble::parameter("text", error.to_string()))?;
        let proposals = propose(&findings, read_on)
            .into_iter()
            .map(proposed)
            .collect();
        let Findings { dates, issuers, .. } = findings;
        Ok(Row {
            dates,
            issuers: issuers.into_iter().map(|issuer| issuer.name).collect(),
            proposals,
        })
    }
}

fn proposed(proposal: Proposal) -> Proposed {
    let request = Request {
        command: proposal.command.clone(),
        effective: proposal.effective,
        synthetic: false,
        id: None,
        actor: None,
    };
    let line = request::compose(&request);
    Proposed {
        line: proposal.place.line,
        column: proposal.place.column,
        check: proposal.check.clone(),
        passage: proposal.passage.clone(),
        command: RawValue::from_string(line).expect("a command is written as JSON"),
        proposal,
    }
}

/// A line for each command, and for each date without a year.
fn cells(row: &Row) -> Vec<Vec<String>> {
    let commands = row.proposals.iter().map(|proposed| {
        let (name, data) = proposed.proposal.command.encode();
        let look = proposed.check.iter();
        let look: Vec<String> = look
            .map(|check| format!("{check:?}").to_lowercase())
            .collect();
        let (line, effective) = (
            proposed.line.to_string(),
            proposed.proposal.effective.to_string(),
        );
        vec![name, line, effective, look.join(", "), data]
    });
    let unresolved = row.dates.iter().filter(|found| found.date.is_none());
    let unresolved = unresolved.map(|found| {
        vec![
            "(a date without a year)".to_owned(),
            found.place.line.to_string(),
            found.written.clone(),
            "year".to_owned(),
            found.passage.chars().take(PASSAGE_SHOWN).collect(),
        ]
    });
    commands.chain(unresolved).collect()
}
