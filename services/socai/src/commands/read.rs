//! `socai read`: what a text cites, as commands for a person to confirm.

use std::io::Read as _;
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context;
use serde::Serialize;
use serde_json::value::RawValue;
use socai_app::request::{self, Request};
use socai_reading::{Check, Findings, FoundDate, Proposal, propose, read};

use crate::arguments::Read;
use crate::origin;
use crate::output::{self, Cells, figures, words};

/// Characters of a passage that a table shows.
const PASSAGE_SHOWN: usize = 60;

/// One proposal. The shape of `--format json`.
#[derive(Serialize)]
struct Row {
    line: usize,
    column: usize,
    /// What a person has to look at before confirming.
    check: Vec<Check>,
    passage: String,
    /// A line for `socai record`.
    command: Box<RawValue>,
    #[serde(skip)]
    proposal: Proposal,
}

/// The answer: what was found, and what follows from it.
#[derive(Serialize)]
struct Answer<'a> {
    dates: &'a [FoundDate],
    issuers: Vec<&'a str>,
    proposals: &'a [Row],
}

pub(crate) fn run(asked: &Read) -> anyhow::Result<ExitCode> {
    let text = text_of(&asked.file)?;
    let findings = read(&text)?;
    let proposals = propose(&findings, origin::today()).into_iter().map(row);
    let rows = proposals.collect::<anyhow::Result<Vec<Row>>>()?;
    if asked.commands {
        rows.iter().for_each(|row| println!("{}", row.command));
        return Ok(ExitCode::SUCCESS);
    }
    let answer = [answer(&findings, &rows)];
    output::show(asked.shown.format, None, &answer, || {
        cells(&rows, &findings)
    })?;
    Ok(ExitCode::SUCCESS)
}

fn answer<'a>(findings: &'a Findings, rows: &'a [Row]) -> Answer<'a> {
    let issuers = findings
        .issuers
        .iter()
        .map(|issuer| issuer.name.as_str())
        .collect();
    Answer {
        dates: &findings.dates,
        issuers,
        proposals: rows,
    }
}

fn row(proposal: Proposal) -> anyhow::Result<Row> {
    let request = Request {
        command: proposal.command.clone(),
        effective: proposal.effective,
        synthetic: false,
        id: None,
        actor: None,
    };
    Ok(Row {
        line: proposal.place.line,
        column: proposal.place.column,
        check: proposal.check.clone(),
        passage: proposal.passage.clone(),
        command: RawValue::from_string(request::compose(&request))?,
        proposal,
    })
}

fn text_of(file: &Path) -> anyhow::Result<String> {
    let mut bytes = Vec::new();
    if file == Path::new("-") {
        std::io::stdin()
            .read_to_end(&mut bytes)
            .context("standard input")?;
    } else {
        bytes = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    }
    String::from_utf8(bytes).map_err(|error| {
        let place = error.utf8_error().valid_up_to() + 1;
        anyhow::anyhow!(
            "{}: byte {place} is not UTF-8: save it as UTF-8 text",
            file.display()
        )
    })
}

fn cells(rows: &[Row], findings: &Findings) -> Cells {
    let commands = rows.iter().map(|row| {
        let (name, data) = row.proposal.command.encode();
        let look: Vec<String> = row
            .check
            .iter()
            .map(|check| format!("{check:?}").to_lowercase())
            .collect();
        vec![
            name,
            row.line.to_string(),
            row.proposal.effective.to_string(),
            look.join(", "),
            data,
        ]
    });
    let unresolved = findings
        .dates
        .iter()
        .filter(|date| date.date.is_none())
        .map(|date| {
            let (line, written) = (date.place.line.to_string(), date.written.clone());
            let passage = date.passage.chars().take(PASSAGE_SHOWN).collect();
            vec![
                "(a date without a year)".to_owned(),
                line,
                written,
                "year".to_owned(),
                passage,
            ]
        });
    Cells {
        columns: vec![
            words("command"),
            figures("line"),
            words("effective"),
            words("look at"),
            words("data"),
        ],
        rows: commands.chain(unresolved).collect(),
        empty: "the text cites no document",
    }
}
